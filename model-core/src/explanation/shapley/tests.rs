//! Axioms on small games, agreement of the methods, and additivity for every family.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::super::example::{
    defaults, iris_model, penguin_model, penguins, trained, wine, wine_model,
};
use super::*;
use crate::dataset::Dataset;
use crate::model::Family;
use crate::pipeline::{DerivedFeatures, PreprocessingParams};
use crate::recipe::TrainParams;

fn go_on(_: super::super::ExplanationProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn shapley_with(model: &Artifact, values: &[f64], params: ShapleyParams) -> Shapley {
    let background = Background::of(model, 42).unwrap();
    let row = model.schema().row(values).unwrap();
    Shapley::of(model, &background, &row, params, &mut go_on).unwrap()
}

fn shapley(model: &Artifact, values: &[f64]) -> Shapley {
    shapley_with(model, values, ShapleyParams::default())
}

fn check_additive(of: &Shapley) {
    for (class, probability) in of.probabilities.iter().enumerate() {
        let sum: f64 = of.attributions.iter().map(|a| a.values[class]).sum();
        assert!((of.base[class] + sum - probability).abs() < 1e-12, "{of:?}");
    }
    for attribution in &of.attributions {
        assert!(attribution.values.iter().sum::<f64>().abs() < 1e-9, "classes share 1");
    }
}

/// The values of a game of `predict` on features that all differ, by enumeration.
fn enumerated(predict: &Predict<'_>, row: &[f64], background: &[f64]) -> Vec<f64> {
    let with_game = |game: Game<'_>| {
        let mut out = vec![0.0; row.len()];
        game.enumerate(&mut Weights::default(), &mut out);
        out
    };
    with_some_game(predict, row, background, with_game)
}

fn with_some_game<R>(
    predict: &Predict<'_>,
    row: &[f64],
    background: &[f64],
    work: impl FnOnce(Game<'_>) -> R,
) -> R {
    let (mut whole, mut none) = ([0.0], [0.0]);
    predict(row, &mut whole);
    predict(background, &mut none);
    let players = (0..row.len()).filter(|&at| row[at] != background[at]).collect();
    work(Game { predict, row, background, players, whole: &whole, none: &none })
}

#[test]
fn values_of_known_games_are_the_textbook_ones() {
    // A product of three: each of three equal players gets a third of what only all of them make.
    let product: &Predict<'_> = &|x, out| out[0] = x[0] * x[1] * x[2];
    for value in enumerated(product, &[2.0, 2.0, 2.0], &[0.0, 0.0, 0.0]) {
        assert!((value - 8.0 / 3.0).abs() < 1e-14);
    }
    // The glove game: one left glove, two right ones; 2/3, 1/6, 1/6.
    let gloves: &Predict<'_> = &|x, out| out[0] = x[0].min(x[1] + x[2]).min(1.0);
    let values = enumerated(gloves, &[1.0, 1.0, 1.0], &[0.0, 0.0, 0.0]);
    for (value, expected) in values.iter().zip([2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]) {
        assert!((value - expected).abs() < 1e-14);
    }
}

proptest! {
    #[test]
    fn linear_functions_get_coefficient_times_difference(
        terms in prop::collection::vec((-5.0..5.0_f64, -5.0..5.0_f64, -5.0..5.0_f64), 1..8)
    ) {
        let linear: &Predict<'_> =
            &|x, out| out[0] = x.iter().zip(&terms).map(|(x, (c, _, _))| x * c).sum();
        let row: Vec<f64> = terms.iter().map(|(_, x, _)| *x).collect();
        let background: Vec<f64> = terms.iter().map(|(_, _, b)| *b).collect();
        for (value, (c, x, b)) in enumerated(linear, &row, &background).iter().zip(&terms) {
            prop_assert!((value - c * (x - b)).abs() < 1e-10);
        }
    }

    #[test]
    fn axioms_hold_for_any_polynomial(
        c in prop::array::uniform4(-3.0..3.0),
        x in prop::array::uniform4(-2.0..2.0),
        b in prop::array::uniform4(-2.0..2.0),
    ) {
        // The first two play alike, the last not at all.
        let f: &Predict<'_> =
            &|v, out| out[0] = c[0] * v[0] * v[1] + c[1] * (v[0] + v[1]) * v[2] + c[2] * v[2] * v[2];
        let (x, b) = ([x[0], x[0], x[2], x[3]], [b[0], b[0], b[2], b[3]]);
        let values = enumerated(f, &x, &b);
        prop_assert!((values[0] - values[1]).abs() < 1e-10, "symmetric");
        prop_assert_eq!(values[3], 0.0, "a dummy");
        let (mut whole, mut none) = ([0.0], [0.0]);
        f(&x, &mut whole);
        f(&b, &mut none);
        prop_assert!((values.iter().sum::<f64>() - (whole[0] - none[0])).abs() < 1e-10);
        // Values of a sum are sums of values.
        let g: &Predict<'_> = &|v, out| out[0] = c[3] * v[1] * v[3];
        let sum: &Predict<'_> = &|v, out| {
            f(v, out);
            out[0] += c[3] * v[1] * v[3];
        };
        let of_g = enumerated(g, &x, &b);
        for (at, value) in enumerated(sum, &x, &b).iter().enumerate() {
            prop_assert!((value - values[at] - of_g[at]).abs() < 1e-10);
        }
    }

    #[test]
    fn drawn_orders_add_up_and_are_within_their_errors(
        c in prop::collection::vec(-2.0..2.0, 7), seed in 0_u64..1000
    ) {
        let f: &Predict<'_> =
            &|v, out| out[0] = v.windows(2).zip(&c).map(|(v, c)| c * v[0] * v[1]).sum::<f64>() + v[3] * v[6] * v[7];
        let (row, background) = ([1.0, -0.5, 2.0, 0.7, 1.5, -1.0, 0.3, 1.2], [0.0; 8]);
        let exact = enumerated(f, &row, &background);
        let (mut values, mut variances) = (vec![0.0; 8], vec![0.0; 8]);
        with_some_game(f, &row, &background, |game| {
            game.sample(400, &mut SplitMix64::new(seed), &mut values, &mut variances);
        });
        prop_assert!((values.iter().sum::<f64>() - exact.iter().sum::<f64>()).abs() < 1e-10);
        for ((value, exact), variance) in values.iter().zip(&exact).zip(&variances) {
            let error = (value - exact).abs();
            prop_assert!(error <= 6.0 * variance.sqrt() + 1e-9, "{} {}", error, variance.sqrt());
        }
    }

    #[test]
    fn a_flower_of_any_size_is_explained_additively(
        at in 0_usize..6,
        (a, b, c, d) in (4.0..8.0, 2.0..4.5, 1.0..7.0, 0.1..2.5),
    ) {
        use std::sync::LazyLock;
        static MODELS: LazyLock<Vec<Artifact>> =
            LazyLock::new(|| Family::ALL.map(iris_model).into());
        check_additive(&shapley(&MODELS[at], &[a, b, c, d]));
    }
}

