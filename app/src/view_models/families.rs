//! The families that the page trains, and how: the one place where it speaks of them.

use model_core::Family;

/// In the order of training and of the tables: all of the library's, for each takes any data that
/// a data set holds.
pub(crate) const TRAINED: [Family; 6] = Family::ALL;

/// How `family` is trained unless something else is asked for, in a sentence.
pub(crate) const fn method(family: Family) -> &'static str {
    match family {
        Family::LogisticRegression => {
            "Multinomial, L2 with C = 1, the intercept unpenalised; probabilities by softmax."
        }
        Family::RandomForest => {
            "A hundred trees on bootstrap samples, Gini, the square root of the number of features tried at each split; probabilities are mean leaf fractions."
        }
        Family::Svm => {
            "RBF kernel, C = 1; probabilities by Platt scaling on out-of-fold decision values, which is the calibration time in the table."
        }
        Family::KNearestNeighbors => {
            "The five nearest training rows by Euclidean distance; probabilities are their class shares."
        }
        Family::GaussianNb => {
            "A normal distribution for each feature and class; probabilities by Bayes' rule."
        }
        Family::GradientBoosting => {
            "A hundred rounds of trees on the log loss, one a class with 31 leaves at most, each shrunk to a tenth; probabilities by softmax."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::comparison::parameters;
    use model_core::FamilyParams;

    #[test]
    fn the_sentences_speak_of_the_defaults() {
        let defaults = TRAINED.map(|family| parameters(&FamilyParams::default_for(family)));
        let expected =
            ["L2, C = 1", "100 trees", "RBF, C = 1", "k = 5", "normal distributions", "100 rounds"];
        assert_eq!(defaults, expected);
    }
}
