//! How often each rule cries drift: windows with none, and windows with one column moved or all.
//!
//! Every window has a reference of its own, drawn from the same population, so that no lucky
//! reference decides. Evidently's rules are applied to the figures of the same report: up to 1,000
//! reference rows its default is Kolmogorov-Smirnov a column, and a window drifts if half do.
//!
//! Populations: Iris as a normal distribution a class (means and covariances of the 150 flowers),
//! the same rounded to millimetres as the flowers were (ties), and twelve independent normals.

use model_core::Dataset;
use model_core::drift::{
    DEFAULT_WINDOWS, DriftError, DriftParams, DriftReport, Outcome, SampleColumn, alarm_level,
    detect, is_lasting, windows_in_a_row,
};
use model_core::rng::{Purpose, SplitMix64};

/// A rule, by the score that it compares with its threshold: more means drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoredRule {
    /// The default: columns and joint test.
    Default,
    /// Kolmogorov-Smirnov a column, Holm's correction, and nothing else.
    KsHolm,
    /// Evidently's default: half of the columns with a p-value of at most 0.05.
    Evidently,
    /// Half of the columns with a PSI of at least 0.1.
    Psi,
    /// Half of the columns with a normed Wasserstein distance of at least 0.1.
    Wasserstein,
    /// Half of the columns with a Jensen-Shannon distance of at least 0.1.
    JensenShannon,
}

impl ScoredRule {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] = [
        Self::Default,
        Self::KsHolm,
        Self::Evidently,
        Self::Psi,
        Self::Wasserstein,
        Self::JensenShannon,
    ];

    /// The column of the table.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Default => "ours",
            Self::KsHolm => "KS + Holm alone",
            Self::Evidently => "Evidently",
            Self::Psi => "PSI 0.1",
            Self::Wasserstein => "Wasserstein 0.1",
            Self::JensenShannon => "JS 0.1",
        }
    }

    /// The threshold that the rule itself has.
    const fn threshold(self) -> f64 {
        match self {
            Self::Default | Self::KsHolm | Self::Evidently => -0.05,
            Self::Psi | Self::Wasserstein | Self::JensenShannon => 0.1,
        }
    }

    fn score(self, report: &DriftReport) -> f64 {
        let features = &report.features;
        let of = |value: &dyn Fn(usize) -> f64| {
            let mut values: Vec<f64> = (0..features.len()).map(value).collect();
            values.sort_unstable_by(|a, b| b.total_cmp(a));
            values
        };
        // The window drifts once so many columns do: the score is theirs that comes last.
        let half = features.len().div_ceil(2) - 1;
        match self {
            Self::Default => -report.p_value.unwrap_or(1.0),
            Self::KsHolm => of(&|at| -features[at].p_value)[0] * features.len() as f64,
            Self::Evidently => of(&|at| -features[at].p_value)[half],
            Self::Psi => of(&|at| features[at].psi)[half],
            Self::Wasserstein => of(&|at| features[at].wasserstein_normed.unwrap_or(0.0))[half],
            Self::JensenShannon => of(&|at| features[at].jensen_shannon)[half],
        }
    }
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub struct Population {
    /// Its name.
    pub name: &'static str,
    /// Rows of a reference.
    pub n_reference: usize,
    /// Means and lower triangles (Cholesky) of groups that are equally likely.
    groups: Vec<(Vec<f64>, Vec<Vec<f64>>)>,
    /// Standard deviation of each column: the unit of a shift.
    spread: Vec<f64>,
    /// What values are rounded to, if they are.
    rounding: Option<f64>,
}

