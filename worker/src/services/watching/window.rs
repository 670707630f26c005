//! Rows of the log as a window: what is seen in them. Pure.

use std::collections::BTreeMap;

use model_core::drift::{
    DEFAULT_WINDOWS, DriftError, FeatureDrift, Outcome, SampleColumn, confidence_drift,
    detect_for_model, is_lasting, prediction_drift,
};
use model_core::{Artifact, FeatureKind, Schema};
use tepal_api::{
    FeatureValue, FeatureWindow, PredictionRecord, WindowDrift, WindowOutcome, WindowPredictions,
};

/// Fewest rows that can be judged.
pub(crate) const MIN_ROWS: usize = 50;
/// Most rows of a window.
pub(crate) const MAX_ROWS: usize = 200;
/// Most new categories that are named.
const MAX_CATEGORIES: usize = 20;

/// The features of `records` against those that trained `artifact`, after `n_before` windows in a row that drifted. An
/// alarm takes a p-value of at most `level`.
///
/// # Errors
/// [`DriftError`] if they can't be compared, which a model's own rows can.
pub(super) fn drift(
    artifact: &Artifact,
    records: &[PredictionRecord],
    n_before: u32,
    level: f64,
) -> Result<WindowDrift, DriftError> {
    let report = detect_for_model(artifact, &columns(artifact.schema(), records))?;
    let (outcome, n_in_a_row) = match report.outcome {
        Outcome::Drift => (WindowOutcome::Drift, n_before + 1),
        Outcome::NoDrift => (WindowOutcome::NoDrift, 0),
        // It neither is drift nor ends it.
        Outcome::InsufficientData { .. } => (WindowOutcome::InsufficientData, n_before),
    };
    let p_value = report.p_value.unwrap_or(1.0);
    let moved = report.features.iter().filter(|feature| feature.drifted);
    Ok(WindowDrift {
        outcome,
        p_value,
        n_reference: count(report.n_reference),
        n_in_a_row,
        lasts: outcome == WindowOutcome::Drift
            && is_lasting(n_in_a_row as usize, p_value, DEFAULT_WINDOWS, level),
        drifted: moved.map(|feature| feature.name.clone()).collect(),
        features: report.features.into_iter().map(feature).collect(),
    })
}

fn feature(found: FeatureDrift) -> FeatureWindow {
    let mut new_categories = found.new_categories;
    new_categories.truncate(MAX_CATEGORIES);
    FeatureWindow {
        name: found.name,
        test: found.test.as_str().to_owned(),
        statistic: found.statistic,
        p_value: found.p_value,
        p_value_adjusted: found.p_value_adjusted,
        drifted: found.drifted,
        psi: found.psi,
        jensen_shannon: found.jensen_shannon,
        wasserstein_normed: found.wasserstein_normed,
        missing_reference: found.missing.reference,
        missing_current: found.missing.current,
        new_categories,
    }
}

/// The columns of `records`: numbers, or texts, so that a category that the model doesn't know is one too.
fn columns(schema: &Schema, records: &[PredictionRecord]) -> Vec<SampleColumn> {
    let column = |(at, feature): (usize, &model_core::Feature)| {
        // A record has the features in the schema's order.
        let values = records.iter().map(|record| {
            let found = record.features.0.get(at).filter(|(name, _)| *name == feature.name);
            found.map(|(_, value)| value)
        });
        match &feature.kind {
            FeatureKind::Numeric(_) => {
                let number = |value: Option<&FeatureValue>| match value {
                    Some(FeatureValue::Number(number)) => *number,
                    _ => f64::NAN,
                };
                SampleColumn::numeric(feature.name.clone(), values.map(number).collect())
            }
            FeatureKind::Categorical(_) => {
                let texts = values.map(|value| match value {
                    Some(FeatureValue::Category(text)) => Some(text.as_str()),
                    _ => None,
                });
                let texts: Vec<Option<&str>> = texts.collect();
                SampleColumn::categorical(feature.name.clone(), &texts)
            }
        }
    };
    schema.features.iter().enumerate().map(column).collect()
}

/// What was answered, against what `artifact` answers to the rows that it carries: those that were held out if there
/// are any, for a model is surer of the rows that trained it.
///
/// # Errors
/// [`DriftError`] if a probability is none.
pub(super) fn predictions(
    artifact: &Artifact,
    records: &[PredictionRecord],
) -> Result<WindowPredictions, DriftError> {
    let schema = artifact.schema();
    let sample = artifact.reference();
    let carried = if sample.held_out.is_empty() { &sample.train } else { &sample.held_out };
    let mut before = vec![0; schema.classes.len()];
    let mut sure_before = Vec::with_capacity(carried.len());
    for (values, _) in carried.rows() {
        let mut probabilities = vec![0.0; schema.classes.len()];
        artifact.predict_proba_into(values, &mut probabilities);
        let best = probabilities.iter().copied().enumerate().reduce(|best, next| {
            // The first of equals, as in every answer.
            if next.1 > best.1 { next } else { best }
        });
        if let Some((class, probability)) = best {
            before[class] += 1;
            sure_before.push(probability);
        }
    }
    let mut now = vec![0; schema.classes.len()];
    let mut classes = BTreeMap::<String, u64>::new();
    let mut sure_now = Vec::with_capacity(records.len());
    for record in records {
        *classes.entry(record.prediction.clone()).or_insert(0) += 1;
        if let Some(class) = schema.classes.iter().position(|class| *class == record.prediction) {
            now[class] += 1;
        }
        sure_now.push(record.probabilities.get(&record.prediction).copied().unwrap_or(f64::NAN));
    }
    let is_carried = !sure_before.is_empty();
    let classes_p_value =
        is_carried.then(|| prediction_drift(&schema.classes, &before, &now).p_value);
    let confidence_p_value =
        is_carried.then(|| confidence_drift(&sure_before, &sure_now)).transpose()?;
    let known = sure_now.iter().copied().filter(|it| it.is_finite());
    let (sum, n) = known.fold((0.0, 0.0), |(sum, n), it| (sum + it, n + 1.0));
    Ok(WindowPredictions {
        classes,
        classes_p_value,
        mean_confidence: if n > 0.0 { sum / n } else { 0.0 },
        confidence_p_value: confidence_p_value.map(|found| found.p_value),
    })
}

