//! The nearest row, so far as one is found, that the model gives another answer.
//!
//! What is sought is the least cost: the distance of `space`, and [`CHANGE_COST`] for every feature
//! that changes, so that few features do. Numbers stay within the training range and are rounded to
//! the decimals of the data; categories are those that training held, but for the one that rare and
//! unknown ones share: nobody can change a thing into "something else".
//!
//! The search is a descent from several starts and proves no minimum: from the nearest training rows
//! that the model already answers so, from points on the way to them, and from changes of one
//! feature alone. From each, features are put back one by one and numbers moved back by bisection
//! for as long as the answer stays; what is left cannot be put back in any one feature, unless the
//! search has used up its predictions.
//!
//! Source of the idea: Wachter, Mittelstadt & Russell, "Counterfactual explanations without opening
//! the black box", Harvard Journal of Law & Technology 31 (2018).

use std::cell::Cell;

use serde::Serialize;

use super::space::Space;
use super::{ExplanationError, FeatureValue, filled, probabilities};
use crate::artifact::Artifact;
use crate::order::argmax;
use crate::order::sort_by;
use crate::pipeline::Encoding;
use crate::schema::{FeatureRow, NumericRange, unscaled};

/// What a changed feature costs, however little it changes, in standard deviations.
pub const CHANGE_COST: f64 = 0.25;

/// Training rows of the other answer that the search starts from.
const MAX_STARTS: usize = 16;
/// Steps in which a feature alone is moved to the end of its range.
const SCAN_STEPS: u32 = 64;
/// Predictions after which no further start is tried, and none improved: a wide row of a slow model
/// gets the best of what was found.
const MAX_PREDICTIONS: u32 = 200_000;
/// Halvings that bring two numbers next to each other, whatever they are.
const MAX_HALVINGS: usize = 64;

/// What the answer is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Any other class than the model's answer.
    AnyOther,
    /// This class.
    Class(usize),
}

/// A feature that would have to be different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The feature's name.
    pub feature: String,
    /// What it is.
    pub from: FeatureValue,
    /// What it would be.
    pub to: FeatureValue,
}

/// A row near another row that the model answers differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counterfactual {
    /// The model's answer for it.
    pub prediction: String,
    /// What would have to be different, in the schema's order.
    pub changes: Vec<Change>,
    /// The row's values, in the schema's order.
    pub values: Vec<FeatureValue>,
    /// The same as raw values.
    #[serde(skip)]
    pub raw: Vec<f64>,
    /// The model's probabilities for it.
    pub probabilities: Vec<f64>,
    /// How far away it is, in standard deviations; two categories are the square root of 2 apart.
    pub distance: f64,
    /// The distance and [`CHANGE_COST`] a change: what was kept small.
    pub cost: f64,
}

impl Counterfactual {
    /// The row found, or `None` if no start led to the target. Nothing is drawn: the same model
    /// and row give the same.
    ///
    /// A row that is of the target class as it is needs no change.
    ///
    /// # Errors
    /// [`ExplanationError::NoReferenceRows`], [`ExplanationError::RowWidth`] and
    /// [`ExplanationError::NoClass`].
    pub fn of(
        model: &Artifact,
        row: &FeatureRow,
        target: Target,
    ) -> Result<Option<Self>, ExplanationError> {
        let n_classes = model.schema().classes.len();
        if let Target::Class(class) = target
            && class >= n_classes
        {
            return Err(ExplanationError::NoClass { class, n_classes });
        }
        let search = Search::new(model, filled(model, row)?, target)?;
        let mut best: Option<(f64, Vec<f64>)> = None;
        for start in search.starts() {
            if search.is_spent() && best.is_some() {
                break;
            }
            let found = search.reduced(start);
            let cost = search.cost(&found);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, found));
            }
        }
        Ok(best.map(|(cost, found)| search.describe(row.values(), &found, cost)))
    }
}

struct Search<'a> {
    model: &'a Artifact,
    space: Space,
    row: Vec<f64>,
    answer: usize,
    target: Target,
    n_predictions: Cell<u32>,
}

impl<'a> Search<'a> {
    fn new(model: &'a Artifact, row: Vec<f64>, target: Target) -> Result<Self, ExplanationError> {
        let answer = argmax(&probabilities(model, &row));
        let n_predictions = Cell::new(0);
        Ok(Self { space: Space::of(model)?, model, row, answer, target, n_predictions })
    }

