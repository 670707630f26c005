//! What else the answer could be, in words: the prediction set, a near answer, and known rows.

use model_core::{Artifact, ClassSet};

use super::comparison::Samples;
use super::feature_words::{name, quantity, value};
use super::format;
use crate::i18n::t;
use crate::lab::{Near, Other};

/// Features of a known row that are shown.
pub(crate) const MAX_SHOWN: usize = 6;

/// What a prediction set says, and what such sets promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetWords {
    /// The classes that cannot be excluded.
    pub(crate) classes: String,
    /// How often such sets are right.
    pub(crate) promise: String,
    /// Whether no class conforms, which is for the user to look at.
    pub(crate) is_empty: bool,
}

impl SetWords {
    /// The words for the set that `model` makes where it answers `class`; none if it makes no sets.
    pub(crate) fn of(model: &Artifact, class: usize, set: Option<ClassSet>) -> Option<Self> {
        let (set, sets) = (set?, model.conformal()?);
        let classes = &model.schema().classes;
        let called = |class: usize| classes.get(class).map_or("", String::as_str);
        let others: Vec<&str> = set.iter().filter(|other| *other != class).map(called).collect();
        let answer = called(class);
        let words = match (others.as_slice(), Samples::of(model)) {
            (_, Samples::Flowers) if set.is_empty() => t!(
                "No class is as probable here as true ones usually are: look at this flower yourself. {answer} is a guess.",
                answer
            ),
            (_, Samples::Rows) if set.is_empty() => t!(
                "No class is as probable here as true ones usually are: look at this case yourself. {answer} is a guess.",
                answer
            ),
            ([], _) => t!("{answer}, and no other.", answer),
            (others, _) => {
                let others = either(others);
                if set.len() == classes.len() {
                    t!("{answer}, or possibly {others}: no class can be excluded.", answer, others)
                } else {
                    t!("{answer}, or possibly {others}.", answer, others)
                }
            }
        };
        let promise = t!(
            "About {n} in 100 sets like this hold the true {target}.",
            n = format::trimmed(100.0 * sets.coverage(), 2),
            target = format::words(&model.schema().target)
        );
        Some(Self { classes: words, promise, is_empty: set.is_empty() })
    }
}

/// `a`, `a or b`, `a, b or c`.
fn either(names: &[&str]) -> String {
    joined(names, |names, last| t!("{names} or {last}", names, last))
}

/// One after the other, with commas; `end` puts the last one to the others.
fn joined(names: &[&str], end: impl FnOnce(&str, &str) -> String) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => end(&first.join(", "), last),
    }
}

/// With what change it would be another class.
pub(crate) fn counterfactual(model: &Artifact, other: &Other) -> String {
    let schema = model.schema();
    let changes = other.changes.iter().filter_map(|(feature, value)| {
        let feature = schema.features.get(*feature as usize)?;
        let (name, quantity) = (name(feature), quantity(feature, *value));
        let vowel = name.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
        Some(match (feature.numeric(), vowel) {
            (Some(_), true) if value.is_nan() => t!("an {name} of no value", name),
            (Some(_), false) if value.is_nan() => t!("a {name} of no value", name),
            (Some(_), true) => t!("an {name} of {quantity}", name, quantity),
            (Some(_), false) => t!("a {name} of {quantity}", name, quantity),
            (None, _) if value.is_nan() => t!("“no value” as {name}", name),
            (None, _) => t!("“{quantity}” as {name}", name, quantity),
        })
    });
    let changes: Vec<String> = changes.collect();
    let changes: Vec<&str> = changes.iter().map(String::as_str).collect();
    let class = schema.classes.get(other.class as usize).map_or("", String::as_str);
    let changes = joined(&changes, |names, last| t!("{names} and {last}", names, last));
    t!("With {changes} it would be {class}.", changes, class)
}

/// What to say if no other answer was found.
pub(crate) fn no_counterfactual(model: &Artifact) -> &'static str {
    match Samples::of(model) {
        Samples::Flowers => t!(
            "No flower near this one was found that is answered otherwise. There may be one all the same."
        ),
        Samples::Rows => t!(
            "No row near this one was found that is answered otherwise. There may be one all the same."
        ),
    }
}

