//! Machines and their calibration as they are written down between two steps, and taken up again.
//!
//! Support vectors are rows, so that their numbers are enough. Kernel values follow from the rows:
//! those that were kept are computed again once they are asked for. Rows that no machine rests on
//! are left out, and signs, bounds and the folds that calibrate follow from the labels and the seed.

use serde::{Deserialize, Serialize};

use super::calibration::{Calibration, FoldUnderWay, begin};
use super::smo::{MOST_VISITS, Phase, Solver, Then, Unshrinking};
use super::training::SvmTraining;
use super::{MachineKernel, Sigmoid, SvmMachine, SvmParams, n_pairs, pairs};
use crate::budget::Budget;
use crate::model::TrainingRows;
use crate::model::all_fits::all_fits;

/// What is written down of machines in training.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SvmState {
    /// Rows with a coefficient in one of the pairs that are solved, ascending.
    support: Vec<u32>,
    /// Theirs against each other class, row by row.
    alphas: Vec<f64>,
    intercepts: Vec<f64>,
    solver: Option<SolverState>,
}

/// What is written down of a machine that is trained.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MachineState {
    /// The rows that are its support vectors, class by class.
    support: Vec<u32>,
    coefficients: Vec<f64>,
    intercepts: Vec<f64>,
}

/// What is written down of a calibration.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CalibrationState {
    folds_done: u32,
    fold: Option<FoldState>,
    /// Of each pair, in the order of the rows that were decided.
    decided: Vec<Vec<f64>>,
    sigmoids: Vec<[f64; 2]>,
}

#[derive(Debug, Serialize, Deserialize)]
enum FoldState {
    Training(SvmState),
    Deciding { machine: MachineState, n_decided: u32 },
}

/// What is written down of a pair's problem.
#[derive(Debug, Serialize, Deserialize)]
struct SolverState {
    alpha: Vec<f64>,
    slope: Vec<f64>,
    bound: Vec<f64>,
    active: Vec<u32>,
    unshrunk: bool,
    unshrinking: Option<UnshrinkingState>,
    n_steps: u64,
    visits: u64,
    until_shrinking: u32,
    violation: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct UnshrinkingState {
    inactive: Vec<u32>,
    n_known: u32,
    then_shrinks: bool,
}

impl SvmTraining {
    /// What [`resume`](Self::resume) takes.
    pub(crate) fn state(&self) -> SvmState {
        let n_slots = self.members.len() - 1;
        let alphas = self.alphas.chunks_exact(n_slots);
        let support = (0..).zip(alphas).filter(|(_, of_row)| of_row.iter().any(|a| *a != 0.0));
        let (support, alphas): (Vec<u32>, Vec<&[f64]>) = support.unzip();
        SvmState {
            support,
            alphas: alphas.concat(),
            intercepts: self.intercepts.clone(),
            solver: self.solver.as_ref().map(Solver::state),
        }
    }

    /// The training of which this was written down; `None` if it cannot be one of these rows and
    /// parameters.
    pub(crate) fn resume(
        rows: TrainingRows<'_>,
        params: &SvmParams,
        state: SvmState,
    ) -> Option<Self> {
        let SvmState { support, alphas, intercepts, solver } = state;
        let mut training = Self::new(rows, params).ok()?;
        let n_slots = rows.n_classes - 1;
        let is_sound = is_ascending(&support, rows.n_samples())
            && support.len().checked_mul(n_slots) == Some(alphas.len())
            && intercepts.len() < n_pairs(rows.n_classes);
        if !is_sound {
            return None;
        }
        // A row of a pair's second class without a coefficient has a zero with a sign, and so has the
        // model's file if another pair makes it a support vector.
        for (first, second) in pairs(rows.n_classes).take(intercepts.len()) {
            for row in training.members.get(second)? {
                *training.alphas.get_mut(row * n_slots + first)? = -0.0;
            }
        }
        for (&row, alphas) in support.iter().zip(alphas.chunks_exact(n_slots)) {
            let start = row as usize * n_slots;
            training.alphas.get_mut(start..start + n_slots)?.copy_from_slice(alphas);
        }
        training.intercepts = intercepts;
        if let Some(state) = solver {
            let (first, second) = training.next_pair()?;
            let mut solver = training.begin(rows, first, second);
            solver.resume(rows, state)?;
            training.solver = Some(solver);
        }
        Some(training)
    }
}

impl MachineState {
    /// Of a machine whose support vectors are these rows.
    pub(crate) fn of(machine: &SvmMachine, support: &[usize]) -> Self {
        Self {
            support: to_numbers(support),
            coefficients: machine.coefficients().to_vec(),
            intercepts: machine.intercepts().to_vec(),
        }
    }

