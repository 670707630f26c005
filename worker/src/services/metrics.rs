//! Counters, and the text of `GET /metrics`.
//!
//! An isolate counts deltas under [`CounterKey`]s; they reach the log in the same call as the
//! rows, tagged, so that a retry counts once. `/metrics` renders the totals of all shards. The
//! key's JSON text is what a shard stores, so a shard needs to know no metric.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};
use serde::{Deserialize, Serialize};

use super::serving::ServedModel;
use super::telemetry::Snapshot;

/// How the totals are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Prometheus' own text, which every scraper reads.
    Prometheus,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
}

impl Format {
    /// Its media type, with parameters.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Upper bounds of the duration buckets in milliseconds; the last bucket has none.
const BUCKETS_MILLIS: [u64; 13] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

type Text = Cow<'static, str>;

/// Names one number that only grows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CounterKey {
    /// Answered requests: route, method, status class.
    Requests(Text, Text, Text),
    /// Requests over the rate limit, by route.
    RateLimited(Text),
    /// Predictions: class, model version.
    Predictions(Text, u64),
    /// What a challenger in the shadow said: class, model version.
    ShadowPredictions(Text, u64),
    /// Rows that a challenger in the shadow couldn't take, by its version.
    ShadowRefusals(u64),
    /// Warnings given, by code.
    Warnings(Text),
    /// Rows that reached the log.
    LogRowsAppended,
    /// Rows that were given up because the log didn't answer.
    LogRowsDropped,
    /// Tries to move rows on, to a shard or from it to the segment store, that failed.
    LogFlushFailures,
    /// Requests of a route whose duration fell into this bucket (not cumulative).
    DurationBucket(Text, u8),
    /// Sum of a route's durations in milliseconds.
    DurationMillis(Text),
}

impl CounterKey {
    /// As stored in a shard.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What durations are told apart by: the route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DurationClass(pub(crate) Text);

impl DurationClass {
    /// What one request of `millis` adds.
    pub(crate) fn counts(&self, millis: u64) -> [(CounterKey, u64); 2] {
        let bucket = BUCKETS_MILLIS.iter().position(|bound| millis <= *bound);
        let bucket = u8::try_from(bucket.unwrap_or(BUCKETS_MILLIS.len())).unwrap_or(u8::MAX);
        [
            (CounterKey::DurationBucket(self.0.clone(), bucket), 1),
            (CounterKey::DurationMillis(self.0.clone()), millis),
        ]
    }
}

/// The text of `/metrics` for these totals.
///
/// # Errors
/// [`fmt::Error`] if the encoder fails, which writing to a string doesn't.
pub(crate) fn render(
    snapshot: &Snapshot,
    model: Option<&ServedModel>,
    format: Format,
) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("tepal");
    registry.register_collector(Box::new(Totals::read(snapshot, model)));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)?;
    Ok(match format {
        Format::OpenMetrics => text,
        Format::Prometheus => to_prometheus(&text),
    })
}