#[test]
fn every_family_is_enumerated_with_categories_and_missing_values() {
    for family in Family::ALL {
        let model = penguin_model(family, DerivedFeatures::Ratios);
        let rows = &model.reference().train;
        let lacking = (0..rows.len()).find(|&at| rows.row(at).iter().any(|v| v.is_nan())).unwrap();
        for at in [lacking, 0, 150] {
            let of = shapley(&model, rows.row(at));
            assert_eq!(of.method, ShapleyMethod::Enumeration);
            assert_eq!(of.attributions.len(), 6);
            check_additive(&of);
        }
    }
}

#[test]
fn a_feature_that_the_model_does_not_read_gets_exactly_nothing() {
    let preprocessing = PreprocessingParams { derived: DerivedFeatures::None, select: Some(2) };
    let params = TrainParams { preprocessing, ..defaults(Family::Svm) };
    let model = trained(&Dataset::iris(), params);
    let of = shapley(&model, &[5.9, 3.0, 4.8, 1.7]);
    assert!(of.attributions[..2].iter().all(|a| a.values == [0.0; 3]));
    assert!(of.attributions[2..].iter().all(|a| a.values[1].abs() > 0.01));
}

/// Enumerates whatever `Shapley::of` would do.
fn by_enumeration(model: &Artifact, values: &[f64]) -> Vec<f64> {
    let background = Background::of(model, 42).unwrap();
    let row = filled(model, &model.schema().row(values).unwrap()).unwrap();
    let predict: &Predict<'_> = &|values, out| model.predict_proba_into(values, out);
    let whole = probabilities(model, &row);
    let is_read = vec![true; row.len()];
    let plan = Plan::Enumeration;
    let sums = plan.sums(predict, &row, &whole, &is_read, &background, &mut go_on).unwrap();
    sums.values.iter().map(|sum| sum / background.n_rows() as f64).collect()
}

