//! k nearest neighbours: each class's share of the training rows that lie closest, by Euclidean
//! distance on standardised columns.
//!
//! The rows found are always the first k by (distance, row index), so that ties are decided once
//! and for every platform. How they are found is the business of `search`: a scan of all rows, or
//! smartcore's cover tree where that is faster.
//!
//! Sources: Cover & Hart, "Nearest neighbor pattern classification", IEEE Transactions on
//! Information Theory 13 (1967); scikit-learn's `KNeighborsClassifier`, whose weights hold.

mod search;

use serde::{Deserialize, Serialize};

pub use self::search::Neighbor;
use self::search::Search;
use super::{FitError, ParamError, TrainingRows, are_sound};

/// What a neighbour's vote weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeighborWeights {
    /// All the same.
    #[default]
    Uniform,
    /// The inverse of the distance; where some neighbours lie at distance 0, they alone vote.
    Distance,
}

/// Parameters of k nearest neighbours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KNearestNeighborsParams {
    /// How many neighbours vote, from 1 to the number of training rows; default 5.
    pub k: u32,
    /// What their votes weigh; default all the same.
    #[serde(default)]
    pub weights: NeighborWeights,
}

impl Default for KNearestNeighborsParams {
    fn default() -> Self {
        Self { k: 5, weights: NeighborWeights::default() }
    }
}

impl KNearestNeighborsParams {
    /// Checks the parameters as far as can be done without rows.
    ///
    /// # Errors
    /// [`ParamError`] if k is 0.
    pub fn check(&self) -> Result<(), ParamError> {
        match self.k {
            0 => Err(ParamError { name: "k", value: 0.0, expected: "at least 1" }),
            _ => Ok(()),
        }
    }

    /// Whether `n_samples` rows have k neighbours to give.
    fn check_for(&self, n_samples: usize) -> Result<(), ParamError> {
        self.check()?;
        if self.k as usize > n_samples {
            let expected = "at most the number of training rows";
            return Err(ParamError { name: "k", value: f64::from(self.k), expected });
        }
        Ok(())
    }
}

/// A fitted model: the training rows themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct KNearestNeighbors {
    values: Vec<f64>,
    labels: Vec<u32>,
    n_features: usize,
    n_classes: usize,
    params: KNearestNeighborsParams,
    search: Search,
}

impl KNearestNeighbors {
    /// Keeps the standardised rows.
    ///
    /// # Errors
    /// [`FitError::Param`] if k is 0 or more than there are rows, [`FitError::EmptyClass`], and
    /// [`FitError::Diverged`] if a value is not within [`MAX_PARAMETER`](super::MAX_PARAMETER).
    pub fn fit(rows: TrainingRows<'_>, params: &KNearestNeighborsParams) -> Result<Self, FitError> {
        params.check_for(rows.n_samples())?;
        rows.class_counts()?;
        Self::from_parts(
            rows.values.to_vec(),
            rows.labels.to_vec(),
            rows.n_features,
            rows.n_classes,
            params.clone(),
        )
        .ok_or(FitError::Diverged)
    }

    /// The model of these rows, if `values` are a row of `n_features` a label, all within
    /// [`MAX_PARAMETER`](super::MAX_PARAMETER), each label is one of `n_classes`, and there are k rows.
    ///
    /// A large set of few columns gets its cover tree here: about 12 ms for 10,000 rows.
    #[must_use]
    pub fn from_parts(
        values: Vec<f64>,
        labels: Vec<u32>,
        n_features: usize,
        n_classes: usize,
        params: KNearestNeighborsParams,
    ) -> Option<Self> {
        let sound = params.check_for(labels.len()).is_ok()
            && n_features > 0
            && n_classes >= 2
            && u32::try_from(labels.len()).is_ok()
            && labels.len().checked_mul(n_features) == Some(values.len())
            && labels.iter().all(|&label| (label as usize) < n_classes)
            && are_sound(&values);
        sound.then(|| {
            let search = Search::new(&values, n_features, params.k as usize);
            Self { values, labels, n_features, n_classes, params, search }
        })
    }

    /// Standardised training rows, row-major.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Class of each training row.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Number of inputs.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// What it was fitted with.
    #[must_use]
    pub fn params(&self) -> &KNearestNeighborsParams {
        &self.params
    }

