//! Probabilities of a machine, from decision values of rows that did not train.

use super::{Sigmoid, Svm, SvmMachine, SvmParams, SvmTraining, n_pairs, pairs};
use crate::budget::{Budget, share};
use crate::model::all_fits::{AllFits, all_fits};
use crate::model::{FitError, TrainingRows};
use crate::rng::{Purpose, SplitMix64};
use crate::split::stratified_k_fold;

/// Folds that calibrate, as in libsvm.
const CALIBRATION_FOLDS: usize = 5;

impl SvmMachine {
    /// Fits a sigmoid a pair on decision values of rows that did not train the machine which
    /// decided them: five seeded stratified folds.
    ///
    /// A class of one row trains every fold's machine and is never held out: against it a pair has
    /// the held-out rows of the other class alone, whose sigmoid is Laplace's rule, `(n + 1) / (n +
    /// 2)` for the other class whatever the decision. A pair without any held-out row has one half.
    ///
    /// # Errors
    /// As [`SvmMachine::fit`].
    pub fn calibrate(
        self,
        rows: TrainingRows<'_>,
        params: &SvmParams,
        seed: u64,
    ) -> Result<Svm, FitError> {
        let mut calibration = Calibration::new(rows, seed)?;
        while calibration.step(rows, params, &mut Budget::unlimited())? {}
        calibration.finish(self)
    }
}

/// A calibration on its way: [`step`](Self::step) takes it on by a slice of work.
///
/// It holds the rows of the fold under way and no others: every step is handed those that it began
/// with.
#[derive(Debug)]
pub(crate) struct Calibration {
    n_classes: usize,
    pub(super) folds: Vec<Vec<usize>>,
    pub(super) folds_done: usize,
    pub(super) fold: Option<FoldUnderWay>,
    /// Decisions on rows of each pair, and whether they are of its first class.
    pub(super) decided: Vec<Vec<(f64, bool)>>,
    /// Of the pairs whose decisions are fitted.
    pub(super) sigmoids: Vec<Sigmoid>,
    _fits: AllFits,
}

/// What a fold's rows are decided by.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, moved once a slice")]
pub(super) enum FoldUnderWay {
    /// The machine of all other rows, which are kept for it, is being trained.
    Training { values: Vec<f64>, labels: Vec<u32>, training: SvmTraining },
    /// It decides the fold's rows; `support` says which of the others are its support vectors.
    Deciding { machine: SvmMachine, support: Vec<usize>, n_decided: usize },
}

impl Calibration {
    /// Deals the rows into folds.
    ///
    /// # Errors
    /// [`FitError::EmptyClass`].
    pub(crate) fn new(rows: TrainingRows<'_>, seed: u64) -> Result<Self, FitError> {
        Ok(Self {
            n_classes: rows.n_classes,
            folds: folds(rows, seed)?,
            folds_done: 0,
            fold: None,
            decided: vec![Vec::new(); n_pairs(rows.n_classes)],
            sigmoids: Vec::new(),
            _fits: all_fits()?,
        })
    }

    /// Trains on the rows outside of folds, decides those inside and fits sigmoids, until the budget
    /// is spent; returns whether more is to come.
    ///
    /// # Errors
    /// As [`SvmMachine::fit`].
    pub(crate) fn step(
        &mut self,
        rows: TrainingRows<'_>,
        params: &SvmParams,
        budget: &mut Budget,
    ) -> Result<bool, FitError> {
        while !budget.is_spent() {
            match (self.folds.get(self.folds_done), self.fold.take()) {
                (Some(rows_of_fold), None) => {
                    self.fold = Some(begin(rows, rows_of_fold, params)?);
                    budget.spend(rows.values.len(), 2);
                }
                (Some(_), Some(fold)) => self.fold = self.advance(rows, fold, budget)?,
                (None, _) => match self.decided.get(self.sigmoids.len()) {
                    Some(decided) => {
                        self.sigmoids.push(Sigmoid::fit(decided));
                        budget.spend(decided.len(), UNITS_A_DECISION);
                    }
                    None => return Ok(false),
                },
            }
        }
        Ok(self.sigmoids.len() < self.decided.len())
    }

