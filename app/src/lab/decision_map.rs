//! What a model answers over two features, the others staying as they are: a grid of answers.

use model_core::{Artifact, Feature, FeatureKind, FeatureRow, argmax};
use serde::{Deserialize, Serialize};

/// Cells along and up, if the model is fast enough.
const FINE: (f64, f64) = (48.0, 36.0);
/// How many times fewer there are of a slow model, at most.
const MAX_COARSENESS: f64 = 4.0;

/// The answers over two features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DecisionMap {
    /// The feature that goes along.
    pub(crate) x: MapAxis,
    /// The feature that goes up.
    pub(crate) y: MapAxis,
    /// Class of each cell and its probability in percent, along and then up.
    pub(crate) cells: Vec<(u16, u8)>,
}

/// Where a feature's values lie along a side of the map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum MapAxis {
    /// Numbers, in cells of the same width.
    Numbers {
        /// Lower end.
        from: f64,
        /// Upper end.
        to: f64,
        /// Cells.
        n: u32,
    },
    /// Categories, a cell each.
    Categories {
        /// How many.
        n: u32,
    },
}

impl MapAxis {
    /// The axis of `feature`: what it was in training, and `own`, which may lie outside.
    fn of(feature: &Feature, own: f64, n: f64) -> Self {
        match &feature.kind {
            FeatureKind::Numeric(range) => {
                let (min, max) = (range.training.min, range.training.max);
                // `min` and `max` pass over a value that is missing.
                let (from, to) = (min.min(own), max.max(own));
                // A constant has to lie somewhere, too.
                let to = if to > from { to } else { from + 1.0 };
                Self::Numbers { from, to, n: n as u32 }
            }
            FeatureKind::Categorical(names) => Self::Categories { n: names.len() as u32 },
        }
    }

    /// How many cells there are.
    pub(crate) const fn n(self) -> usize {
        match self {
            Self::Numbers { n, .. } | Self::Categories { n } => n as usize,
        }
    }

    /// The value in the middle of a cell.
    pub(crate) fn value(self, at: usize) -> f64 {
        match self {
            Self::Numbers { from, to, n } => {
                from + (at as f64 + 0.5) / f64::from(n.max(1)) * (to - from)
            }
            Self::Categories { .. } => at as f64,
        }
    }

    /// Where a value lies, 0 at the beginning and 1 at the end; none for one that is missing or beyond.
    pub(crate) fn place(self, value: f64) -> Option<f64> {
        let place = match self {
            Self::Numbers { from, to, .. } => (value - from) / (to - from),
            Self::Categories { n } => (value + 0.5) / f64::from(n.max(1)),
        };
        (0.0..=1.0).contains(&place).then_some(place)
    }
}

impl DecisionMap {
    /// The answers for `row` if its features `x` and `y` were others. `n_affordable` says how many
    /// predictions may be asked for; `None` without two such features.
    pub(super) fn of(
        model: &Artifact,
        row: &FeatureRow,
        (x, y): (usize, usize),
        n_affordable: f64,
    ) -> Option<Self> {
        let features = &model.schema().features;
        let coarseness = (FINE.0 * FINE.1 / n_affordable).max(1.0).sqrt().min(MAX_COARSENESS);
        let mut values = row.values().to_vec();
        let (own_x, own_y) = (*values.get(x)?, *values.get(y)?);
        let axis =
            |at: usize, own, n: f64| Some(MapAxis::of(features.get(at)?, own, n / coarseness));
        let (axis_x, axis_y) = (axis(x, own_x, FINE.0)?, axis(y, own_y, FINE.1)?);
        let mut probabilities = vec![0.0; model.schema().classes.len()];
        let mut cells = Vec::with_capacity(axis_x.n() * axis_y.n());
        for up in 0..axis_y.n() {
            for along in 0..axis_x.n() {
                for (feature, value) in [(x, axis_x.value(along)), (y, axis_y.value(up))] {
                    values.iter_mut().skip(feature).take(1).for_each(|place| *place = value);
                }
                model.predict_proba_into(&values, &mut probabilities);
                let class = argmax(&probabilities);
                let share = probabilities.get(class).copied().unwrap_or_default();
                cells.push((class as u16, (100.0 * share).round() as u8));
            }
        }
        Some(Self { x: axis_x, y: axis_y, cells })
    }

    /// Class and percent of a cell.
    pub(crate) fn cell(&self, along: usize, up: usize) -> Option<(usize, u8)> {
        let (class, percent) = self.cells.get(up * self.x.n() + along)?;
        (along < self.x.n()).then_some((usize::from(*class), *percent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, mixed};

    #[test]
    fn each_cell_is_what_the_model_answers_there() {
        let model = built_in();
        let values = [5.9, 3.0, 4.2, 1.3];
        let row = model.schema().row(&values).unwrap();
        let map = DecisionMap::of(&model, &row, (2, 3), 1e9).unwrap();
        assert_eq!((map.x.n(), map.y.n(), map.cells.len()), (48, 36, 48 * 36));
        for (along, up) in [(0, 0), (20, 20), (47, 35), (30, 5)] {
            let there = [values[0], values[1], map.x.value(along), map.y.value(up)];
            let answer = model.predict(&model.schema().row(&there).unwrap());
            let percent = (100.0 * answer.confidence()).round() as u8;
            assert_eq!(map.cell(along, up), Some((answer.class, percent)));
        }
        assert_eq!((map.cell(48, 0), map.cell(0, 36)), (None, None));
        let classes: std::collections::BTreeSet<u16> =
            map.cells.iter().map(|(class, _)| *class).collect();
        assert_eq!(classes.len(), 3, "petals tell the species apart");
    }

    #[test]
    fn the_axis_reaches_to_a_value_outside_of_training_and_passes_over_a_gap() {
        let model = built_in();
        let row = model.schema().row(&[5.9, 3.0, 9.0, 1.3]).unwrap();
        let map = DecisionMap::of(&model, &row, (2, 3), 1e9).unwrap();
        assert_eq!(map.x.place(9.0), Some(1.0));
        let mixed = mixed();
        let row = mixed.schema().row(&[3.0, 1.0, f64::NAN, 0.0]).unwrap();
        let map = DecisionMap::of(&mixed, &row, (2, 1), 1e9).unwrap();
        assert_eq!(map.x.place(f64::NAN), None);
        assert_eq!(map.y, MapAxis::Categories { n: 2 });
        assert_eq!((map.y.place(0.0), map.y.place(1.0)), (Some(0.25), Some(0.75)));
    }

    #[test]
    fn a_slow_model_has_a_coarser_map() {
        let model = built_in();
        let row = model.schema().row(&[5.9, 3.0, 4.2, 1.3]).unwrap();
        let map = DecisionMap::of(&model, &row, (0, 1), 500.0).unwrap();
        assert!(map.cells.len() <= 500 && map.cells.len() > 300, "{}", map.cells.len());
        let map = DecisionMap::of(&model, &row, (0, 1), 1.0).unwrap();
        assert_eq!(map.cells.len(), 12 * 9);
        assert!(DecisionMap::of(&model, &row, (0, 9), 1.0).is_none());
    }
}
