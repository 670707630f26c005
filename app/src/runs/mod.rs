//! Runs: every finished training as a record, and the models that it made.
//!
//! A record holds what is listed, sorted and compared; the models themselves are kept beside it, by their
//! ids. Time and id of a run are arguments: nothing here asks a clock.

pub(crate) mod file;
pub(crate) mod mlflow;
mod zip;

use std::fmt::Write as _;

use model_core::artifact::Lineage;
use model_core::digest::Digest;
use model_core::{Artifact, CrossValidation};
use serde::{Deserialize, Serialize};

/// Raised when the record's shape changes in a way that what reads it must know of.
pub(crate) const FORMAT: u32 = 1;

/// A finished training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Of the record.
    pub(crate) format: u32,
    /// What names it in this browser, and wherever it is taken.
    pub(crate) id: String,
    /// When it was started, in milliseconds since 1970.
    pub(crate) started_at_millis: f64,
    /// Its duration.
    pub(crate) total_millis: f64,
    /// Its seed; text, for JavaScript's numbers end at 2^53.
    pub(crate) seed: String,
    /// Name of the data set.
    pub(crate) data_name: String,
    /// Hash of the data set.
    pub(crate) data_hash: String,
    /// Name of the file that the rows were of; none for the built-in data set.
    #[serde(default)]
    pub(crate) file: Option<String>,
    /// What the user has to say of it.
    #[serde(default)]
    pub(crate) notes: String,
    /// What the user calls it, together with others.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// What came of it.
    pub(crate) models: Vec<RunModel>,
}

/// A model of a run, as far as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunModel {
    /// Its content id.
    pub(crate) id: String,
    /// Its family, as the library names it.
    pub(crate) family: String,
    /// What trained it, a line each: a name, a blank, a value. One text, for a thousand records are read at once,
    /// and each value of a record crosses from JavaScript alone.
    pub(crate) lineage: String,
    /// Rows of the test part that it answers right, and all of them, if there is one.
    pub(crate) test: Option<(u32, u32)>,
    /// Mean accuracy over the folds.
    pub(crate) cv_accuracy: Option<f64>,
    /// Mean log loss over the folds.
    pub(crate) log_loss: Option<f64>,
    /// Mean over the classes of their F1 on the test part.
    pub(crate) f1: Option<f64>,
    /// Size of its file.
    pub(crate) n_bytes: u32,
    /// Time of its fit with that of the calibration; 0 if nobody measured it.
    pub(crate) fit_millis: f64,
}

/// What a training knows of itself beside its models.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct About {
    /// What will name the run.
    pub(crate) id: String,
    /// When it was started, in milliseconds since 1970.
    pub(crate) started_at_millis: f64,
    /// Its duration.
    pub(crate) total_millis: f64,
    /// Its seed.
    pub(crate) seed: u64,
    /// Name of the file that the rows were of.
    pub(crate) file: Option<String>,
}

impl Run {
    /// The record of a training that made `models`, each with the size of its file; none without any.
    pub(crate) fn of<'a>(
        about: About,
        models: impl IntoIterator<Item = (&'a Artifact, usize)>,
    ) -> Option<Self> {
        let mut data = None::<(String, Digest)>;
        let model = |(artifact, n_bytes): (&Artifact, usize)| {
            data.get_or_insert((artifact.schema().name.clone(), artifact.lineage().data_hash));
            RunModel::of(artifact, n_bytes)
        };
        let models = models.into_iter().map(model).collect();
        let (data_name, data_hash) = data?;
        Some(Self {
            format: FORMAT,
            id: about.id,
            started_at_millis: about.started_at_millis,
            total_millis: about.total_millis,
            seed: about.seed.to_string(),
            data_name,
            data_hash: data_hash.to_string(),
            file: about.file,
            notes: String::new(),
            tags: Vec::new(),
            models,
        })
    }
}

impl RunModel {
    /// The entry of `artifact`, whose file takes `n_bytes`.
    pub(crate) fn of(artifact: &Artifact, n_bytes: usize) -> Self {
        let (evaluation, receipt) = (artifact.evaluation(), artifact.receipt());
        let test = evaluation.test.as_ref().map(|test| &test.confusion);
        let cv = evaluation.cv.as_ref();
        Self {
            id: artifact.id().to_string(),
            family: artifact.family().as_str().to_owned(),
            lineage: lineage_lines(artifact.lineage()),
            test: test.map(|confusion| (confusion.n_correct(), confusion.total())),
            cv_accuracy: cv.map(CrossValidation::mean),
            log_loss: cv.map(CrossValidation::mean_log_loss),
            f1: test.map(|confusion| confusion.report().macro_average.f1),
            n_bytes: u32::try_from(n_bytes).unwrap_or(u32::MAX),
            fit_millis: receipt.fit_millis + receipt.calibration_millis,
        }
    }

    /// What trained it: names and values.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lineage.lines().filter_map(|line| line.split_once(' '))
    }
}

/// A lineage as lines, without what the record says elsewhere. Names are those of the last place that has a name of
/// its own: parameters of one family have no name twice.
///
/// It is read from the text that writes parameters into a model card, a member or an item on each line: another form of
/// JSON would be another body of code for every type in a lineage (ADR 0011).
fn lineage_lines(lineage: &Lineage) -> String {
    // A lineage is made of texts and finite numbers.
    flattened(&serde_json::to_string_pretty(lineage).unwrap_or_default())
}

