//! What is true of a row that a link brought: it stands in the address under the target's name, and
//! holds as long as the fields are as the link filled them.

use model_core::Schema;

use super::measurement::Field;
use crate::i18n::t;
use crate::query::MODEL;

/// The parameter that says `class` of a row; none where the address has another use for the name.
pub(crate) fn parameter(schema: &Schema, class: usize) -> Option<(String, String)> {
    let name = schema.classes.get(class)?;
    (schema.target != MODEL).then(|| (schema.target.clone(), name.clone()))
}

/// Whether the model was right, in words: `parameters` are those of the address, `texts` stand in `fields`,
/// and `answer` is the class that the model names. None where the address does not say what is true of them.
pub(crate) fn remark(
    schema: &Schema,
    parameters: &[(String, String)],
    fields: &[Field],
    texts: &[String],
    answer: usize,
) -> Option<String> {
    let given = |name: &str| parameters.iter().find(|(of, _)| of == name).map(|(_, text)| text);
    let truth = given(&schema.target)?;
    let class = schema.classes.iter().position(|name| name == truth)?;
    let is_as_given =
        |(field, text): (&Field, &String)| given(&field.name).is_none_or(|it| it == text);
    if !fields.iter().zip(texts).all(is_as_given) {
        return None;
    }
    Some(if class == answer {
        t!("In its table this row is “{truth}”: the answer is right.", truth)
    } else {
        t!("In its table this row is “{truth}”: the answer is wrong.", truth)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::built_in;

    #[test]
    fn what_is_true_holds_for_the_values_of_the_link_alone() {
        let artifact = built_in();
        let schema = artifact.schema();
        let fields = Field::all(schema);
        let mut texts = ["5.1", "3.5", "1.4", "0.2"].map(str::to_owned);
        let names = fields.iter().map(|field| field.name.clone());
        let mut given: Vec<(String, String)> = names.zip(texts.clone()).collect();
        assert_eq!(remark(schema, &given, &fields, &texts, 0), None);
        given.extend(parameter(schema, 1));
        assert_eq!(given.last().unwrap(), &("species".to_owned(), "versicolor".to_owned()));
        let said = |texts: &[String], answer| remark(schema, &given, &fields, texts, answer);
        assert!(said(&texts, 0).unwrap().ends_with("“versicolor”: the answer is wrong."));
        assert!(said(&texts, 1).unwrap().ends_with("the answer is right."));
        texts[2].push('5');
        assert_eq!(said(&texts, 0), None);
        assert_eq!(parameter(schema, 3), None);
    }
}
