//! One strip a column: what it holds, counted by class.

use model_core::Dataset;
use model_core::dataset::{CellTexts, ColumnKind, ColumnProfile, ColumnSummary};
use model_core::schema::SourceKind;
use serde::{Deserialize, Serialize};

use super::counts;

/// Categories that a strip names.
const MAX_SHOWN: usize = 12;
/// Cells of a left-out column that are looked at, and texts that are shown of it.
const LOOKED_AT: usize = 200;
const EXAMPLES: usize = 3;

/// What a column of the file became.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Strip {
    /// Its name.
    pub(crate) name: String,
    /// Cells without a value, of the rows that are used.
    pub(crate) n_missing: u32,
    /// What it holds.
    pub(crate) contents: Contents,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Contents {
    /// Numbers.
    Numbers {
        /// Least value, quartiles and greatest value.
        quartiles: [f64; 5],
        /// Their mean.
        mean: f64,
        /// Their standard deviation.
        std: f64,
        /// The bins of the profile's histogram.
        bars: Bars,
    },
    /// Categories.
    Categories {
        /// How many.
        distinct: u32,
        /// The most common ones.
        shown: Vec<String>,
        /// Their rows.
        bars: Bars,
    },
    /// Dates, times or free text, of which features were made.
    Derived {
        /// Whether of text.
        of_text: bool,
        /// How many features.
        n_features: u32,
    },
    /// Nothing is learnt from it.
    LeftOut {
        /// Some of its texts.
        examples: Vec<String>,
    },
    /// It is what is to be learnt.
    Target {
        /// How many classes there are, those without a bar of their own too.
        n_classes: u32,
        /// Rows by class, those beyond the last colour in one bar.
        bars: Bars,
    },
}

/// Rows a bar, and in each by group of classes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bars(pub(crate) Vec<Vec<u32>>);

/// The strips of `data`, whose cells are `cells` and whose columns are `profiles`: in the file's order.
pub(super) fn strips(data: &Dataset, cells: &CellTexts, profiles: &[ColumnProfile]) -> Vec<Strip> {
    let names = cells.names().iter().enumerate();
    names.map(|(place, name)| strip(data, cells, profiles, place, name)).collect()
}

fn strip(
    data: &Dataset,
    cells: &CellTexts,
    profiles: &[ColumnProfile],
    place: usize,
    name: &str,
) -> Strip {
    let schema = data.schema();
    let named = |n_missing, contents| Strip { name: name.to_owned(), n_missing, contents };
    if name == schema.target {
        return named(0, target(data));
    }
    if let Some(source) = schema.sources.iter().find(|source| source.name == name) {
        let first = source.first_feature;
        let n_missing = data.column(first).filter(|value| value.is_nan()).count() as u32;
        let n_features = source.features().len() as u32;
        let of_text = matches!(source.kind, SourceKind::Text { .. });
        return named(n_missing, Contents::Derived { of_text, n_features });
    }
    let used = data.columns().iter().position(|column| column.name == name);
    match used.and_then(|at| Some((at, profiles.get(at)?))) {
        Some((at, profile)) => {
            let (n_missing, contents) = used_column(data, at, profile);
            named(n_missing, contents)
        }
        None => named(0, Contents::LeftOut { examples: examples(cells, place) }),
    }
}

fn used_column(data: &Dataset, at: usize, profile: &ColumnProfile) -> (u32, Contents) {
    let items = || data.column(at).zip(data.labels().iter().copied());
    match &profile.summary {
        ColumnSummary::Numeric(of) => {
            let binned = items()
                .filter(|(value, _)| value.is_finite())
                .map(|(value, class)| (counts::bin(value, &of.histogram.edges), class));
            let bars = Bars(counts::count(of.histogram.counts.len(), data.n_classes(), binned));
            let quartiles = [of.min, of.q1, of.median, of.q3, of.max];
            (of.missing, Contents::Numbers { quartiles, mean: of.mean, std: of.std, bars })
        }
        ColumnSummary::Categorical(of) => {
            let n_categories = match data.columns().get(at).map(|column| &column.kind) {
                Some(ColumnKind::Categorical(categories)) => categories.len(),
                _ => 0,
            };
            let shown = of.most_common.get(..MAX_SHOWN).unwrap_or(&of.most_common);
            let mut bar_of = vec![usize::MAX; n_categories];
            for (bar, category) in shown.iter().enumerate() {
                if let Some(of_code) = bar_of.get_mut(category.code as usize) {
                    *of_code = bar;
                }
            }
            let counted = items()
                .filter(|(code, _)| !code.is_nan())
                .filter_map(|(code, class)| bar_of.get(code as usize).map(|&bar| (bar, class)));
            let bars = Bars(counts::count(shown.len(), data.n_classes(), counted));
            let shown = shown.iter().map(|category| category.category.clone()).collect();
            (of.missing, Contents::Categories { distinct: of.distinct, shown, bars })
        }
    }
}

fn target(data: &Dataset) -> Contents {
    let items = data.labels().iter().map(|&class| (counts::group(class), class));
    let n_classes = data.n_classes();
    let bars = Bars(counts::count(counts::n_groups(n_classes), n_classes, items));
    Contents::Target { n_classes: n_classes as u32, bars }
}

/// Some different texts of a column, as they stand in the file.
fn examples(cells: &CellTexts, place: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for row in 0..cells.n_rows().min(LOOKED_AT) {
        let text = cells.cell(row, place);
        if !text.is_empty() && found.iter().all(|known| known != text) {
            found.push(text.chars().take(40).collect());
        }
        if found.len() == EXAMPLES {
            break;
        }
    }
    found
}