impl Population {
    /// Those of the table.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let iris = Self::iris(None);
        let rounded = Self::iris(Some(0.1));
        vec![iris, rounded, Self::independent(12)]
    }

    fn iris(rounding: Option<f64>) -> Self {
        let iris = Dataset::iris();
        let p = iris.n_features();
        let rows_of = |class: Option<u32>| -> Vec<&[f64]> {
            let is_in = |row: &usize| class.is_none_or(|class| iris.label(*row) == class);
            (0..iris.n_samples()).filter(is_in).map(|row| iris.row(row)).collect()
        };
        let group = |class: u32| {
            let (mean, covariance) = moments(&rows_of(Some(class)), p);
            (mean, cholesky(&covariance))
        };
        let (_, whole) = moments(&rows_of(None), p);
        Self {
            name: if rounding.is_some() { "Iris, rounded to 0.1" } else { "Iris" },
            n_reference: 120,
            groups: (0..iris.n_classes() as u32).map(group).collect(),
            spread: (0..p).map(|at| whole[at][at].sqrt()).collect(),
            rounding,
        }
    }

    fn independent(p: usize) -> Self {
        let unit = |a: usize| (0..=a).map(|b| f64::from(u8::from(a == b))).collect();
        let group = (vec![0.0; p], (0..p).map(unit).collect());
        let (groups, spread) = (vec![group], vec![1.0; p]);
        let name = "12 independent normals";
        Self { name, n_reference: 256, groups, spread, rounding: None }
    }

    /// Rows as columns, those of `moved` shifted by `shift` standard deviations.
    fn draw(&self, n: usize, moved: Moved, shift: f64, rng: &mut SplitMix64) -> Vec<SampleColumn> {
        let p = self.spread.len();
        let one = rng.below(p as u32) as usize;
        let mut columns = vec![Vec::with_capacity(n); p];
        let mut normals = vec![0.0; p];
        for _ in 0..n {
            let (mean, lower) = &self.groups[rng.below(self.groups.len() as u32) as usize];
            normals.iter_mut().for_each(|slot| *slot = normal(rng));
            for (at, column) in columns.iter_mut().enumerate() {
                let own: f64 = lower[at].iter().zip(&normals).map(|(a, b)| a * b).sum();
                let is_moved = moved == Moved::All || at == one;
                let by = if is_moved { shift * self.spread[at] } else { 0.0 };
                let value = mean[at] + own + by;
                let rounded = |unit: f64| (value / unit).round() * unit;
                column.push(self.rounding.map_or(value, rounded));
            }
        }
        let named = |(at, values)| SampleColumn::numeric(format!("x{at}"), values);
        columns.into_iter().enumerate().map(named).collect()
    }
}

/// Which columns a shift moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// One of them, another one each time.
    One,
    /// All of them, by as many of their standard deviations.
    All,
}

/// How often each rule of [`ScoredRule::ALL`] cried drift, as shares of the windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// By the rule's own threshold.
    pub own: [f64; 6],
    /// By the threshold beyond which 5 % of windows without drift lie.
    pub level: [f64; 6],
}

/// Windows of one size from one population.
#[derive(Debug, Clone)]
pub struct Simulation<'a> {
    population: &'a Population,
    n_window: usize,
    n_windows: usize,
    seed: u64,
    thresholds: [f64; 6],
    /// Alarms in windows without drift.
    pub false_alarms: Rates,
}

impl<'a> Simulation<'a> {
    /// Draws the windows without drift, and finds from them each rule's threshold at 5 %.
    ///
    /// # Errors
    /// None that a population could cause.
    pub fn new(
        population: &'a Population,
        n_window: usize,
        n_windows: usize,
        seed: u64,
    ) -> Result<Self, DriftError> {
        let (thresholds, false_alarms) = ([0.0; 6], Rates { own: [0.0; 6], level: [0.0; 6] });
        let mut simulation =
            Self { population, n_window, n_windows, seed, thresholds, false_alarms };
        let scores = simulation.scores(Moved::One, 0.0)?;
        for (threshold, scores) in simulation.thresholds.iter_mut().zip(&scores) {
            let mut sorted = scores.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            // At most 5 % of the scores are greater.
            *threshold = sorted[(n_windows * 95).div_ceil(100).min(n_windows - 1)];
        }
        simulation.false_alarms = simulation.rates(&scores);
        Ok(simulation)
    }

