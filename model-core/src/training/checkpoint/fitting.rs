//! A fit as it is written down between two steps, and taken up again.
//!
//! Preprocessing and design rows follow from the rows that are fitted on, and are made anew; which
//! columns a forest selected is written down.

use serde::{Deserialize, Serialize};

use crate::artifact::{ModelWire, decode_model, encode_model};
use crate::budget::Budget;
use crate::dataset::Dataset;
use crate::model::forest::{Forest, ForestState, ForestTraining, RandomForestParams};
use crate::model::gaussian_nb::GaussianNbTraining;
use crate::model::gradient_boosting::{Boosting, BoostingState};
use crate::model::k_nearest_neighbors::KNearestNeighbors;
use crate::model::logistic_regression::{LogisticState, LogisticTraining};
use crate::model::svm::{
    Calibration, CalibrationState, MachineState, Sigmoid, Svm, SvmState, SvmTraining,
};
use crate::model::{FamilyParams, Model, TrainingRows};
use crate::pipeline::{Pipeline, Preprocessor};
use crate::recipe::TrainParams;
use crate::training::fit::{Fitting, Machine, Ready};
use crate::training::model_training::ModelTraining;
use crate::training::preparation::{Design, Preparation, selection_seed};

/// What a fit works on.
#[derive(Clone, Copy)]
pub(super) struct Basis<'a> {
    pub(super) dataset: &'a Dataset,
    /// The rows that are fitted on.
    pub(super) rows: &'a [usize],
    pub(super) params: &'a TrainParams,
}

/// The columns that were selected, ascending, if some were.
type Selected = Option<Vec<u32>>;

#[derive(Serialize, Deserialize)]
pub(super) enum FittingWire {
    /// What comes before the model, but for the forest that selects columns.
    Preparing(Selected),
    Selecting(ForestWire),
    Training(Selected, TrainerWire),
    Uncalibrated(Selected, MachineState),
    Calibrating(Selected, MachineState, CalibrationState),
    Ready(ReadyWire),
}

#[derive(Serialize, Deserialize)]
pub(super) struct ForestWire {
    /// Absent without a tree.
    trees: Option<ModelWire>,
    state: ForestState,
}

/// A model on its way.
#[derive(Serialize, Deserialize)]
pub(super) enum TrainerWire {
    LogisticRegression(LogisticState),
    RandomForest(ForestWire),
    Svm(SvmState),
    GradientBoosting(ModelWire, BoostingState),
    GaussianNb(GaussianNbTraining),
    Whole,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReadyWire {
    selected: Selected,
    model: FittedWire,
    out_of_bag_accuracy: Option<f64>,
    feature_importances: Option<Vec<f64>>,
}

/// A fitted model. Those that keep rows are written down without them.
#[derive(Serialize, Deserialize)]
enum FittedWire {
    Svm(MachineState, Vec<[f64; 2]>),
    /// Nearest neighbours: the rows themselves.
    Rows,
    Model(ModelWire),
}

impl FittingWire {
    pub(super) fn of(fitting: &Fitting) -> Self {
        match fitting {
            Fitting::Preparing(preparation) => match preparation {
                Preparation::Columns(_) => Self::Preparing(None),
                Preparation::Selecting { forest, design, .. } => {
                    Self::Selecting(ForestWire::of(forest, design.rows()))
                }
                Preparation::Rows { preprocessor, .. }
                | Preparation::Scaling { preprocessor, .. }
                | Preparation::Ready { preprocessor, .. } => {
                    Self::Preparing(selected(preprocessor))
                }
            },
            Fitting::Training { preprocessor, design, training } => {
                Self::Training(selected(preprocessor), TrainerWire::of(training, design.rows()))
            }
            Fitting::Uncalibrated(of) => {
                let machine = MachineState::of(&of.machine, &of.support);
                Self::Uncalibrated(selected(&of.preprocessor), machine)
            }
            Fitting::Calibrating { of, calibration } => {
                let machine = MachineState::of(&of.machine, &of.support);
                Self::Calibrating(selected(&of.preprocessor), machine, calibration.state())
            }
            Fitting::Ready(ready) => Self::Ready(ReadyWire::of(ready, &ready.pipeline)),
        }
    }

