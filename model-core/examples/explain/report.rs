//! What is said, as JSON of all classes or as text of the answer.

use std::fmt;

use model_core::Family;
use model_core::explanation::{
    Counterfactual, Dependence, FeatureValue, Importance, NearestRow, Shapley, ShapleyMethod,
    Surrogate,
};
use serde::Serialize;

/// The whole answer.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) model_id: String,
    pub(crate) family: Family,
    pub(crate) classes: Vec<String>,
    pub(crate) row: Option<RowReport>,
    pub(crate) importance: Option<Importance>,
    pub(crate) dependence: Option<Dependence>,
}

/// What is said of one row.
#[derive(Debug, Serialize)]
pub(crate) struct RowReport {
    pub(crate) row: usize,
    pub(crate) values: Vec<Named>,
    pub(crate) prediction: String,
    pub(crate) probabilities: Vec<f64>,
    pub(crate) shapley: Shapley,
    pub(crate) nearest: Vec<NearestRow>,
    pub(crate) counterfactual: Option<Counterfactual>,
    pub(crate) surrogate: Surrogate,
}

/// A value with its feature's name.
#[derive(Debug, Serialize)]
pub(crate) struct Named {
    pub(crate) feature: String,
    pub(crate) value: FeatureValue,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sections = Vec::new();
        if let Some(row) = &self.row {
            sections.extend([self.answer(row), self.additions(row), nearest(row)]);
            sections.extend([different(row), self.imitation(row)]);
        }
        sections.extend(self.importance.as_ref().map(importance));
        sections.extend(self.dependence.as_ref().map(|of| self.dependence(of)));
        f.write_str(&sections.join("\n"))
    }
}

impl Report {
    fn answer(&self, row: &RowReport) -> String {
        let probabilities = self.classes.iter().zip(&row.probabilities);
        let list: Vec<String> =
            probabilities.map(|(class, p)| format!("{class} {}", percent(*p))).collect();
        format!("row {}: answered {}\n{}\n", row.row, row.prediction, list.join(", "))
    }

    /// The answer's place among the classes.
    fn answer_index(&self, row: &RowReport) -> usize {
        self.classes.iter().position(|class| *class == row.prediction).unwrap_or_default()
    }

    fn additions(&self, row: &RowReport) -> String {
        let (class, shapley) = (self.answer_index(row), &row.shapley);
        let how = match shapley.method {
            ShapleyMethod::Enumeration => "exact, every coalition asked".to_owned(),
            ShapleyMethod::Trees => "exact, by the trees".to_owned(),
            ShapleyMethod::Permutations { n_permutations } => {
                format!("estimated from {n_permutations} orders a row, ± a standard error")
            }
        };
        let mut text = format!(
            "what each feature adds to the probability of {}, in points\n({how}, against {} training rows)\n",
            row.prediction, shapley.n_background
        );
        text += &line("these rows' mean", &percent(shapley.base[class]), "");
        let mut order: Vec<usize> = (0..row.values.len()).collect();
        let added = |at: usize| shapley.attributions[at].values[class];
        order.sort_by(|&a, &b| added(b).abs().total_cmp(&added(a).abs()));
        for at in order {
            let Named { feature, value } = &row.values[at];
            let error = shapley.attributions[at].standard_errors.as_ref();
            let error = error.map_or_else(String::new, |of| format!("± {:.2}", 100.0 * of[class]));
            text += &line(&format!("{feature} = {value}"), &points(added(at)), &error);
        }
        text + &line("this row", &percent(shapley.probabilities[class]), "")
    }

    fn imitation(&self, row: &RowReport) -> String {
        let of = &row.surrogate.classes[self.answer_index(row)];
        let fit = of.r_squared.map_or("the model does not vary there".to_owned(), |r_squared| {
            let advice = if r_squared < 0.5 { ": do not trust it" } else { "" };
            format!("weighted R² {r_squared:.2}{advice}")
        });
        let mut text = format!(
            "a linear imitation around the row (LIME), {fit}\npoints of {} a standard deviation, or for having the row's category\n",
            row.prediction
        );
        for (feature, coefficient) in row.surrogate.features.iter().zip(&of.coefficients) {
            text += &line(feature, &points(*coefficient), "");
        }
        text += &line("its prediction for the row", &percent(of.local_prediction), "");
        text + &line("the model's", &percent(of.probability), "")
    }

    fn dependence(&self, of: &Dependence) -> String {
        let width = |name: &String| name.chars().count().max(7);
        let header: String =
            self.classes.iter().map(|class| format!("  {class:>0$}", width(class))).collect();
        let mut text = format!(
            "mean probabilities of {} rows if {} were\n{:>12}{header}\n",
            of.individual.len(),
            of.feature,
            ""
        );
        for (value, mean) in of.grid.iter().zip(&of.mean) {
            let cells = self.classes.iter().zip(mean);
            let cells: String =
                cells.map(|(class, p)| format!("  {:>1$}", percent(*p), width(class))).collect();
            text += &match value {
                FeatureValue::Number(number) => format!("{number:>12.4}{cells}\n"),
                other => format!("{other:>12}{cells}\n"),
            };
        }
        text
    }
}

fn nearest(row: &RowReport) -> String {
    let mut text = "the nearest training rows, by standard deviations\n".to_owned();
    for near in &row.nearest {
        let values: Vec<String> = near.values.iter().map(ToString::to_string).collect();
        let answer =
            if near.same_prediction { "answered the same" } else { "answered differently" };
        let NearestRow { distance, label, .. } = near;
        text += &format!("  {distance:.3}  {label}, {answer}: {}\n", values.join(", "));
    }
    text
}

fn different(row: &RowReport) -> String {
    let Some(other) = &row.counterfactual else {
        return "no row was found that is answered so differently\n".to_owned();
    };
    if other.changes.is_empty() {
        return format!("it is {} as it is\n", other.prediction);
    }
    let mut text = format!("it would be {} if\n", other.prediction);
    for change in &other.changes {
        text += &format!("  {} were {} and not {}\n", change.feature, change.to, change.from);
    }
    text
}

fn importance(of: &Importance) -> String {
    let mut text = format!(
        "accuracy on {} held-out rows is {}; it drops, in points, by shuffling ({} times each)\n",
        of.n_rows,
        percent(of.accuracy),
        of.n_repeats
    );
    let mut features: Vec<_> = of.features.iter().collect();
    features.sort_by(|a, b| b.accuracy_drop.mean.total_cmp(&a.accuracy_drop.mean));
    for feature in features {
        let drop = feature.accuracy_drop;
        text += &line(&feature.feature, &points(drop.mean), &format!("± {:.2}", 100.0 * drop.std));
    }
    text
}

fn line(what: &str, figure: &str, more: &str) -> String {
    format!("  {what:<36} {figure:>9} {more}").trim_end().to_owned() + "\n"
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// A difference of shares; what rounds to nothing has no sign.
fn points(difference: f64) -> String {
    let text = format!("{:+.2}", 100.0 * difference);
    if text == "-0.00" { "+0.00".to_owned() } else { text }
}
