//! How the probabilities move with one feature: on average over rows (partial dependence) and for
//! each of them (individual conditional expectation).
//!
//! Sources: Friedman, "Greedy function approximation", Annals of Statistics 29 (2001); Goldstein and
//! others, "Peeking inside the black box", JCGS 24 (2015); scikit-learn's `partial_dependence`, whose
//! grid holds.

use serde::Serialize;

use super::{ExplanationError, FeatureValue};
use crate::artifact::Artifact;
use crate::model::ParamError;
use crate::order::sort_values;
use crate::reference::ReferenceRows;
use crate::schema::FeatureKind;

/// Where the probabilities are asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DependenceParams {
    /// Points of the grid, 2 to 1000; default 100. A feature with fewer values gets these, a
    /// category all of its categories.
    pub grid_resolution: usize,
    /// Between which shares of the rows' values the grid lies; default 0.05 and 0.95.
    pub percentiles: [f64; 2],
}

impl Default for DependenceParams {
    fn default() -> Self {
        Self { grid_resolution: 100, percentiles: [0.05, 0.95] }
    }
}

impl DependenceParams {
    fn check(&self) -> Result<(), ParamError> {
        if !(2..=1000).contains(&self.grid_resolution) {
            let (name, value) = ("grid_resolution", self.grid_resolution as f64);
            return Err(ParamError { name, value, expected: "2 to 1000" });
        }
        let [low, high] = self.percentiles;
        if !(0.0 <= low && low < high && high <= 1.0) {
            let (name, value) = ("percentiles", low);
            return Err(ParamError { name, value, expected: "two shares from 0 to 1, ascending" });
        }
        Ok(())
    }
}

/// The probabilities along one feature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dependence {
    /// The feature's name.
    pub feature: String,
    /// The values that it was set to, ascending; of a category, its names.
    pub grid: Vec<FeatureValue>,
    /// Mean probability over the rows: at each point of the grid, of each class.
    pub mean: Vec<Vec<f64>>,
    /// The same for each row: its probabilities along the grid. Their mean is `mean`.
    pub individual: Vec<Vec<Vec<f64>>>,
}

impl Dependence {
    /// Sets feature `feature` (from 0) of all `rows` to each value of a grid.
    ///
    /// # Errors
    /// As [`DependenceRun::new`].
    pub fn of(
        model: &Artifact,
        rows: &ReferenceRows,
        feature: usize,
        params: DependenceParams,
    ) -> Result<Self, ExplanationError> {
        let mut run = DependenceRun::new(model, rows, feature, params)?;
        while run.step() {}
        Ok(run.finish())
    }
}

/// The probabilities along one feature under way, one row after the other: for who must not be held
/// up by it.
///
/// Its outcome has the bits of [`Dependence::of`].
#[derive(Debug)]
pub struct DependenceRun<'a> {
    model: &'a Artifact,
    rows: &'a ReferenceRows,
    feature: usize,
    grid: Vec<f64>,
    individual: Vec<Vec<Vec<f64>>>,
}

impl<'a> DependenceRun<'a> {
    /// Begins to set feature `feature` (from 0) of `rows` to each value of a grid.
    ///
    /// # Errors
    /// [`ExplanationError::NoFeature`], [`ExplanationError::NoRows`], [`ExplanationError::RowWidth`],
    /// [`ExplanationError::NoValues`] if no row has a value of a numeric feature, and
    /// [`ExplanationError::Param`].
    pub fn new(
        model: &'a Artifact,
        rows: &'a ReferenceRows,
        feature: usize,
        params: DependenceParams,
    ) -> Result<Self, ExplanationError> {
        params.check()?;
        let schema = model.schema();
        let n_features = schema.features.len();
        let Some(spec) = schema.features.get(feature) else {
            return Err(ExplanationError::NoFeature { feature, n_features });
        };
        let Some((first, _)) = rows.rows().next() else { return Err(ExplanationError::NoRows) };
        if first.len() != n_features {
            return Err(ExplanationError::RowWidth { expected: n_features, got: first.len() });
        }
        let grid = match &spec.kind {
            FeatureKind::Categorical(names) => (0..names.len()).map(|code| code as f64).collect(),
            FeatureKind::Numeric(_) => {
                let values = rows.rows().map(|(row, _)| row[feature]);
                numeric_grid(values.filter(|value| !value.is_nan()).collect(), params)
            }
        };
        if grid.is_empty() {
            return Err(ExplanationError::NoValues { feature: spec.name.clone() });
        }
        Ok(Self { model, rows, feature, grid, individual: Vec::with_capacity(rows.len()) })
    }

