//! The fitted model as it stands in a file. A new kind comes at the end of the enum.

use serde::{Deserialize, Serialize};

use super::boosting_code::{self, BoostingCode};
use super::forest_code::{self, ForestCode};
use super::lineage_wire::{decode_weights, encode_weights};
use crate::model::gaussian_nb::GaussianNb;
use crate::model::k_nearest_neighbors::{KNearestNeighbors, KNearestNeighborsParams};
use crate::model::logistic_regression::LogisticRegression;
use crate::model::svm::{Int8Vectors, MachineKernel, Sigmoid, Svm, SvmMachine};
use crate::model::{Model, Quantisation};

#[derive(Serialize, Deserialize)]
pub(crate) enum ModelWire {
    LogisticRegression {
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    },
    RandomForest(ForestCode),
    /// With an RBF kernel, in double precision.
    Svm {
        gamma: f64,
        vectors: Vec<f64>,
        class_counts: Vec<u32>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
        sigmoids: Vec<[f64; 2]>,
    },
    /// With another kernel, or quantised.
    SvmOf {
        kernel: KernelWire,
        class_counts: Vec<u32>,
        numbers: SvmNumbersWire,
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
pub(crate) enum KernelWire {
    Linear,
    Rbf { gamma: f64 },
    Poly { gamma: f64, degree: u32, coef0: f64 },
}

/// A machine's numbers but for its kernel's.
#[derive(Serialize, Deserialize)]
pub(crate) enum SvmNumbersWire {
    Double { vectors: Vec<f64>, duals: Vec<f64>, intercepts: Vec<f64>, sigmoids: Vec<[f64; 2]> },
    Single { vectors: Vec<f32>, narrow: NarrowWire },
    Int8 { scale: Vec<f32>, offset: Vec<f32>, codes: Vec<i8>, narrow: NarrowWire },
}

#[derive(Serialize, Deserialize)]
pub(crate) struct NarrowWire {
    duals: Vec<f32>,
    intercepts: Vec<f32>,
    sigmoids: Vec<[f32; 2]>,
}

pub(crate) fn encode(model: &Model) -> ModelWire {
    match model {
        Model::LogisticRegression(model) => ModelWire::LogisticRegression {
            coefficients: model.coefficients().to_vec(),
            intercepts: model.intercepts().to_vec(),
        },
        Model::RandomForest(forest) => ModelWire::RandomForest(forest_code::encode(forest)),
        Model::Svm(svm) => encode_svm(svm),
        Model::KNearestNeighbors(model) => ModelWire::KNearestNeighbors {
            k: model.params().k,
            weights: encode_weights(model.params().weights),
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
    let class_counts = machine.class_counts().iter().map(|&n| n as u32).collect();
    let narrow = || NarrowWire {
        duals: to_single(machine.coefficients()),
        intercepts: to_single(machine.intercepts()),
        sigmoids: svm.sigmoids().iter().map(|s| [s.slope as f32, s.offset as f32]).collect(),
    };
    let numbers = match (svm.quantisation(), machine.int8_vectors()) {
        (Some(Quantisation::Int8), Some(int8)) => SvmNumbersWire::Int8 {
            scale: int8.scale().to_vec(),
            offset: int8.offset().to_vec(),
            codes: int8.codes().to_vec(),
            narrow: narrow(),
        },
        (Some(Quantisation::F32), _) => {
            SvmNumbersWire::Single { vectors: to_single(machine.vectors()), narrow: narrow() }
        }
        _ => SvmNumbersWire::Double {
            vectors: machine.vectors().to_vec(),
            duals: machine.coefficients().to_vec(),
            intercepts: machine.intercepts().to_vec(),
            sigmoids: svm.sigmoids().iter().map(|s| [s.slope, s.offset]).collect(),
        },
    };
    match (machine.kernel(), numbers) {
        (
            MachineKernel::Rbf { gamma },
            SvmNumbersWire::Double { vectors, duals, intercepts, sigmoids },
        ) => {
            let coefficients = duals;
            ModelWire::Svm { gamma, vectors, class_counts, coefficients, intercepts, sigmoids }
        }
        (kernel, numbers) => {
            let kernel = match kernel {
                MachineKernel::Linear => KernelWire::Linear,
                MachineKernel::Rbf { gamma } => KernelWire::Rbf { gamma },
                MachineKernel::Poly { gamma, degree, coef0 } => {
                    KernelWire::Poly { gamma, degree, coef0 }
                }
            };
            ModelWire::SvmOf { kernel, class_counts, numbers }
        }
    }
}

fn decode_svm(
    kernel: MachineKernel,
    n_features: usize,
    class_counts: Vec<u32>,
    numbers: SvmNumbersWire,
) -> Option<Svm> {
    let counts = class_counts.into_iter().map(|n| n as usize).collect();
    let (machine, sigmoids) = match numbers {
        SvmNumbersWire::Double { vectors, duals, intercepts, sigmoids } => {
            let machine =
                SvmMachine::from_parts(kernel, n_features, vectors, counts, duals, intercepts)?;
            (machine, sigmoids)
        }
        SvmNumbersWire::Single { vectors, narrow } => {
            let (duals, intercepts, sigmoids) = widen(narrow);
            let vectors = to_double(&vectors);
            let machine =
                SvmMachine::from_parts(kernel, n_features, vectors, counts, duals, intercepts)?;
            (machine, sigmoids)
        }
        SvmNumbersWire::Int8 { scale, offset, codes, narrow } => {
            let (duals, intercepts, sigmoids) = widen(narrow);
            let int8 = Int8Vectors::from_parts(scale, offset, codes)?;
            let machine = SvmMachine::from_int8_parts(kernel, int8, counts, duals, intercepts)?;
            (machine, sigmoids)
        }
    };
    let sigmoid = |[slope, offset]: [f64; 2]| Sigmoid { slope, offset };
    Svm::from_parts(machine, sigmoids.into_iter().map(sigmoid).collect())
}

fn widen(narrow: NarrowWire) -> (Vec<f64>, Vec<f64>, Vec<[f64; 2]>) {
    let sigmoids = narrow.sigmoids.into_iter().map(|pair| pair.map(f64::from)).collect();
    (to_double(&narrow.duals), to_double(&narrow.intercepts), sigmoids)
}

fn to_single(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|&number| number as f32).collect()
}

fn to_double(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}

/// The model, if it is one of rows of `n_features` numbers and of `n_classes` classes.
pub(crate) fn decode(wire: ModelWire, n_features: usize, n_classes: usize) -> Option<Model> {
    let model = match wire {
        // Before anything is computed from the number of pairs.
        ModelWire::Svm { ref class_counts, .. } | ModelWire::SvmOf { ref class_counts, .. }
            if class_counts.len() != n_classes =>
        {
            return None;
        }
        ModelWire::LogisticRegression { coefficients, intercepts } => Model::LogisticRegression(
            LogisticRegression::from_parts(coefficients, intercepts, n_features)?,
        ),
        ModelWire::RandomForest(code) => {
            Model::RandomForest(forest_code::decode(&code, n_classes)?)
        }
        ModelWire::Svm { gamma, vectors, class_counts, coefficients, intercepts, sigmoids } => {
            let kernel = MachineKernel::Rbf { gamma };
            let duals = coefficients;
            let numbers = SvmNumbersWire::Double { vectors, duals, intercepts, sigmoids };
            Model::Svm(decode_svm(kernel, n_features, class_counts, numbers)?)
        }
        ModelWire::SvmOf { kernel, class_counts, numbers } => {
            let kernel = match kernel {
                KernelWire::Linear => MachineKernel::Linear,
                KernelWire::Rbf { gamma } => MachineKernel::Rbf { gamma },
                KernelWire::Poly { gamma, degree, coef0 } => {
                    MachineKernel::Poly { gamma, degree, coef0 }
                }
            };
            Model::Svm(decode_svm(kernel, n_features, class_counts, numbers)?)
        }
        ModelWire::KNearestNeighbors { k, weights, values, labels } => {
            let weights = decode_weights(weights)?;
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