/// Warnings of `records` by code.
pub(super) fn warnings(records: &[PredictionRecord]) -> BTreeMap<String, u64> {
    let mut warnings = BTreeMap::new();
    for code in records.iter().flat_map(|record| &record.warnings) {
        *warnings.entry(code.as_str().to_owned()).or_insert(0) += 1;
    }
    warnings
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use model_core::{Dataset, Family, TrainParams};
    use tepal_api::OrderedMap;

    use super::*;

    const LEVEL: f64 = 1.0 / 2_880.0;

    fn iris() -> Artifact {
        Artifact::from_bytes(model_core::DEFAULT_ARTIFACT).unwrap()
    }

    /// Rows of the iris data, `shifted` in their second column, as a log has them.
    fn records(
        model: &Artifact,
        rows: impl Iterator<Item = usize>,
        shifted: f64,
    ) -> Vec<PredictionRecord> {
        let data = Dataset::iris();
        let schema = model.schema();
        let record = |at: usize| {
            let mut values = data.row(at).to_vec();
            values[1] += shifted;
            let mut probabilities = vec![0.0; schema.classes.len()];
            model.predict_proba_into(&values, &mut probabilities);
            let best = (0..3).fold(0, |best, class| {
                if probabilities[class] > probabilities[best] { class } else { best }
            });
            let values = values.into_iter().map(FeatureValue::Number);
            let names = schema.features.iter().map(|feature| feature.name.clone());
            PredictionRecord {
                id: String::new(),
                timestamp: String::new(),
                model_version: 1,
                model_id: model.id().to_string(),
                features: names.zip(values).collect(),
                prediction: schema.classes[best].clone(),
                probabilities: schema
                    .classes
                    .iter()
                    .cloned()
                    .zip(probabilities)
                    .collect::<OrderedMap>(),
                shadow: None,
                warnings: Vec::new(),
                subject: None,
                draw: None,
                trial: None,
                label: None,
                labelled_at: None,
            }
        };
        rows.map(record).collect()
    }

    #[test]
    fn rows_like_those_that_trained_it_are_as_before() {
        let model = iris();
        let rows = records(&model, (0..150).step_by(2), 0.0);
        let found = drift(&model, &rows, 2, LEVEL).unwrap();
        assert_eq!(
            (found.outcome, found.n_in_a_row, found.lasts),
            (WindowOutcome::NoDrift, 0, false)
        );
        assert_eq!(found.features.len(), 4);
        assert!(found.drifted.is_empty() && found.p_value > 0.05);
        let answers = predictions(&model, &rows).unwrap();
        assert_eq!(answers.classes.values().sum::<u64>(), 75);
        assert!(answers.classes_p_value.unwrap() > 0.05 && answers.mean_confidence > 0.8);
    }

    #[test]
    fn what_moved_is_named_and_the_third_window_lasts() {
        let model = iris();
        let rows = records(&model, (0..150).step_by(2), 1.0);
        let second = drift(&model, &rows, 1, LEVEL).unwrap();
        assert_eq!(
            (second.outcome, second.n_in_a_row, second.lasts),
            (WindowOutcome::Drift, 2, false)
        );
        assert_eq!(second.drifted, ["sepal_width"]);
        assert!(drift(&model, &rows, 2, LEVEL).unwrap().lasts);
        assert!(!drift(&model, &rows, 2, 0.0).unwrap().lasts, "three in a row alone are no alarm");
        // One class alone is another mix than the model knows.
        let setosas = predictions(&model, &records(&model, 0..50, 0.0)).unwrap();
        assert!(setosas.classes_p_value.unwrap() < 1e-6, "{setosas:?}");
    }

    #[test]
    fn a_model_without_rows_has_its_summary_and_no_answers_of_its_own() {
        let params = TrainParams::new(Family::GaussianNb);
        let model = params.train(&Dataset::iris()).unwrap();
        let rows = records(&model, (0..150).step_by(2), 0.0);
        let without = model.without_rows().unwrap();
        let found = drift(&without, &rows, 0, LEVEL).unwrap();
        assert_eq!(found.outcome, WindowOutcome::NoDrift);
        let answers = predictions(&without, &rows).unwrap();
        assert_eq!((answers.classes_p_value, answers.confidence_p_value), (None, None));
    }
}