    /// Takes a fold on; `None` once its rows are decided.
    fn advance(
        &mut self,
        rows: TrainingRows<'_>,
        fold: FoldUnderWay,
        budget: &mut Budget,
    ) -> Result<Option<FoldUnderWay>, FitError> {
        match fold {
            FoldUnderWay::Training { values, labels, mut training } => {
                let part = TrainingRows { values: &values, labels: &labels, ..rows };
                if training.step(part, budget)? {
                    return Ok(Some(FoldUnderWay::Training { values, labels, training }));
                }
                let (machine, support) = training.finish(part)?;
                Ok(Some(FoldUnderWay::Deciding { machine, support, n_decided: 0 }))
            }
            FoldUnderWay::Deciding { machine, support, n_decided } => {
                let left = self.folds.get(self.folds_done).and_then(|fold| fold.get(n_decided..));
                let left = left.unwrap_or_default();
                let now = &left[..left.len().min(budget.room_for(machine.units()))];
                let mut decisions = vec![0.0; self.decided.len()];
                for &row in now {
                    machine.decide_into(rows.row(row), &mut decisions);
                    let class = rows.labels[row] as usize;
                    for (pair, (first, second)) in pairs(self.n_classes).enumerate() {
                        if class == first || class == second {
                            self.decided[pair].push((decisions[pair], class == first));
                        }
                    }
                }
                budget.spend(now.len(), machine.units());
                if now.len() < left.len() {
                    let n_decided = n_decided + now.len();
                    return Ok(Some(FoldUnderWay::Deciding { machine, support, n_decided }));
                }
                self.folds_done += 1;
                Ok(None)
            }
        }
    }

    /// Share of the folds that are done.
    pub(crate) fn share_done(&self) -> f64 {
        let of_fold = match &self.fold {
            None => 0.0,
            Some(FoldUnderWay::Training { training, .. }) => 0.8 * training.share_done(),
            Some(FoldUnderWay::Deciding { n_decided, .. }) => {
                let n_rows = self.folds.get(self.folds_done).map_or(0, Vec::len);
                0.8 + 0.2 * share(*n_decided, n_rows)
            }
        };
        if self.folds.is_empty() {
            return 1.0;
        }
        (self.folds_done as f64 + of_fold) / self.folds.len() as f64
    }

    /// The calibrated machine.
    ///
    /// # Errors
    /// [`FitError::Diverged`] if a sigmoid is missing or not finite.
    pub(crate) fn finish(self, machine: SvmMachine) -> Result<Svm, FitError> {
        Svm::from_parts(machine, self.sigmoids).ok_or(FitError::Diverged)
    }
}

/// To fit a decision's sigmoid: some twenty looks, each with an exponential and a logarithm.
const UNITS_A_DECISION: u64 = 1000;

/// What is held out in turn: a class of two rows or more is dealt over the folds, so that each
/// leaves a row of it to train on. Folds that got no row are left out.
fn folds(rows: TrainingRows<'_>, seed: u64) -> Result<Vec<Vec<usize>>, FitError> {
    let counts = rows.class_counts()?;
    let may_leave = |row: &usize| counts[rows.labels[*row] as usize] > 1;
    let able: Vec<usize> = (0..rows.n_samples()).filter(may_leave).collect();
    let mut rng = SplitMix64::for_purpose(seed, Purpose::Calibration);
    let mut folds =
        stratified_k_fold(&able, rows.labels, rows.n_classes, CALIBRATION_FOLDS, &mut rng);
    folds.retain(|fold| !fold.is_empty());
    Ok(folds)
}