    /// Alarms in windows with columns moved by `shift` standard deviations.
    ///
    /// # Errors
    /// None that a population could cause.
    pub fn detections(&self, moved: Moved, shift: f64) -> Result<Rates, DriftError> {
        Ok(self.rates(&self.scores(moved, shift)?))
    }

    fn scores(&self, moved: Moved, shift: f64) -> Result<[Vec<f64>; 6], DriftError> {
        let shift_seed = self.seed ^ shift.to_bits() ^ u64::from(moved == Moved::All);
        let mut rng = SplitMix64::for_purpose(shift_seed, Purpose::Synthetic);
        let mut scores: [Vec<f64>; 6] = Default::default();
        for _ in 0..self.n_windows {
            let n = self.population.n_reference;
            let reference = self.population.draw(n, moved, 0.0, &mut rng);
            let window = self.population.draw(self.n_window, moved, shift, &mut rng);
            let report = detect(&reference, &window, DriftParams::default())?;
            for (scores, rule) in scores.iter_mut().zip(ScoredRule::ALL) {
                scores.push(rule.score(&report));
            }
        }
        Ok(scores)
    }

    fn rates(&self, scores: &[Vec<f64>; 6]) -> Rates {
        let share = |at: usize, is_alarm: &dyn Fn(f64) -> bool| {
            let alarms = scores[at].iter().filter(|score| is_alarm(**score)).count();
            alarms as f64 / self.n_windows as f64
        };
        Rates {
            own: std::array::from_fn(|at| {
                share(at, &|score| score >= ScoredRule::ALL[at].threshold())
            }),
            level: std::array::from_fn(|at| share(at, &|score| score > self.thresholds[at])),
        }
    }
}

/// Means and covariances, by the number of rows less one.
fn moments(rows: &[&[f64]], p: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = rows.len() as f64;
    let mean: Vec<f64> = (0..p).map(|at| rows.iter().map(|row| row[at]).sum::<f64>() / n).collect();
    let product = |a: usize, b: usize| {
        let sum: f64 = rows.iter().map(|row| (row[a] - mean[a]) * (row[b] - mean[b])).sum();
        sum / (n - 1.0)
    };
    let covariance = (0..p).map(|a| (0..p).map(|b| product(a, b)).collect()).collect();
    (mean, covariance)
}

fn cholesky(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut lower: Vec<Vec<f64>> = Vec::new();
    for (a, values) in matrix.iter().enumerate() {
        let mut row: Vec<f64> = Vec::new();
        for b in 0..=a {
            let other = lower.get(b).unwrap_or(&row);
            let known: f64 = row.iter().zip(other).take(b).map(|(x, y)| x * y).sum();
            let left = values[b] - known;
            row.push(if a == b { left.sqrt() } else { left / lower[b][b] });
        }
        lower.push(row);
    }
    lower
}

/// A standard normal number (Box & Muller, Ann. Math. Stat. 29 (1958)).
fn normal(rng: &mut SplitMix64) -> f64 {
    let radius = (-2.0 * libm::log(1.0 - rng.unit())).sqrt();
    radius * libm::cos(2.0 * std::f64::consts::PI * rng.unit())
}

/// Seconds from one look to the next: a quarter of an hour.
const CADENCE: u32 = 900;
/// Looks in 30 days.
const LOOKS: f64 = 30.0 * 24.0 * 3_600.0 / CADENCE as f64;

/// Looks again and again at windows that are compared with one reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watched {
    /// Looks in 30 days that find three windows in a row to drift.
    pub three_in_a_row: f64,
    /// Looks in 30 days that raise an alarm: three in a row, and the newest at [`alarm_level`].
    pub alarms: f64,
    /// Looks in 30 days that drift by Evidently's default.
    pub evidently: f64,
}

