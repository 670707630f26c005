//! What the edge counts about itself: the text of `/metrics`, as far as the page shows it.

use crate::i18n::t;
use crate::view_models::format;

/// What was counted.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Metrics {
    /// Answered requests to `/predict` by class of their status, such as `2xx`.
    statuses: Vec<(String, f64)>,
    /// Requests to `/predict` that were refused because there were too many.
    limited: f64,
    /// How many requests to `/predict` took at most so many seconds.
    durations: Vec<(f64, f64)>,
    /// Rows that no log took.
    dropped: f64,
    /// Whether the log does not answer. It keeps the counters, too: then there are none.
    pub(crate) is_log_down: bool,
    /// Whether what answers may not be what should.
    is_degraded: bool,
    /// What the platform counts, and what the plan has a day.
    allowances: Vec<Allowance>,
}

#[derive(Debug, Clone, PartialEq)]
struct Allowance {
    what: String,
    allowed: f64,
    used: f64,
}

/// A line of the text: its name, its labels and its value.
struct Sample<'a> {
    name: &'a str,
    labels: &'a str,
    value: f64,
}

impl<'a> Sample<'a> {
    fn of(line: &'a str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        Some(Self { name, labels, value: model_core::parse_number(value)? })
    }

    /// The value of a label; none of those that are read has a quote or a comma in it.
    fn label(&self, name: &str) -> &'a str {
        let find = |pair: &'a str| pair.split_once("=\"").filter(|(of, _)| *of == name);
        let mut pairs = self.labels.trim_end_matches('}').split(',');
        pairs.find_map(find).map_or("", |(_, value)| value.trim_end_matches('"'))
    }

    fn is_predict(&self) -> bool {
        // A browser asks first whether it may: that is no request to be answered.
        self.label("route") == "/predict" && self.label("method") != "OPTIONS"
    }
}

impl Metrics {
    /// Reads the text.
    pub(crate) fn of(text: &str) -> Self {
        let mut metrics = Self::default();
        let mut used: Vec<(String, f64)> = Vec::new();
        let add = |to: &mut Vec<(String, f64)>, name: String, value: f64| match to
            .iter_mut()
            .find(|(of, _)| *of == name)
        {
            Some((_, sum)) => *sum += value,
            None => to.push((name, value)),
        };
        for sample in text.lines().filter_map(Sample::of) {
            let operation = || format!("{} {}", sample.label("store"), sample.label("operation"));
            match sample.name {
                "tepal_requests_total" if sample.is_predict() => {
                    add(&mut metrics.statuses, sample.label("status").to_owned(), sample.value);
                }
                "tepal_requests_rate_limited_total" if sample.is_predict() => {
                    metrics.limited += sample.value;
                }
                "tepal_request_duration_seconds_bucket" if sample.is_predict() => {
                    let up_to =
                        model_core::parse_number(sample.label("le")).unwrap_or(f64::INFINITY);
                    metrics.durations.push((up_to, sample.value));
                }
                "tepal_log_rows_dropped_total" => metrics.dropped += sample.value,
                "tepal_log_up" => metrics.is_log_down = sample.value == 0.0,
                "tepal_serving_degraded" => metrics.is_degraded = sample.value > 0.0,
                "tepal_platform_operations_total" => add(&mut used, operation(), sample.value),
                "tepal_plan_allowance" => {
                    let (what, allowed) = (operation(), sample.value);
                    metrics.allowances.push(Allowance { what, allowed, used: 0.0 });
                }
                _ => {}
            }
        }
        for allowance in &mut metrics.allowances {
            let counted = used.iter().find(|(what, _)| *what == allowance.what);
            allowance.used = counted.map_or(0.0, |(_, used)| *used);
        }
        metrics
    }

    /// Requests and errors, how long they took inside the Worker, and what is wrong: a sentence each.
    pub(crate) fn sentences(&self) -> Vec<String> {
        if self.is_log_down {
            return Vec::new();
        }
        let n = |status: &str| {
            let found = self.statuses.iter().find(|(of, _)| of == status);
            format::thousands(found.map_or(0.0, |(_, n)| *n) as usize)
        };
        let mut sentences = vec![t!(
            "Of the requests to /predict since counting began, up to half a minute ago, {ok} were answered, {refused} refused as faulty or not allowed ({limited} of them as too many), and {failed} failed at the edge.",
            ok = n("2xx"),
            refused = n("4xx"),
            limited = format::thousands(self.limited as usize),
            failed = n("5xx")
        )];
        if let (Some(half), Some(most)) = (self.within(0.5), self.within(0.95)) {
            sentences.push(t!(
                "Inside the Worker half of them took {half}, 95 % {most}; its clock stands still while it computes, and the way there and back is not in it.",
                half,
                most
            ));
        }
        sentences
    }

