//! The schema as it stands in a file.

use serde::{Deserialize, Serialize};

use crate::dataset::{MAX_CATEGORIES, MAX_CLASSES, MAX_COLUMNS};
use crate::schema::{Feature, FeatureKind, NumericRange, Range, Schema};

#[derive(Serialize, Deserialize)]
pub(super) struct SchemaWire {
    pub(super) name: String,
    pub(super) target: String,
    #[expect(
        clippy::vec_box,
        reason = "a length that a file claims is reserved for: of pointers, not of features"
    )]
    pub(super) features: Vec<Box<FeatureWire>>,
    pub(super) left_out: Vec<String>,
    pub(super) classes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct FeatureWire {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) unit: Option<String>,
    pub(super) kind: FeatureKindWire,
    pub(super) missing_share: f64,
    pub(super) nullable: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) enum FeatureKindWire {
    Numeric { training: [f64; 2], hard: [f64; 2], decimals: u8 },
    Categorical(Vec<String>),
}

pub(super) fn encode(schema: &Schema) -> SchemaWire {
    let feature = |feature: &Feature| {
        Box::new(FeatureWire {
            name: feature.name.clone(),
            label: feature.label.clone(),
            unit: feature.unit.clone(),
            kind: match &feature.kind {
                FeatureKind::Numeric(NumericRange { training, hard, decimals }) => {
                    FeatureKindWire::Numeric {
                        training: [training.min, training.max],
                        hard: [hard.min, hard.max],
                        decimals: *decimals,
                    }
                }
                FeatureKind::Categorical(names) => FeatureKindWire::Categorical(names.clone()),
            },
            missing_share: feature.missing_share,
            nullable: feature.nullable,
        })
    };
    SchemaWire {
        name: schema.name.clone(),
        target: schema.target.clone(),
        features: schema.features.iter().map(feature).collect(),
        left_out: schema.left_out.clone(),
        classes: schema.classes.clone(),
    }
}

pub(super) fn decode(wire: SchemaWire) -> Option<Schema> {
    let SchemaWire { name, target, features, left_out, classes } = wire;
    let features: Vec<Feature> =
        features.into_iter().map(|wire| decode_feature(*wire)).collect::<Option<_>>()?;
    let sound =
        (1..=MAX_COLUMNS).contains(&features.len()) && (2..=MAX_CLASSES).contains(&classes.len());
    sound.then_some(Schema { name, target, features, sources: Vec::new(), left_out, classes })
}

fn decode_feature(wire: FeatureWire) -> Option<Feature> {
    let range = |[min, max]: [f64; 2]| {
        (min.is_finite() && max.is_finite() && min <= max).then_some(Range { min, max })
    };
    let kind = match wire.kind {
        FeatureKindWire::Numeric { training, hard, decimals } => {
            let (training, hard) = (range(training)?, range(hard)?);
            let sound = decimals <= 9 && hard.min <= training.min && training.max <= hard.max;
            sound.then_some(FeatureKind::Numeric(NumericRange { training, hard, decimals }))?
        }
        FeatureKindWire::Categorical(names) => {
            // Rows find their category by binary search.
            let sound = (1..=MAX_CATEGORIES).contains(&names.len())
                && names.windows(2).all(|pair| pair[0] < pair[1]);
            sound.then_some(FeatureKind::Categorical(names))?
        }
    };
    let FeatureWire { name, label, unit, missing_share, nullable, .. } = wire;
    let sound = (0.0..=1.0).contains(&missing_share);
    // What no file before format 4 has comes with the additions.
    let other = None;
    sound.then_some(Feature { name, label, unit, kind, missing_share, nullable, other })
}
