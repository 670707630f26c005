//! Gradient boosting: trees on binned columns, each correcting the ones before.
//!
//! Sources: Friedman, "Greedy function approximation: a gradient boosting machine", Annals of
//! Statistics 29 (2001); scikit-learn's `HistGradientBoostingClassifier`, whose conventions hold.
//! Two classes take one tree a round, `k` classes take `k`.
//!
//! Parameters (`params`) are the field's; which defaults differ from scikit-learn's, and why, is in
//! `docs/adr/0001-engines.md`. Columns become bins once (`binning`); a round (`rounds`) takes the
//! gradients of the `loss` and grows a tree a score (`grow`, `split`, `histograms`, `sums`); rows
//! held out may say how many rounds there are (`early_stopping`), which is all that a seed decides.
//!
//! A tree compares in single precision and its leaves hold single-precision numbers, so that files
//! are small; they are summed in double precision, in the trees' order.

mod binning;
#[cfg(feature = "checkpoint")]
mod checkpoint;
mod early_stopping;
mod grow;
mod histograms;
mod loss;
mod params;
mod rounds;
mod split;
mod sums;
mod tree;

#[cfg(feature = "checkpoint")]
pub(crate) use self::checkpoint::BoostingState;
pub(crate) use self::params::UNSTATED_MIN_SUM_HESSIAN;
pub use self::params::{EarlyStopping, GradientBoostingParams};
pub(crate) use self::rounds::Boosting;
pub(crate) use self::tree::TreeBuilder;
pub use self::tree::{Node, Tree};
use super::softmax::softmax;
use super::{FitError, TrainingRows, are_sound};
use crate::budget::Budget;

/// Most rounds of a model.
pub const MAX_ROUNDS: u32 = 10_000;

/// A fitted model: where scores begin, and the trees that move them.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientBoosting {
    baseline: Vec<f64>,
    trees: Vec<Tree>,
    n_features: usize,
    n_classes: usize,
}

/// A model and what its fit says of the features.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedBoosting {
    /// The model.
    pub model: GradientBoosting,
    /// Each feature's share of the loss that all splits took away; they sum to 1, or are all 0 if
    /// nothing was split.
    pub feature_importances: Vec<f64>,
}

impl GradientBoosting {
    /// Fits `params.n_rounds` rounds on raw rows; fewer if early stopping says so, or if a round
    /// finds nothing to split, since the later ones would not either. `seed` decides which rows
    /// early stopping holds out.
    ///
    /// # Errors
    /// [`FitError::Param`], [`FitError::EmptyClass`], and [`FitError::TooLarge`] for values that
    /// single precision cannot hold.
    pub fn fit(
        rows: TrainingRows<'_>,
        params: &GradientBoostingParams,
        seed: u64,
    ) -> Result<FittedBoosting, FitError> {
        let mut boosting = Boosting::new(rows, params, seed)?;
        while boosting.step(rows, &mut Budget::unlimited())? {}
        Ok(boosting.finish())
    }

    /// The model with these parts, if they fit together: `baseline` holds a score, or one a class
    /// from three classes up, all within [`MAX_PARAMETER`](super::MAX_PARAMETER); `trees` holds as
    /// many a round, for at most [`MAX_ROUNDS`], which read features below `n_features`.
    #[must_use]
    pub fn from_parts(
        baseline: Vec<f64>,
        trees: Vec<Tree>,
        n_features: usize,
        n_classes: usize,
    ) -> Option<Self> {
        let n_scores = n_scores(n_classes);
        let fits = n_features > 0
            && n_classes >= 2
            && baseline.len() == n_scores
            && are_sound(&baseline)
            && trees.len().is_multiple_of(n_scores)
            && trees.len() / n_scores <= MAX_ROUNDS as usize
            && trees.iter().all(|tree| tree.fits(n_features));
        fits.then_some(Self { baseline, trees, n_features, n_classes })
    }

    /// Where the scores begin: the log odds of class 1 if there are two classes, else a score a
    /// class.
    #[must_use]
    pub fn baseline(&self) -> &[f64] {
        &self.baseline
    }

    /// The trees, round by round; tree `i` adds to score `i % baseline().len()`.
    #[must_use]
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Number of rounds.
    #[must_use]
    pub fn n_rounds(&self) -> usize {
        self.trees.len() / self.baseline.len()
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

    /// Writes the probability of each class for raw `values` into `out`: the softmax of the scores,
    /// which for two classes is the sigmoid of their one.
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        // The one score of two classes is that of class 1, beside a score of 0 for class 0.
        let n_scores = self.baseline.len().min(out.len());
        let (zeros, scores) = out.split_at_mut(out.len() - n_scores);
        zeros.fill(0.0);
        scores.iter_mut().zip(&self.baseline).for_each(|(score, baseline)| *score = *baseline);
        for round in self.trees.chunks_exact(self.baseline.len()) {
            for (score, tree) in scores.iter_mut().zip(round) {
                *score += f64::from(tree.value(values));
            }
        }
        softmax(out);
    }
}

