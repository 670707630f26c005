//! Every setting: its name, what it does, and where it goes.

use model_core::model::svm::Kernel;
use model_core::pipeline::DerivedFeatures;
use model_core::{Family, FamilyParams, Quantisation};

use super::text::Text;
use super::{Draft, Setting};
use crate::i18n::key;
use crate::view_models::measurement::number;

const NUMBER: &str = key!("a number");
const WHOLE: &str = key!("a whole number");
const LIMIT: &str = key!("a whole number, or nothing for no limit");

const CLASS_WEIGHTS: &[(&str, &str)] = &[
    ("uniform", key!("every row counts once")),
    ("balanced", key!("every class counts the same")),
];

/// A parameter of a family: the field it is, and what is said of it.
macro_rules! param {
    ($family:ident.$field:ident, $name:literal, $label:expr, $expected:expr, $choices:expr, $help:expr) => {
        Setting {
            name: $name,
            label: $label,
            help: $help,
            choices: $choices,
            expected: $expected,
            get: |draft| match &draft.recipe.family {
                FamilyParams::$family(params) => params.$field.text(),
                _ => String::new(),
            },
            set: |draft, text| {
                if let FamilyParams::$family(params) = &mut draft.recipe.family {
                    params.$field = Text::of(text)?;
                }
                Some(())
            },
        }
    };
}

/// What the library expects of parameters out of their range, marked for translation: a test compares.
#[cfg_attr(not(test), expect(dead_code, reason = "the texts come from the library"))]
pub(super) const OF_THE_LIBRARY: [&str; 12] = [
    key!("at least 1"),
    key!("1 to 10"),
    key!("1 to 10000"),
    key!("2 to 255"),
    key!("2 to 1000"),
    key!("-1e6 to 1e6"),
    key!("1e-15 to 1e6"),
    key!("a share from 0.01 to 0.5"),
    key!("a finite number above 0"),
    key!("a finite number of at least 0"),
    key!("a finite number of at least 1e-10"),
    key!("a number above 0 and at most 1"),
];

/// What can be set of a family.
pub(crate) const fn of_family(family: Family) -> &'static [Setting] {
    match family {
        Family::LogisticRegression => LOGISTIC_REGRESSION,
        Family::RandomForest => RANDOM_FOREST,
        Family::Svm => SVM,
        Family::KNearestNeighbors => K_NEAREST_NEIGHBORS,
        Family::GaussianNb => GAUSSIAN_NB,
        Family::GradientBoosting => GRADIENT_BOOSTING,
    }
}

const LOGISTIC_REGRESSION: &[Setting] = &[
    param!(
        LogisticRegression.c,
        "C",
        "C",
        NUMBER,
        &[],
        key!("Smaller keeps the weights smaller: a plainer model that follows single rows less.")
    ),
    param!(
        LogisticRegression.class_weight,
        "class_weight",
        key!("Class weights"),
        NUMBER,
        CLASS_WEIGHTS,
        key!("Whether a rare class counts as much as a common one.")
    ),
];

const RANDOM_FOREST: &[Setting] = &[
    param!(
        RandomForest.n_trees,
        "n_trees",
        key!("Trees"),
        WHOLE,
        &[],
        key!("More trees vote more steadily, and take longer and more room.")
    ),
    param!(
        RandomForest.max_features,
        "max_features",
        key!("Columns tried at a split"),
        key!("sqrt, all, or a whole number"),
        &[],
        key!(
            "Fewer make the trees differ more. sqrt is the square root of their number, all is all."
        )
    ),
    param!(
        RandomForest.max_depth,
        "max_depth",
        key!("Deepest level"),
        LIMIT,
        &[],
        key!("Shallower trees are smaller and follow single rows less.")
    ),
    param!(
        RandomForest.min_samples_leaf,
        "min_samples_leaf",
        key!("Fewest rows in a leaf"),
        WHOLE,
        &[],
        key!("More rows in a leaf make smoother probabilities.")
    ),
    param!(
        RandomForest.class_weight,
        "class_weight",
        key!("Class weights"),
        NUMBER,
        CLASS_WEIGHTS,
        key!("Whether a rare class counts as much as a common one.")
    ),
];

