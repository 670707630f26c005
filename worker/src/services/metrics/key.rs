//! What is counted, by keys.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::ports::{Counters, Operation, Part, Tally, Usage};

/// Upper bounds of the duration buckets in milliseconds; the last bucket has none.
pub(super) const BUCKETS_MILLIS: [u64; 13] =
    [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

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
    /// Rows of a trial that one of its two models couldn't answer, though the other could: trial, that model's version.
    TrialErrors(u64, u64),
    /// Warnings given, by code.
    Warnings(Text),
    /// Labels that were sent, by what became of them.
    Feedback(Text),
    /// Labels that were recorded: version that was asked, whether it had said the class.
    Labels(u64, Text),
    /// What the isolate itself used of the platform.
    Operations(Operation),
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

/// Requests to `/predict` so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PredictRequests {
    pub(crate) all: u64,
    /// Those that were refused.
    pub(crate) refused: u64,
    /// Those that failed here.
    pub(crate) failed: u64,
}

/// The requests to `/predict` among these totals.
pub(crate) fn predict_requests(counters: &Counters) -> PredictRequests {
    let mut requests = PredictRequests::default();
    for (text, n) in counters {
        match crate::json::from_str(text) {
            Ok(CounterKey::Requests(route, method, status))
                if route == "/predict" && method == "POST" =>
            {
                requests.all += n;
                match &*status {
                    "4xx" => requests.refused += n,
                    "5xx" => requests.failed += n,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    requests
}

/// What isolates used of the platform among these totals.
pub(crate) fn operations(counters: &Counters) -> Usage {
    let known = counters.iter().filter_map(|(text, n)| match crate::json::from_str(text) {
        Ok(CounterKey::Operations(operation)) => Some((operation, *n)),
        _ => None,
    });
    known.collect()
}

/// Rows of trial `number` that each of `versions` couldn't answer.
pub(crate) fn trial_errors(counters: &Counters, number: u64, versions: [u64; 2]) -> [u64; 2] {
    versions.map(|version| {
        let key = CounterKey::TrialErrors(number, version).to_text();
        counters.get(&key).copied().unwrap_or_default()
    })
}

/// How a label's version did, as metrics name it.
pub(super) const CORRECT: &str = "correct";

/// What recorded labels with these verdicts add to the totals.
pub(crate) fn verdicts(tallies: &[Tally]) -> Counters {
    let mut counters = Counters::new();
    for Tally { version, n, sum, .. } in tallies.iter().filter(|it| it.part == Part::Labelled) {
        for (outcome, n) in [(CORRECT, *sum), ("wrong", n - sum)] {
            if let (Ok(n), true) = (u64::try_from(n), n != 0) {
                let key = CounterKey::Labels(*version, outcome.into()).to_text();
                *counters.entry(key).or_insert(0) += n;
            }
        }
    }
    counters
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_to_predict_are_counted_by_how_they_ended() {
        let key = |route: &str, method: &str, status: &str| {
            let [route, method, status] = [route, method, status].map(|it| it.to_owned().into());
            CounterKey::Requests(route, method, status).to_text()
        };
        let counters = [
            (key("/predict", "POST", "2xx"), 90),
            (key("/predict", "POST", "4xx"), 7),
            (key("/predict", "POST", "5xx"), 3),
            (key("/predict", "OPTIONS", "2xx"), 50),
            (key("/health", "GET", "5xx"), 4),
            ("of tomorrow".to_owned(), 5),
        ];
        let expected = PredictRequests { all: 100, refused: 7, failed: 3 };
        assert_eq!(predict_requests(&counters.into()), expected);
    }

    /// A shard's migration makes the same texts of labels from before they were counted.
    #[test]
    fn a_label_counts_for_each_version_that_was_asked() {
        let tally =
            |version, sum| Tally { version, part: Part::Labelled, word: "x".into(), n: 1, sum };
        let counted = verdicts(&[tally(1, 1), tally(2, 0)]);
        let expected = [(r#"{"labels":[1,"correct"]}"#, 1), (r#"{"labels":[2,"wrong"]}"#, 1)];
        assert_eq!(counted, expected.map(|(key, n)| (key.to_owned(), n)).into());
    }
}
