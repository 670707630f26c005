//! Prometheus' text format, and what is wrong with a text of it.
//!
//! The rules are those of `promtool check metrics`, and that labels stand in one order.
//! Sources: <https://prometheus.io/docs/instrumenting/exposition_formats/> and
//! <https://prometheus.io/docs/practices/naming/>

use std::collections::{BTreeMap, BTreeSet};

/// A sample: its name, its labels in their order, its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) value: f64,
}

impl Sample {
    fn read(line: &str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = match series.split_once('{') {
            None => (series, ""),
            Some((name, labels)) => (name, labels.strip_suffix('}')?),
        };
        let mut pairs = Vec::new();
        // No label of ours holds a comma or an escaped quote.
        for pair in labels.split(',').filter(|pair| !pair.is_empty()) {
            let (label, value) = pair.split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            pairs.push((label.to_owned(), value.to_owned()));
        }
        Some(Self { name: name.to_owned(), labels: pairs, value: value.parse().ok()? })
    }

    /// The family that it belongs to.
    fn family<'a>(&'a self, kinds: &BTreeMap<String, String>) -> &'a str {
        let ends = ["_bucket", "_sum", "_count"];
        let base = ends.iter().find_map(|end| self.name.strip_suffix(end));
        base.filter(|base| kinds.get(*base).is_some_and(|kind| kind == "histogram"))
            .unwrap_or(&self.name)
    }
}

/// All samples of a text.
pub(crate) fn samples(text: &str) -> Vec<Sample> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(Sample::read).collect()
}

/// Everything that is wrong with `text`.
pub(crate) fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut helped = BTreeSet::new();
    let mut kinds = BTreeMap::<String, String>::new();
    let mut current = String::new();
    let mut series = BTreeSet::new();
    let mut label_orders = BTreeMap::<String, Vec<String>>::new();
    if !text.ends_with('\n') {
        faults.push("the last line has no end".to_owned());
    }
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap_or((rest, ""));
            if help.trim().is_empty() || !helped.insert(name.to_owned()) {
                faults.push(format!("{name}: no help, or twice"));
            }
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap_or((rest, ""));
            if !helped.contains(name) {
                faults.push(format!("{name}: the type comes before the help"));
            }
            if kinds.insert(name.to_owned(), kind.to_owned()).is_some() {
                faults.push(format!("{name}: its samples don't stand together"));
            }
            name.clone_into(&mut current);
            faults.extend(name_faults(name, kind));
        } else if line.starts_with('#') || line.is_empty() {
            faults.push(format!("a line that isn't of this format: {line:?}"));
        } else if let Some(sample) = Sample::read(line) {
            let family = sample.family(&kinds).to_owned();
            if family != current {
                faults.push(format!("{line}: it stands with {current}"));
            }
            let names: Vec<String> = sample.labels.iter().map(|(name, _)| name.clone()).collect();
            faults.extend(label_faults(&sample, kinds.get(&family)));
            let order = label_orders.entry(sample.name.clone()).or_insert_with(|| names.clone());
            if *order != names {
                faults.push(format!("{line}: other labels, or another order, than before"));
            }
            let mut labels = sample.labels.clone();
            labels.sort();
            if !series.insert((sample.name, labels)) {
                faults.push(format!("{line}: twice"));
            }
        } else {
            faults.push(format!("no sample: {line:?}"));
        }
    }
    faults
}

/// What is wrong with a family's name.
fn name_faults(name: &str, kind: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('_').collect();
    let has = |listed: &[&str]| listed.iter().any(|word| words.contains(word));
    let is_named = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    let abbreviated =
        ["s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"];
    let not_base = [
        "milliseconds",
        "millis",
        "minutes",
        "hours",
        "days",
        "weeks",
        "bits",
        "kilobytes",
        "megabytes",
        "kibibytes",
        "mebibytes",
        "percent",
        "percents",
    ];
    let rules = [
        (!is_named, "other characters than a-z, 0-9 and _"),
        (!["counter", "gauge", "histogram"].contains(&kind), "an unknown type"),
        (kind == "counter" && !ends(&["_total"]), "a counter without _total"),
        (kind != "counter" && ends(&["_total"]), "_total without a counter"),
        (ends(&["_count", "_sum", "_bucket"]), "the end of a histogram's samples"),
        (has(&["counter", "gauge", "histogram", "summary", "metric"]), "its type in its name"),
        (has(&abbreviated), "a unit that is abbreviated"),
        (has(&not_base), "a unit that is no base unit"),
    ];
    rules.iter().filter(|(is, _)| *is).map(|(_, what)| format!("{name}: {what}")).collect()
}

/// What is wrong with a sample's labels.
fn label_faults(sample: &Sample, kind: Option<&String>) -> Vec<String> {
    let name = &sample.name;
    let fits = |label: &str| label.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let reserved = |label: &str| match label {
        "le" => kind.is_none_or(|kind| kind != "histogram"),
        "quantile" => true,
        _ => false,
    };
    let labels = sample.labels.iter().map(|(label, _)| label.as_str());
    labels
        .filter(|label| !fits(label) || reserved(label))
        .map(|label| format!("{name}: the label {label}"))
        .collect()
}
