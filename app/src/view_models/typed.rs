//! What is in the fields, whichever model they belong to.

use std::mem::{Discriminant, discriminant};

use super::measurement::{Entry, Field, FieldKind};
use crate::sorted::SortedMap;

/// What was put into fields, by the columns' names: a model of other columns has other fields, and
/// what it has in common with the one before stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed(SortedMap<String, (Option<Discriminant<FieldKind>>, String)>);

impl Typed {
    /// Puts `text` into `field`.
    pub(crate) fn set(&mut self, field: &Field, text: String) {
        self.0.insert(field.name.clone(), (Some(discriminant(&field.kind)), text));
    }

    /// Takes over what a link says, by name; other names than those of fields are nobody's.
    pub(crate) fn give(&mut self, parameters: Vec<(String, String)>) {
        for (name, text) in parameters {
            self.0.insert(name, (None, text));
        }
    }

    /// Whether nothing was entered.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts of `fields`: what a link gave, whether it fits or not; what was typed where the
    /// field is of that kind (and has that name to choose); else what `start` has there.
    pub(crate) fn texts(&self, fields: &[Field], start: &[String]) -> Vec<String> {
        let text = |(field, start): (&Field, &String)| {
            let typed = self.0.get(&field.name);
            let fits = |(kind, text): &&(Option<_>, String)| match (kind, &field.kind) {
                (None, _) => true,
                (Some(kind), now) if *kind != discriminant(now) => false,
                (_, FieldKind::Choice { names, .. }) => text.is_empty() || names.contains(text),
                (_, FieldKind::Number(_) | FieldKind::Text { .. }) => true,
            };
            typed.filter(fits).map_or(start, |(_, text)| text).clone()
        };
        fields.iter().zip(start).map(text).collect()
    }

    /// As [`texts`](Self::texts), but what is not usual for a field gives way to what `start` has
    /// there; the result is kept.
    pub(crate) fn keep(&mut self, fields: &[Field], start: Vec<String>) -> Vec<String> {
        let kept = self.texts(fields, &start);
        let choose = |((field, kept), start): ((&Field, String), String)| {
            let text = if field.taken(&kept, false) == Entry::Usual { kept } else { start };
            self.set(field, text.clone());
            text
        };
        fields.iter().zip(kept).zip(start).map(choose).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, iris_schema, mixed, sharing};

    #[test]
    fn what_was_typed_stays_where_another_model_has_the_same_column() {
        let (iris, mixed, sharing) = (built_in(), mixed(), sharing());
        let [iris, mixed, sharing] =
            [&iris, &mixed, &sharing].map(|model| Field::all(model.schema()));
        let mut typed = Typed::default();
        for (field, text) in mixed.iter().zip(["7", "red", "", "long"]) {
            typed.set(field, text.to_owned());
        }
        let start = ["s"; 4].map(str::to_owned);
        assert_eq!(typed.texts(&mixed, &start), ["7", "red", "", "long"]);
        assert_eq!(typed.texts(&iris, &start), start);
        assert_eq!(typed.texts(&sharing, &start[..2]), ["7", "red"]);
        let mut other = sharing.clone();
        other[1].kind = FieldKind::Choice { names: vec!["green".into()], other: None };
        assert_eq!(typed.texts(&other, &start[..2]), ["7", "s"], "there is no red any more");
        other[1].kind = FieldKind::Number(*iris_schema().features[0].numeric().unwrap());
        assert_eq!(typed.texts(&other, &start[..2]), ["7", "s"], "colours are numbers now");
    }

    #[test]
    fn what_a_link_gives_is_in_the_fields_even_if_it_does_not_fit() {
        let fields = Field::all(mixed().schema());
        let mut typed = Typed::default();
        let link = [("weight", "x"), ("colour", "mauve"), ("utm_source", "mail")];
        typed.give(link.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec());
        let start = ["s"; 4].map(str::to_owned);
        assert_eq!(typed.texts(&fields, &start), ["x", "mauve", "s", "s"]);
        typed.set(&fields[1], "red".to_owned());
        assert_eq!(typed.texts(&fields, &start), ["x", "red", "s", "s"]);
    }

    #[test]
    fn where_fields_start_stays_as_long_as_it_is_usual() {
        let [mixed, sharing] = [mixed(), sharing()].map(|model| Field::all(model.schema()));
        let (mut started, own) = (Typed::default(), |texts: &[&str]| -> Vec<String> {
            texts.iter().map(|text| (*text).to_owned()).collect()
        });
        assert_eq!(
            started.keep(&mixed, own(&["11", "blue", "", "round"])),
            ["11", "blue", "", "round"]
        );
        assert_eq!(started.keep(&sharing, own(&["12", "red"])), ["11", "blue"]);
        let mut heavier = mixed;
        let FieldKind::Number(range) = &mut heavier[0].kind else { panic!("weight is a number") };
        range.training.min = 100.0;
        assert_eq!(
            started.keep(&heavier, own(&["120", "red", "3", "long"])),
            ["120", "blue", "3", "round"]
        );
    }
}
