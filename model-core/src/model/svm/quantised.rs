//! A machine in fewer bits: coefficients in single precision, support vectors in single precision
//! or in 255 levels a feature.
//!
//! The kernel's few numbers stay as they are: they would save nothing.

use super::{Sigmoid, Svm, SvmMachine};
use crate::model::Quantisation;
use crate::model::quantisation::{is_narrow, narrowed, to_f32};

/// The greatest code; the least is its negative, so that the levels are 255.
const MOST: i8 = i8::MAX;

/// Support vectors in 255 levels a feature: `offset + scale · code`.
#[derive(Debug, Clone, PartialEq)]
pub struct Int8Vectors {
    /// Distance of two levels, one a feature.
    scale: Vec<f32>,
    /// The middle level, one a feature.
    offset: Vec<f32>,
    /// Levels, row-major, -127 to 127.
    codes: Vec<i8>,
}

impl Int8Vectors {
    /// The nearest levels to row-major `vectors`, spread over each feature's range.
    pub(super) fn quantise(vectors: &[f64], n_features: usize) -> Self {
        let (mut scale, mut offset) = (Vec::new(), Vec::new());
        for feature in 0..n_features {
            let column = vectors.iter().skip(feature).step_by(n_features);
            let (least, most) = column
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &x| {
                    (least.min(x), most.max(x))
                });
            // Without vectors there is no range.
            let (least, most) = if least <= most { (least, most) } else { (0.0, 0.0) };
            scale.push(to_f32((most / 2.0 - least / 2.0) / f64::from(MOST)));
            offset.push(to_f32(least / 2.0 + most / 2.0));
        }
        let codes = vectors.iter().enumerate().map(|(at, value)| {
            let (scale, offset) = (scale[at % n_features], offset[at % n_features]);
            let level = (value - f64::from(offset)) / f64::from(scale);
            // A feature that does not vary has no levels but the middle.
            let most = f64::from(MOST);
            if level.is_finite() { level.round().clamp(-most, most) as i8 } else { 0 }
        });
        Self { codes: codes.collect(), scale, offset }
    }

    /// Vectors with these parts, if there is a scale and an offset a feature, all finite, and the
    /// codes are whole rows of -127 to 127.
    #[must_use]
    pub fn from_parts(scale: Vec<f32>, offset: Vec<f32>, codes: Vec<i8>) -> Option<Self> {
        let sound = !scale.is_empty()
            && scale.len() == offset.len()
            && scale.iter().chain(&offset).all(|number| number.is_finite())
            && codes.len().is_multiple_of(scale.len())
            && codes.iter().all(|code| *code >= -MOST);
        sound.then_some(Self { scale, offset, codes })
    }

    /// The vectors, row-major; the only way from codes to numbers.
    pub(super) fn values(&self) -> Vec<f64> {
        let level = |row: &[i8]| -> Vec<f64> {
            let steps = row.iter().zip(&self.scale).zip(&self.offset);
            steps
                .map(|((code, scale), offset)| {
                    f64::from(*offset) + f64::from(*scale) * f64::from(*code)
                })
                .collect()
        };
        self.codes.chunks_exact(self.scale.len()).flat_map(level).collect()
    }

    /// Number of inputs.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.scale.len()
    }

    /// Distance of two levels, one a feature.
    #[must_use]
    pub fn scale(&self) -> &[f32] {
        &self.scale
    }

    /// The middle level, one a feature.
    #[must_use]
    pub fn offset(&self) -> &[f32] {
        &self.offset
    }

    /// Levels, row-major, -127 to 127.
    #[must_use]
    pub fn codes(&self) -> &[i8] {
        &self.codes
    }
}

impl Svm {
    /// The same machine with its numbers narrowed: coefficients, intercepts and sigmoids to single
    /// precision, support vectors to single precision or to 255 levels a feature.
    #[must_use]
    pub fn quantised(&self, form: Quantisation) -> Self {
        let narrow = |sigmoid: &Sigmoid| Sigmoid {
            slope: narrowed(sigmoid.slope),
            offset: narrowed(sigmoid.offset),
        };
        Self {
            machine: self.machine.quantised(form),
            sigmoids: self.sigmoids.iter().map(narrow).collect(),
        }
    }

    /// The narrowest form that holds every number but the kernel's; `None` if only doubles do.
    #[must_use]
    pub fn quantisation(&self) -> Option<Quantisation> {
        let machine = &self.machine;
        let sigmoids = self.sigmoids.iter().flat_map(|sigmoid| [sigmoid.slope, sigmoid.offset]);
        let rest = machine.coefficients().iter().chain(machine.intercepts()).copied();
        if !rest.chain(sigmoids).all(is_narrow) {
            None
        } else if machine.int8_vectors().is_some() {
            Some(Quantisation::Int8)
        } else {
            machine.vectors().iter().copied().all(is_narrow).then_some(Quantisation::F32)
        }
    }
}

