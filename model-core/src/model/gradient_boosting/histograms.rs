//! Histograms: the sums of a node's rows by the bins of every feature.
//!
//! Buffers are used again, and there are only so many: a node that got none is counted afresh when
//! it is split.

use std::ops::Range;

use super::binning::BinnedColumns;
use super::sums::{Scale, Sums};

/// More than there can be bins, so that a byte is always inside.
const MAX_BINS: usize = 256;

/// What counting takes.
#[derive(Debug)]
pub(super) struct Histograms {
    /// Where each feature's bins begin in a histogram; and the end.
    offsets: Vec<usize>,
    /// Gradient and hessian of each row.
    row_sums: Vec<Sums>,
    /// Those of a node's rows, in their order there.
    ordered: Vec<Sums>,
    /// The feature counted last.
    bins: Box<[Sums; MAX_BINS]>,
    /// Histograms that no node holds, and how many more may be made.
    spare: Vec<Vec<Sums>>,
    may_make: usize,
}

impl Histograms {
    /// `room` is how many bytes the histograms of waiting nodes may take.
    pub(super) fn new(columns: &BinnedColumns, room: usize) -> Self {
        let mut offsets = vec![0];
        let mut end = 0;
        for feature in 0..columns.n_features() {
            end += columns.n_bins(feature);
            offsets.push(end);
        }
        Self {
            offsets,
            row_sums: vec![Sums::default(); columns.n_samples()],
            ordered: Vec::with_capacity(columns.n_samples()),
            bins: Box::new([Sums::default(); MAX_BINS]),
            spare: Vec::new(),
            may_make: room / size_of::<Sums>() / end.max(1),
        }
    }

    /// Takes the gradients and hessians of all rows.
    pub(super) fn set_rows(&mut self, scale: &Scale, derivatives: &[(f64, f64)]) {
        for (place, &(gradient, hessian)) in self.row_sums.iter_mut().zip(derivatives) {
            *place = scale.row(gradient, hessian);
        }
    }

    /// The sums of these rows.
    pub(super) fn sums_of(&self, rows: &[u32]) -> Sums {
        let mut sums = Sums::default();
        rows.iter().for_each(|&row| sums.add(self.row_sums[row as usize]));
        sums
    }

    /// Brings together the gradients of a node's rows.
    pub(super) fn gather(&mut self, rows: &[u32]) {
        self.ordered.clear();
        self.ordered.extend(rows.iter().map(|&row| self.row_sums[row as usize]));
    }

    /// The sums by the bins of one feature, over the rows that were gathered.
    pub(super) fn count(
        &mut self,
        columns: &BinnedColumns,
        feature: usize,
        rows: &[u32],
    ) -> &[Sums] {
        let n_bins = self.place(feature).len();
        let column = columns.column(feature);
        let bins = &mut *self.bins;
        bins[..n_bins].fill(Sums::default());
        if rows.len() == column.len() {
            // The root: its rows are in their first order.
            for (&bin, &sums) in column.iter().zip(&self.ordered) {
                bins[usize::from(bin)].add(sums);
            }
        } else {
            for (&row, &sums) in rows.iter().zip(&self.ordered) {
                bins[usize::from(column[row as usize])].add(sums);
            }
        }
        &self.bins[..n_bins]
    }

    /// Puts the feature counted last into a histogram, if there is one.
    pub(super) fn store(&self, feature: usize, histogram: Option<&mut [Sums]>) {
        if let Some(histogram) = histogram {
            let place = self.place(feature);
            histogram[place.clone()].copy_from_slice(&self.bins[..place.len()]);
        }
    }

    /// Takes the feature counted last off a histogram; what remains of it there.
    pub(super) fn subtract_from<'a>(
        &self,
        feature: usize,
        histogram: &'a mut [Sums],
    ) -> &'a [Sums] {
        let remains = &mut histogram[self.place(feature)];
        remains.iter_mut().zip(&*self.bins).for_each(|(sums, counted)| sums.subtract(*counted));
        remains
    }

    /// A histogram to fill, unless all are held.
    pub(super) fn take(&mut self) -> Option<Vec<Sums>> {
        self.spare.pop().or_else(|| {
            self.may_make = self.may_make.checked_sub(1)?;
            Some(vec![Sums::default(); self.offsets.last().copied().unwrap_or_default()])
        })
    }

    pub(super) fn give_back(&mut self, histogram: Option<Vec<Sums>>) {
        self.spare.extend(histogram);
    }

    fn place(&self, feature: usize) -> Range<usize> {
        self.offsets[feature]..self.offsets[feature + 1]
    }
}