const SVM: &[Setting] = &[
    param!(
        Svm.c,
        "C",
        "C",
        NUMBER,
        &[],
        key!(
            "Greater punishes rows on the wrong side more: a boundary that follows the rows closely."
        )
    ),
    param!(
        Svm.kernel,
        "kernel",
        key!("Kernel"),
        NUMBER,
        &[("rbf", "RBF"), ("linear", key!("linear")), ("poly", key!("polynomial"))],
        key!("Which shape the boundary can have.")
    ),
    Setting {
        name: "degree",
        label: key!("Degree"),
        help: key!("Of the polynomial kernel alone."),
        choices: &[],
        expected: WHOLE,
        get: |draft| poly(draft).0.to_string(),
        set: |draft, text| {
            let value = text.parse().ok()?;
            if let Some((degree, _)) = poly_mut(draft) {
                *degree = value;
            }
            Some(())
        },
    },
    Setting {
        name: "coef0",
        label: key!("Constant term"),
        help: key!("Of the polynomial kernel alone: how much its lower powers count."),
        choices: &[],
        expected: NUMBER,
        get: |draft| poly(draft).1.text(),
        set: |draft, text| {
            let value = number(text)?;
            if let Some((_, coef0)) = poly_mut(draft) {
                *coef0 = value;
            }
            Some(())
        },
    },
    param!(
        Svm.gamma,
        "gamma",
        key!("Gamma"),
        key!("scale, auto, or a number"),
        &[],
        key!(
            "How near a row must be to have a say; greater is nearer. scale and auto take it from the columns."
        )
    ),
    param!(
        Svm.class_weight,
        "class_weight",
        key!("Class weights"),
        NUMBER,
        CLASS_WEIGHTS,
        key!("Whether a rare class counts as much as a common one.")
    ),
];

const K_NEAREST_NEIGHBORS: &[Setting] = &[
    param!(
        KNearestNeighbors.k,
        "k",
        key!("Neighbours"),
        WHOLE,
        &[],
        key!("How many of the nearest rows vote; more are steadier and blur small groups.")
    ),
    param!(
        KNearestNeighbors.weights,
        "weights",
        key!("Votes"),
        NUMBER,
        &[("uniform", key!("all count the same")), ("distance", key!("nearer ones count more"))],
        key!("Whether a nearer row has more of a say.")
    ),
];

const GAUSSIAN_NB: &[Setting] = &[param!(
    GaussianNb.var_smoothing,
    "var_smoothing",
    key!("Smoothing"),
    NUMBER,
    &[],
    key!(
        "What is added to every variance, as a share of the largest; keeps narrow columns from deciding alone."
    )
)];

