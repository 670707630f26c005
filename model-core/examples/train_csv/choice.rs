//! Which of the trained models is the best, and which classes a model never answers.

use model_core::Schema;
use model_core::evaluation::ConfusionMatrix;
use model_core::training::SelectionMetric;
use serde_json::{Value, json};

use crate::report::Trained;

/// Classes that a line names before it only counts.
const MAX_NAMED: usize = 5;

/// Index of the best model by cross-validation; `None` without.
pub(crate) fn best(trained: &[Trained], metric: SelectionMetric) -> Option<usize> {
    metric.best(trained.iter().map(|trained| &trained.standing))
}

pub(crate) fn json(trained: &[Trained], metric: SelectionMetric) -> Value {
    let Some(best) = best(trained, metric).and_then(|best| trained.get(best)) else {
        return Value::Null;
    };
    json!({
        "family": best.model.family().as_str(),
        "metric": metric.as_str(),
        "value": best.standing.value(metric),
    })
}

/// The lines below the table: which model is the best, and what it never answers.
pub(crate) fn lines(trained: &[Trained], metric: SelectionMetric) -> Vec<String> {
    let best = best(trained, metric).and_then(|best| trained.get(best));
    let mut lines = Vec::new();
    if let Some(best) = best.filter(|_| trained.len() > 1) {
        let value = best.standing.value(metric).unwrap_or_default();
        let (metric, family) = (metric.label(), best.model.family());
        lines.push(format!("best by {metric}: {family} ({value:.4} in cross-validation)"));
    }
    let others =
        trained.iter().filter(|other| best.is_none_or(|best| best.model.id() != other.model.id()));
    lines.extend(best.into_iter().chain(others).filter_map(never_answers));
    lines
}

/// The rows that a model was judged on: those that folds held out, else the test part.
fn judged(trained: &Trained) -> Option<&ConfusionMatrix> {
    let test = trained.model.evaluation().test.as_ref();
    trained.standing.confusion().or(test.map(|test| &test.confusion))
}

/// Names of the classes that the rows it was judged on are of, and that it gave none of them.
pub(crate) fn never_answered(trained: &Trained) -> Vec<&str> {
    let never = judged(trained).map(ConfusionMatrix::never_predicted).unwrap_or_default();
    never.into_iter().map(|class| name(trained.model.schema(), class)).collect()
}

fn name(schema: &Schema, class: usize) -> &str {
    schema.classes.get(class).map_or("", String::as_str)
}

fn never_answers(trained: &Trained) -> Option<String> {
    let confusion = judged(trained)?;
    let never = confusion.never_predicted();
    let named: Vec<String> = never
        .iter()
        .take(MAX_NAMED)
        .map(|&class| {
            let (class, rows) = (name(trained.model.schema(), class), confusion.support(class));
            format!("{class:?} (none of {rows} rows is found)")
        })
        .collect();
    let more = match never.len().checked_sub(MAX_NAMED) {
        None | Some(0) => String::new(),
        Some(more) => format!(" and {more} more"),
    };
    let classes = if never.len() == 1 { "class" } else { "classes" };
    let family = trained.model.family();
    let named = named.join(", ");
    (!never.is_empty()).then(|| format!("note: {family} never answers {classes} {named}{more}"))
}
