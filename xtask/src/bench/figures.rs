//! What a side answers, its medians, and which of them are compared with which.

use serde_json::{Value, json};

use super::Family;
use crate::failure::Outcome;

/// What a row of the table compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The family with its defaults.
    Defaults,
    /// A calibrating family's fit alone, which has no probabilities yet.
    Uncalibrated,
    /// The fit and the calibration after it.
    Calibrated,
    /// Logistic regression beside scikit-learn's own tolerance, which stops earlier than ours.
    LooseTolerance,
}

impl Kind {
    /// The rows of `family`, in the table's order.
    pub(super) fn of(family: &Family) -> Vec<Self> {
        if family.calibrates {
            vec![Self::Uncalibrated, Self::Calibrated]
        } else if family.name == "logistic_regression" {
            vec![Self::Defaults, Self::LooseTolerance]
        } else {
            vec![Self::Defaults]
        }
    }

    /// The name in `sklearn_bench.py` of the model beside `family`.
    pub(super) fn sklearn_model(self, family: &str) -> String {
        match self {
            Self::Defaults | Self::Uncalibrated => family.to_owned(),
            Self::Calibrated => format!("{family}_calibrated"),
            Self::LooseTolerance => format!("{family}_default"),
        }
    }

    /// The row's name in the table.
    pub(super) fn label(self, family: &str) -> String {
        match self {
            Self::Defaults => family.to_owned(),
            Self::Uncalibrated => format!("{family}, fit alone"),
            Self::Calibrated => format!("{family}, calibrated"),
            Self::LooseTolerance => format!("{family}, its tol 1e-4"),
        }
    }
}

/// One answer of a side.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Answer {
    fit_millis: f64,
    calibrate_millis: Option<f64>,
    first_millis: f64,
    predict_micros: Option<f64>,
    accuracy: f64,
    peak_bytes: Option<f64>,
    greatest_gradient: Option<f64>,
}

impl Answer {
    /// Reads the line of JSON that a side wrote.
    ///
    /// # Errors
    /// If it is something else.
    pub(super) fn read(line: &str) -> Outcome<Self> {
        super::parse(line, |value| {
            let number = |name: &str| value.get(name).and_then(Value::as_f64);
            Some(Self {
                fit_millis: number("fit_millis")?,
                calibrate_millis: number("calibrate_millis"),
                first_millis: number("first_millis")?,
                predict_micros: number("predict_micros"),
                accuracy: number("accuracy")?,
                peak_bytes: number("peak_bytes"),
                greatest_gradient: number("greatest_gradient"),
            })
        })
    }
}

/// What several answers of one side come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Figures {
    /// Median of the fits, the calibration included where the row has it.
    pub(super) fit_millis: f64,
    /// The fastest and the slowest of those fits: how far the median can be trusted.
    pub(super) fit_range: [f64; 2],
    /// The first fit after the start, before anything was warm; absent where it was not timed
    /// apart from the calibration.
    pub(super) first_millis: Option<f64>,
    /// Median time of one row's probabilities.
    pub(super) predict_micros: Option<f64>,
    /// Share of the held-out rows labelled right.
    pub(super) accuracy: Option<f64>,
    /// Most memory of the process, or of the wasm instance.
    pub(super) peak_bytes: Option<f64>,
    /// Greatest entry of the gradient that is left, where the side tells it.
    pub(super) greatest_gradient: Option<f64>,
}

impl Figures {
    /// Those of our own sides, whose one run has the figures of every row of its family.
    pub(super) fn ours(answers: &[Answer], kind: Kind) -> Self {
        let mut figures = Self::theirs(answers);
        match kind {
            Kind::Defaults | Kind::LooseTolerance => {}
            Kind::Uncalibrated => {
                figures.first_millis = None;
                (figures.predict_micros, figures.accuracy) = (None, None);
            }
            Kind::Calibrated => {
                let sum = |answer: &Answer| {
                    Some(answer.fit_millis + answer.calibrate_millis.unwrap_or(0.0))
                };
                figures.fit_millis = median(answers, sum).unwrap_or(f64::NAN);
                figures.fit_range = range(answers, sum);
            }
        }
        figures
    }

    /// Those of scikit-learn, each of whose models is one row.
    pub(super) fn theirs(answers: &[Answer]) -> Self {
        Self {
            fit_millis: median(answers, |a| Some(a.fit_millis)).unwrap_or(f64::NAN),
            fit_range: range(answers, |a| Some(a.fit_millis)),
            first_millis: answers.first().map(|a| a.first_millis),
            predict_micros: median(answers, |a| a.predict_micros),
            accuracy: median(answers, |a| Some(a.accuracy)),
            peak_bytes: answers.iter().filter_map(|a| a.peak_bytes).reduce(f64::max),
            greatest_gradient: median(answers, |a| a.greatest_gradient),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "fit_millis": self.fit_millis,
            "fit_range": self.fit_range,
            "first_millis": self.first_millis,
            "predict_micros": self.predict_micros,
            "accuracy": self.accuracy,
            "peak_bytes": self.peak_bytes,
            "greatest_gradient": self.greatest_gradient,
        })
    }
}

