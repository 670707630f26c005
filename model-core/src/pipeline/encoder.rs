//! From a row's columns to what a model computes with: a number stays, a category becomes one
//! indicator for each category that the training rows held, or, where these are many, the shares that
//! the classes have among its rows (`target_encoding`).
//!
//! Source: scikit-learn's `OneHotEncoder(handle_unknown="ignore")`: a category that the training
//! rows did not hold has no indicator, so all of its column's are 0.

use super::target_encoding::{TargetCounts, TargetTable};
use crate::dataset::{ColumnKind, Dataset, MAX_INDICATORS};

/// How one column is encoded.
#[derive(Debug, Clone, PartialEq)]
pub enum Encoding {
    /// As it is.
    Number,
    /// An indicator for each of these categories (indices, ascending).
    OneHot(Vec<u32>),
    /// The shares that the classes have among the rows of its category.
    Target(TargetTable),
}

impl Encoding {
    /// How many numbers it gives.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Number => 1,
            Self::OneHot(categories) => categories.len(),
            Self::Target(table) => table.prior().len(),
        }
    }
}

/// A fitted encoder: one encoding a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoder {
    encodings: Vec<Encoding>,
}

impl Encoder {
    /// With what [`encoding_of`](Self::encoding_of) gives for each column.
    pub(super) fn of_encodings(encodings: Vec<Encoding>) -> Self {
        Self { encodings }
    }

    /// How one column is encoded for a model of `rows` of `dataset`; `fill` stands in for missing
    /// categories and so is known too.
    ///
    /// The counts are those that training rows are encoded by, where an encoding has them.
    pub(super) fn encoding_of(
        dataset: &Dataset,
        rows: &[usize],
        at: usize,
        fill: f64,
    ) -> (Encoding, Option<TargetCounts>) {
        let ColumnKind::Categorical(categories) = &dataset.columns()[at].kind else {
            return (Encoding::Number, None);
        };
        if categories.len() > MAX_INDICATORS {
            let counts = TargetCounts::of(dataset, rows, at, fill, categories.len());
            return (Encoding::Target(counts.table()), Some(counts));
        }
        let mut seen = vec![false; categories.len()];
        for &row in rows {
            let value = dataset.row(row)[at];
            let code = if value.is_nan() { fill } else { value };
            if let Some(seen) = seen.get_mut(code as usize) {
                *seen = true;
            }
        }
        let codes = (0..categories.len() as u32).filter(|&code| seen[code as usize]);
        (Encoding::OneHot(codes.collect()), None)
    }

    /// The encoder with these encodings, if there is at least one and categories ascend.
    #[must_use]
    pub fn from_parts(encodings: Vec<Encoding>) -> Option<Self> {
        let ascends = |encoding: &Encoding| match encoding {
            Encoding::Number | Encoding::Target(_) => true,
            Encoding::OneHot(codes) => codes.windows(2).all(|pair| pair[0] < pair[1]),
        };
        (!encodings.is_empty() && encodings.iter().all(ascends)).then_some(Self { encodings })
    }

    /// The encodings, by column.
    #[must_use]
    pub fn encodings(&self) -> &[Encoding] {
        &self.encodings
    }

    /// How many numbers a row gives.
    #[must_use]
    pub fn width(&self) -> usize {
        self.encodings.iter().map(Encoding::width).sum()
    }

    /// Whether every column stays as it is.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.encodings.iter().all(|encoding| *encoding == Encoding::Number)
    }

    /// Writes the encoded `values`, none of which is missing, into `out`.
    pub(super) fn encode_into(&self, values: impl Iterator<Item = f64>, out: &mut [f64]) {
        let mut out = out.iter_mut();
        for (value, encoding) in values.zip(&self.encodings) {
            match encoding {
                Encoding::Number => out.by_ref().take(1).for_each(|out| *out = value),
                Encoding::OneHot(codes) => {
                    for (code, out) in codes.iter().zip(out.by_ref()) {
                        *out = f64::from(u8::from(value == f64::from(*code)));
                    }
                }
                Encoding::Target(table) => {
                    for (share, out) in table.shares_of(value).iter().zip(out.by_ref()) {
                        *out = *share;
                    }
                }
            }
        }
    }

    /// As [`encode_into`](Self::encode_into) for a row that trained, whose own label must not count;
    /// `counts` are by column.
    pub(super) fn encode_training_row(
        &self,
        row: usize,
        counts: &[Option<TargetCounts>],
        values: impl Iterator<Item = f64> + Clone,
        out: &mut [f64],
    ) {
        self.encode_into(values.clone(), out);
        let mut start = 0;
        for ((value, encoding), counts) in values.zip(&self.encodings).zip(counts) {
            let end = start + encoding.width();
            if let (Some(counts), Some(out)) = (counts, out.get_mut(start..end)) {
                counts.encode_training_row(row, value, out);
            }
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_become_indicators_of_what_training_held() {
        let data = Dataset::from_csv(
            b"x,colour,y\n1,red,a\n2,blue,b\n3,green,a\n4,red,b\n",
            &crate::CsvOptions::default(),
        )
        .unwrap();
        // The categories are blue, green, red; the first two rows hold blue and red.
        let encodings = (0..2).map(|at| Encoder::encoding_of(&data, &[0, 1], at, 0.0).0);
        let encoder = Encoder::of_encodings(encodings.collect());
        assert_eq!(encoder.encodings(), [Encoding::Number, Encoding::OneHot(vec![0, 2])]);
        let encoded = |row: usize| {
            let mut out = [9.0; 3];
            encoder.encode_into(data.row(row).iter().copied(), &mut out);
            out
        };
        assert_eq!(encoded(0), [1.0, 0.0, 1.0]);
        assert_eq!(encoded(1), [2.0, 1.0, 0.0]);
        assert_eq!(encoded(2), [3.0, 0.0, 0.0], "green is unknown");
        assert!(!encoder.is_identity());
    }

    #[test]
    fn a_lone_indicator_does_not_eat_the_next_column() {
        let encodings = vec![Encoding::OneHot(vec![]), Encoding::OneHot(vec![1]), Encoding::Number];
        let encoder = Encoder::from_parts(encodings).unwrap();
        let mut out = [9.0; 2];
        encoder.encode_into([0.0, 1.0, 5.0].into_iter(), &mut out);
        assert_eq!(out, [1.0, 5.0]);
    }
}