/// What stands in the record itself.
const ELSEWHERE: [&str; 2] = ["data_hash", "seed"];

/// The leaves of indented JSON, each as its name and its value.
fn flattened(json: &str) -> String {
    let mut lines = String::new();
    // Where a line stands: the name of the place, and of an array how many of its items have begun.
    let mut places: Vec<(String, Option<usize>)> = Vec::new();
    for line in json.lines() {
        let line = line.trim_start().trim_end_matches(',');
        if matches!(line, "}" | "]") {
            places.pop();
            continue;
        }
        let (name, value) = match places.last_mut() {
            Some((name, Some(item))) => {
                *item += 1;
                (format!("{name}_{item}"), line)
            }
            _ => match line.strip_prefix('"').and_then(|line| line.split_once("\": ")) {
                Some((name, value)) => (name.to_owned(), value),
                None => (String::new(), line),
            },
        };
        match value {
            "{" => places.push((name, None)),
            "[" => places.push((name, Some(0))),
            "{}" | "[]" | "null" => {}
            _ if ELSEWHERE.contains(&name.as_str()) => {}
            _ => {
                let value = value.strip_prefix('"').map_or_else(|| value.to_owned(), unescaped);
                // Writing to a string does not fail.
                let _ = writeln!(lines, "{name} {value}");
            }
        }
    }
    lines
}

/// A text of JSON behind its first quote, in one line.
fn unescaped(text: &str) -> String {
    let mut letters = text.strip_suffix('"').unwrap_or(text).chars();
    let mut plain = String::new();
    while let Some(letter) = letters.next() {
        plain.extend(match letter {
            '\\' => match letters.next() {
                Some('n' | 'r' | 't' | 'b' | 'f') => Some(' '),
                Some('u') => {
                    let digits: String = letters.by_ref().take(4).collect();
                    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
                }
                other => other,
            },
            other => Some(other),
        });
    }
    plain
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, mixed};

    #[test]
    fn leaves_of_json_are_named_by_their_last_name() {
        let value = serde_json::json!({
            "data_hash": "elsewhere", "a": { "seed": 1, "depth": 3, "rate": 0.1, "none": null, "no": {}, "empty": [] },
            "layers": [10, 20], "grid": [[1, 2], [true]], "items": [{ "kind": "x" }, { "kind": "y" }],
            "text": "a \"b\": {\\ ü\n\u{1}c,", "list": ["x: y", "[", "}"],
        });
        let json = serde_json::to_string_pretty(&value).unwrap();
        let expected = [
            "depth 3",
            "rate 0.1",
            "grid_1_1 1",
            "grid_1_2 2",
            "grid_2_1 true",
            "kind x",
            "kind y",
            "layers_1 10",
            "layers_2 20",
            "list_1 x: y",
            "list_2 [",
            "list_3 }",
            "text a \"b\": {\\ ü \u{1}c,",
        ];
        assert_eq!(flattened(&json).lines().collect::<Vec<_>>(), expected);
        assert_eq!(flattened(""), "");
    }

    /// A run of the built-in model and others.
    pub(crate) fn run(id: &str, artifacts: &[Artifact]) -> Run {
        let about = About {
            id: id.to_owned(),
            started_at_millis: 1_795_000_000_000.0,
            total_millis: 1_234.0,
            seed: 42,
            file: None,
        };
        let sized = artifacts.iter().map(|artifact| (artifact, artifact.to_bytes().len()));
        Run::of(about, sized).unwrap()
    }

    #[test]
    fn a_training_becomes_a_record_of_its_models() {
        let run = run("a", &[built_in()]);
        assert_eq!((run.seed.as_str(), run.data_name.as_str()), ("42", "iris"));
        let [model] = &run.models[..] else { panic!("{:?}", run.models) };
        assert_eq!(model.id, built_in().id().to_string());
        assert_eq!(model.test.map(|(_, n_total)| n_total), Some(30));
        let f1 = model.f1.unwrap();
        assert!(f1 > 0.9 && f1 < 1.0 && model.log_loss.unwrap() < 0.2);
        let parameter = |wanted: &str| {
            model.parameters().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        };
        assert_eq!(parameter("c").as_deref(), Some("1.0"), "{}", model.lineage);
        assert_eq!(parameter("test_size").as_deref(), Some("0.2"));
        assert_eq!((parameter("seed"), parameter("data_hash")), (None, None));
    }

    #[test]
    fn what_was_not_measured_is_absent() {
        let run = run("a", &[mixed()]);
        let model = &run.models[0];
        assert_eq!((model.test, model.f1, model.log_loss), (None, None, None));
        assert!(
            Run::of(
                About {
                    id: String::new(),
                    started_at_millis: 0.0,
                    total_millis: 0.0,
                    seed: 1,
                    file: None
                },
                []
            )
            .is_none()
        );
    }

    #[test]
    fn a_name_stands_once() {
        for artifact in [built_in(), mixed()] {
            let run = run("a", &[artifact]);
            let mut names: Vec<&str> = run.models[0].parameters().map(|(name, _)| name).collect();
            let n_names = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), n_names, "{}", run.models[0].lineage);
        }
    }
}