    /// Whether the model answers as it should.
    fn flips(&self, values: &[f64]) -> bool {
        self.n_predictions.set(self.n_predictions.get().saturating_add(1));
        let class = argmax(&probabilities(self.model, values));
        match self.target {
            Target::AnyOther => class != self.answer,
            Target::Class(wanted) => class == wanted,
        }
    }

    fn is_spent(&self) -> bool {
        self.n_predictions.get() >= MAX_PREDICTIONS
    }

    fn cost(&self, values: &[f64]) -> f64 {
        self.space.distance(values, &self.row) + CHANGE_COST * self.changed(values).len() as f64
    }

    /// The features that differ, in the schema's order.
    fn changed(&self, values: &[f64]) -> Vec<usize> {
        (0..self.row.len()).filter(|&at| values[at] != self.row[at]).collect()
    }

    fn range(&self, feature: usize) -> Option<&NumericRange> {
        self.model.schema().features.get(feature).and_then(|feature| feature.numeric())
    }

    /// Rows that flip: the row itself, or near rows, the way to them, and one feature changed.
    fn starts(&self) -> Vec<Vec<f64>> {
        if self.flips(&self.row) {
            return vec![self.row.clone()];
        }
        let mut starts = Vec::new();
        for near in self.near_rows() {
            starts.extend(self.on_the_way(&near));
            starts.push(near);
        }
        for feature in 0..self.row.len() {
            if self.is_spent() {
                break;
            }
            starts.extend(self.alone(feature));
        }
        starts
    }

    /// The nearest training rows that flip, written as an input may be.
    fn near_rows(&self) -> Vec<Vec<f64>> {
        let rows: Vec<&[f64]> = self.space.rows().collect();
        let distances: Vec<f64> =
            rows.iter().map(|other| self.space.distance(&self.row, other)).collect();
        let mut order: Vec<usize> = (0..rows.len()).collect();
        sort_by(&mut order, &mut |a, b| distances[a].total_cmp(&distances[b]));
        let written = order.into_iter().map(|at| self.between(rows[at], 1.0));
        written.filter(|row| self.flips(row)).take(MAX_STARTS).collect()
    }

    /// The first row of 64 on the straight way to `other` that flips; categories are the other's
    /// all the way.
    fn on_the_way(&self, other: &[f64]) -> Option<Vec<f64>> {
        let share = |step: u32| f64::from(step) / f64::from(SCAN_STEPS);
        let rows = (1..SCAN_STEPS).map(|step| self.between(other, share(step)));
        rows.into_iter().find(|row| self.flips(row))
    }

    /// Whether this is the category that rare and unknown ones share.
    fn is_shared(&self, feature: usize, value: f64) -> bool {
        let feature = self.model.schema().features.get(feature);
        feature.and_then(|feature| feature.other).is_some_and(|code| f64::from(code) == value)
    }

    /// The row, with numbers moved by `share` of the way to `other` and categories the other's,
    /// unless that is the shared one.
    fn between(&self, other: &[f64], share: f64) -> Vec<f64> {
        let value = |at: usize| {
            let (from, to) = (self.row[at], other[at]);
            match self.range(at) {
                Some(range) if from != to => written(range, from + share * (to - from)),
                _ if self.is_shared(at, to) => from,
                _ => to,
            }
        };
        (0..self.row.len()).map(value).collect()
    }

    /// Rows that flip by one feature: each category, or the first number up and down.
    fn alone(&self, feature: usize) -> Vec<Vec<f64>> {
        let with = |value: f64| {
            let mut values = self.row.clone();
            values[feature] = value;
            values
        };
        let flipping = |value: f64| Some(with(value)).filter(|values| self.flips(values));
        match self.range(feature) {
            Some(range) => {
                let from = self.row[feature];
                let first = |end: f64| {
                    let share = |step: u32| f64::from(step) / f64::from(SCAN_STEPS);
                    let values = (1..=SCAN_STEPS).map(|step| from + share(step) * (end - from));
                    values.into_iter().find_map(|value| flipping(written(range, value)))
                };
                [range.training.min, range.training.max].into_iter().filter_map(first).collect()
            }
            None => {
                let encodings = self.model.pipeline().preprocessor.encoder().encodings();
                let codes = match encodings.get(feature) {
                    Some(Encoding::OneHot(codes)) => codes.as_slice(),
                    Some(Encoding::Target(table)) => table.codes(),
                    Some(Encoding::Number) | None => return Vec::new(),
                };
                let codes = codes.iter().map(|&code| f64::from(code));
                codes.filter(|&code| !self.is_shared(feature, code)).filter_map(flipping).collect()
            }
        }
    }