/// The training of a machine on all rows but `fold`.
pub(super) fn begin(
    rows: TrainingRows<'_>,
    fold: &[usize],
    params: &SvmParams,
) -> Result<FoldUnderWay, FitError> {
    let mut held_out = vec![false; rows.n_samples()];
    fold.iter().for_each(|&row| held_out[row] = true);
    let rest: Vec<usize> = (0..rows.n_samples()).filter(|&row| !held_out[row]).collect();
    let values: Vec<f64> = rest.iter().flat_map(|&row| rows.row(row)).copied().collect();
    let labels: Vec<u32> = rest.iter().map(|&row| rows.labels[row]).collect();
    let part = TrainingRows { values: &values, labels: &labels, ..rows };
    let training = SvmTraining::new(part, params)?;
    Ok(FoldUnderWay::Training { values, labels, training })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of one feature: `counts[class]` of each class, around its index, with a spread that
    /// makes neighbours overlap a little.
    fn classes_of(counts: &[usize]) -> (Vec<f64>, Vec<u32>) {
        let mut rng = SplitMix64::for_purpose(11, Purpose::Synthetic);
        let labels: Vec<u32> = counts
            .iter()
            .zip(0..)
            .flat_map(|(&count, class)| std::iter::repeat_n(class, count))
            .collect();
        let value = |&class: &u32| f64::from(class) + (rng.unit() + rng.unit() - 1.0) * 0.7;
        (labels.iter().map(value).collect(), labels)
    }

    fn calibrated(values: &[f64], labels: &[u32], n_classes: usize) -> Svm {
        let rows = TrainingRows { values, labels, n_features: 1, n_classes };
        let params = SvmParams::default();
        SvmMachine::fit(rows, &params).unwrap().calibrate(rows, &params, 42).unwrap()
    }

    fn proba(svm: &Svm, value: f64) -> Vec<f64> {
        let mut out = vec![0.0; svm.machine().n_classes()];
        svm.predict_proba_into(&[value], &mut out);
        out
    }

    /// The share of rows whose own class is the most probable one.
    fn accuracy(svm: &Svm, values: &[f64], labels: &[u32]) -> f64 {
        let is_right = |(&value, &label): (&f64, &u32)| {
            let proba = proba(svm, value);
            proba.iter().all(|&other| other <= proba[label as usize])
        };
        let n_right = values.iter().zip(labels).filter(|row| is_right(*row)).count();
        n_right as f64 / labels.len() as f64
    }

    #[test]
    fn a_rare_class_leaves_the_other_pairs_their_sigmoids() {
        for n_rare in 1..5 {
            let (values, labels) = classes_of(&[60, 60, n_rare]);
            let svm = calibrated(&values, &labels, 3);
            let common = accuracy(&svm, &values[..120], &labels[..120]);
            assert!(common > 0.9, "{common} with {n_rare} rare rows");
            let p = proba(&svm, 0.0);
            assert!(p[0] > 0.9, "{p:?} with {n_rare} rare rows");
        }
    }

    #[test]
    fn many_lone_rows_do_not_drown_the_classes_that_can_be_held_out() {
        let counts = [[40, 40].as_slice(), &[1; 20]].concat();
        let (values, labels) = classes_of(&counts);
        let svm = calibrated(&values, &labels, counts.len());
        assert!(accuracy(&svm, &values[..80], &labels[..80]) > 0.9);
    }

    #[test]
    fn a_class_of_one_row_is_as_probable_as_the_other_held_out_rows_say() {
        let (values, labels) = classes_of(&[60, 60, 1]);
        let svm = calibrated(&values, &labels, 3);
        // Laplace's rule: 60 rows, none of which was of the lone row's class.
        for sigmoid in &svm.sigmoids()[1..] {
            assert!((sigmoid.probability(-1.0) - 61.0 / 62.0).abs() < 1e-9, "{sigmoid:?}");
            assert!((sigmoid.probability(1.0) - 61.0 / 62.0).abs() < 1e-9, "{sigmoid:?}");
        }
        // Two lone rows say nothing of each other.
        let (values, labels) = classes_of(&[60, 1, 1]);
        assert_eq!(calibrated(&values, &labels, 3).sigmoids()[2].probability(3.0), 0.5);
    }

    #[test]
    fn fewer_rows_than_folds_still_give_a_machine() {
        for counts in [&[1, 1][..], &[2, 1], &[2, 2], &[1, 1, 1], &[3, 1, 2]] {
            let (values, labels) = classes_of(counts);
            let p = proba(&calibrated(&values, &labels, counts.len()), 0.5);
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-14, "{p:?} of {counts:?}");
        }
    }

    #[test]
    fn slices_of_any_size_calibrate_the_machine_that_one_go_does() {
        let (values, labels) = classes_of(&[30, 20, 25]);
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 1, n_classes: 3 };
        let params = SvmParams::default();
        let machine = SvmMachine::fit(rows, &params).unwrap();
        let whole = machine.clone().calibrate(rows, &params, 7).unwrap();
        for (units, least) in [(1, 500), (20_000, 4)] {
            let mut calibration = Calibration::new(rows, 7).unwrap();
            let (mut n_slices, mut share, mut goes_on) = (0, 0.0, true);
            while goes_on {
                let mut budget = Budget::new(units);
                goes_on = calibration.step(rows, &params, &mut budget).unwrap();
                // The greatest piece is the sigmoid of one pair.
                assert!(budget.spent() <= units + 55 * UNITS_A_DECISION);
                assert!(calibration.share_done() >= share);
                share = calibration.share_done();
                n_slices += 1;
            }
            assert!(share == 1.0 && n_slices >= least, "{n_slices}");
            assert_eq!(calibration.finish(machine.clone()).unwrap(), whole);
        }
    }
}