const GRADIENT_BOOSTING: &[Setting] = &[
    param!(
        GradientBoosting.n_rounds,
        "n_rounds",
        key!("Rounds at most"),
        WHOLE,
        &[],
        key!("Trees a class, one after the other, each on what the ones before got wrong.")
    ),
    param!(
        GradientBoosting.learning_rate,
        "learning_rate",
        key!("Learning rate"),
        NUMBER,
        &[],
        key!(
            "How much of each tree's step is taken; smaller needs more rounds and often ends better."
        )
    ),
    param!(
        GradientBoosting.max_leaf_nodes,
        "max_leaf_nodes",
        key!("Leaves of a tree"),
        WHOLE,
        &[],
        key!("More leaves let a tree tell more cases apart.")
    ),
    param!(
        GradientBoosting.max_depth,
        "max_depth",
        key!("Deepest level"),
        LIMIT,
        &[],
        key!("Shallower trees combine fewer columns at once.")
    ),
    param!(
        GradientBoosting.min_samples_leaf,
        "min_samples_leaf",
        key!("Fewest rows in a leaf"),
        WHOLE,
        &[],
        key!("More rows in a leaf follow single rows less.")
    ),
    param!(
        GradientBoosting.l2_regularization,
        "l2_regularization",
        key!("Penalty"),
        NUMBER,
        &[],
        key!("Shrinks the steps of leaves with few rows.")
    ),
    param!(
        GradientBoosting.min_sum_hessian_in_leaf,
        "min_sum_hessian_in_leaf",
        key!("Least weight of a leaf"),
        NUMBER,
        &[],
        key!("A leaf of rows that are all but certain is not split further.")
    ),
    param!(
        GradientBoosting.max_bins,
        "max_bins",
        key!("Bins of a column"),
        key!("a whole number up to 255"),
        &[],
        key!("Into how many steps a column's values are sorted before trees see them.")
    ),
    param!(
        GradientBoosting.class_weight,
        "class_weight",
        key!("Class weights"),
        NUMBER,
        CLASS_WEIGHTS,
        key!("Whether a rare class counts as much as a common one.")
    ),
    param!(
        GradientBoosting.early_stopping,
        "early_stopping",
        key!("Stops early"),
        NUMBER,
        &[("auto", key!("from 200 training rows")), ("on", key!("always")), ("off", key!("never"))],
        key!("Holds some rows out and ends once more rounds no longer help on them.")
    ),
    param!(
        GradientBoosting.validation_fraction,
        "validation_fraction",
        key!("Share held out for that"),
        NUMBER,
        &[],
        key!("Of the training rows, when it stops early.")
    ),
    param!(
        GradientBoosting.n_iter_no_change,
        "n_iter_no_change",
        key!("Patience"),
        WHOLE,
        &[],
        key!("Rounds without progress on the rows held out before it ends.")
    ),
    param!(
        GradientBoosting.tol,
        "tol",
        key!("Least progress"),
        NUMBER,
        &[],
        key!("By how much the loss must fall to count as progress.")
    ),
];

/// Degree and constant term of a polynomial kernel, or what they would be.
fn poly(draft: &Draft) -> (u32, f64) {
    let kernel = match &draft.recipe.family {
        FamilyParams::Svm(params) => params.kernel,
        _ => Kernel::poly(),
    };
    match (kernel, Kernel::poly()) {
        (Kernel::Poly { degree, coef0 }, _) | (_, Kernel::Poly { degree, coef0 }) => {
            (degree, coef0)
        }
        _ => (3, 0.0),
    }
}

fn poly_mut(draft: &mut Draft) -> Option<(&mut u32, &mut f64)> {
    match &mut draft.recipe.family {
        FamilyParams::Svm(params) => match &mut params.kernel {
            Kernel::Poly { degree, coef0 } => Some((degree, coef0)),
            Kernel::Rbf | Kernel::Linear => None,
        },
        _ => None,
    }
}

/// A percentage from `least` to `most`, as a share.
fn percent(text: &str, least: f64, most: f64) -> Option<f64> {
    number(text).filter(|value| (least..=most).contains(value)).map(|value| value / 100.0)
}

fn percent_text(share: f64) -> String {
    // Shares such as 0.29 are no finite binary fractions.
    ((share * 1e6).round() / 1e4).to_string()
}