impl SvmMachine {
    fn quantised(&self, form: Quantisation) -> Self {
        let narrow = |numbers: &[f64]| numbers.iter().copied().map(narrowed).collect();
        let (vectors, int8) = match form {
            Quantisation::F32 => (narrow(self.vectors()), None),
            Quantisation::Int8 => {
                let int8 = self
                    .int8_vectors()
                    .cloned()
                    .unwrap_or_else(|| Int8Vectors::quantise(self.vectors(), self.n_features()));
                (int8.values(), Some(int8))
            }
        };
        self.with_numbers(vectors, int8, narrow(self.coefficients()), narrow(self.intercepts()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TrainingRows;
    use crate::model::svm::SvmParams;
    use crate::rng::SplitMix64;

    /// Two overlapping classes in three features, one of which does not vary.
    fn fitted() -> (Svm, Vec<f64>) {
        let mut rng = SplitMix64::new(4);
        let labels: Vec<u32> = (0..120).map(|i| i % 2).collect();
        let values: Vec<f64> = labels
            .iter()
            .flat_map(|&label| [3.0 * rng.unit() + f64::from(label), 50.0 * rng.unit() - 20.0, 0.7])
            .collect();
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 3, n_classes: 2 };
        let params = SvmParams::default();
        let machine = SvmMachine::fit(rows, &params).unwrap();
        (machine.calibrate(rows, &params, 1).unwrap(), values)
    }

    #[test]
    fn narrower_machines_predict_almost_the_same() {
        let (svm, values) = fitted();
        assert_eq!(svm.quantisation(), None);
        for (form, tolerance) in [(Quantisation::F32, 1e-5), (Quantisation::Int8, 2e-2)] {
            let narrow = svm.quantised(form);
            assert_eq!(narrow.quantisation(), Some(form));
            assert_eq!(narrow.quantised(form), narrow);
            let (mut a, mut b) = ([0.0; 2], [0.0; 2]);
            for row in values.chunks_exact(3) {
                svm.predict_proba_into(row, &mut a);
                narrow.predict_proba_into(row, &mut b);
                assert!((a[0] - b[0]).abs() < tolerance, "{form:?}: {a:?} {b:?}");
            }
        }
    }

    #[test]
    fn levels_are_within_half_a_step() {
        let (svm, _) = fitted();
        let vectors = svm.machine().vectors();
        let int8 = Int8Vectors::quantise(vectors, 3);
        assert_eq!((int8.scale()[2], int8.offset()[2]), (0.0, 0.7));
        for (at, (got, want)) in int8.values().iter().zip(vectors).enumerate() {
            // The half step, and what rounding to single precision adds.
            let most = f64::from(int8.scale()[at % 3]) * 0.5001 + 1e-5;
            assert!((got - want).abs() <= most, "{got} {want}");
        }
    }

    #[test]
    fn parts_give_the_same_bits_back() {
        let narrow = fitted().0.quantised(Quantisation::Int8);
        let machine = narrow.machine();
        let int8 = machine.int8_vectors().unwrap();
        let parts = (int8.scale().to_vec(), int8.offset().to_vec(), int8.codes().to_vec());
        let read = SvmMachine::from_int8_parts(
            machine.kernel(),
            Int8Vectors::from_parts(parts.0, parts.1, parts.2).unwrap(),
            machine.class_counts().to_vec(),
            machine.coefficients().to_vec(),
            machine.intercepts().to_vec(),
        );
        assert_eq!(read.as_ref(), Some(machine));
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let build = |scale: f32, codes: &[i8]| {
            Int8Vectors::from_parts(vec![scale; 2], vec![0.0; 2], codes.to_vec())
        };
        assert!(build(1.0, &[127, -127]).is_some() && build(1.0, &[]).is_some());
        assert!(build(1.0, &[1, 2, 3]).is_none());
        assert!(build(1.0, &[-128, 0]).is_none());
        assert!(build(f32::NAN, &[0, 0]).is_none());
        assert!(Int8Vectors::from_parts(Vec::new(), Vec::new(), Vec::new()).is_none());
        assert!(Int8Vectors::from_parts(vec![1.0], vec![0.0; 2], vec![0, 0]).is_none());
    }

    #[test]
    fn vectors_beyond_single_precision_stay_finite() {
        let int8 = Int8Vectors::quantise(&[-1e90, 1e90], 1);
        assert!(int8.values().iter().all(|value| value.is_finite()));
        assert!(Int8Vectors::quantise(&[], 2).values().is_empty());
    }
}
