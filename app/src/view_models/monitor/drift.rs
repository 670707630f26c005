//! The newest rows of the log against those that trained the model: column by column, in words and as shares.

use model_core::drift::{
    DEFAULT_WINDOWS, DriftTest, FeatureDrift, Outcome, SampleColumn, alarm_level, detect_for_model,
    is_lasting, windows_in_a_row,
};
use model_core::{Artifact, ColumnSummary, FeatureKind, Schema};
use tepal_api::FeatureValue;

use super::log::Row;
use crate::i18n::t;
use crate::view_models::format::{self, NBSP};

/// Most probability of an alarm without drift.
const ALPHA: f64 = 0.05;
/// Most rows that are judged together.
const WINDOW: usize = 200;
/// Stretches of numbers, and most categories, that are drawn.
const MOST_BARS: usize = 8;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drift {
    /// The verdict on all columns.
    pub(crate) sentence: String,
    /// Whether it is that something moved and stays so: three windows in a row.
    pub(crate) is_drift: bool,
    /// Column by column, those that moved most first.
    pub(crate) features: Vec<FeatureWords>,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FeatureWords {
    /// Its name for people.
    pub(crate) name: String,
    /// In a word or two.
    pub(crate) verdict: &'static str,
    /// What moved, as far as it did.
    pub(crate) sentence: String,
    /// Which test says so, and its p-value.
    pub(crate) test: String,
    /// Whether it drifted.
    pub(crate) drifted: bool,
    /// How its values are distributed, then and now.
    pub(crate) bars: Vec<Bar>,
}

/// A stretch of numbers, or a category.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    /// What it is.
    pub(crate) label: String,
    /// Its share of the rows that trained the model, in percent.
    pub(crate) then: f64,
    /// Its share of the newest rows, in percent.
    pub(crate) now: f64,
}

/// A value with the rows that it stands for.
type Weighted = Vec<(f64, f64)>;

/// Compares the newest rows of `log` (newest first) that are of the model `artifact` with those that trained it.
///
/// # Errors
/// Why they cannot be compared, in a sentence.
pub(crate) fn drift(artifact: &Artifact, log: &[Row]) -> Result<Drift, String> {
    let schema = artifact.schema();
    let id = artifact.id().to_string();
    let rows: Vec<&Row> = log.iter().filter(|row| row.model_id == id).collect();
    let sample = artifact.reference();
    let carried = if sample.train.is_empty() { &sample.held_out } else { &sample.train };
    let then: Vec<Weighted> = match artifact.reference_summary() {
        Some(summary) if carried.is_empty() => {
            let column = |column: &ColumnSummary| {
                let counts = column.counts.iter().map(|n| f64::from(*n));
                column.values.iter().copied().zip(counts).collect()
            };
            summary.columns().iter().map(column).collect()
        }
        _ => {
            let reference = SampleColumn::of_reference(schema, carried);
            let each = |column: &SampleColumn| column.values.iter().map(|it| (*it, 1.0)).collect();
            reference.iter().map(each).collect()
        }
    };
    let judge = |rows: &[&Row]| {
        let found = detect_for_model(artifact, &columns(schema, rows));
        found.map_err(|error| format::sentence(&error.to_string()))
    };
    let (rows, earlier) = rows.split_at(rows.len().min(WINDOW));
    let report = judge(rows)?;
    let mut history = vec![report.outcome];
    if report.drifted {
        // Those before matter to a drift alone: whether it lasts.
        for window in earlier.chunks_exact(WINDOW).take(DEFAULT_WINDOWS - 1) {
            history.insert(0, judge(window)?.outcome);
        }
    }
    // As the edge sees it, which looks every quarter of an hour.
    let p_value = report.p_value.unwrap_or(1.0);
    let lasts = is_lasting(windows_in_a_row(&history), p_value, DEFAULT_WINDOWS, alarm_level(900));
    let is_judged = !matches!(report.outcome, Outcome::InsufficientData { .. });
    let found = report.features.iter().zip(then).enumerate();
    let mut features: Vec<(f64, FeatureWords)> = found
        .map(|(at, (found, then))| {
            let (then, now) = shares(schema, at, then, rows);
            (found.p_value_adjusted, feature_words(schema, at, found, is_judged, then, now))
        })
        .collect();
    model_core::sort_items(&mut features, &mut |a, b| a.0.total_cmp(&b.0));
    let n = format::thousands(report.n_current);
    let sentence = match report.outcome {
        Outcome::InsufficientData { rows, needed } if rows < report.n_current => t!(
            "The model's file carries {rows} to compare with, and a verdict takes {needed}: what is seen here is none.",
            rows = format::count(rows, t!("row"), t!("rows")),
            needed
        ),
        Outcome::InsufficientData { rows, needed } => {
            let rows = format::count(rows, t!("row"), t!("rows"));
            t!("Insufficient data: {rows}, and a verdict takes {needed}.", rows, needed)
        }
        Outcome::Drift => {
            let differ = t!(
                "The newest {n} rows differ from those that trained the model by more than chance ({p} for all features together).",
                n,
                p = p_words(p_value)
            );
            let lasting = if lasts {
                t!("So do both windows of {n} rows before: it lasts.", n = WINDOW)
            } else {
                t!(
                    "One window is no reason to act: without any drift one in 20 looks so. It is one once three windows of {n} rows in a row do.",
                    n = WINDOW
                )
            };
            format!("{differ} {lasting}")
        }
        Outcome::NoDrift => t!(
            "The newest {n} rows look like those that trained the model, as far as they tell ({p} for all features together).",
            n,
            p = p_words(p_value)
        ),
    };
    let features = features.into_iter().map(|(_, words)| words).collect();
    Ok(Drift { sentence, is_drift: lasts, features })
}