    /// The k training rows closest to standardised `values`, the closest first, and the lower row
    /// first where two are equally far.
    #[must_use]
    pub fn nearest(&self, values: &[f64]) -> Vec<Neighbor> {
        self.with_nearest(values, <[Neighbor]>::to_vec)
    }

    /// Writes each class's share of the neighbours' votes for standardised `values` into `out`.
    ///
    /// Nothing is allocated up to 32 neighbours, unless the cover tree searches.
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        self.with_nearest(values, |neighbors| {
            let by_distance = self.params.weights == NeighborWeights::Distance;
            if !(by_distance && self.vote(neighbors, inverse_distance(neighbors), out)) {
                self.vote(neighbors, |_| 1.0, out);
            }
        });
    }

    fn with_nearest<R>(&self, values: &[f64], work: impl FnOnce(&[Neighbor]) -> R) -> R {
        self.search.with_nearest(&self.values, self.n_features, values, self.params.k, work)
    }

    /// Allocates a probability of 1 among the classes by the neighbours' weights; says whether there was any.
    fn vote(
        &self,
        neighbors: &[Neighbor],
        weight: impl Fn(&Neighbor) -> f64,
        out: &mut [f64],
    ) -> bool {
        out.fill(0.0);
        let mut total = 0.0;
        for neighbor in neighbors {
            let weight = weight(neighbor);
            let label = self.labels.get(neighbor.row as usize);
            if let Some(share) = label.and_then(|&label| out.get_mut(label as usize)) {
                *share += weight;
                total += weight;
            }
        }
        let any = total > 0.0;
        if any {
            out.iter_mut().for_each(|share| *share /= total);
        }
        any
    }
}