/// Walks the trees whatever `Shapley::of` would do.
fn by_trees(model: &Artifact, values: &[f64]) -> Vec<f64> {
    let background = Background::of(model, 42).unwrap();
    let row = filled(model, &model.schema().row(values).unwrap()).unwrap();
    let predict: &Predict<'_> = &|values, out| model.predict_proba_into(values, out);
    let whole = probabilities(model, &row);
    let is_read = vec![true; row.len()];
    let preprocessor = &model.pipeline().preprocessor;
    let Model::RandomForest(forest) = &model.pipeline().model else { unreachable!() };
    let plan = Plan::Trees { forest, players: lone_sources(preprocessor).unwrap(), preprocessor };
    let sums = plan.sums(predict, &row, &whole, &is_read, &background, &mut go_on).unwrap();
    sums.values.iter().map(|sum| sum / background.n_rows() as f64).collect()
}

#[test]
fn trees_give_what_enumeration_gives() {
    // Indicators of a category are one player, a missing value is what stands in for it.
    let model = penguin_model(Family::RandomForest, DerivedFeatures::None);
    let rows = &model.reference().train;
    let lacking = (0..rows.len()).find(|&at| rows.row(at).iter().any(|v| v.is_nan())).unwrap();
    for at in [lacking, 1, 77, 160] {
        let (trees, all) = (by_trees(&model, rows.row(at)), by_enumeration(&model, rows.row(at)));
        for (tree, exact) in trees.iter().zip(&all) {
            assert!((tree - exact).abs() < 1e-12, "{trees:?} is not {all:?}");
        }
    }
}

#[test]
fn wide_forests_are_walked_and_other_wide_models_sampled() {
    let forest = wine_model(Family::RandomForest);
    let row = forest.reference().held_out.row(3).to_vec();
    let of = shapley(&forest, &row);
    assert_eq!(of.method, ShapleyMethod::Trees);
    check_additive(&of);
    let svm = wine_model(Family::Svm);
    let of = shapley(&svm, &row);
    assert_eq!(of.method, ShapleyMethod::Permutations { n_permutations: 16 });
    check_additive(&of);
    assert_eq!(of, shapley(&svm, &row), "a seed gives the same again");
    let other = shapley_with(&svm, &row, ShapleyParams { seed: 7, ..ShapleyParams::default() });
    check_additive(&other);
    // Two independent estimates differ by no more than their errors allow.
    for (a, b) in of.attributions.iter().zip(&other.attributions) {
        let errors =
            a.standard_errors.as_ref().unwrap().iter().zip(b.standard_errors.as_ref().unwrap());
        for ((x, y), (ex, ey)) in a.values.iter().zip(&b.values).zip(errors) {
            assert!(
                (x - y).abs() <= 5.0 * (ex * ex + ey * ey).sqrt(),
                "{} {x} {y} {ex}",
                a.feature
            );
        }
    }
}

#[test]
fn a_wide_forest_with_derived_columns_is_sampled() {
    let preprocessing = PreprocessingParams { derived: DerivedFeatures::Ratios, select: Some(30) };
    let params = TrainParams { preprocessing, ..defaults(Family::RandomForest) };
    let model = trained(&wine(), params);
    let of = shapley(&model, model.reference().held_out.row(0));
    assert!(matches!(of.method, ShapleyMethod::Permutations { .. }), "{:?}", of.method);
    check_additive(&of);
}

#[test]
fn a_row_among_the_background_differs_in_nothing_from_itself() {
    let model = iris_model(Family::Svm);
    let row = model.reference().train.row(0).to_vec();
    let background = Background::from_rows(&model, &[&row]).unwrap();
    let row = model.schema().row(&row).unwrap();
    let of = Shapley::of(&model, &background, &row, ShapleyParams::default(), &mut go_on).unwrap();
    assert_eq!(of.base, of.probabilities);
    assert!(of.attributions.iter().all(|a| a.values == [0.0; 3]));
}

#[test]
fn it_stops_when_told_and_refuses_what_cannot_be() {
    let model = iris_model(Family::GaussianNb);
    let background = Background::of(&model, 42).unwrap();
    let row = model.schema().row(&[5.0, 3.4, 1.5, 0.2]).unwrap();
    let params = ShapleyParams::default();
    let stopped = Shapley::of(&model, &background, &row, params, &mut |progress| {
        assert_eq!(progress.n_steps, 64);
        if progress.steps_done == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(stopped.unwrap_err(), ExplanationError::Cancelled);
    let few = ShapleyParams { n_permutations: 1, seed: 1 };
    let error = Shapley::of(&model, &background, &row, few, &mut go_on).unwrap_err();
    assert_eq!(error.to_string(), "parameter n_permutations is 1: expected 2 to 10000");
    let penguins = trained(&penguins(), defaults(Family::GaussianNb));
    let other = Background::of(&penguins, 42).unwrap();
    let error = Shapley::of(&model, &other, &row, params, &mut go_on).unwrap_err();
    assert_eq!(error, ExplanationError::RowWidth { expected: 4, got: 6 });
}