    /// Takes the next row; `false` if there is none left.
    pub fn step(&mut self) -> bool {
        let at = self.individual.len();
        if at < self.rows.len() {
            let row = self.rows.row(at);
            self.individual.push(line(self.model, row, self.feature, &self.grid));
        }
        self.individual.len() < self.rows.len()
    }

    /// What was found: over all rows, once [`step`](Self::step) has said that none is left.
    #[must_use]
    pub fn finish(self) -> Dependence {
        let Self { model, feature, grid, individual, .. } = self;
        let schema = model.schema();
        let name = schema.features.get(feature).map(|spec| spec.name.clone()).unwrap_or_default();
        Dependence {
            feature: name,
            mean: mean(&individual, grid.len(), schema.classes.len()),
            grid: grid.iter().map(|&value| FeatureValue::of(schema, feature, value)).collect(),
            individual,
        }
    }
}

/// The probabilities of one row along the grid.
fn line(model: &Artifact, row: &[f64], feature: usize, grid: &[f64]) -> Vec<Vec<f64>> {
    let mut row = row.to_vec();
    let at = |&value: &f64| {
        row[feature] = value;
        super::probabilities(model, &row)
    };
    grid.iter().map(at).collect()
}

fn mean(individual: &[Vec<Vec<f64>>], n_points: usize, n_classes: usize) -> Vec<Vec<f64>> {
    let mut mean = vec![vec![0.0; n_classes]; n_points];
    for line in individual {
        for (sums, point) in mean.iter_mut().zip(line) {
            sums.iter_mut().zip(point).for_each(|(sum, part)| *sum += part);
        }
    }
    let n = individual.len().max(1) as f64;
    mean.iter_mut().flatten().for_each(|sum| *sum /= n);
    mean
}

/// All different values if they are fewer than the resolution, or if the percentiles fall together
/// or too far apart to subtract; else equal steps between the percentiles.
fn numeric_grid(mut values: Vec<f64>, params: DependenceParams) -> Vec<f64> {
    sort_values(&mut values);
    let mut different = values.clone();
    different.dedup();
    let n = params.grid_resolution;
    let [low, high] = params.percentiles.map(|share| quantile(&values, share));
    if different.len() < n || low >= high || !(high - low).is_finite() {
        return different;
    }
    let step = (high - low) / (n - 1) as f64;
    let inner = (0..n - 1).map(|at| low + at as f64 * step);
    inner.chain(std::iter::once(high)).collect()
}

/// The quantile of sorted values between the order statistics, as scipy's `mquantiles` has it by
/// default (Cunnane's plotting positions, alphap = betap = 0.4); NaN of none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let n = sorted.len() as f64;
    let position = n * share + 0.4 + share * (1.0 - 0.4 - 0.4);
    let below = position.clamp(1.0, (n - 1.0).max(1.0)).floor();
    let part = (position - below).clamp(0.0, 1.0);
    let at = |rank: f64| sorted[(rank as usize).min(last)];
    (1.0 - part) * at(below - 1.0) + part * at(below)
}

#[cfg(test)]
mod tests {
    use super::super::example::{iris_model, penguin_model};
    use super::*;
    use crate::model::Family;
    use crate::pipeline::DerivedFeatures;