    /// Takes back what can be taken back without losing the answer, until nothing can.
    fn reduced(&self, mut values: Vec<f64>) -> Vec<f64> {
        loop {
            let n_taken = self.revert(&mut values) + self.approach(&mut values);
            // Every change brings the row nearer, and there are finitely many numbers.
            if n_taken == 0 || self.is_spent() {
                return values;
            }
        }
    }

    /// Puts features back, those that are farthest first; says how many.
    fn revert(&self, values: &mut [f64]) -> usize {
        let mut features = self.changed(values);
        let axes = self.space.axes();
        let squared: Vec<f64> = (values.iter().zip(&self.row).zip(axes))
            .map(|((value, own), axis)| axis.squared(*value, *own))
            .collect();
        sort_by(&mut features, &mut |a, b| squared[b].total_cmp(&squared[a]));
        let mut n_taken = 0;
        for feature in features {
            if self.is_spent() {
                break;
            }
            let kept = values[feature];
            values[feature] = self.row[feature];
            if self.flips(values) {
                n_taken += 1;
            } else {
                values[feature] = kept;
            }
        }
        n_taken
    }

    /// Moves changed numbers towards the row's own; says how many moved.
    fn approach(&self, values: &mut [f64]) -> usize {
        let mut n_taken = 0;
        for feature in self.changed(values) {
            let Some(range) = self.range(feature).filter(|_| !self.is_spent()) else { continue };
            let mut inside = values[feature];
            // The row's own value may lie outside of what training knew.
            let mut outside = self.row[feature].clamp(range.training.min, range.training.max);
            let mut flips_at = |value: f64| {
                values[feature] = value;
                self.flips(values)
            };
            let start = inside;
            if outside != self.row[feature] && outside != inside && flips_at(outside) {
                inside = outside;
            }
            for _ in 0..MAX_HALVINGS {
                let middle = written(range, inside / 2.0 + outside / 2.0);
                if middle <= inside.min(outside) || middle >= inside.max(outside) {
                    break;
                }
                if flips_at(middle) {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
            values[feature] = inside;
            n_taken += usize::from(inside != start);
        }
        n_taken
    }

    /// As people see it; a feature that stays keeps its raw value, a missing one too.
    fn describe(&self, original: &[f64], found: &[f64], cost: f64) -> Counterfactual {
        let schema = self.model.schema();
        let changed = self.changed(found);
        let mut raw = original.to_vec();
        changed.iter().for_each(|&at| raw[at] = found[at]);
        let probabilities = probabilities(self.model, &raw);
        let changes = changed.iter().map(|&at| Change {
            feature: schema.features.get(at).map(|f| f.name.clone()).unwrap_or_default(),
            from: FeatureValue::of(schema, at, original[at]),
            to: FeatureValue::of(schema, at, found[at]),
        });
        let name = schema.classes.get(argmax(&probabilities));
        Counterfactual {
            prediction: name.cloned().unwrap_or_default(),
            changes: changes.collect(),
            values: FeatureValue::of_row(schema, &raw),
            distance: self.space.distance(found, &self.row),
            probabilities,
            raw,
            cost,
        }
    }
}

/// `value` within the training range, with the data's decimals.
///
/// Six decimals may mean that none write the data exactly; where such steps are too coarse for the
/// range, the value stays as it is.
fn written(range: &NumericRange, value: f64) -> f64 {
    let value = value.clamp(range.training.min, range.training.max);
    let step = unscaled(1, range.decimals).unwrap_or(1.0);
    if range.decimals >= 6 && step * 1000.0 > range.training.width() {
        return value;
    }
    let integer = (value / step).round();
    if integer.abs() >= (1_i64 << 53) as f64 {
        return value;
    }
    let rounded = unscaled(integer as i64, range.decimals).unwrap_or(value);
    // Data of more decimals than are kept may end between two steps.
    rounded.clamp(range.training.min, range.training.max)
}

#[cfg(test)]
mod tests {
    use super::super::example::{bare_model, iris_model, penguin_model, trained};
    use super::*;
    use crate::dataset::{CsvOptions, Dataset};
    use crate::model::Family;
    use crate::pipeline::DerivedFeatures;
    use crate::schema::{FeatureKind, scaled};

    fn found(model: &Artifact, values: &[f64], target: Target) -> Option<Counterfactual> {
        Counterfactual::of(model, &model.schema().row(values).unwrap(), target).unwrap()
    }

    /// It flips, is a valid row within the training ranges and decimals, and none of its changes
    /// can be left out.
    fn check(model: &Artifact, values: &[f64], target: Target) -> Counterfactual {
        let schema = model.schema();
        let found = found(model, values, target).unwrap();
        let of = |raw: &[f64]| model.predict(&schema.row(raw).unwrap());
        let answer = of(&found.raw);
        assert_eq!(schema.classes[answer.class], found.prediction);
        assert_eq!(answer.probabilities, found.probabilities);
        let before = of(values).class;
        let flips = |class| match target {
            Target::AnyOther => class != before,
            Target::Class(wanted) => class == wanted,
        };
        assert!(flips(answer.class));
        assert!(
            (found.cost - found.distance - CHANGE_COST * found.changes.len() as f64).abs() < 1e-12
        );
        for change in &found.changes {
            let at = schema.feature_index(&change.feature).unwrap();
            if let FeatureKind::Numeric(range) = &schema.features[at].kind {
                assert!(range.training.contains(found.raw[at]));
                assert!(scaled(found.raw[at], range.decimals).is_some(), "{change:?}");
            }
            let mut without = found.raw.clone();
            without[at] = values[at];
            assert!(!flips(of(&without).class), "{change:?} is not needed");
        }
        found
    }

    #[test]
    fn every_family_has_one_for_rows_of_iris() {
        for family in Family::ALL {
            let model = iris_model(family);
            for at in [0, 50, 100] {
                let row = model.reference().held_out.row(at / 5).to_vec();
                let any = check(&model, &row, Target::AnyOther);
                for class in 0..3 {
                    let of_class = check_if_other(&model, &row, class);
                    assert!(of_class.is_none_or(|cost| cost >= any.cost - 1e-12), "{family}");
                }
            }
        }
    }

    /// The cost of reaching `class`, if the row is not there already.
    fn check_if_other(model: &Artifact, row: &[f64], class: usize) -> Option<f64> {
        let answer = model.predict(&model.schema().row(row).unwrap()).class;
        (answer != class).then(|| check(model, row, Target::Class(class)).cost)
    }

    /// The least cost of all rows of Iris's grid of tenths that flip and cost less than `most`.
    fn cheapest(search: &Search<'_>, most: f64) -> f64 {
        let tenths = |feature: usize| {
            let range = search.range(feature).unwrap().training;
            let bounds = [range.min, range.max].map(|end| (end * 10.0).round() as i64);
            (bounds[0]..=bounds[1]).map(|tenth| tenth as f64 / 10.0)
        };
        let mut least = most;
        for a in tenths(0) {
            for b in tenths(1) {
                for c in tenths(2) {
                    for d in tenths(3) {
                        let cost = search.cost(&[a, b, c, d]);
                        if cost < least && search.flips(&[a, b, c, d]) {
                            least = cost;
                        }
                    }
                }
            }
        }
        least
    }

    #[test]
    fn on_iris_the_cheapest_row_of_all_is_missed_by_little() {
        for family in [Family::Svm, Family::LogisticRegression, Family::RandomForest] {
            let model = iris_model(family);
            let mut excess = Vec::new();
            for at in (0..30).step_by(5) {
                let row = model.reference().held_out.row(at).to_vec();
                let found = found(&model, &row, Target::AnyOther).unwrap();
                let search = Search::new(&model, row, Target::AnyOther).unwrap();
                excess.push(found.cost / cheapest(&search, found.cost + 1e-9) - 1.0);
            }
            let n_exact = excess.iter().filter(|excess| **excess < 1e-9).count();
            assert!(n_exact >= 4, "{family}: {excess:?}");
            assert!(excess.iter().all(|excess| *excess < 0.05), "{family}: {excess:?}");
        }
    }

    #[test]
    fn categories_and_missing_values_are_dealt_with() {
        for derived in [DerivedFeatures::None, DerivedFeatures::RatiosAndProducts] {
            let model = penguin_model(Family::RandomForest, derived);
            let rows = &model.reference().train;
            let lacking =
                (0..rows.len()).find(|&at| rows.row(at).iter().any(|v| v.is_nan())).unwrap();
            for at in [lacking, 0, 90, 200] {
                check(&model, rows.row(at), Target::AnyOther);
            }
        }
    }

    /// Leaves: red ones are of class a; those of many rare colours, and green ones if there are any,
    /// of class b.
    fn leaves(n_green: usize) -> Dataset {
        let mut csv = "colour,size,y\n".to_owned();
        (0..90).for_each(|n| csv += &format!("red,{},a\n", n % 7));
        (0..60).for_each(|n| csv += &format!("shade{n},{},b\n", n % 5));
        (0..n_green).for_each(|n| csv += &format!("green,{},b\n", n % 6));
        let options = CsvOptions { unknown_other: true, ..CsvOptions::default() };
        let data = Dataset::from_csv(csv.as_bytes(), &options).unwrap();
        let n_categories = data.schema().features[0].categories().unwrap().len();
        assert_eq!(n_categories, 2 + usize::from(n_green > 0), "the shades share one");
        data
    }

    #[test]
    fn the_category_that_unknown_ones_share_is_no_change_to_make() {
        let colour = |name: &str| FeatureValue::Category(name.to_owned());
        for family in [Family::LogisticRegression, Family::RandomForest, Family::KNearestNeighbors]
        {
            for n_green in [0, 40] {
                let data = leaves(n_green);
                let model = trained(&data, super::super::example::defaults(family));
                let code = |name: &str| {
                    let categories = data.schema().features[0].categories().unwrap();
                    categories.iter().position(|category| category == name).unwrap() as f64
                };
                let found = found(&model, &[code("red"), 3.0], Target::Class(1));
                let to = found.iter().flat_map(|found| &found.changes);
                let to: Vec<_> = to.filter(|c| c.feature == "colour").map(|c| &c.to).collect();
                let expected = if n_green == 0 { vec![] } else { vec![colour("green")] };
                assert_eq!(to, expected.iter().collect::<Vec<_>>(), "{family}");
                // A thing that is of an unknown colour as it is may stay so.
                let other = [code("other"), 3.0];
                check(&model, &other, Target::Class(0));
            }
        }
    }

    #[test]
    fn the_threshold_of_one_feature_is_found_to_the_last_decimal() {
        let rows: String = (0..40)
            .map(|i| {
                format!("{}.{},{},{}\n", i / 10, i % 10, i * 7 % 5, if i < 20 { "a" } else { "b" })
            })
            .collect();
        let csv = format!("x,noise,y\n{rows}");
        let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        let model = trained(&data, super::super::example::defaults(Family::LogisticRegression));
        let found = check(&model, &[0.5, 2.0], Target::AnyOther);
        assert_eq!(found.changes.len(), 1);
        assert_eq!(found.changes[0].feature, "x");
        let mut before = found.raw.clone();
        before[0] = ((before[0] * 10.0).round() - 1.0) / 10.0;
        let class = |raw: &[f64]| model.predict(&model.schema().row(raw).unwrap()).class;
        assert_ne!(class(&before), class(&found.raw), "one step less does not flip");
    }

    #[test]
    fn a_row_of_the_class_needs_no_change_and_a_class_never_answered_has_none() {
        let model = iris_model(Family::GaussianNb);
        let row = [5.0, 3.4, 1.5, 0.2];
        let same = found(&model, &row, Target::Class(0)).unwrap();
        assert!(same.changes.is_empty());
        assert_eq!((same.distance, same.cost), (0.0, 0.0));
        // Nineteen rows of "a" and two of "b" that look alike: "b" is never the answer.
        let rows = "1,a\n2,a\n3,a\n".repeat(12) + "2,b\n2,b\n";
        let csv = format!("x,y\n{rows}");
        let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        let stubborn = trained(&data, super::super::example::defaults(Family::LogisticRegression));
        assert_eq!(found(&stubborn, &[1.0], Target::AnyOther), None);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let model = iris_model(Family::GaussianNb);
        let row = model.schema().row(&[5.0, 3.4, 1.5, 0.2]).unwrap();
        let error = Counterfactual::of(&model, &row, Target::Class(3)).unwrap_err();
        assert_eq!(error, ExplanationError::NoClass { class: 3, n_classes: 3 });
        let old = Counterfactual::of(&bare_model(), &row, Target::AnyOther).unwrap_err();
        assert_eq!(old, ExplanationError::NoReferenceRows);
    }

    #[test]
    fn numbers_are_written_as_the_data_are() {
        use crate::schema::Range;
        let range = |min, max, decimals| {
            let training = Range { min, max };
            NumericRange { training, hard: training, decimals }
        };
        assert_eq!(written(&range(0.0, 8.0, 1), 5.14), 5.1);
        assert_eq!(written(&range(0.0, 8.0, 0), 9.0), 8.0);
        assert_eq!(written(&range(0.0, 1e-7, 6), 5e-8), 5e-8, "steps would be too coarse");
        assert_eq!(written(&range(0.0, 1e300, 0), 1e299), 1e299);
        assert_eq!(written(&range(0.0, 0.999_999_6, 6), 2.0), 0.999_999_6);
    }
}