/// The same samples in Prometheus' text format 0.0.4: a counter's family has the name of its
/// samples, and units and the end aren't written.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>
fn to_prometheus(openmetrics: &str) -> String {
    let types = openmetrics.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let counters: BTreeSet<&str> = types.filter_map(|line| line.strip_suffix(" counter")).collect();
    let mut text = String::with_capacity(openmetrics.len());
    for line in openmetrics.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("EOF" | "UNIT"), ..) => continue,
            (Some("#"), Some(keyword), Some(name), Some(rest)) if counters.contains(name) => {
                text.extend(["# ", keyword, " ", name, "_total ", rest]);
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

type Labels = Vec<(&'static str, String)>;

/// A counter's values by labels.
type Series = Vec<(Labels, u64)>;

#[derive(Debug, Default)]
struct Totals {
    requests: Series,
    rate_limited: Series,
    predictions: Series,
    shadow_predictions: Series,
    shadow_refusals: Series,
    warnings: Series,
    /// Whether there are totals; a scraper would take zeros for a restart.
    are_known: bool,
    log_is_up: bool,
    log_rows_appended: u64,
    log_rows_dropped: u64,
    log_flush_failures: u64,
    durations: BTreeMap<String, Durations>,
    model: Option<Labels>,
}

#[derive(Debug, Default)]
struct Durations {
    buckets: [u64; BUCKETS_MILLIS.len() + 1],
    millis: u64,
}

impl Totals {
    fn read(snapshot: &Snapshot, model: Option<&ServedModel>) -> Self {
        let mut read = Self { log_is_up: snapshot.log_is_up, ..Self::default() };
        read.are_known = snapshot.totals.is_some();
        for (text, &n) in snapshot.totals.iter().flat_map(|totals| totals.iter()) {
            // A key of a later version is left out, not an error: a rollback must not break this.
            if let Ok(key) = serde_json::from_str(text) {
                read.add(key, n);
            }
        }
        read.model = model.map(|model| {
            vec![
                ("family", model.artifact.family().as_str().to_owned()),
                ("model_id", model.id.clone()),
                ("model_version", model.version.to_string()),
            ]
        });
        read
    }

    fn add(&mut self, key: CounterKey, n: u64) {
        match key {
            CounterKey::Requests(route, method, class) => self.requests.push((
                vec![
                    ("route", route.into_owned()),
                    ("method", method.into_owned()),
                    ("status", class.into_owned()),
                ],
                n,
            )),
            CounterKey::RateLimited(route) => {
                self.rate_limited.push((vec![("route", route.into_owned())], n));
            }
            CounterKey::Predictions(class, version) => self.predictions.push((
                vec![("class", class.into_owned()), ("model_version", version.to_string())],
                n,
            )),
            CounterKey::ShadowPredictions(class, version) => self.shadow_predictions.push((
                vec![("class", class.into_owned()), ("model_version", version.to_string())],
                n,
            )),
            CounterKey::ShadowRefusals(version) => {
                self.shadow_refusals.push((vec![("model_version", version.to_string())], n));
            }
            CounterKey::Warnings(code) => {
                self.warnings.push((vec![("code", code.into_owned())], n));
            }
            CounterKey::LogRowsAppended => self.log_rows_appended += n,
            CounterKey::LogRowsDropped => self.log_rows_dropped += n,
            CounterKey::LogFlushFailures => self.log_flush_failures += n,
            CounterKey::DurationBucket(route, bucket) => {
                if let Some(slot) = self.durations(route).buckets.get_mut(usize::from(bucket)) {
                    *slot += n;
                }
            }
            CounterKey::DurationMillis(route) => self.durations(route).millis += n,
        }
    }

    fn durations(&mut self, route: Text) -> &mut Durations {
        self.durations.entry(route.into_owned()).or_default()
    }
}

impl Collector for Totals {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let families: [(&str, &str, &Series); 6] = [
            (
                "requests",
                "Requests answered by the Worker, by route, method and status class.",
                &self.requests,
            ),
            ("requests_rate_limited", "Requests refused with 429, by route.", &self.rate_limited),
            (
                "predictions",
                "Predictions answered, by class and registry version of the model.",
                &self.predictions,
            ),
            (
                "shadow_predictions",
                "What a challenger in the shadow said, by class and registry version.",
                &self.shadow_predictions,
            ),
            (
                "shadow_refusals",
                "Rows that a challenger in the shadow could not take, by registry version.",
                &self.shadow_refusals,
            ),
            ("prediction_warnings", "Warnings given with predictions, by code.", &self.warnings),
        ];
        for (name, help, series) in families {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for (labels, n) in series {
                let mut metric = family.encode_family(labels)?;
                metric.encode_counter::<NoExemplar, u64, u64>(n, None)?;
            }
        }
        let singles = [
            ("log_rows_appended", "Prediction rows that reached the log.", self.log_rows_appended),
            (
                "log_rows_dropped",
                "Prediction rows given up because the log did not answer.",
                self.log_rows_dropped,
            ),
            (
                "log_flush_failures",
                "Failures to move prediction rows on, to a shard or from there to KV; they stay and \
                 are tried again.",
                self.log_flush_failures,
            ),
        ];
        for (name, help, n) in singles.into_iter().filter(|_| self.are_known) {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            metric.encode_counter::<NoExemplar, u64, u64>(&n, None)?;
        }
        self.encode_durations(&mut encoder)?;
        let help = "Whether the prediction log answered when it was asked last; if not, totals are \
                    those of before.";
        let mut up = encoder.encode_descriptor("log_up", help, None, MetricType::Gauge)?;
        up.encode_gauge(&u64::from(self.log_is_up))?;
        let help = "The served model; always 1.";
        let mut info = encoder.encode_descriptor("served_model", help, None, MetricType::Gauge)?;
        if let Some(labels) = &self.model {
            info.encode_family(labels)?.encode_gauge(&1_u64)?;
        }
        Ok(())
    }
}

impl Totals {
    fn encode_durations(&self, encoder: &mut DescriptorEncoder) -> Result<(), fmt::Error> {
        let help = "From handler entry to the first I/O that completes after the answer is made. \
                    Clocks stand still inside a Worker between I/O, so this is not CPU time, and \
                    it holds the wait of that I/O; clients and the platform measure the rest.";
        let mut family = encoder.encode_descriptor(
            "request_duration",
            help,
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for (route, durations) in &self.durations {
            let labels = vec![("route", route.clone())];
            durations.encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

impl EncodeMetric for Durations {
    fn encode(&self, mut encoder: MetricEncoder) -> Result<(), fmt::Error> {
        let bounds = BUCKETS_MILLIS.iter().map(|millis| *millis as f64 / 1e3);
        let buckets: Vec<(f64, u64)> =
            bounds.chain([f64::INFINITY]).zip(self.buckets.iter().copied()).collect();
        let count = self.buckets.iter().sum();
        let seconds = self.millis as f64 / 1e3;
        encoder.encode_histogram::<NoExemplar>(seconds, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// No exemplars are kept.
type NoExemplar = [(&'static str, &'static str); 0];