/// The middle one of the values that are there; of an even number, the mean of the two.
fn median(answers: &[Answer], value: impl Fn(&Answer) -> Option<f64>) -> Option<f64> {
    let mut values: Vec<f64> = answers.iter().filter_map(value).collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get(values.len().saturating_sub(1) / 2)?;
    Some((lower + upper) / 2.0)
}

/// The least and the greatest of the values that are there.
fn range(answers: &[Answer], value: impl Fn(&Answer) -> Option<f64>) -> [f64; 2] {
    let values = || answers.iter().filter_map(&value);
    [values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max)]
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compared {
    /// "10,000 x 20".
    pub(super) data: String,
    /// "random_forest".
    pub(super) family: String,
    /// Which of the family's rows.
    pub(super) kind: Kind,
    /// Our native build.
    pub(super) ours: Figures,
    /// Our wasm build.
    pub(super) wasm: Figures,
    /// scikit-learn, if it has such a model.
    pub(super) theirs: Option<Figures>,
}

impl Compared {
    /// Our fit in scikit-learn's.
    pub(super) fn fit_ratio(&self) -> Option<f64> {
        self.theirs.as_ref().map(|theirs| self.ours.fit_millis / theirs.fit_millis)
    }

    /// The fit in wasm in the native one.
    pub(super) fn wasm_ratio(&self) -> f64 {
        self.wasm.fit_millis / self.ours.fit_millis
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "data": self.data,
            "model": self.kind.label(&self.family),
            "native": self.ours.to_json(),
            "wasm": self.wasm.to_json(),
            "sklearn": self.theirs.as_ref().map(Figures::to_json),
        })
    }
}

/// How near scikit-learn's logistic regressions came to the optimum; ours stops at 1e-9.
pub(super) fn gradient_note(compared: &[Compared]) -> Option<String> {
    let worst = |kind: Kind| {
        let rows = compared.iter().filter(|row| row.kind == kind);
        let left = rows.filter_map(|row| row.theirs.as_ref()?.greatest_gradient);
        left.reduce(f64::max)
    };
    let (tight, loose) = (worst(Kind::Defaults)?, worst(Kind::LooseTolerance)?);
    Some(format!(
        "Greatest gradient entry left by logistic_regression: ours at most 1e-9; scikit-learn's {tight:.1e} asked for 1e-9, {loose:.1e} at its own tol 1e-4"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"fit_millis":2,"calibrate_millis":6,"first_millis":11,
        "predict_micros":0.5,"accuracy":0.9,"peak_bytes":4096}"#;

    fn answers() -> Vec<Answer> {
        let one = Answer::read(LINE).unwrap();
        let slower = Answer { fit_millis: 3.0, first_millis: 9.0, peak_bytes: Some(8192.0), ..one };
        vec![Answer::read(LINE).unwrap(), slower.clone(), Answer { fit_millis: 90.0, ..slower }]
    }

    #[test]
    fn a_fit_alone_has_no_probabilities_and_a_calibrated_one_has_both_times() {
        let alone = Figures::ours(&answers(), Kind::Uncalibrated);
        assert_eq!((alone.fit_millis, alone.predict_micros, alone.accuracy), (3.0, None, None));
        let both = Figures::ours(&answers(), Kind::Calibrated);
        assert_eq!((both.fit_millis, both.predict_micros), (9.0, Some(0.5)));
        assert_eq!((alone.fit_range, both.fit_range), ([2.0, 90.0], [8.0, 96.0]));
    }

    #[test]
    fn the_first_run_and_the_greatest_memory_are_kept_apart_from_medians() {
        let figures = Figures::theirs(&answers());
        assert_eq!((figures.first_millis, figures.peak_bytes), (Some(11.0), Some(8192.0)));
    }

    #[test]
    fn an_even_number_has_a_median_too() {
        assert_eq!(median(&answers()[..2], |a| Some(a.fit_millis)), Some(2.5));
        assert_eq!(median(&[], |a| Some(a.fit_millis)), None);
    }

    #[test]
    fn a_family_is_compared_with_each_counterpart() {
        let family = |name: &str, calibrates| Family {
            name: name.into(),
            scales_features: true,
            calibrates,
        };
        let models = |family: &Family| {
            let kinds = Kind::of(family).into_iter();
            kinds.map(|kind| kind.sklearn_model(&family.name)).collect::<Vec<_>>()
        };
        assert_eq!(models(&family("svm", true)), ["svm", "svm_calibrated"]);
        assert_eq!(models(&family("gaussian_nb", false)), ["gaussian_nb"]);
        let regression = family("logistic_regression", false);
        assert_eq!(models(&regression), ["logistic_regression", "logistic_regression_default"]);
    }

    #[test]
    fn an_answer_without_a_time_is_refused() {
        assert!(Answer::read(r#"{"accuracy":1}"#).is_err());
    }
}