    /// The machine, with the rows that are its support vectors; `None` if it cannot be one of these
    /// rows and parameters.
    pub(crate) fn resume(
        self,
        rows: TrainingRows<'_>,
        params: &SvmParams,
    ) -> Option<(SvmMachine, Vec<usize>)> {
        all_fits().ok()?;
        let support = to_places(&self.support);
        let mut class_counts = vec![0; rows.n_classes];
        let mut last = None;
        for &row in &support {
            let label = *rows.labels.get(row)?;
            // Class by class, and no row twice, before any row is copied.
            if last.replace((label, row)) >= Some((label, row)) {
                return None;
            }
            *class_counts.get_mut(label as usize)? += 1;
        }
        let vectors = support.iter().flat_map(|&row| rows.row(row)).copied().collect();
        let machine = SvmMachine::from_parts(
            MachineKernel::resolve(params, rows),
            rows.n_features,
            vectors,
            class_counts,
            self.coefficients,
            self.intercepts,
        )?;
        Some((machine, support))
    }
}

impl Calibration {
    /// What [`resume`](Self::resume) takes.
    pub(crate) fn state(&self) -> CalibrationState {
        let fold = self.fold.as_ref().map(|fold| match fold {
            FoldUnderWay::Training { training, .. } => FoldState::Training(training.state()),
            FoldUnderWay::Deciding { machine, support, n_decided } => FoldState::Deciding {
                machine: MachineState::of(machine, support),
                n_decided: *n_decided as u32,
            },
        });
        let decisions =
            |decided: &Vec<(f64, bool)>| decided.iter().map(|(value, _)| *value).collect();
        CalibrationState {
            folds_done: self.folds_done as u32,
            fold,
            decided: self.decided.iter().map(decisions).collect(),
            sigmoids: self.sigmoids.iter().map(|s| [s.slope, s.offset]).collect(),
        }
    }