/// A known row, for a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownRow {
    /// Its class.
    pub(crate) class: usize,
    /// The class's name.
    pub(crate) name: String,
    /// How far away, in standard deviations.
    pub(crate) distance: String,
    /// Whether the model gives it the answer that it gives here.
    pub(crate) same_answer: bool,
    /// Its first values.
    pub(crate) values: Vec<String>,
}

/// The rows that `model` carries, of those that are near.
pub(crate) fn known_rows(model: &Artifact, nearest: &[Near]) -> Vec<KnownRow> {
    let (schema, train) = (model.schema(), &model.reference().train);
    let row = |near: &Near| {
        let at = near.row as usize;
        let class = *train.labels().get(at)? as usize;
        let values = schema.features.iter().zip(train.row(at)).take(MAX_SHOWN);
        Some(KnownRow {
            class,
            name: schema.classes.get(class).cloned().unwrap_or_default(),
            distance: format::decimal(near.distance, 2),
            same_answer: near.same_answer,
            values: values.map(|(feature, number)| value(feature, *number)).collect(),
        })
    };
    nearest.iter().filter_map(row).collect()
}

/// What they are called together.
pub(crate) fn nearest_heading(model: &Artifact) -> &'static str {
    match Samples::of(model) {
        Samples::Flowers => t!("Known flowers like it"),
        Samples::Rows => t!("Known rows like it"),
    }
}

/// The heads of their values.
pub(crate) fn value_heads(model: &Artifact) -> Vec<String> {
    let features = model.schema().features.iter().take(MAX_SHOWN);
    features.map(|feature| format::words(&feature.label)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, mixed};
    use crate::view_models::format::NBSP;

    fn set(classes: &[usize]) -> SetWords {
        let set = classes.iter().copied().collect();
        SetWords::of(&built_in(), 1, Some(set)).unwrap()
    }

    #[test]
    fn a_set_is_told_with_the_answer_first() {
        assert_eq!(set(&[1]).classes, "versicolor, and no other.");
        assert_eq!(set(&[1, 2]).classes, "versicolor, or possibly virginica.");
        assert_eq!(
            set(&[0, 1, 2]).classes,
            "versicolor, or possibly setosa or virginica: no class can be excluded."
        );
        assert_eq!(set(&[1]).promise, "About 90 in 100 sets like this hold the true species.");
    }

    #[test]
    fn an_empty_set_asks_for_a_look() {
        let words = set(&[]);
        assert!(words.is_empty && words.classes.ends_with("versicolor is a guess."), "{words:?}");
        assert!(words.classes.contains("look at this flower yourself"));
    }

    #[test]
    fn a_model_without_sets_has_no_words_for_them() {
        assert_eq!(SetWords::of(&mixed(), 0, None), None);
    }

    #[test]
    fn what_would_change_the_answer_is_a_sentence() {
        let iris = built_in();
        let words = |changes: &[(u32, f64)]| {
            let other = Other { class: 2, changes: changes.to_vec() };
            counterfactual(&iris, &other).replace(NBSP, " ")
        };
        assert_eq!(words(&[(2, 4.9)]), "With a petal length of 4.9 cm it would be virginica.");
        assert_eq!(
            words(&[(0, 7.0), (2, 4.9), (3, 1.8)]),
            "With a sepal length of 7.0 cm, a petal length of 4.9 cm and a petal width of 1.8 cm it would be virginica."
        );
        let other = Other { class: 1, changes: vec![(1, 1.0)] };
        assert_eq!(counterfactual(&mixed(), &other), "With “red” as colour it would be b.");
    }

    #[test]
    fn known_rows_are_those_that_the_model_carries() {
        let model = built_in();
        let near = Near { row: 3, distance: 0.456, same_answer: true };
        let rows = known_rows(&model, &[near.clone(), Near { row: 9_999, ..near }]);
        assert_eq!(rows.len(), 1, "a row that is not there is none");
        let label = model.reference().train.labels()[3] as usize;
        assert_eq!((rows[0].class, rows[0].distance.as_str()), (label, "0.46"));
        assert_eq!((rows[0].values.len(), value_heads(&model).len()), (4, 4));
    }
}