    /// What is wrong at the edge, a sentence each.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.is_log_down {
            faults.push(
                t!("The log does not answer: what is shown may be old, rows may be lost, and the counters, which it keeps, are not to be had.")
                    .to_owned(),
            );
        }
        if self.is_degraded {
            faults.push(t!("The model that answers may not be the one that should: the registry or the file was not to be had.").to_owned());
        }
        if self.dropped > 0.0 {
            let n = format::thousands(self.dropped as usize);
            faults.push(t!("Rows that never reached the log: {n}.", n));
        }
        faults
    }

    /// The time within which this share of the requests was answered.
    fn within(&self, share: f64) -> Option<String> {
        let all = self.durations.iter().fold(0.0_f64, |most, (_, n)| most.max(*n));
        if all == 0.0 {
            return None;
        }
        let enough = |bucket: &&(f64, f64)| bucket.1 >= share * all;
        let fits = self.durations.iter().filter(enough);
        let up_to = fits.map(|(up_to, _)| *up_to).fold(f64::INFINITY, f64::min);
        Some(if up_to.is_finite() {
            t!("at most {time}", time = format::millis(1000.0 * up_to))
        } else {
            t!("longer than is measured").to_owned()
        })
    }

    /// What is left of the plan's allowance for today, a line for each thing that it counts: what, and how much
    /// is left. The edge counts since it began and not since midnight; what is left is therefore at least what is
    /// said, and `before` are the counts when the page was opened.
    pub(crate) fn allowance_lines(&self, before: &Self) -> Vec<(String, String)> {
        if self.is_log_down {
            return Vec::new();
        }
        let line = |allowance: &Allowance| {
            let earlier = before.allowances.iter().find(|it| it.what == allowance.what);
            let since = allowance.used - earlier.map_or(allowance.used, |it| it.used);
            let whole = |value: f64| format::thousands(value.max(0.0) as usize);
            let of = whole(allowance.allowed);
            let said = if allowance.used < allowance.allowed {
                let left = whole(allowance.allowed - allowance.used);
                t!("at least {left} of {of} left today", left, of)
            } else {
                t!(
                    "{since} of {of} a day used since this page was opened",
                    since = whole(since),
                    of
                )
            };
            (operation(&allowance.what), said)
        };
        self.allowances.iter().map(line).collect()
    }
}

fn operation(what: &str) -> String {
    match what {
        "kv read" => t!("KV: keys read").to_owned(),
        "kv write" => t!("KV: keys written").to_owned(),
        "durable_object request" => t!("Durable Objects: calls").to_owned(),
        "durable_object row_read" => t!("Durable Objects: rows read").to_owned(),
        "durable_object row_written" => t!("Durable Objects: rows written").to_owned(),
        other => format::words(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP tepal_requests_total answered requests
# TYPE tepal_requests_total counter
tepal_requests_total{route=\"/predict\",method=\"POST\",status=\"2xx\"} 1200
tepal_requests_total{route=\"/predict\",method=\"POST\",status=\"4xx\"} 7
tepal_requests_total{route=\"/predict\",method=\"OPTIONS\",status=\"2xx\"} 5
tepal_requests_total{route=\"/health\",method=\"GET\",status=\"5xx\"} 9
tepal_requests_rate_limited_total{route=\"/predict\"} 2
tepal_request_duration_seconds_bucket{route=\"/predict\",le=\"0.005\"} 700
tepal_request_duration_seconds_bucket{route=\"/predict\",le=\"0.05\"} 1150
tepal_request_duration_seconds_bucket{route=\"/predict\",le=\"+Inf\"} 1200
tepal_request_duration_seconds_sum{route=\"/predict\"} 3.5
tepal_log_up 1
tepal_platform_operations_total{store=\"kv\",operation=\"write\",part=\"log\"} 30
tepal_platform_operations_total{store=\"kv\",operation=\"write\",part=\"registry\"} 12
tepal_platform_operations_total{store=\"kv\",operation=\"read\",part=\"worker\"} 200000
tepal_plan_allowance{store=\"kv\",operation=\"write\"} 1000
tepal_plan_allowance{store=\"kv\",operation=\"read\"} 100000
";

    #[test]
    fn requests_and_errors_are_those_of_predict() {
        let metrics = Metrics::of(TEXT);
        let sentences = metrics.sentences();
        assert!(sentences[0].contains("1,200 were answered, 7 refused"), "{}", sentences[0]);
        assert!(sentences[0].ends_with("(2 of them as too many), and 0 failed at the edge."));
        let (half, most) = ("half of them took at most 5.0\u{a0}ms", "95 % at most 50\u{a0}ms");
        assert!(sentences[1].contains(half) && sentences[1].contains(most), "{}", sentences[1]);
        assert!(metrics.faults().is_empty());
    }

    #[test]
    fn what_is_left_is_a_bound_or_what_was_used_meanwhile() {
        let before = Metrics::of(&TEXT.replace("200000", "199990"));
        let lines = Metrics::of(TEXT).allowance_lines(&before);
        assert_eq!(
            lines[0],
            ("KV: keys written".into(), "at least 958 of 1,000 left today".into())
        );
        assert_eq!(lines[1].1, "10 of 100,000 a day used since this page was opened");
        assert!(Metrics::of("").allowance_lines(&before).is_empty());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let text = "tepal_log_up 0\ntepal_serving_degraded 1\ntepal_log_rows_dropped_total 3\n";
        let faults = Metrics::of(text).faults();
        assert_eq!(faults.len(), 3);
        assert_eq!(faults[2], "Rows that never reached the log: 3.");
        let down = Metrics::of(&format!("{text}tepal_plan_allowance{{store=\"kv\"}} 10\n"));
        assert!(down.sentences().is_empty() && down.allowance_lines(&down).is_empty());
        assert_eq!(Metrics::of("").sentences().len(), 1, "nothing was measured");
    }

    #[test]
    fn what_took_longer_than_any_bound_is_said_to_have() {
        let text = "tepal_request_duration_seconds_bucket{route=\"/predict\",le=\"0.1\"} 1
tepal_request_duration_seconds_bucket{route=\"/predict\",le=\"+Inf\"} 10";
        assert_eq!(Metrics::of(text).within(0.95).unwrap(), "longer than is measured");
    }
}
