//! The fitted model as it stands in a file. A new kind comes at the end of the enum.

use serde::{Deserialize, Serialize};

use super::boosting_code::{self, BoostingCode};
use super::forest_code::{self, ForestCode};
use super::lineage_wire::{WEIGH_BY_DISTANCE, WEIGH_EQUALLY};
use crate::model::Model;
use crate::model::gaussian_nb::GaussianNb;
use crate::model::k_nearest_neighbors::{
    KNearestNeighbors, KNearestNeighborsParams, NeighborWeights,
};
use crate::model::logistic_regression::LogisticRegression;
use crate::model::svm::{MachineKernel, Sigmoid, Svm, SvmMachine};

#[derive(Serialize, Deserialize)]
pub(super) enum ModelWire {
    LogisticRegression {
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    },
    RandomForest(ForestCode),
    /// With an RBF kernel.
    Svm {
        gamma: f64,
        vectors: Vec<f64>,
        class_counts: Vec<u32>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
        sigmoids: Vec<[f64; 2]>,
    },
    /// With another kernel.
    SvmOf {
        kernel: KernelWire,
        vectors: Vec<f64>,
        class_counts: Vec<u32>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
        sigmoids: Vec<[f64; 2]>,
    },
    KNearestNeighbors {
        k: u32,
        weights: u8,
        values: Vec<f64>,
        labels: Vec<u32>,
    },
    GaussianNb {
        means: Vec<f64>,
        variances: Vec<f64>,
        priors: Vec<f64>,
    },
    GradientBoosting(BoostingCode),
}

#[derive(Serialize, Deserialize)]
pub(super) enum KernelWire {
    Linear,
    Poly { gamma: f64, degree: u32, coef0: f64 },
}

pub(super) fn encode(model: &Model) -> ModelWire {
    match model {
        Model::LogisticRegression(model) => ModelWire::LogisticRegression {
            coefficients: model.coefficients().to_vec(),
            intercepts: model.intercepts().to_vec(),
        },
        Model::RandomForest(forest) => ModelWire::RandomForest(forest_code::encode(forest)),
        Model::Svm(svm) => encode_svm(svm),
        Model::KNearestNeighbors(model) => ModelWire::KNearestNeighbors {
            k: model.params().k,
            weights: match model.params().weights {
                NeighborWeights::Uniform => WEIGH_EQUALLY,
                NeighborWeights::Distance => WEIGH_BY_DISTANCE,
            },
            values: model.values().to_vec(),
            labels: model.labels().to_vec(),
        },
        Model::GaussianNb(model) => ModelWire::GaussianNb {
            means: model.means().to_vec(),
            variances: model.variances().to_vec(),
            priors: model.priors().to_vec(),
        },
        Model::GradientBoosting(model) => ModelWire::GradientBoosting(boosting_code::encode(model)),
    }
}

fn encode_svm(svm: &Svm) -> ModelWire {
    let machine = svm.machine();
    let vectors = machine.vectors().to_vec();
    let class_counts = machine.class_counts().iter().map(|&n| n as u32).collect();
    let coefficients = machine.coefficients().to_vec();
    let intercepts = machine.intercepts().to_vec();
    let sigmoids = svm.sigmoids().iter().map(|s| [s.slope, s.offset]).collect();
    let kernel = match machine.kernel() {
        MachineKernel::Rbf { gamma } => {
            return ModelWire::Svm {
                gamma,
                vectors,
                class_counts,
                coefficients,
                intercepts,
                sigmoids,
            };
        }
        MachineKernel::Linear => KernelWire::Linear,
        MachineKernel::Poly { gamma, degree, coef0 } => KernelWire::Poly { gamma, degree, coef0 },
    };
    ModelWire::SvmOf { kernel, vectors, class_counts, coefficients, intercepts, sigmoids }
}

/// The model, if it is one of rows of `n_features` numbers and of `n_classes` classes.
pub(super) fn decode(wire: ModelWire, n_features: usize, n_classes: usize) -> Option<Model> {
    let svm = |kernel,
               vectors,
               counts: Vec<u32>,
               coefficients,
               intercepts,
               sigmoids: Vec<[f64; 2]>| {
        let counts = counts.into_iter().map(|n| n as usize).collect();
        let machine =
            SvmMachine::from_parts(kernel, n_features, vectors, counts, coefficients, intercepts)?;
        let sigmoid = |[slope, offset]: [f64; 2]| Sigmoid { slope, offset };
        let sigmoids = sigmoids.into_iter().map(sigmoid).collect();
        Some(Model::Svm(Svm::from_parts(machine, sigmoids)?))
    };
    let model = match wire {
        ModelWire::LogisticRegression { coefficients, intercepts } => Model::LogisticRegression(
            LogisticRegression::from_parts(coefficients, intercepts, n_features)?,
        ),
        ModelWire::RandomForest(code) => {
            Model::RandomForest(forest_code::decode(&code, n_classes)?)
        }
        ModelWire::Svm { gamma, vectors, class_counts, coefficients, intercepts, sigmoids } => {
            let kernel = MachineKernel::Rbf { gamma };
            svm(kernel, vectors, class_counts, coefficients, intercepts, sigmoids)?
        }
        ModelWire::SvmOf { kernel, vectors, class_counts, coefficients, intercepts, sigmoids } => {
            let kernel = match kernel {
                KernelWire::Linear => MachineKernel::Linear,
                KernelWire::Poly { gamma, degree, coef0 } => {
                    MachineKernel::Poly { gamma, degree, coef0 }
                }
            };
            svm(kernel, vectors, class_counts, coefficients, intercepts, sigmoids)?
        }
        ModelWire::KNearestNeighbors { k, weights, values, labels } => {
            let weights = match weights {
                WEIGH_EQUALLY => NeighborWeights::Uniform,
                WEIGH_BY_DISTANCE => NeighborWeights::Distance,
                _ => return None,
            };
            let params = KNearestNeighborsParams { k, weights };
            Model::KNearestNeighbors(KNearestNeighbors::from_parts(
                values, labels, n_features, n_classes, params,
            )?)
        }
        ModelWire::GaussianNb { means, variances, priors } => {
            Model::GaussianNb(GaussianNb::from_parts(means, variances, priors, n_features)?)
        }
        ModelWire::GradientBoosting(code) => {
            Model::GradientBoosting(boosting_code::decode(&code, n_classes)?)
        }
    };
    (model.n_features() == n_features && model.n_classes() == n_classes).then_some(model)
}