    /// The calibration of which this was written down; `None` if it cannot be one of these rows and
    /// parameters.
    pub(crate) fn resume(
        rows: TrainingRows<'_>,
        params: &SvmParams,
        seed: u64,
        state: CalibrationState,
    ) -> Option<Self> {
        let mut calibration = Self::new(rows, seed).ok()?;
        calibration.folds_done = state.folds_done as usize;
        let behind = calibration.folds.get(..calibration.folds_done)?;
        let mut decided_rows: Vec<usize> = behind.concat();
        if let Some(fold) = state.fold {
            let rows_of_fold = calibration.folds.get(calibration.folds_done)?;
            // The rows outside of the fold, as they were laid side by side.
            let FoldUnderWay::Training { values, labels, .. } =
                begin(rows, rows_of_fold, params).ok()?
            else {
                return None;
            };
            let part = TrainingRows { values: &values, labels: &labels, ..rows };
            calibration.fold = Some(match fold {
                FoldState::Training(state) => {
                    let training = SvmTraining::resume(part, params, state)?;
                    FoldUnderWay::Training { values, labels, training }
                }
                FoldState::Deciding { machine, n_decided } => {
                    let (machine, support) = machine.resume(part, params)?;
                    let n_decided = n_decided as usize;
                    decided_rows.extend_from_slice(rows_of_fold.get(..n_decided)?);
                    FoldUnderWay::Deciding { machine, support, n_decided }
                }
            });
        }
        let n_pairs = n_pairs(rows.n_classes);
        let may_fit = calibration.folds_done == calibration.folds.len();
        if state.decided.len() != n_pairs
            || state.sigmoids.len() > if may_fit { n_pairs } else { 0 }
        {
            return None;
        }
        for ((first, second), (decisions, decided)) in
            pairs(rows.n_classes).zip(state.decided.iter().zip(&mut calibration.decided))
        {
            let classes = decided_rows.iter().map(|&row| rows.labels[row] as usize);
            let of_pair = classes.filter(|class| [first, second].contains(class));
            let is_first: Vec<bool> = of_pair.map(|class| class == first).collect();
            if is_first.len() != decisions.len() {
                return None;
            }
            *decided = decisions.iter().copied().zip(is_first).collect();
        }
        let sigmoid = |[slope, offset]: [f64; 2]| Sigmoid { slope, offset };
        calibration.sigmoids = state.sigmoids.into_iter().map(sigmoid).collect();
        Some(calibration)
    }
}

impl Solver {
    fn state(&self) -> SolverState {
        let unshrinking = match &self.phase {
            Phase::Unshrink { unshrinking, then } => Some(UnshrinkingState {
                inactive: to_numbers(&unshrinking.inactive),
                n_known: unshrinking.n_known as u32,
                then_shrinks: matches!(then, Then::Shrink),
            }),
            // A problem that is solved does not stay here.
            Phase::LayOut | Phase::Step | Phase::Done => None,
        };
        SolverState {
            alpha: self.rows.alpha.clone(),
            slope: self.rows.slope.clone(),
            bound: self.bound.clone(),
            active: to_numbers(&self.rows.active),
            unshrunk: self.unshrunk,
            unshrinking,
            n_steps: self.n_steps as u64,
            visits: self.visits,
            until_shrinking: self.until_shrinking as u32,
            violation: self.violation,
        }
    }

    /// Brings a problem that was just set up to where it was written down.
    fn resume(&mut self, rows: TrainingRows<'_>, state: SolverState) -> Option<()> {
        let n = self.kernel.len();
        let is_sound =
            [&state.alpha, &state.slope, &state.bound].iter().all(|list| list.len() == n)
                && is_ascending(&state.active, n)
                && usize::try_from(state.n_steps).is_ok_and(|n_steps| n_steps <= self.most_steps)
                && state.visits <= MOST_VISITS
                && (1..=n.min(1000) + 1).contains(&(state.until_shrinking as usize));
        if !is_sound {
            return None;
        }
        self.kernel.lay_out(rows, &mut Budget::unlimited());
        for (t, &alpha) in state.alpha.iter().enumerate() {
            self.rows.set_alpha(t, alpha);
        }
        (self.rows.slope, self.bound) = (state.slope, state.bound);
        self.rows.active = to_places(&state.active);
        self.phase = match state.unshrinking {
            None => Phase::Step,
            Some(UnshrinkingState { inactive, n_known, then_shrinks }) => {
                if !is_ascending(&inactive, n) {
                    return None;
                }
                let (inactive, n_known) = (to_places(&inactive), n_known as usize);
                let then = if then_shrinks { Then::Shrink } else { Then::Select };
                Phase::Unshrink { unshrinking: Unshrinking { inactive, n_known }, then }
            }
        };
        self.unshrunk = state.unshrunk;
        (self.n_steps, self.visits) = (state.n_steps as usize, state.visits);
        self.until_shrinking = state.until_shrinking as usize;
        self.violation = state.violation;
        Some(())
    }
}

/// Whether these are places below `n`, none of them twice.
fn is_ascending(places: &[u32], n: usize) -> bool {
    places.is_sorted_by(|a, b| a < b) && places.last().is_none_or(|&last| (last as usize) < n)
}

fn to_numbers(places: &[usize]) -> Vec<u32> {
    places.iter().map(|&place| place as u32).collect()
}

fn to_places(numbers: &[u32]) -> Vec<usize> {
    numbers.iter().map(|&number| number as usize).collect()
}