/// The columns of `rows`: numbers, or texts, so that a category that the model does not know is one too.
fn columns(schema: &Schema, rows: &[&Row]) -> Vec<SampleColumn> {
    let column = |(at, feature): (usize, &model_core::Feature)| match &feature.kind {
        FeatureKind::Numeric(_) => {
            let value = |row: &&Row| row.value(schema, at).unwrap_or(f64::NAN);
            SampleColumn::numeric(feature.name.clone(), rows.iter().map(value).collect())
        }
        FeatureKind::Categorical(_) => {
            let texts = rows.iter().map(|row| category(row, at, &feature.name));
            let texts: Vec<Option<&str>> = texts.collect();
            SampleColumn::categorical(feature.name.clone(), &texts)
        }
    };
    schema.features.iter().enumerate().map(column).collect()
}

fn category<'a>(row: &'a Row, at: usize, name: &str) -> Option<&'a str> {
    match row.sent(at, name)? {
        FeatureValue::Category(text) => Some(text),
        _ => None,
    }
}

/// The values of a column then and now, each under what it is called and with the rows that it stands for.
type Named = Vec<(String, f64)>;

fn shares(schema: &Schema, at: usize, then: Weighted, rows: &[&Row]) -> (Vec<Bar>, (f64, f64)) {
    let Some(feature) = schema.features.get(at) else { return Default::default() };
    match &feature.kind {
        FeatureKind::Numeric(range) => {
            let now = rows.iter().map(|row| (row.value(schema, at).unwrap_or(f64::NAN), 1.0));
            let now: Weighted = now.collect();
            (stretches(&then, &now, range.decimals), (mean(&then), mean(&now)))
        }
        FeatureKind::Categorical(names) => {
            let name = |value: f64| names.get(value as usize).cloned();
            let then = then.iter().filter(|(value, _)| !value.is_nan());
            let then: Named = then.filter_map(|(it, n)| Some((name(*it)?, *n))).collect();
            let now = rows.iter().filter_map(|row| category(row, at, &feature.name));
            let now: Named = now.map(|name| (name.to_owned(), 1.0)).collect();
            (categories(&then, &now), (f64::NAN, f64::NAN))
        }
    }
}

fn mean(values: &[(f64, f64)]) -> f64 {
    let present = values.iter().filter(|(value, _)| value.is_finite());
    let (sum, n) = present.fold((0.0, 0.0), |(sum, n), (value, w)| (sum + value * w, n + w));
    sum / n
}