/// Scores of a row: two classes share one.
pub(crate) fn n_scores(n_classes: usize) -> usize {
    if n_classes == 2 { 1 } else { n_classes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dataset;
    use crate::model::ClassWeight;
    use crate::rng::SplitMix64;

    /// Iris, and whether it is a virginica.
    fn iris() -> (Vec<f64>, Vec<u32>, Vec<u32>) {
        let iris = Dataset::iris();
        let values = (0..150).flat_map(|row| iris.row(row).to_vec()).collect();
        let is_virginica = iris.labels().iter().map(|&label| u32::from(label == 2)).collect();
        (values, iris.labels().to_vec(), is_virginica)
    }

    fn fit(
        values: &[f64],
        labels: &[u32],
        n_features: usize,
        params: &GradientBoostingParams,
    ) -> FittedBoosting {
        let n_classes = labels.iter().max().unwrap().to_owned() as usize + 1;
        let rows = TrainingRows { values, labels, n_features, n_classes };
        GradientBoosting::fit(rows, params, 42).unwrap()
    }

    /// scikit-learn's defaults with `early_stopping=False`.
    fn as_scikit_learn() -> GradientBoostingParams {
        GradientBoostingParams {
            l2_regularization: 0.0,
            min_sum_hessian_in_leaf: 1e-3,
            early_stopping: EarlyStopping::Off,
            ..GradientBoostingParams::default()
        }
    }

    fn proba(model: &GradientBoosting, values: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; model.n_classes()];
        model.predict_proba_into(values, &mut out);
        out
    }

    fn assert_near(got: &[f64], want: &[f64], tolerance: f64) {
        assert_eq!(got.len(), want.len());
        for (a, b) in got.iter().zip(want) {
            assert!((a - b).abs() < tolerance, "{got:?} {want:?}");
        }
    }

    #[test]
    fn iris_is_fitted_as_by_scikit_learn() {
        // HistGradientBoostingClassifier(early_stopping=False).fit(X, y).predict_proba(X[[row]])
        let (values, labels, _) = iris();
        let fitted = fit(&values, &labels, 4, &as_scikit_learn());
        assert_eq!(fitted.model.n_rounds(), 100);
        for (row, want) in [
            (0, [0.999987917525, 1.20670230148e-05, 1.54523975405e-08]),
            (50, [4.4313244741e-07, 0.999997902771, 1.65409687576e-06]),
            (70, [3.09681816734e-05, 0.982611432306, 0.0173575995125]),
            (100, [1.36095335961e-07, 1.10185957052e-07, 0.999999753719]),
            (106, [3.61057152049e-05, 0.0179302322076, 0.982033662077]),
            (133, [4.70326608849e-05, 0.0488836496178, 0.951069317721]),
        ] {
            let got = proba(&fitted.model, &values[4 * row..4 * row + 4]);
            assert_near(&got, &want, 1e-7);
        }
        assert_near(&fitted.feature_importances, &[0.017, 0.023, 0.685, 0.275], 1e-3);
        assert!((fitted.feature_importances.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn two_classes_depth_penalty_and_weights_are_those_of_scikit_learn() {
        // HistGradientBoostingClassifier(early_stopping=False, class_weight="balanced",
        //     max_iter=20, l2_regularization=1.0, max_depth=3).fit(X, y == 2)
        let (values, _, labels) = iris();
        let params = GradientBoostingParams {
            n_rounds: 20,
            l2_regularization: 1.0,
            max_depth: Some(3),
            class_weight: ClassWeight::Balanced,
            ..as_scikit_learn()
        };
        let fitted = fit(&values, &labels, 4, &params);
        assert_eq!(fitted.model.baseline(), [0.0]);
        for (row, want) in [
            (0, [0.919315325754, 0.0806846742455]),
            (50, [0.8147276552, 0.1852723448]),
            (70, [0.228384243006, 0.771615756994]),
            (100, [0.0870414254155, 0.912958574584]),
            (106, [0.45582851279, 0.54417148721]),
            (133, [0.376071554409, 0.623928445591]),
        ] {
            let got = proba(&fitted.model, &values[4 * row..4 * row + 4]);
            assert_near(&got, &want, 1e-7);
        }
    }

    #[test]
    fn a_lone_binary_feature_that_separates_is_split() {
        let values: Vec<f64> = (0..60).map(|i| f64::from(i % 2)).collect();
        let labels: Vec<u32> = (0..60).map(|i| i % 2).collect();
        let fitted = fit(&values, &labels, 1, &GradientBoostingParams::default());
        assert!(proba(&fitted.model, &[1.0])[1] > 0.99);
        assert!(proba(&fitted.model, &[0.0])[0] > 0.99);
        assert_eq!(fitted.feature_importances, [1.0]);
    }

    #[test]
    fn constant_features_leave_the_shares_of_the_classes() {
        let labels: Vec<u32> =
            (0..100).map(|i| u32::from(i % 4 == 0) + u32::from(i == 0)).collect();
        let fitted = fit(&[7.0; 200], &labels, 2, &GradientBoostingParams::default());
        assert_eq!(fitted.feature_importances, [0.0; 2]);
        assert!(fitted.model.trees().is_empty(), "no round can change anything");
        assert_near(&proba(&fitted.model, &[7.0, 7.0]), &[0.75, 0.24, 0.01], 1e-12);
    }

    #[test]
    fn too_few_rows_to_split_leave_the_shares() {
        let labels: Vec<u32> = (0..39).map(|i| u32::from(i < 13)).collect();
        let values: Vec<f64> = labels.iter().map(|&label| f64::from(label)).collect();
        let fitted = fit(&values, &labels, 1, &GradientBoostingParams::default());
        assert_near(&proba(&fitted.model, &[1.0]), &[2.0 / 3.0, 1.0 / 3.0], 1e-12);
    }

    #[test]
    fn slices_of_any_size_boost_the_model_that_fit_does() {
        let (values, labels, is_virginica) = iris();
        for (labels, n_classes) in [(labels, 3), (is_virginica, 2)] {
            let rows = TrainingRows { values: &values, labels: &labels, n_features: 4, n_classes };
            let params = GradientBoostingParams { n_rounds: 7, ..as_scikit_learn() };
            let whole = fit(&values, &labels, 4, &params);
            for (units, least) in [(1, 40), (50_000, 4)] {
                let mut boosting = Boosting::new(rows, &params, 42).unwrap();
                let (mut n_slices, mut share, mut goes_on) = (0, 0.0, true);
                while goes_on {
                    let mut budget = Budget::new(units);
                    goes_on = boosting.step(rows, &mut budget).unwrap();
                    assert!(budget.spent() <= units + 20_000, "{}", budget.spent());
                    assert!(boosting.share_done() >= share);
                    share = boosting.share_done();
                    n_slices += 1;
                }
                assert!(share == 1.0 && n_slices >= least, "{n_slices}");
                assert_eq!(boosting.finish(), whole);
            }
        }
    }

    /// `n` rows of two features in `n_classes` classes, each half as frequent as the one before but
    /// with a row at least; a class is a place, blurred.
    fn rare_classes(n: usize, n_classes: u32, seed: u64) -> (Vec<f64>, Vec<u32>) {
        let mut rng = SplitMix64::new(seed);
        let class = |row: usize| (row as u32 + 1).leading_zeros() - (n as u32).leading_zeros();
        let labels: Vec<u32> = (0..n).map(|row| class(row).min(n_classes - 1)).collect();
        let place = |class: u32, feature: u32| f64::from((7 * class + 3 * feature) % n_classes);
        let mut value = |class, feature| place(class, feature) + 3.0 * (rng.unit() - 0.5);
        let values = labels.iter().flat_map(|&class| [0, 1].map(|f| value(class, f))).collect();
        (values, labels)
    }

    fn log_loss(proba: impl Fn(&[f64]) -> Vec<f64>, values: &[f64], labels: &[u32]) -> f64 {
        let rows = values.chunks_exact(2).zip(labels);
        let losses = rows.map(|(row, &label)| -libm::log(proba(row)[label as usize].max(1e-15)));
        losses.sum::<f64>() / labels.len() as f64
    }

    #[test]
    fn rare_classes_do_not_make_it_diverge() {
        for (n, n_classes) in [(150, 8), (1000, 10), (4000, 12)] {
            let (values, labels) = rare_classes(n, n_classes, 1);
            let (others, their_labels) = rare_classes(n, n_classes, 2);
            let counts = TrainingRows {
                values: &values,
                labels: &labels,
                n_features: 2,
                n_classes: n_classes as usize,
            }
            .class_counts()
            .unwrap();
            let shares: Vec<f64> = counts.iter().map(|&count| count as f64 / n as f64).collect();
            let model = fit(&values, &labels, 2, &GradientBoostingParams::default()).model;
            let loss = log_loss(|row| proba(&model, row), &others, &their_labels);
            let without_trees = log_loss(|_| shares.clone(), &others, &their_labels);
            assert!(loss < 0.8 * without_trees, "{loss} of {without_trees} for {n} rows");
        }
    }

    #[test]
    fn early_stopping_boosts_all_rows_for_as_many_rounds_as_were_best() {
        let (values, labels) = rare_classes(1000, 6, 3);
        let params = GradientBoostingParams::default();
        let fitted = fit(&values, &labels, 2, &params);
        let n_rounds = fitted.model.n_rounds() as u32;
        assert!((2..90).contains(&n_rounds), "{n_rounds}");
        let early_stopping = EarlyStopping::Off;
        let all = GradientBoostingParams { n_rounds, early_stopping, ..params.clone() };
        assert_eq!(fitted, fit(&values, &labels, 2, &all));
    }

    #[test]
    fn with_many_rows_the_best_rounds_of_the_remaining_ones_are_kept() {
        let (values, labels) = rare_classes(10_000, 3, 3);
        let params = GradientBoostingParams { max_leaf_nodes: 8, ..Default::default() };
        let fitted = fit(&values, &labels, 2, &params);
        let n_rounds = fitted.model.n_rounds();
        assert!((2..90).contains(&n_rounds), "{n_rounds}");
        // Fewer rounds at most are the first of them, gains included.
        let asked = GradientBoostingParams { n_rounds: n_rounds as u32, ..params };
        assert_eq!(fitted, fit(&values, &labels, 2, &asked));
    }

    #[test]
    fn slices_of_any_size_stop_where_fit_does() {
        let (values, labels) = rare_classes(400, 5, 3);
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 2, n_classes: 5 };
        let params = GradientBoostingParams::default();
        let whole = fit(&values, &labels, 2, &params);
        for units in [1, 50_000] {
            let mut boosting = Boosting::new(rows, &params, 42).unwrap();
            let (mut share, mut goes_on) = (0.0, true);
            while goes_on {
                goes_on = boosting.step(rows, &mut Budget::new(units)).unwrap();
                assert!(boosting.share_done() >= share);
                share = boosting.share_done();
            }
            assert_eq!(share, 1.0);
            assert_eq!(boosting.finish(), whole);
        }
    }

    #[test]
    fn labels_of_no_pattern_leave_one_round() {
        let mut rng = SplitMix64::new(9);
        let values: Vec<f64> = (0..600).map(|_| rng.unit()).collect();
        let labels: Vec<u32> = (0..600).map(|_| rng.below(2)).collect();
        let model = fit(&values, &labels, 1, &GradientBoostingParams::default()).model;
        assert!(model.n_rounds() <= 10, "{}", model.n_rounds());
        assert!(model.n_rounds() >= 1);
    }

    #[test]
    fn trees_keep_within_leaves_depth_and_rows() {
        let (values, labels, _) = iris();
        let params = GradientBoostingParams {
            n_rounds: 5,
            max_leaf_nodes: 3,
            min_samples_leaf: 60,
            max_bins: 4,
            ..GradientBoostingParams::default()
        };
        let model = fit(&values, &labels, 4, &params).model;
        // 150 rows do not make three leaves of 60.
        assert!(model.trees().iter().all(|tree| tree.nodes().len() <= 3));
        let params = GradientBoostingParams { min_samples_leaf: 1, ..params };
        let model = fit(&values, &labels, 4, &params).model;
        assert!(model.trees().iter().all(|tree| tree.nodes().len() == 5));
        let params = GradientBoostingParams { max_depth: Some(1), ..params };
        let model = fit(&values, &labels, 4, &params).model;
        assert!(model.trees().iter().all(|tree| tree.nodes().len() == 3));
    }

    #[test]
    fn weights_of_two_count_as_rows_given_twice() {
        let mut rng = SplitMix64::new(4);
        let values: Vec<f64> = (0..200).map(|_| (20.0 * rng.unit()).round()).collect();
        let labels: Vec<u32> =
            values.iter().map(|value| u32::from(value + 8.0 * rng.unit() > 14.0)).collect();
        let params = GradientBoostingParams {
            min_samples_leaf: 1,
            max_leaf_nodes: 4,
            n_rounds: 10,
            ..GradientBoostingParams::default()
        };
        let (mut twice, mut twice_labels) = (values.clone(), labels.clone());
        for (&value, &label) in values.iter().zip(&labels).filter(|(_, label)| **label == 1) {
            twice.push(value);
            twice_labels.push(label);
        }
        let class_weight = ClassWeight::Values(vec![1.0, 2.0]);
        let weighted =
            fit(&values, &labels, 1, &GradientBoostingParams { class_weight, ..params.clone() });
        let repeated = fit(&twice, &twice_labels, 1, &params);
        for value in 0..20 {
            let [a, b] =
                [&weighted, &repeated].map(|fitted| proba(&fitted.model, &[f64::from(value)]));
            assert_near(&a, &b, 1e-6);
        }
    }

    #[test]
    fn values_beyond_single_precision_and_empty_classes_are_refused() {
        let fit = |values: &[f64], labels: &[u32]| {
            let rows = TrainingRows { values, labels, n_features: 1, n_classes: 2 };
            GradientBoosting::fit(rows, &GradientBoostingParams::default(), 42).unwrap_err()
        };
        assert_eq!(fit(&[0.0, 1e39], &[0, 1]), FitError::TooLarge { feature: 0 });
        assert_eq!(fit(&[0.0, 1.0], &[0, 0]), FitError::EmptyClass { class: 1 });
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let tree = |feature| {
            let leaf = Node::Leaf { value: 1.0 };
            let split = Node::Split { feature, threshold: 0.0, right: 2 };
            Tree::from_parts(vec![split, leaf, leaf]).unwrap()
        };
        let build = GradientBoosting::from_parts;
        assert!(build(vec![0.0], vec![tree(0)], 1, 2).is_some());
        assert!(build(vec![0.0; 3], vec![tree(0), tree(1), tree(0)], 2, 3).is_some());
        assert!(build(vec![0.0], vec![tree(1)], 1, 2).is_none(), "no such feature");
        assert!(build(vec![0.0; 2], vec![tree(0); 2], 1, 2).is_none(), "two classes, one score");
        assert!(build(vec![0.0; 3], vec![tree(0); 2], 1, 3).is_none(), "half a round");
        assert!(build(vec![f64::NAN], vec![tree(0)], 1, 2).is_none());
        assert!(build(vec![1e101], vec![tree(0)], 1, 2).is_none());
        assert!(build(vec![0.0], vec![], 0, 2).is_none());
        assert!(build(vec![0.0], vec![], 1, 1).is_none());
        assert!(build(vec![], vec![], 1, 0).is_none());
    }

    #[test]
    fn wrong_widths_do_not_panic() {
        let (values, labels, _) = iris();
        let model = fit(&values, &labels, 4, &GradientBoostingParams::default()).model;
        for width in 0..6 {
            model.predict_proba_into(&values[..width], &mut vec![0.0; width]);
        }
    }

    proptest::proptest! {
        #[test]
        fn fits_repeat_and_their_probabilities_sum_to_one(
            seed in 0_u64..,
            n_classes in 2_u32..6,
            n in 6_usize..250,
            levels in 1_u32..300,
            min_samples_leaf in 1_u32..25,
            l2_regularization in 0.0..3.0,
            early_stopping in 0_usize..3,
        ) {
            let mut rng = SplitMix64::new(seed);
            let values: Vec<f64> =
                (0..2 * n).map(|_| f64::from(rng.below(levels)) - 10.0).collect();
            // Each class has a row; the others fall anywhere.
            let labels: Vec<u32> = (0..n as u32)
                .map(|row| if row < n_classes { row } else { rng.below(n_classes) })
                .collect();
            let params = GradientBoostingParams {
                n_rounds: 10,
                learning_rate: 1.0,
                min_samples_leaf,
                l2_regularization,
                early_stopping: [EarlyStopping::Auto, EarlyStopping::On, EarlyStopping::Off]
                    [early_stopping],
                ..GradientBoostingParams::default()
            };
            let fitted = fit(&values, &labels, 2, &params);
            proptest::prop_assert_eq!(&fitted, &fit(&values, &labels, 2, &params));
            for row in values.chunks_exact(2) {
                let out = proba(&fitted.model, row);
                proptest::prop_assert!(out.iter().all(|p| (0.0..=1.0).contains(p)), "{:?}", out);
                proptest::prop_assert!((out.iter().sum::<f64>() - 1.0).abs() < 1e-14, "{:?}", out);
            }
            let model = fitted.model;
            let (baseline, trees) = (model.baseline().to_vec(), model.trees().to_vec());
            let again = GradientBoosting::from_parts(baseline, trees, 2, n_classes as usize);
            proptest::prop_assert_eq!(again, Some(model));
        }
    }
}
