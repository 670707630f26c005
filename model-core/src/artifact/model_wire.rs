//! The fitted model as it stands in a file. A new kind comes at the end of the enum.

use serde::{Deserialize, Serialize};

use super::forest_code::{self, ForestCode};
use crate::model::Model;
use crate::model::logistic_regression::LogisticRegression;
use crate::model::svm::{Sigmoid, Svm, SvmMachine};

#[derive(Serialize, Deserialize)]
pub(super) enum ModelWire {
    LogisticRegression {
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    },
    RandomForest(ForestCode),
    Svm {
        gamma: f64,
        vectors: Vec<f64>,
        class_counts: Vec<u32>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
        sigmoids: Vec<[f64; 2]>,
    },
}

pub(super) fn encode(model: &Model) -> ModelWire {
    match model {
        Model::LogisticRegression(model) => ModelWire::LogisticRegression {
            coefficients: model.coefficients().to_vec(),
            intercepts: model.intercepts().to_vec(),
        },
        Model::RandomForest(forest) => ModelWire::RandomForest(forest_code::encode(forest)),
        Model::Svm(svm) => {
            let machine = svm.machine();
            ModelWire::Svm {
                gamma: machine.gamma(),
                vectors: machine.vectors().to_vec(),
                class_counts: machine.class_counts().iter().map(|&n| n as u32).collect(),
                coefficients: machine.coefficients().to_vec(),
                intercepts: machine.intercepts().to_vec(),
                sigmoids: svm.sigmoids().iter().map(|s| [s.slope, s.offset]).collect(),
            }
        }
    }
}

pub(super) fn decode(wire: ModelWire, n_features: usize, n_classes: usize) -> Option<Model> {
    let model = match wire {
        ModelWire::LogisticRegression { coefficients, intercepts } => Model::LogisticRegression(
            LogisticRegression::from_parts(coefficients, intercepts, n_features)?,
        ),
        ModelWire::RandomForest(code) => {
            Model::RandomForest(forest_code::decode(&code, n_classes)?)
        }
        ModelWire::Svm { gamma, vectors, class_counts, coefficients, intercepts, sigmoids } => {
            let counts = class_counts.into_iter().map(|n| n as usize).collect();
            let machine = SvmMachine::from_parts(
                gamma,
                n_features,
                vectors,
                counts,
                coefficients,
                intercepts,
            )?;
            let sigmoid = |[slope, offset]: [f64; 2]| Sigmoid { slope, offset };
            let sigmoids = sigmoids.into_iter().map(sigmoid).collect();
            Model::Svm(Svm::from_parts(machine, sigmoids)?)
        }
    };
    (model.n_features() == n_features && model.n_classes() == n_classes).then_some(model)
}