    #[test]
    fn quantiles_are_those_of_scipy() {
        // scipy.stats.mstats.mquantiles([1, 2, 4, 8, 16], [0.05, 0.5, 0.95])
        let of = |share| quantile(&[1.0, 2.0, 4.0, 8.0, 16.0], share);
        assert_eq!((of(0.05), of(0.5), of(0.95)), (1.0, 4.0, 16.0));
        // mquantiles(range(1, 31), [0.05, 0.95]): 1.91, 29.09
        let values: Vec<f64> = (1..31).map(f64::from).collect();
        assert!((quantile(&values, 0.05) - 1.91).abs() < 1e-12);
        assert!((quantile(&values, 0.95) - 29.09).abs() < 1e-12);
        assert_eq!(quantile(&[3.0], 0.5), 3.0);
    }

    #[test]
    fn few_values_are_the_grid_themselves() {
        let params = DependenceParams::default();
        assert_eq!(numeric_grid(vec![2.0, 1.0, 2.0], params), [1.0, 2.0]);
        let coarse = DependenceParams { grid_resolution: 3, percentiles: [0.0, 1.0] };
        assert_eq!(numeric_grid(vec![0.0, 1.0, 7.0, 8.0], coarse), [0.0, 4.0, 8.0]);
        // Nineteen of twenty rows alike: the percentiles say nothing.
        let alike = [vec![1.0; 38], vec![0.0, 2.0]].concat();
        assert_eq!(
            numeric_grid(alike, DependenceParams { grid_resolution: 3, ..params }),
            [0.0, 1.0, 2.0]
        );
    }

    #[test]
    fn lines_average_to_the_dependence_and_pass_through_the_model() {
        let model = iris_model(Family::RandomForest);
        let train = &model.reference().train;
        let of = Dependence::of(&model, train, 2, DependenceParams::default()).unwrap();
        assert_eq!(of.feature, "petal_length");
        assert_eq!((of.individual.len(), of.mean.len()), (120, of.grid.len()));
        let setosa_first = of.individual.iter().map(|line| line[0][0]).sum::<f64>() / 120.0;
        assert!((of.mean[0][0] - setosa_first).abs() < 1e-12);
        // At its own value a row has its own probabilities.
        let own = FeatureValue::Number(train.row(0)[2]);
        let at = of.grid.iter().position(|value| *value == own).unwrap();
        let row = model.schema().row(train.row(0)).unwrap();
        assert_eq!(of.individual[0][at], model.predict(&row).probabilities);
    }

    #[test]
    fn a_category_is_set_to_each_of_its_names() {
        let model = penguin_model(Family::GaussianNb, DerivedFeatures::None);
        let island = model.schema().feature_index("island").unwrap();
        let rows = &model.reference().held_out;
        let of = Dependence::of(&model, rows, island, DependenceParams::default()).unwrap();
        let name = |name: &str| FeatureValue::Category(name.into());
        assert_eq!(of.grid, [name("Biscoe"), name("Dream"), name("Torgersen")]);
        for point in &of.mean {
            assert!((point.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let model = iris_model(Family::GaussianNb);
        let rows = &model.reference().train;
        let of = |feature, grid_resolution, percentiles| {
            let params = DependenceParams { grid_resolution, percentiles };
            Dependence::of(&model, rows, feature, params).unwrap_err()
        };
        let outside = ExplanationError::NoFeature { feature: 4, n_features: 4 };
        assert_eq!(of(4, 10, [0.0, 1.0]), outside);
        assert!(matches!(of(0, 1, [0.0, 1.0]), ExplanationError::Param(_)));
        assert!(matches!(of(0, 10, [0.5, 0.5]), ExplanationError::Param(_)));
        assert!(matches!(of(0, 10, [f64::NAN, 0.5]), ExplanationError::Param(_)));
    }
}