impl Watched {
    /// How often `n_references` references, each for `n_windows` windows of `n` rows without drift, raise an alarm.
    ///
    /// # Errors
    /// [`DriftError`] if samples cannot be compared, which these can.
    pub fn without_drift(
        population: &Population,
        n: usize,
        (n_references, n_windows): (usize, usize),
        seed: u64,
    ) -> Result<Self, DriftError> {
        let mut rng = SplitMix64::for_purpose(seed, Purpose::Synthetic);
        let (mut three, mut alarms, mut evidently) = (0, 0, 0);
        for _ in 0..n_references {
            let reference = population.draw(population.n_reference, Moved::One, 0.0, &mut rng);
            let mut history = Vec::new();
            for _ in 0..n_windows {
                let window = population.draw(n, Moved::One, 0.0, &mut rng);
                let found = look(&reference, &window, &mut history)?;
                three += u32::from(found.three_in_a_row);
                alarms += u32::from(found.is_alarm);
                evidently += u32::from(found.drifts_by_evidently);
            }
        }
        let a_month = |n: u32| LOOKS * f64::from(n) / (n_references * n_windows) as f64;
        let [three_in_a_row, alarms, evidently] = [three, alarms, evidently].map(a_month);
        Ok(Self { three_in_a_row, alarms, evidently })
    }

    /// Windows from the beginning of a drift of one column by `shift` standard deviations to the alarm: of `n_runs`, the
    /// half that is told sooner, and nine tenths. `None` if so many are not told within 40.
    ///
    /// # Errors
    /// As [`without_drift`](Self::without_drift).
    pub fn delay(
        population: &Population,
        n: usize,
        shift: f64,
        n_runs: usize,
        seed: u64,
    ) -> Result<[Option<usize>; 2], DriftError> {
        let mut rng = SplitMix64::for_purpose(seed, Purpose::Synthetic);
        let mut delays = Vec::new();
        for _ in 0..n_runs {
            let reference = population.draw(population.n_reference, Moved::One, 0.0, &mut rng);
            let mut history = Vec::new();
            for windows in 1..=40 {
                let window = population.draw(n, Moved::One, shift, &mut rng);
                if look(&reference, &window, &mut history)?.is_alarm {
                    delays.push(windows);
                    break;
                }
            }
        }
        delays.sort_unstable();
        Ok([n_runs / 2, 9 * n_runs / 10].map(|at| delays.get(at).copied()))
    }
}

struct Look {
    three_in_a_row: bool,
    is_alarm: bool,
    drifts_by_evidently: bool,
}

fn look(
    reference: &[SampleColumn],
    window: &[SampleColumn],
    history: &mut Vec<Outcome>,
) -> Result<Look, DriftError> {
    let found = detect(reference, window, DriftParams::default())?;
    history.push(found.outcome);
    let (n, p_value) = (windows_in_a_row(history), found.p_value.unwrap_or(1.0));
    let is_alarm = is_lasting(n, p_value, DEFAULT_WINDOWS, alarm_level(CADENCE));
    let by_evidently = ScoredRule::Evidently;
    let drifts_by_evidently = by_evidently.score(&found) >= by_evidently.threshold();
    Ok(Look { three_in_a_row: n >= DEFAULT_WINDOWS, is_alarm, drifts_by_evidently })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_raises_few_false_alarms_and_detects_more_than_evidently() {
        const N: usize = 400;
        // Three standard errors of a rate of 5 % in so many windows.
        let most = 0.05 + 3.0 * (0.05_f64 * 0.95 / N as f64).sqrt();
        for population in Population::all() {
            let simulation = Simulation::new(&population, 50, N, 7).unwrap();
            let alarms = simulation.false_alarms.own;
            assert!(alarms[0] <= most, "{}: {alarms:?}", population.name);
            assert!(alarms[3] > 0.5, "{}: PSI {alarms:?}", population.name);
            for moved in [Moved::One, Moved::All] {
                let [ours, _, evidently, ..] = simulation.detections(moved, 0.5).unwrap().level;
                let what = format!("{} {moved:?}: {ours} {evidently}", population.name);
                // Where both find everything there is nothing to be better at.
                assert!(ours > evidently || ours > 0.97, "{what}");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_rates() {
        let population = &Population::all()[0];
        let rates = || Simulation::new(population, 30, 20, 3).unwrap().false_alarms;
        assert_eq!(rates(), rates());
    }
}