/// Numbers in equal stretches from the least to the greatest of both.
fn stretches(then: &[(f64, f64)], now: &[(f64, f64)], decimals: u8) -> Vec<Bar> {
    let all = then.iter().chain(now).map(|(value, _)| *value).filter(|value| value.is_finite());
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return Vec::new();
    }
    let n_bars = if low == high { 1 } else { MOST_BARS };
    // Halves, so that a range wider than any double still has a width.
    let width = 2.0 * ((high / 2.0 - low / 2.0) / n_bars as f64);
    let end = |at: usize| if at == n_bars { high } else { low + width * at as f64 };
    let counts = |values: &[(f64, f64)]| {
        let mut counts = vec![0.0; n_bars];
        for (value, weight) in values.iter().filter(|(value, _)| value.is_finite()) {
            let at = (1..n_bars).take_while(|at| *value >= end(*at)).count();
            if let Some(count) = counts.get_mut(at) {
                *count += weight;
            }
        }
        percents(counts)
    };
    let bar = |(at, (then, now)): (usize, (f64, f64))| {
        let said = |value| format::decimal(value, (decimals + 1).min(6));
        let label = if low == high {
            said(low)
        } else {
            t!("{from} to {to}", from = said(end(at)), to = said(end(at + 1)))
        };
        Bar { label, then, now }
    };
    counts(then).into_iter().zip(counts(now)).enumerate().map(bar).collect()
}

fn percents(counts: Vec<f64>) -> Vec<f64> {
    let sum = counts.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    // Adding 0 makes a negative zero, which the sum of nothing is, a positive one.
    counts.into_iter().map(|count| 100.0 * count / sum + 0.0).collect()
}

/// Categories, the most frequent first; the rest together.
fn categories(then: &[(String, f64)], now: &[(String, f64)]) -> Vec<Bar> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in then.iter().chain(now) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let shares = |values: &[(String, f64)]| {
        let count = |name: &&str| values.iter().filter(|(of, _)| of == name).map(|(_, n)| n).sum();
        percents(names.iter().map(count).collect())
    };
    let both = shares(then).into_iter().zip(shares(now));
    let bar =
        |(name, (then, now)): (&&str, (f64, f64))| Bar { label: (*name).to_owned(), then, now };
    let mut bars: Vec<Bar> = names.iter().zip(both).map(bar).collect();
    model_core::sort_items(&mut bars, &mut |a, b| (b.then + b.now).total_cmp(&(a.then + a.now)));
    if bars.len() > MOST_BARS {
        let rest = bars.split_off(MOST_BARS - 1);
        let label = t!("{n} others", n = rest.len());
        let sum = |share: fn(&Bar) -> f64| rest.iter().map(share).sum();
        bars.push(Bar { label, then: sum(|it| it.then), now: sum(|it| it.now) });
    }
    bars
}

fn feature_words(
    schema: &Schema,
    at: usize,
    found: &FeatureDrift,
    is_judged: bool,
    bars: Vec<Bar>,
    (then, now): (f64, f64),
) -> FeatureWords {
    let feature = schema.features.get(at);
    let name = feature.map_or_else(|| found.name.clone(), |it| format::words(&it.label));
    let mut sentences: Vec<String> = Vec::new();
    let missing = &found.missing;
    let gaps_moved = missing.p_value_adjusted.is_some_and(|p| p <= ALPHA);
    if gaps_moved {
        sentences.push(t!(
            "{now} of the rows have no value; among those that trained the model it was {then}.",
            now = format::percent(missing.current),
            then = format::percent(missing.reference)
        ));
    }
    if !found.new_categories.is_empty() {
        let names = found.new_categories.iter().take(MOST_BARS).cloned().collect::<Vec<_>>();
        sentences.push(t!("New to the model: {names}.", names = names.join(", ")));
    }
    if then.is_finite() && now.is_finite() {
        let decimals = feature.map_or(2, |it| match &it.kind {
            FeatureKind::Numeric(range) => (range.decimals + 1).min(6),
            FeatureKind::Categorical(_) => 2,
        });
        sentences.push(t!(
            "Mean {now}; among the rows that trained the model {then}.",
            now = format::decimal(now, decimals),
            then = format::decimal(then, decimals)
        ));
    }
    let verdict = match (is_judged, found.drifted) {
        (false, _) => t!("too few rows to tell"),
        (true, true) if found.is_a_trifle(ALPHA) && !gaps_moved => t!("moved by next to nothing"),
        (true, true) => t!("moved"),
        (true, false) => t!("as before"),
    };
    let of_gaps = missing.p_value_adjusted.filter(|p| gaps_moved && *p < found.p_value_adjusted);
    let (test, p) =
        of_gaps.map_or((found.test, found.p_value_adjusted), |p| (DriftTest::MissingShare, p));
    FeatureWords {
        name,
        verdict,
        sentence: sentences.join(" "),
        test: if is_judged {
            t!("{test}: {p}, corrected for all features", test = test_name(test), p = p_words(p))
        } else {
            String::new()
        },
        drifted: is_judged && found.drifted,
        bars,
    }
}