/// What all models of a training have in common.
pub(crate) const GENERAL: &[Setting] = &[
    Setting {
        name: "test_size",
        label: key!("Rows held out, in percent"),
        help: key!(
            "They are looked at once, when all is trained: what the test figures are measured on."
        ),
        choices: &[],
        expected: key!("a number from 0 to 90"),
        get: |draft| percent_text(draft.recipe.test_size),
        set: |draft, text| {
            draft.recipe.test_size = percent(text, 0.0, 90.0)?;
            Some(())
        },
    },
    Setting {
        name: "cv_folds",
        label: key!("Folds"),
        help: key!(
            "The training rows are split into so many parts, and each is predicted by a model of the others. 0 does without."
        ),
        choices: &[],
        expected: key!("0, or a whole number from 2 to 100"),
        get: |draft| draft.recipe.cv_folds.to_string(),
        set: |draft, text| {
            let folds: u32 = text.parse().ok()?;
            draft.recipe.cv_folds = (folds == 0 || (2..=100).contains(&folds)).then_some(folds)?;
            Some(())
        },
    },
    Setting {
        name: "cv_repeats",
        label: key!("Repeats"),
        help: key!(
            "How often that is done, each time with other folds: steadier figures, so many times the time."
        ),
        choices: &[],
        expected: key!("a whole number from 1 to 100"),
        get: |draft| draft.recipe.cv_repeats.to_string(),
        set: |draft, text| {
            let repeats = text.parse().ok().filter(|repeats| (1..=100).contains(repeats))?;
            draft.recipe.cv_repeats = repeats;
            Some(())
        },
    },
    Setting {
        name: "time_limit",
        label: key!("Seconds for all of it"),
        help: key!(
            "On large data a family that would take more than its share trains on fewer rows, or is left out, and says so. Nothing is no limit."
        ),
        choices: &[],
        expected: key!("a number above 0, or nothing"),
        get: |draft| draft.seconds.map(|seconds| seconds.text()).unwrap_or_default(),
        set: |draft, text| {
            draft.seconds = match text {
                "" => None,
                text => Some(number(text).filter(|seconds| *seconds > 0.0)?),
            };
            Some(())
        },
    },
    Setting {
        name: "search",
        label: key!("Seconds to look for better parameters"),
        help: key!(
            "Tries other parameters of the chosen families first, the defaults among them, and trains the best. Nothing looks for none."
        ),
        choices: &[],
        expected: key!("a number above 0, or nothing"),
        get: |draft| draft.search_seconds.map(|seconds| seconds.text()).unwrap_or_default(),
        set: |draft, text| {
            draft.search_seconds = match text {
                "" => None,
                text => Some(number(text).filter(|seconds| *seconds > 0.0)?),
            };
            Some(())
        },
    },
    Setting {
        name: "coverage",
        label: key!("Prediction sets, in percent"),
        help: key!("How often a set of possible classes should hold the true one."),
        choices: &[],
        expected: key!("a number from 50 to 99.9"),
        get: |draft| percent_text(draft.recipe.coverage),
        set: |draft, text| {
            draft.recipe.coverage = percent(text, 50.0, 99.9)?;
            Some(())
        },
    },
    Setting {
        name: "derived",
        label: key!("Derived columns"),
        help: key!(
            "Ratios and products of pairs of numeric columns: what a plain model cannot see by itself."
        ),
        choices: &[
            ("none", key!("none")),
            ("ratios", key!("ratios")),
            ("products", key!("products")),
            ("ratios_and_products", key!("ratios and products")),
        ],
        expected: NUMBER,
        get: |draft| draft.recipe.preprocessing.derived.as_str().to_owned(),
        set: |draft, text| {
            let derived = DerivedFeatures::ALL.into_iter().find(|it| it.as_str() == text)?;
            draft.recipe.preprocessing.derived = derived;
            Some(())
        },
    },
    Setting {
        name: "select",
        label: key!("Columns kept"),
        help: key!("Only the most important ones, chosen on the training rows. Nothing keeps all."),
        choices: &[],
        expected: key!("a whole number from 1, or nothing"),
        get: |draft| draft.recipe.preprocessing.select.text(),
        set: |draft, text| {
            draft.recipe.preprocessing.select = Text::of(text)?;
            Some(())
        },
    },
    Setting {
        name: "quantisation",
        label: key!("Narrower numbers"),
        help: key!(
            "Makes the files of forest and SVM smaller; how often the answers still agree is measured."
        ),
        choices: &[
            ("none", key!("none")),
            ("f32", key!("single precision")),
            ("int8", key!("8 bits")),
        ],
        expected: NUMBER,
        get: |draft| draft.recipe.quantisation.map_or("none", Quantisation::as_str).to_owned(),
        set: |draft, text| {
            let found = Quantisation::ALL.into_iter().find(|it| it.as_str() == text);
            draft.recipe.quantisation = (found.is_some() || text == "none").then_some(found)?;
            Some(())
        },
    },
];
