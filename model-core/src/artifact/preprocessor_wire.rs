//! The fitted preprocessing as it stands in a file.

use serde::{Deserialize, Serialize};

use crate::pipeline::{
    Derived, Encoder, Encoding, Imputer, Operation, Preprocessor, StandardScaler, TargetTable,
};

#[derive(Serialize, Deserialize)]
pub(super) struct PreprocessorWire {
    pub(super) fill: Vec<f64>,
    pub(super) encodings: Vec<EncodingWire>,
    pub(super) derived: Vec<DerivedWire>,
    pub(super) selected: Option<Vec<u32>>,
    /// Means and scales.
    pub(super) scaler: Option<(Vec<f64>, Vec<f64>)>,
}

#[derive(Serialize, Deserialize)]
pub(super) enum EncodingWire {
    Number,
    OneHot(Vec<u32>),
    /// Boxed, since a length that a file claims is reserved for.
    Target(Box<TargetWire>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct TargetWire {
    codes: Vec<u32>,
    shares: Vec<f64>,
    prior: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
pub(super) enum DerivedWire {
    Ratio(u32, u32),
    Product(u32, u32),
}

pub(super) fn encode(preprocessor: &Preprocessor) -> PreprocessorWire {
    let encoding = |encoding: &Encoding| match encoding {
        Encoding::Number => EncodingWire::Number,
        Encoding::OneHot(codes) => EncodingWire::OneHot(codes.clone()),
        Encoding::Target(table) => EncodingWire::Target(Box::new(TargetWire {
            codes: table.codes().to_vec(),
            shares: table.shares().to_vec(),
            prior: table.prior().to_vec(),
        })),
    };
    let derived = |derived: &Derived| match derived.operation {
        Operation::Ratio => DerivedWire::Ratio(derived.first, derived.second),
        Operation::Product => DerivedWire::Product(derived.first, derived.second),
    };
    PreprocessorWire {
        fill: preprocessor.imputer().fill().to_vec(),
        encodings: preprocessor.encoder().encodings().iter().map(encoding).collect(),
        derived: preprocessor.derived().iter().map(derived).collect(),
        selected: preprocessor.selected().map(<[u32]>::to_vec),
        scaler: preprocessor.scaler().map(|s| (s.mean().to_vec(), s.scale().to_vec())),
    }
}

pub(super) fn decode(wire: PreprocessorWire, n_features: usize) -> Option<Preprocessor> {
    let encoding = |wire: EncodingWire| match wire {
        EncodingWire::Number => Some(Encoding::Number),
        EncodingWire::OneHot(codes) => Some(Encoding::OneHot(codes)),
        EncodingWire::Target(wire) => {
            TargetTable::from_parts(wire.codes, wire.shares, wire.prior).map(Encoding::Target)
        }
    };
    let derived = |wire: DerivedWire| {
        let (operation, first, second) = match wire {
            DerivedWire::Ratio(first, second) => (Operation::Ratio, first, second),
            DerivedWire::Product(first, second) => (Operation::Product, first, second),
        };
        Derived { operation, first, second }
    };
    let scaler = match wire.scaler {
        Some((mean, scale)) => Some(StandardScaler::from_parts(mean, scale)?),
        None => None,
    };
    Preprocessor::from_parts(
        n_features,
        Imputer::from_parts(wire.fill)?,
        Encoder::from_parts(wire.encodings.into_iter().map(encoding).collect::<Option<_>>()?)?,
        wire.derived.into_iter().map(derived).collect(),
        wire.selected,
        scaler,
    )
}