fn test_name(test: DriftTest) -> &'static str {
    match test {
        DriftTest::ChiSquare => t!("Chi-square test"),
        DriftTest::FisherExact => t!("Fisher's exact test"),
        DriftTest::MissingShare | DriftTest::TypeChanged => t!("Share of rows without a value"),
        _ => t!("Kolmogorov–Smirnov test"),
    }
}

/// A p-value as it is written.
fn p_words(p: f64) -> String {
    if p < 0.001 {
        format!("p{NBSP}<{NBSP}{}", format::decimal(0.001, 3))
    } else {
        format!("p{NBSP}={NBSP}{}", format::decimal(p, 3))
    }
}

#[cfg(test)]
mod tests {
    use super::super::log::tests::row;
    use super::*;
    use crate::view_models::fixtures::{built_in, mixed, sharing};

    /// The rows that trained `model` as a log has them, `times` over, with `change` made to each.
    fn log(model: &Artifact, times: usize, change: impl Fn(usize, &mut Row)) -> Vec<Row> {
        let schema = model.schema();
        let carried = &model.reference().train;
        let of = |values: &[f64]| -> Vec<(String, FeatureValue)> {
            let named = schema.features.iter().zip(values);
            named.map(|(it, v)| (it.name.clone(), FeatureValue::of(*v, it.categories()))).collect()
        };
        let one = (0..carried.len()).map(|at| of(carried.row(at)));
        let rows: Vec<_> = one.collect();
        let mut log = Vec::new();
        for features in std::iter::repeat_n(rows, times).flatten() {
            let model_id = model.id().to_string();
            let mut made = Row { features, model_id, ..row(1, &[]) };
            change(log.len(), &mut made);
            log.push(made);
        }
        log
    }

    #[test]
    fn rows_like_those_that_trained_it_are_as_before() {
        let model = built_in();
        let found = drift(&model, &log(&model, 1, |_, _| {})).unwrap();
        assert!(!found.is_drift && found.sentence.contains("look like those"), "{found:?}");
        assert!(found.features.iter().all(|it| it.verdict == "as before" && it.bars.len() == 8));
        let sums = found.features.iter().map(|it| it.bars.iter().map(|bar| bar.now).sum::<f64>());
        assert!(sums.into_iter().all(|sum| (sum - 100.0).abs() < 1e-9));
    }

    #[test]
    fn what_moved_comes_first_and_says_where_to() {
        let model = built_in();
        let shifted = |_: usize, row: &mut Row| {
            if let FeatureValue::Number(value) = &mut row.features[1].1 {
                *value += 1.0;
            }
        };
        let found = drift(&model, &log(&model, 1, shifted)).unwrap();
        assert!(!found.is_drift && found.sentence.contains("more than chance"));
        assert!(found.sentence.ends_with("once three windows of 200 rows in a row do."));
        let first = &found.features[0];
        assert!(first.drifted && first.verdict == "moved" && first.name.contains("epal"));
        assert!(
            first.test.starts_with("Kolmogorov–Smirnov test: p\u{a0}<\u{a0}0.001"),
            "{}",
            first.test
        );
        assert!(first.sentence.starts_with("Mean 4."), "{}", first.sentence);
        assert!(found.features[1..].iter().all(|it| !it.drifted));
    }

