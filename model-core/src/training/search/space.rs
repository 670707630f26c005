//! Where candidates are drawn from: for each family the ranges that matter in practice.

use crate::dataset::{ColumnKind, Dataset};
use crate::model::forest::{MaxFeatures, RandomForestParams};
use crate::model::gaussian_nb::GaussianNbParams;
use crate::model::gradient_boosting::GradientBoostingParams;
use crate::model::k_nearest_neighbors::{KNearestNeighborsParams, NeighborWeights};
use crate::model::logistic_regression::LogisticRegressionParams;
use crate::model::svm::{Gamma, Kernel, SvmParams};
use crate::model::{ClassWeight, Family, FamilyParams};
use crate::pipeline::{DerivedFeatures, PreprocessingParams};
use crate::rng::SplitMix64;

/// Parameters of `family`, drawn at random.
pub(super) fn family_params(family: Family, rng: &mut SplitMix64) -> FamilyParams {
    match family {
        Family::LogisticRegression => FamilyParams::LogisticRegression(LogisticRegressionParams {
            c: log_uniform(1e-3, 1e3, rng),
            class_weight: class_weight(rng),
            ..Default::default()
        }),
        Family::RandomForest => FamilyParams::RandomForest(RandomForestParams {
            max_features: *pick(&[MaxFeatures::Sqrt, MaxFeatures::Sqrt, MaxFeatures::All], rng),
            max_depth: *pick(&[None, None, Some(4), Some(8), Some(16)], rng),
            min_samples_leaf: *pick(&[1, 1, 2, 4, 8], rng),
            class_weight: class_weight(rng),
            ..Default::default()
        }),
        Family::Svm => FamilyParams::Svm(SvmParams {
            c: log_uniform(1e-2, 1e3, rng),
            kernel: *pick(
                &[Kernel::Rbf, Kernel::Rbf, Kernel::Rbf, Kernel::Linear, Kernel::poly()],
                rng,
            ),
            gamma: match rng.below(3) {
                0 => Gamma::Scale,
                _ => Gamma::Value(log_uniform(1e-3, 1e1, rng)),
            },
            class_weight: class_weight(rng),
        }),
        Family::KNearestNeighbors => FamilyParams::KNearestNeighbors(KNearestNeighborsParams {
            k: 1 + rng.below(30),
            weights: *pick(&[NeighborWeights::Uniform, NeighborWeights::Distance], rng),
        }),
        Family::GaussianNb => FamilyParams::GaussianNb(GaussianNbParams {
            var_smoothing: log_uniform(1e-12, 1.0, rng),
        }),
        Family::GradientBoosting => FamilyParams::GradientBoosting(GradientBoostingParams {
            n_rounds: *pick(&[50, 100, 200], rng),
            learning_rate: log_uniform(0.02, 0.3, rng),
            max_leaf_nodes: *pick(&[4, 8, 16, 31, 63], rng),
            min_samples_leaf: *pick(&[2, 5, 10, 20, 40], rng),
            // Without a penalty boosting diverges where classes are rare.
            l2_regularization: *pick(&[0.1, 1.0, 1.0, 3.0, 10.0], rng),
            class_weight: class_weight(rng),
            ..Default::default()
        }),
    }
}

/// Numeric columns from which ratios and products are still few beside the rows.
const FEW_COLUMNS: usize = 8;

/// Mostly the defaults; now and then derived columns or a selection.
pub(super) fn preprocessing(dataset: &Dataset, rng: &mut SplitMix64) -> PreprocessingParams {
    let is_numeric = |column: &&crate::dataset::Column| column.kind == ColumnKind::Numeric;
    let n_numeric = dataset.columns().iter().filter(is_numeric).count();
    let derives = rng.below(4) == 0 && (2..=FEW_COLUMNS).contains(&n_numeric);
    let derived =
        if derives { *pick(&DerivedFeatures::ALL[1..], rng) } else { DerivedFeatures::None };
    let n_columns = dataset.n_features() as u32;
    let selects = rng.below(4) == 0 && n_columns > 2;
    let select = selects.then(|| 2 + rng.below(n_columns - 2));
    PreprocessingParams { derived, select }
}

fn class_weight(rng: &mut SplitMix64) -> ClassWeight {
    if rng.below(4) == 0 { ClassWeight::Balanced } else { ClassWeight::Uniform }
}

fn pick<'a, T>(items: &'a [T], rng: &mut SplitMix64) -> &'a T {
    &items[rng.below(items.len() as u32) as usize]
}

/// A number whose logarithm is evenly spread between those of `low` and `high`, with three
/// significant digits, as anybody would write it down.
fn log_uniform(low: f64, high: f64, rng: &mut SplitMix64) -> f64 {
    let (from, to) = (libm::log10(low), libm::log10(high));
    let value = libm::exp10(from + (to - from) * rng.unit());
    // By way of its text, so that it also reads back with three digits.
    crate::parse_number(&format!("{value:.2e}")).unwrap_or(value).clamp(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_candidate_is_within_its_parameters_ranges() {
        for family in Family::ALL {
            for seed in 0..200 {
                let params = family_params(family, &mut SplitMix64::new(seed));
                assert_eq!(params.family(), family);
                params.check().unwrap();
            }
        }
    }

    #[test]
    fn log_uniform_numbers_are_short_and_spread() {
        let mut rng = SplitMix64::new(1);
        let numbers: Vec<f64> = (0..1000).map(|_| log_uniform(1e-3, 1e3, &mut rng)).collect();
        let small = numbers.iter().filter(|&&number| number < 1.0).count();
        assert!((400..600).contains(&small), "{small}");
        assert!(numbers.iter().all(|number| (1e-3..=1e3).contains(number)));
        let digits = |number: &f64| format!("{number:e}").split('e').next().unwrap().len();
        assert!(numbers.iter().all(|number| digits(number) <= "1.23".len()));
    }
}