/// scikit-learn's weights: rows at distance 0, if there are any, take all.
fn inverse_distance(neighbors: &[Neighbor]) -> impl Fn(&Neighbor) -> f64 {
    let any_at_zero = neighbors.iter().any(|neighbor| neighbor.squared_distance == 0.0);
    move |neighbor| {
        if any_at_zero {
            f64::from(u8::from(neighbor.squared_distance == 0.0))
        } else {
            1.0 / neighbor.squared_distance.sqrt()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(k: u32, weights: NeighborWeights) -> KNearestNeighborsParams {
        KNearestNeighborsParams { k, weights }
    }

    /// Six rows on a line, the classes of which are 0, 0, 1, 1, 2, 2.
    fn on_a_line(k: u32, weights: NeighborWeights) -> KNearestNeighbors {
        let rows = TrainingRows {
            values: &[0.0, 1.0, 2.0, 4.0, 8.0, 16.0],
            labels: &[0, 0, 1, 1, 2, 2],
            n_features: 1,
            n_classes: 3,
        };
        KNearestNeighbors::fit(rows, &params(k, weights)).unwrap()
    }

    fn predict(model: &KNearestNeighbors, values: &[f64]) -> [f64; 3] {
        let mut out = [0.0; 3];
        model.predict_proba_into(values, &mut out);
        out
    }

    #[test]
    fn folds_of_iris_score_as_in_scikit_learn() {
        // make_pipeline(StandardScaler(), KNeighborsClassifier(k, weights=w)), scikit-learn 1.9.1:
        // accuracies of 97.33 %, 97.33 %, 95.33 % and 93.33 %.
        let score = |k, weights| {
            crate::model::iris_folds::right_by_fold(|rows| {
                let model = KNearestNeighbors::fit(rows, &params(k, weights)).unwrap();
                move |values: &[f64], out: &mut [f64]| model.predict_proba_into(values, out)
            })
        };
        assert_eq!(score(5, NeighborWeights::Uniform), [30, 29, 28, 30, 29]);
        assert_eq!(score(5, NeighborWeights::Distance), [30, 29, 28, 30, 29]);
        assert_eq!(score(15, NeighborWeights::Uniform), [30, 29, 27, 30, 27]);
        assert_eq!(score(1, NeighborWeights::Uniform), [30, 28, 26, 30, 26]);
    }

    #[test]
    fn uniform_votes_are_counted() {
        let model = on_a_line(3, NeighborWeights::Uniform);
        assert_eq!(predict(&model, &[1.1]), [2.0 / 3.0, 1.0 / 3.0, 0.0]);
        assert_eq!(predict(&model, &[100.0]), [0.0, 1.0 / 3.0, 2.0 / 3.0]);
    }

    #[test]
    fn votes_by_distance_are_those_of_scikit_learn() {
        // KNeighborsClassifier(3, weights="distance").fit([[0], [1], [2], [4], [8], [16]],
        // [0, 0, 1, 1, 2, 2]).predict_proba([[3.5]])
        let model = on_a_line(3, NeighborWeights::Distance);
        let out = predict(&model, &[3.5]);
        let expected = [0.130_434_782_608_695_65, 0.869_565_217_391_304_4, 0.0];
        assert!(out.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{out:?}");
    }

    #[test]
    fn a_neighbour_at_distance_zero_takes_all() {
        assert_eq!(predict(&on_a_line(3, NeighborWeights::Distance), &[2.0]), [0.0, 1.0, 0.0]);
    }

    #[test]
    fn weights_too_small_to_sum_count_the_same() {
        let model = on_a_line(3, NeighborWeights::Distance);
        assert_eq!(predict(&model, &[1e300]), predict(&model, &[f64::INFINITY]));
        assert_eq!(predict(&model, &[f64::INFINITY]), [2.0 / 3.0, 1.0 / 3.0, 0.0]);
    }

    #[test]
    fn of_rows_equally_far_the_lower_one_votes() {
        // 1 and 2 are both 0.5 away, 0 and 3 both 1.5.
        let model = KNearestNeighbors::from_parts(
            vec![3.0, 2.0, 1.0, 0.0],
            vec![0, 1, 2, 2],
            1,
            3,
            params(3, NeighborWeights::Uniform),
        )
        .unwrap();
        let rows: Vec<u32> = model.nearest(&[1.5]).iter().map(|neighbor| neighbor.row).collect();
        assert_eq!(rows, [1, 2, 0]);
        assert_eq!(predict(&model, &[1.5]), [1.0 / 3.0; 3]);
    }

    #[test]
    fn all_rows_may_vote_but_not_more() {
        assert_eq!(predict(&on_a_line(6, NeighborWeights::Uniform), &[0.0]), [1.0 / 3.0; 3]);
        let rows =
            TrainingRows { values: &[0.0, 1.0], labels: &[0, 1], n_features: 1, n_classes: 2 };
        let message = |k| {
            let params = params(k, NeighborWeights::Uniform);
            KNearestNeighbors::fit(rows, &params).unwrap_err().to_string()
        };
        assert_eq!(message(3), "parameter k is 3: expected at most the number of training rows");
        assert_eq!(message(0), "parameter k is 0: expected at least 1");
    }

    #[test]
    fn rows_of_the_wrong_width_do_not_panic() {
        let model = on_a_line(3, NeighborWeights::Uniform);
        for values in [&[][..], &[1.0, 2.0]] {
            model.predict_proba_into(values, &mut [0.0; 2]);
            model.predict_proba_into(values, &mut [0.0; 4]);
        }
    }

    #[test]
    fn parts_of_wrong_shape_are_refused() {
        let build = |values: Vec<f64>, labels: Vec<u32>, p, n_classes, k| {
            let params = params(k, NeighborWeights::Uniform);
            KNearestNeighbors::from_parts(values, labels, p, n_classes, params)
        };
        assert!(build(vec![0.0; 4], vec![0, 1], 2, 2, 2).is_some());
        assert!(build(vec![0.0; 3], vec![0, 1], 2, 2, 2).is_none());
        assert!(build(vec![0.0; 4], vec![0, 2], 2, 2, 2).is_none());
        assert!(build(vec![0.0; 4], vec![0, 1], 2, 2, 3).is_none());
        assert!(build(vec![0.0; 4], vec![0, 1], 2, 2, 0).is_none());
        assert!(build(vec![], vec![0, 1], 0, 2, 1).is_none());
        assert!(build(vec![f64::NAN; 4], vec![0, 1], 2, 2, 1).is_none());
        assert!(build(vec![0.0; 4], vec![0, 0], 2, 1, 1).is_none());
    }
}