    #[test]
    fn drift_lasts_once_three_windows_in_a_row_have_it() {
        let model = built_in();
        let shifted = |from: usize, to: usize| {
            log(&model, 6, move |at, row| match &mut row.features[1].1 {
                FeatureValue::Number(value) if (from..to).contains(&at) => *value += 1.0,
                _ => {}
            })
        };
        let said = |rows: &[Row]| drift(&model, rows).unwrap();
        let found = said(&shifted(0, 600));
        assert!(found.is_drift && found.sentence.ends_with("of 200 rows before: it lasts."));
        assert!(found.sentence.starts_with("The newest 200 rows"));
        assert!(!said(&shifted(0, 390)).is_drift, "the third is as before");
        assert!(!said(&shifted(200, 700)).is_drift, "it is over");
    }

    #[test]
    fn fewer_than_fifty_rows_are_insufficient_and_other_models_do_not_count() {
        let model = built_in();
        let mut rows = log(&model, 1, |at, row| {
            if at >= 12 {
                row.model_id = "another".into();
            }
        });
        let found = drift(&model, &rows).unwrap();
        assert_eq!(found.sentence, "Insufficient data: 12 rows, and a verdict takes 50.");
        assert!(found.features.iter().all(|it| it.verdict == "too few rows to tell"));
        rows.clear();
        assert!(drift(&model, &rows).unwrap().sentence.contains("0 rows"));
    }

    #[test]
    fn gaps_and_new_categories_are_named() {
        let model = sharing();
        // A model of 24 rows has too few for a verdict: what is seen is said all the same.
        let rows = log(&model, 4, |_, row| {
            row.features[1].1 = FeatureValue::Category("violet".into());
            row.features[0].1 = FeatureValue::Missing;
        });
        let found = drift(&model, &rows).unwrap();
        assert!(found.sentence.contains("carries 24 rows to compare with"), "{}", found.sentence);
        let said = |name: &str| found.features.iter().find(|it| it.name == name).unwrap().clone();
        assert!(said("colour").sentence.contains("New to the model: violet."));
        assert!(said("weight").sentence.contains("100.0\u{a0}% of the rows have no value"));
        let bars = said("colour").bars;
        let violet = bars.iter().find(|bar| bar.label == "violet").unwrap();
        assert_eq!((violet.then, violet.now), (0.0, 100.0));
    }

    #[test]
    fn a_model_without_rows_is_compared_by_its_summary() {
        let iris = model_core::Dataset::iris();
        let params = model_core::TrainParams::new(model_core::Family::GaussianNb);
        let with_rows = params.train(&iris).unwrap();
        let rows = log(&with_rows, 1, |_, _| {});
        let without = with_rows.without_rows().unwrap();
        let id = without.id().to_string();
        let rows: Vec<Row> =
            rows.into_iter().map(|row| Row { model_id: id.clone(), ..row }).collect();
        let found = drift(&without, &rows).unwrap();
        assert!(!found.is_drift && found.features.len() == 4);
        assert!(found.features[0].bars.iter().map(|bar| bar.then).sum::<f64>() > 99.0);
    }

    #[test]
    fn many_categories_are_drawn_together() {
        let named = |n: usize| (0..n).map(|at| (format!("c{at}"), 1.0)).collect::<Vec<_>>();
        let bars = categories(&named(20), &named(3));
        assert_eq!(bars.len(), 8);
        assert_eq!(bars[7].label, "13 others");
        assert!((bars.iter().map(|it| it.then).sum::<f64>() - 100.0).abs() < 1e-9);
        assert_eq!(stretches(&[], &[], 1), []);
        assert_eq!(stretches(&[(2.0, 1.0)], &[(2.0, 1.0)], 0)[0].now, 100.0);
        assert!(drift(&mixed(), &[]).is_ok());
    }
}
