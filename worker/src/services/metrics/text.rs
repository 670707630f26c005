//! Families in the text formats that scrapers read.

use std::collections::BTreeSet;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use super::families::{Durations, Families, Value};
use super::key::BUCKETS_MILLIS;

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

/// The text of `/metrics`.
///
/// # Errors
/// [`fmt::Error`] if the encoder fails, which writing to a string doesn't.
pub(crate) fn render(families: Families, format: Format) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("tepal");
    registry.register_collector(Box::new(families));
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

impl Value {
    fn encode(self, metric: &mut MetricEncoder<'_>) -> Result<(), fmt::Error> {
        match self {
            Self::Count(n) => metric.encode_counter::<NoExemplar, u64, u64>(&n, None),
            Self::Gauge(value) => metric.encode_gauge(&value),
        }
    }
}

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        for family in &self.families {
            let kind = match family.samples.first() {
                None => continue,
                Some((_, Value::Count(_))) => MetricType::Counter,
                Some((_, Value::Gauge(_))) => MetricType::Gauge,
            };
            let mut metrics = encoder.encode_descriptor(family.name, family.help, None, kind)?;
            for (labels, value) in &family.samples {
                // A family of no labels would be written with braces.
                if labels.is_empty() {
                    value.encode(&mut metrics)?;
                } else {
                    value.encode(&mut metrics.encode_family(labels)?)?;
                }
            }
        }
        self.encode_durations(&mut encoder)
    }
}

impl Families {
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
