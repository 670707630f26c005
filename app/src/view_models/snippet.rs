//! How to ask the edge for an answer from a program: `POST /predict` with a row of the model.

use model_core::{Artifact, Schema};
use tepal_api::FeatureValue;

use super::measurement::{Field, FieldKind};

/// In which language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// A shell with curl.
    Curl,
    /// JavaScript, in a browser or Node.
    JavaScript,
    /// Python, without any package.
    Python,
}

/// What a program asks about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Example {
    /// What a row looks like.
    pub(crate) schema: Schema,
    /// A row; where it has no value, it is the middle of what the model was trained on.
    pub(crate) values: Vec<f64>,
}

impl Example {
    /// The first row that `artifact` carries, if it carries any.
    pub(crate) fn of(artifact: &Artifact) -> Self {
        let sample = artifact.reference();
        let rows = if sample.held_out.is_empty() { &sample.train } else { &sample.held_out };
        Self { schema: artifact.schema().clone(), values: rows.row(0).to_vec() }
    }
}

/// Where programs ask the site at `origin`.
pub(crate) fn address(origin: &str) -> String {
    format!("{origin}/predict")
}

/// A program that asks the site at `origin` about `example`.
pub(crate) fn snippet(example: &Example, language: Language, origin: &str) -> String {
    let address = address(origin);
    let members = members(example);
    match language {
        Language::Curl => format!(
            "curl -s -X POST {} \\\n  -H 'content-type: application/json' \\\n  -d {}\n",
            shell_word(&address),
            shell_word(&format!("{{{}}}", joined(&members, ", ")))
        ),
        Language::JavaScript => format!(
            "const row = {{\n{}\n}};\nconst response = await fetch({}, {{\n  method: \"POST\",\n  headers: {{ \"content-type\": \"application/json\" }},\n  body: JSON.stringify(row),\n}});\nconst answer = await response.json();\nconsole.log(answer.prediction, answer.confidence);\n",
            indented(&members, "  "),
            json(&address)
        ),
        Language::Python => {
            // A text is written alike in JSON and in Python; nothing is not.
            let python = |(name, value): &(String, String)| {
                let value = if value == "null" { "None" } else { value };
                (name.clone(), value.to_owned())
            };
            let members: Vec<(String, String)> = members.iter().map(python).collect();
            format!(
                "import json, urllib.request\n\nrow = {{\n{}\n}}\nrequest = urllib.request.Request(\n    {},\n    json.dumps(row).encode(),\n    {{\"content-type\": \"application/json\"}},\n)\nanswer = json.load(urllib.request.urlopen(request))\nprint(answer[\"prediction\"], answer[\"confidence\"])\n",
                indented(&members, "    "),
                json(&address)
            )
        }
    }
}

/// Each column with its value as JSON.
fn members(Example { schema, values }: &Example) -> Vec<(String, String)> {
    let fields = Field::all(schema);
    let value = |field: &Field| {
        let value = values.get(field.first_feature).copied();
        match &field.kind {
            FieldKind::Text { example, .. } => FeatureValue::Category((*example).to_owned()),
            FieldKind::Choice { names, .. } => FeatureValue::of(value.unwrap_or(0.0), Some(names)),
            FieldKind::Number(range) => {
                let middle = f64::midpoint(range.training.min, range.training.max);
                FeatureValue::of(value.unwrap_or(middle), None)
            }
        }
    };
    fields.iter().map(|field| (json(&field.name), json(&value(field)))).collect()
}

fn json(value: &impl serde::Serialize) -> String {
    // Texts and finite numbers have a JSON form.
    serde_json::to_string(value).unwrap_or_default()
}

fn joined(members: &[(String, String)], between: &str) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    members.join(between)
}

fn indented(members: &[(String, String)], space: &str) -> String {
    format!("{space}{},", joined(members, &format!(",\n{space}")))
}

/// `text` as one word of a shell.
fn shell_word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/:.-_".contains(letter);
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, journal, mixed};

    const ORIGIN: &str = "https://iris.example";

    #[test]
    fn curl_takes_one_word_of_json() {
        let text = snippet(&Example::of(&built_in()), Language::Curl, ORIGIN);
        assert!(text.starts_with("curl -s -X POST https://iris.example/predict \\\n"), "{text}");
        let body = text.rsplit_once("-d '").unwrap().1.trim_end().trim_end_matches('\'');
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let row = built_in().reference().held_out.row(0).to_vec();
        assert_eq!(body["petal_width"], row[3]);
        assert_eq!(body.as_object().unwrap().len(), 4);
    }

    #[test]
    fn programs_hold_categories_and_nothing_in_their_own_way() {
        let mixed = mixed();
        let first = mixed.reference().train.row(0).to_vec();
        assert!(first[2].is_nan(), "the first row lacks its width");
        let text = snippet(&Example::of(&mixed), Language::Python, ORIGIN);
        assert!(text.contains("    \"colour\": \"blue\",\n    \"width\": None,\n"), "{text}");
        let text = snippet(&Example::of(&mixed), Language::JavaScript, ORIGIN);
        assert!(text.contains("  \"width\": null,\n"), "{text}");
    }

    /// Of a model that is at the edge alone, only the description is here.
    #[test]
    fn without_a_row_it_is_the_middle_of_the_training() {
        let example = Example { values: Vec::new(), ..Example::of(&built_in()) };
        let text = snippet(&example, Language::Python, ORIGIN);
        assert!(text.contains("\"petal_width\": 1.3"), "{text}");
    }

    #[test]
    fn a_date_is_asked_for_by_its_own_column() {
        let text = snippet(&Example::of(&journal()), Language::Curl, ORIGIN);
        assert!(text.contains("\"day\": \"20"), "{text}");
        assert!(text.contains("\"note\": "), "{text}");
    }

    #[test]
    fn a_shell_takes_quotes_as_they_are() {
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word("http://127.0.0.1:8787/predict"), "http://127.0.0.1:8787/predict");
    }
}