    pub(super) fn resume(self, basis: Basis<'_>) -> Option<Fitting> {
        let params = basis.params;
        Some(match self {
            Self::Preparing(selected) => Fitting::Preparing(prepare(basis, selected)?),
            Self::Selecting(forest) => match prepare(basis, None)? {
                Preparation::Selecting { preprocessor, design, .. } => {
                    let (of_forest, seed) =
                        (RandomForestParams::default(), selection_seed(params.seed));
                    let forest = Box::new(forest.resume(design.rows(), &of_forest, seed)?);
                    Fitting::Preparing(Preparation::Selecting { preprocessor, design, forest })
                }
                _ => return None,
            },
            Self::Training(selected, trainer) => {
                let (preprocessor, design) = prepared(basis, selected)?;
                let training = trainer.resume(design.rows(), params)?;
                Fitting::Training { preprocessor, design, training }
            }
            Self::Uncalibrated(selected, machine) => {
                Fitting::Uncalibrated(resume_machine(basis, selected, machine)?)
            }
            Self::Calibrating(selected, machine, calibration) => {
                let of = resume_machine(basis, selected, machine)?;
                let FamilyParams::Svm(family) = &params.family else { return None };
                let rows = of.design.rows();
                let calibration = Calibration::resume(rows, family, params.seed, calibration)?;
                Fitting::Calibrating { of, calibration }
            }
            Self::Ready(ready) => Fitting::Ready(ready.resume(basis)?),
        })
    }
}

impl ForestWire {
    fn of(training: &ForestTraining, rows: TrainingRows<'_>) -> Self {
        let trees = training.trees().to_vec();
        let trees = Forest::from_parts(trees, rows.n_features, rows.n_classes);
        let trees = trees.map(|forest| encode_model(&Model::RandomForest(forest)));
        Self { trees, state: training.state() }
    }

    fn resume(
        self,
        rows: TrainingRows<'_>,
        params: &RandomForestParams,
        seed: u64,
    ) -> Option<ForestTraining> {
        let trees = match self.trees {
            Some(wire) => match decode_model(wire, rows.n_features, rows.n_classes)? {
                Model::RandomForest(forest) => forest.trees().to_vec(),
                _ => return None,
            },
            None => Vec::new(),
        };
        ForestTraining::resume(rows, params, seed, trees, self.state)
    }
}

impl TrainerWire {
    fn of(training: &ModelTraining, rows: TrainingRows<'_>) -> Self {
        match training {
            ModelTraining::LogisticRegression(of) => Self::LogisticRegression(of.state()),
            ModelTraining::RandomForest(of) => Self::RandomForest(ForestWire::of(of, rows)),
            ModelTraining::Svm(of) => Self::Svm(of.state()),
            ModelTraining::GradientBoosting(of) => {
                let trees = encode_model(&Model::GradientBoosting(of.trees_so_far()));
                Self::GradientBoosting(trees, of.state())
            }
            ModelTraining::GaussianNb(of) => Self::GaussianNb(of.clone()),
            ModelTraining::Whole => Self::Whole,
        }
    }

    fn resume(self, rows: TrainingRows<'_>, params: &TrainParams) -> Option<ModelTraining> {
        Some(match (self, &params.family) {
            (Self::LogisticRegression(state), FamilyParams::LogisticRegression(of)) => {
                ModelTraining::LogisticRegression(LogisticTraining::resume(rows, of, state)?)
            }
            (Self::RandomForest(forest), FamilyParams::RandomForest(of)) => {
                ModelTraining::RandomForest(forest.resume(rows, of, params.seed)?)
            }
            (Self::Svm(state), FamilyParams::Svm(of)) => {
                ModelTraining::Svm(SvmTraining::resume(rows, of, state)?)
            }
            (Self::GradientBoosting(trees, state), FamilyParams::GradientBoosting(of)) => {
                let trees = match decode_model(trees, rows.n_features, rows.n_classes)? {
                    Model::GradientBoosting(trees) => trees,
                    _ => return None,
                };
                let boosting = Boosting::resume(rows, of, params.seed, trees, state)?;
                ModelTraining::GradientBoosting(boosting)
            }
            (Self::GaussianNb(state), FamilyParams::GaussianNb(of)) => {
                ModelTraining::GaussianNb(GaussianNbTraining::resume(rows, of, state)?)
            }
            (Self::Whole, FamilyParams::KNearestNeighbors(_)) => ModelTraining::Whole,
            _ => return None,
        })
    }
}

impl ReadyWire {
    /// Of what is ready, whose model before it was narrowed is that of `exact`.
    pub(super) fn of(ready: &Ready, exact: &Pipeline) -> Self {
        let model = match &exact.model {
            Model::Svm(svm) => {
                let sigmoids = svm.sigmoids().iter().map(|s| [s.slope, s.offset]).collect();
                FittedWire::Svm(MachineState::of(svm.machine(), &ready.support), sigmoids)
            }
            Model::KNearestNeighbors(_) => FittedWire::Rows,
            model => FittedWire::Model(encode_model(model)),
        };
        Self {
            selected: selected(&exact.preprocessor),
            model,
            out_of_bag_accuracy: ready.out_of_bag_accuracy,
            feature_importances: ready.feature_importances.clone(),
        }
    }

