//! What a comparison found, as it is shown and written.

use serde::{Deserialize, Serialize, Serializer};

use super::JointShift;
use crate::dataset::OddCells;

/// The verdict on a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The samples differ by more than chance.
    Drift,
    /// They do not, as far as these rows tell.
    NoDrift,
    /// A sample has too few rows for a verdict.
    InsufficientData {
        /// Rows of the smaller sample.
        rows: usize,
        /// Rows that it would need.
        needed: usize,
    },
}

/// Which test decided on a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftTest {
    /// Two-sample Kolmogorov-Smirnov.
    KolmogorovSmirnov,
    /// Pearson's chi-square on counts of categories.
    ChiSquare,
    /// Fisher's exact test, on counts that are too small for chi-square.
    FisherExact,
    /// How many rows have no value: the window's share less the reference's, by Fisher's test.
    MissingShare,
    /// Most cells of a column of numbers are none any more: the share of cells without a number, the
    /// window's less the reference's, by Fisher's test.
    TypeChanged,
    /// Chi-square against the reference's shares, as if those were exact (Evidently).
    ChiSquareGoodnessOfFit,
    /// Difference of two shares (Evidently).
    ZTest,
    /// A threshold on the population stability index.
    PopulationStabilityIndex,
    /// A threshold on the normed Wasserstein distance.
    Wasserstein,
    /// A threshold on the Jensen-Shannon distance.
    JensenShannon,
    /// A threshold on the Kullback-Leibler divergence.
    KullbackLeibler,
}

impl DriftTest {
    /// Its name in a report.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KolmogorovSmirnov => "ks",
            Self::ChiSquare => "chi_square",
            Self::FisherExact => "fisher_exact",
            Self::MissingShare => "missing_share",
            Self::TypeChanged => "type_changed",
            Self::ChiSquareGoodnessOfFit => "chi_square_goodness_of_fit",
            Self::ZTest => "z",
            Self::PopulationStabilityIndex => "psi",
            Self::Wasserstein => "wasserstein",
            Self::JensenShannon => "jensen_shannon",
            Self::KullbackLeibler => "kl_divergence",
        }
    }
}

impl Serialize for DriftTest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Rows without a value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MissingShares {
    /// Their share of the reference.
    pub reference: f64,
    /// Their share of the window.
    pub current: f64,
    /// Fisher's exact p-value for one share; absent if no row lacks a value.
    pub p_value: Option<f64>,
    /// That p-value adjusted for all tests made.
    pub p_value_adjusted: Option<f64>,
}

/// What was found of one column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureDrift {
    /// The column.
    pub name: String,
    /// The test that decided.
    pub test: DriftTest,
    /// Its statistic.
    pub statistic: f64,
    /// Its p-value; 1 if there is nothing to compare. For a threshold on a distance, the p-value of
    /// the test that would decide by default.
    pub p_value: f64,
    /// The same by the asymptotic distribution.
    pub p_value_asymptotic: f64,
    /// The p-value adjusted for all tests made: drift if it is at most `alpha`.
    pub p_value_adjusted: f64,
    /// Population stability index.
    pub psi: f64,
    /// Kullback-Leibler divergence of the window from the reference, in nats.
    pub kl_divergence: f64,
    /// Wasserstein distance in standard deviations of the reference; absent for categories.
    pub wasserstein_normed: Option<f64>,
    /// Jensen-Shannon distance, natural logarithm.
    pub jensen_shannon: f64,
    /// Rows without a value.
    pub missing: MissingShares,
    /// Categories that no reference row has.
    pub new_categories: Vec<String>,
    /// Cells of the window that are not what the reference holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odd: Option<OddCells>,
    /// Whether the column drifted; never with insufficient data.
    pub drifted: bool,
}

/// A column that moved by less of its standard deviation is where it was, for most purposes.
const TRIFLE: f64 = 1e-3;

impl FeatureDrift {
    /// Whether the values are told apart at `alpha` although they moved by less than a thousandth
    /// of the reference's standard deviation.
    ///
    /// Tied values that all move by next to nothing do that: to Kolmogorov-Smirnov 0.5002 is another
    /// value than 0.5, and so it is in Evidently's bins.
    #[must_use]
    pub fn is_a_trifle(&self, alpha: f64) -> bool {
        let of_values = !matches!(self.test, DriftTest::MissingShare | DriftTest::TypeChanged);
        let moved = self.wasserstein_normed.filter(|moved| *moved > 0.0 && *moved < TRIFLE);
        of_values && moved.is_some() && self.p_value <= alpha
    }

    /// Lets the share of cells without a number decide where a column of numbers holds others now.
    pub(super) fn test_the_type(&mut self) {
        if !self.odd.as_ref().is_some_and(OddCells::change_the_type) {
            return;
        }
        self.test = DriftTest::TypeChanged;
        self.statistic = self.missing.current - self.missing.reference;
        self.p_value = self.missing.p_value.unwrap_or(1.0);
        self.p_value_asymptotic = self.p_value;
    }
}

/// What a comparison of two samples found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftReport {
    /// Whether the window drifted; never with insufficient data.
    pub drifted: bool,
    /// The verdict.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Rows of the reference.
    pub n_reference: usize,
    /// Rows of the window.
    pub n_current: usize,
    /// The p-value of the whole comparison; the window drifted if it is at most `alpha`. Absent
    /// under Evidently's rule, which has none.
    pub p_value: Option<f64>,
    /// The test of all columns at once, where there are two or more and rows enough.
    pub joint: Option<JointShift>,
    /// Column by column, in the reference's order.
    pub features: Vec<FeatureDrift>,
}
