//! The families that the page trains, and how: the one place where it speaks of them.

use model_core::Family;

use super::format::words;
use crate::i18n::t;

/// In the order of training and of the tables: all of the library's, for each takes any data that
/// a data set holds.
pub(crate) const TRAINED: [Family; 6] = Family::ALL;

/// The name of `family` for people: the library's in the language of the page.
pub(crate) fn family_name(family: Family) -> &'static str {
    match family {
        Family::LogisticRegression => t!("Logistic regression"),
        Family::RandomForest => t!("Random forest"),
        Family::Svm => t!("SVM"),
        Family::KNearestNeighbors => t!("Nearest neighbours"),
        Family::GaussianNb => t!("Naive Bayes"),
        Family::GradientBoosting => t!("Gradient boosting"),
    }
}

/// A family as the edge names it, such as `random_forest`, for people.
pub(crate) fn served_family(name: &str) -> String {
    let known = Family::ALL.into_iter().find(|family| family.as_str() == name);
    known.map_or_else(|| words(name), |family| family_name(family).to_owned())
}

/// How `family` is trained unless something else is asked for, in a sentence.
pub(crate) fn method(family: Family) -> &'static str {
    match family {
        Family::LogisticRegression => {
            t!("Multinomial, L2 with C = 1, the intercept unpenalised; probabilities by softmax.")
        }
        Family::RandomForest => {
            t!(
                "A hundred trees on bootstrap samples, Gini, the square root of the number of features tried at each split; probabilities are mean leaf fractions."
            )
        }
        Family::Svm => {
            t!(
                "RBF kernel, C = 1; probabilities by Platt scaling on out-of-fold decision values, which is the calibration time in the table."
            )
        }
        Family::KNearestNeighbors => {
            t!(
                "The five nearest training rows by Euclidean distance; probabilities are their class shares."
            )
        }
        Family::GaussianNb => {
            t!("A normal distribution for each feature and class; probabilities by Bayes' rule.")
        }
        Family::GradientBoosting => {
            t!(
                "A hundred rounds of trees on the log loss, one a class with 31 leaves at most, each shrunk to a tenth; probabilities by softmax."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::comparison::parameters;
    use model_core::FamilyParams;

    #[test]
    fn the_names_are_the_librarys() {
        for family in TRAINED {
            assert_eq!(family_name(family), family.label());
            assert_eq!(served_family(family.as_str()), family.label());
        }
        assert_eq!(served_family("of_tomorrow"), "of tomorrow");
    }

    #[test]
    fn the_sentences_speak_of_the_defaults() {
        let defaults = TRAINED.map(|family| parameters(&FamilyParams::default_for(family)));
        let expected =
            ["L2, C = 1", "100 trees", "RBF, C = 1", "k = 5", "normal distributions", "100 rounds"];
        assert_eq!(defaults, expected);
    }
}