    pub(super) fn resume(self, basis: Basis<'_>) -> Option<Ready> {
        let Self { selected, model, out_of_bag_accuracy, feature_importances } = self;
        let is_share = |share: &f64| (0.0..=1.0).contains(share);
        let n_features = basis.dataset.n_features();
        let is_sound = out_of_bag_accuracy.as_ref().is_none_or(is_share)
            && feature_importances.as_ref().is_none_or(|importances| {
                importances.len() == n_features && importances.iter().all(|it| it.is_finite())
            });
        if !is_sound {
            return None;
        }
        let (preprocessor, design) = prepared(basis, selected)?;
        let rows = design.rows();
        let mut support = Vec::new();
        let model = match (model, &basis.params.family) {
            (FittedWire::Svm(machine, sigmoids), FamilyParams::Svm(of)) => {
                let (machine, of_machine) = machine.resume(rows, of)?;
                support = of_machine;
                let sigmoid = |[slope, offset]: [f64; 2]| Sigmoid { slope, offset };
                let sigmoids = sigmoids.into_iter().map(sigmoid).collect();
                Model::Svm(Svm::from_parts(machine, sigmoids)?)
            }
            (FittedWire::Rows, FamilyParams::KNearestNeighbors(of)) => {
                Model::KNearestNeighbors(KNearestNeighbors::fit(rows, of).ok()?)
            }
            (FittedWire::Model(wire), of) => {
                let model = decode_model(wire, rows.n_features, rows.n_classes)?;
                let keeps_rows = matches!(model, Model::Svm(_) | Model::KNearestNeighbors(_));
                if keeps_rows || model.family() != of.family() {
                    return None;
                }
                model
            }
            _ => return None,
        };
        let pipeline = Pipeline { preprocessor, model };
        Some(Ready { pipeline, out_of_bag_accuracy, feature_importances, support })
    }
}

fn selected(preprocessor: &Preprocessor) -> Selected {
    preprocessor.selected().map(<[u32]>::to_vec)
}

/// The preparation up to the forest that selects columns, or if `selected` are or none is to select
/// them, to its end.
fn prepare(basis: Basis<'_>, mut selected: Selected) -> Option<Preparation> {
    let Basis { dataset, rows, params } = basis;
    let mut preparation = Preparation::default();
    loop {
        preparation = match preparation {
            Preparation::Ready { .. } => return selected.is_none().then_some(preparation),
            Preparation::Selecting { preprocessor, design, forest } => {
                let Some(columns) = selected.take() else {
                    return Some(Preparation::Selecting { preprocessor, design, forest });
                };
                let n_columns = params.preprocessing.select.map(|n_columns| n_columns as usize);
                let is_sound = n_columns == Some(columns.len())
                    && columns.is_sorted_by(|a, b| a < b)
                    && columns.last().is_some_and(|&last| (last as usize) < preprocessor.width());
                if !is_sound {
                    return None;
                }
                Preparation::selected(preprocessor, columns, dataset, rows)
            }
            preparation => {
                preparation.step(dataset, rows, params, &mut Budget::unlimited()).ok()?
            }
        };
    }
}

/// What a model is trained on.
fn prepared(basis: Basis<'_>, selected: Selected) -> Option<(Preprocessor, Design)> {
    match prepare(basis, selected)? {
        Preparation::Ready { preprocessor, design } => Some((preprocessor, design)),
        _ => None,
    }
}

fn resume_machine(basis: Basis<'_>, selected: Selected, machine: MachineState) -> Option<Machine> {
    let FamilyParams::Svm(family) = &basis.params.family else { return None };
    let (preprocessor, design) = prepared(basis, selected)?;
    let (machine, support) = machine.resume(design.rows(), family)?;
    Some(Machine { preprocessor, design, machine, support })
}
