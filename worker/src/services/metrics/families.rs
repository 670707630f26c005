//! What `/metrics` shows: totals of all isolates, and how things stand.
//!
//! A counter of which nobody knows the total isn't shown: a scraper would take a zero, or an old total of
//! another isolate, for a restart.

use std::collections::BTreeMap;

use model_core::evaluation::confidence_sequence;

use super::key::{BUCKETS_MILLIS, CORRECT, CounterKey};
use tepal_api::Watching;

use crate::ports::{Extent, Mode, Operation, Usage};
use crate::services::log::reader::LogStatus;
use crate::services::report::ACCURACY_LEVEL;
use crate::services::serving::ServedModel;
use crate::services::telemetry::Snapshot;

/// What there is to show.
#[derive(Debug)]
pub(crate) struct Scrape<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// The model that this isolate serves.
    pub(crate) served: Option<&'a ServedModel>,
    /// It isn't known to be the one that should.
    pub(crate) degraded: bool,
    /// Rows that this isolate holds.
    pub(crate) buffered_rows: usize,
    /// What the plan allows a day; 0 is no bound.
    pub(crate) allowance: &'a Usage,
    pub(crate) now_millis: i64,
}

pub(super) type Labels = Vec<(&'static str, String)>;

/// A sample's value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    /// Only grows.
    Count(u64),
    /// Goes up and down.
    Gauge(f64),
}

/// A family of one kind of samples.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) samples: Vec<(Labels, Value)>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Families {
    pub(super) families: Vec<Family>,
    pub(super) durations: BTreeMap<String, Durations>,
}

/// A histogram.
#[derive(Debug, Default)]
pub(super) struct Durations {
    pub(super) buckets: [u64; BUCKETS_MILLIS.len() + 1],
    pub(super) millis: u64,
}

/// Labels that were recorded of one version.
#[derive(Debug, Default)]
struct Labelled {
    n: u64,
    n_correct: u64,
}

/// Label of a registry version.
const VERSION: &str = "model_version";

/// Families by the counters that they show, with their help.
const COUNTERS: [(&str, &str); 14] = [
    ("requests", "Requests answered by the Worker, by route, method and status class."),
    ("requests_rate_limited", "Requests refused with 429, by route."),
    ("predictions", "Predictions answered, by class and registry version of the model."),
    ("shadow_predictions", "What a challenger in the shadow said, by class and registry version."),
    (
        "shadow_refusals",
        "Rows that a challenger in the shadow could not take, by registry version.",
    ),
    (
        "trial_errors",
        "Rows of a trial that one of its two models could not answer though the other could, by trial \
         and registry version.",
    ),
    ("prediction_warnings", "Warnings given with predictions, by code."),
    (
        "feedback_labels",
        "Labels sent, by what became of them; only recorded ones changed anything.",
    ),
    (
        "labels",
        "Labels recorded, by registry version that was asked and whether it had said that class.",
    ),
    ("log_rows_appended", "Prediction rows that reached the log."),
    ("log_rows_dropped", "Prediction rows given up because the log did not answer."),
    (
        "log_flush_failures",
        "Failures to move prediction rows on, to a shard or from there to KV; they stay and are \
         tried again.",
    ),
    ("watch_looks", "Looks at the newest rows of the traffic."),
    (
        "platform_operations",
        "Operations that the platform counts, by store and by the part of Tepal that did them.",
    ),
];

/// The families of [`COUNTERS`] that have one series without labels, which is there from the start.
const SINGLES: [&str; 3] = ["log_rows_appended", "log_rows_dropped", "log_flush_failures"];

// Labels are passed as slices of what is there, because each vector that is made in a place of its own
// costs code.
impl Families {
    /// What is to be shown of `scrape`.
    pub(crate) fn of(scrape: &Scrape<'_>) -> Self {
        let Snapshot { log, log_is_up, registry, registry_is_up, watching } = scrape.snapshot;
        let mut shown = Self::default();
        if let Some(log) = log {
            shown.add_totals(log);
        }
        if let Some(registry) = registry {
            shown.add_usage("registry", &registry.usage);
        }
        if let Some((_, usage)) = watching.as_deref() {
            shown.add_usage("watcher", usage);
        }
        shown.add_standing(scrape);
        shown.family(
            "log_up",
            "Whether the prediction log answered when it was asked last; without it there are no \
             totals.",
        );
        shown.gauge(&[], whole((*log_is_up).into()));
        if let Some(log) = log {
            shown.add_log(log, scrape.now_millis);
        }
        shown.family("registry_up", "Whether the registry answered when it was asked last.");
        shown.gauge(&[], whole((*registry_is_up).into()));
        if let Some(registry) = registry {
            shown.add_registry(registry);
        }
        if let Some((watching, _)) = watching.as_deref() {
            shown.add_watching(watching);
        }
        shown.add_bytes(log.as_deref(), registry.as_deref());
        shown
    }

    /// Begins a family.
    fn family(&mut self, name: &'static str, help: &'static str) {
        self.families.push(Family { name, help, samples: Vec::new() });
    }

    /// A sample of the family that was begun last.
    fn gauge(&mut self, labels: &[(&'static str, &str)], value: f64) {
        let labels = labels.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        if let Some(family) = self.families.last_mut() {
            family.samples.push((labels, Value::Gauge(value)));
        }
    }

    /// A sample of one of [`COUNTERS`].
    fn count(&mut self, name: &'static str, labels: &[(&'static str, &str)], n: u64) {
        let labels = labels.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        if !self.families.iter().any(|family| family.name == name) {
            let help = COUNTERS.iter().find(|(of, _)| *of == name).map_or("", |(_, help)| help);
            self.family(name, help);
        }
        if let Some(family) = self.families.iter_mut().find(|family| family.name == name) {
            family.samples.push((labels, Value::Count(n)));
        }
    }

    fn add_totals(&mut self, log: &LogStatus) {
        let mut labelled = BTreeMap::<u64, Labelled>::new();
        let mut singles = SINGLES.map(|name| (name, 0));
        let mut worker = Usage::default();
        for (text, &n) in &log.counters {
            // A key of a later version is left out, not an error: a rollback must not break this.
            let Ok(key) = crate::json::from_str(text) else { continue };
            match key {
                CounterKey::LogRowsAppended => singles[0].1 += n,
                CounterKey::LogRowsDropped => singles[1].1 += n,
                CounterKey::LogFlushFailures => singles[2].1 += n,
                CounterKey::Operations(operation) => worker.add(operation, n),
                key => {
                    if let CounterKey::Labels(version, outcome) = &key {
                        let labelled = labelled.entry(*version).or_default();
                        labelled.n += n;
                        labelled.n_correct += if outcome == CORRECT { n } else { 0 };
                    }
                    self.add_series(&key, n);
                }
            }
        }
        for (name, n) in singles {
            self.count(name, &[], n);
        }
        self.add_usage("worker", &worker);
        self.add_usage("log", &log.usage);
        self.add_accuracy(&labelled);
    }

    fn add_series(&mut self, key: &CounterKey, n: u64) {
        match key {
            CounterKey::Requests(route, method, class) => {
                let labels = [("route", &**route), ("method", method), ("status", class)];
                self.count("requests", &labels, n);
            }
            CounterKey::RateLimited(route) => {
                self.count("requests_rate_limited", &[("route", route)], n);
            }
            CounterKey::Predictions(class, version) => {
                let version = version.to_string();
                self.count("predictions", &[("class", class), (VERSION, &version)], n);
            }
            CounterKey::ShadowPredictions(class, version) => {
                let version = version.to_string();
                self.count("shadow_predictions", &[("class", class), (VERSION, &version)], n);
            }
            CounterKey::ShadowRefusals(version) => {
                self.count("shadow_refusals", &[(VERSION, &version.to_string())], n);
            }
            CounterKey::TrialErrors(number, version) => {
                let (number, version) = (number.to_string(), version.to_string());
                self.count("trial_errors", &[("trial", &number), (VERSION, &version)], n);
            }
            CounterKey::Warnings(code) => self.count("prediction_warnings", &[("code", code)], n),
            CounterKey::Feedback(result) => self.count("feedback_labels", &[("result", result)], n),
            CounterKey::Labels(version, outcome) => {
                let version = version.to_string();
                self.count("labels", &[(VERSION, &version), ("outcome", outcome)], n);
            }
            CounterKey::DurationBucket(route, bucket) => {
                let buckets = &mut self.durations(route).buckets;
                if let Some(slot) = buckets.get_mut(usize::from(*bucket)) {
                    *slot += n;
                }
            }
            CounterKey::DurationMillis(route) => self.durations(route).millis += n,
            // Summed up by the caller.
            CounterKey::LogRowsAppended
            | CounterKey::LogRowsDropped
            | CounterKey::LogFlushFailures
            | CounterKey::Operations(_) => {}
        }
    }

    fn durations(&mut self, route: &str) -> &mut Durations {
        self.durations.entry(route.to_owned()).or_default()
    }

    /// `part` is who did it: a series each, so that one whose total isn't known lets no sum fall.
    fn add_usage(&mut self, part: &str, usage: &Usage) {
        for operation in Operation::ALL {
            let (store, name) = operation.names();
            // An isolate calls objects, and these count that; it has no rows.
            if part != "worker" || store == "kv" {
                let labels = [("store", store), ("operation", name), ("part", part)];
                self.count("platform_operations", &labels, usage.of(operation));
            }
        }
    }

    fn add_accuracy(&mut self, labelled: &BTreeMap<u64, Labelled>) {
        self.family(
            "labelled_accuracy_ratio",
            "Share of recorded labels whose class the version had said; of labelled predictions \
             only.",
        );
        for (version, Labelled { n, n_correct }) in labelled {
            self.gauge(&[(VERSION, &version.to_string())], whole(*n_correct) / whole(*n));
        }
        self.family(
            "labelled_accuracy_bound_ratio",
            "Bounds of the labelled accuracy, a 95 % confidence sequence: they hold however often \
             one looks.",
        );
        for (version, Labelled { n, n_correct }) in labelled {
            let version = version.to_string();
            let (low, high) = confidence_sequence(*n_correct, *n, ACCURACY_LEVEL);
            for (bound, share) in [("lower", low), ("upper", high)] {
                self.gauge(&[(VERSION, &version), ("bound", bound)], share);
            }
        }
    }

    fn add_standing(&mut self, scrape: &Scrape<'_>) {
        self.family("served_model", "The served model; always 1.");
        if let Some(model) = scrape.served {
            let family = model.artifact.family().as_str();
            let version = model.version.to_string();
            let labels = [("family", family), ("model_id", &*model.id), (VERSION, &*version)];
            self.gauge(&labels, 1.0);
        }
        self.family(
            "serving_degraded",
            "Whether the isolate that answers this serves what is not known to be what should: the \
             registry, its pointer or a model's file was not to be had.",
        );
        self.gauge(&[], whole(scrape.degraded.into()));
        self.family(
            "log_buffered_rows",
            "Prediction rows that the isolate that answers this holds and no shard has confirmed.",
        );
        self.gauge(&[], whole(scrape.buffered_rows.try_into().unwrap_or(u64::MAX)));
        self.family("plan_allowance", "Operations that the plan allows a day, as configured.");
        for operation in Operation::ALL {
            let (store, name) = operation.names();
            let allowed = scrape.allowance.of(operation);
            if allowed > 0 {
                self.gauge(&[("store", store), ("operation", name)], whole(allowed));
            }
        }
    }

    fn add_log(&mut self, log: &LogStatus, now_millis: i64) {
        self.family("log_waiting_rows", "Prediction rows in the shards that KV does not have yet.");
        self.gauge(&[], whole(log.waiting_rows));
        self.family(
            "log_lag_seconds",
            "Age of the oldest prediction row in the shards that KV does not have yet; 0 if there \
             is none.",
        );
        let lag = log.waiting_since_millis.map_or(0, |since| now_millis - since);
        self.gauge(&[], whole(lag.try_into().unwrap_or(0)) / 1e3);
    }

    fn add_watching(&mut self, watching: &Watching) {
        self.family("watch_up", "Whether the last look at the traffic saw what there was.");
        self.gauge(&[], whole(watching.failure.is_none().into()));
        self.count("watch_looks", &[], watching.n_looks);
        let newest =
            watching.versions.iter().filter_map(|it| it.newest.as_ref()).collect::<Vec<_>>();
        self.family(
            "drift_windows_in_a_row",
            "Windows in a row, up to the newest one, whose features differ from those that trained \
             the model by more than chance.",
        );
        for window in &newest {
            let version = window.version.to_string();
            self.gauge(&[(VERSION, &version)], whole(window.drift.n_in_a_row.into()));
        }
        self.family("drift_lasting", "Whether those are enough to call it drift that stays.");
        for window in &newest {
            let version = window.version.to_string();
            self.gauge(&[(VERSION, &version)], whole(window.drift.lasts.into()));
        }
        self.family(
            "drift_p_value",
            "The newest window's features against those that trained the model, all together.",
        );
        for window in &newest {
            self.gauge(&[(VERSION, &window.version.to_string())], window.drift.p_value);
        }
    }

    fn add_registry(&mut self, registry: &Extent) {
        self.family(
            "registry_generation",
            "Generation of the registry; it grows with every change.",
        );
        self.gauge(&[], whole(registry.generation));
        self.family("registry_versions", "Versions in the registry, by whether they are archived.");
        let active = registry.versions.saturating_sub(registry.archived);
        self.gauge(&[("state", "active")], whole(active));
        self.gauge(&[("state", "archived")], whole(registry.archived));
        self.family("registry_audit_entries", "Entries of the audit ledger.");
        self.gauge(&[], whole(registry.audit_entries));
        let Some(deployment) = &registry.deployment else { return };
        self.family(
            "registry_role_info",
            "Which version has which role, as the registry says; always 1.",
        );
        for (role, model) in [
            ("champion", Some(&deployment.champion)),
            ("challenger", deployment.challenger.as_ref()),
            ("previous_champion", deployment.previous_champion.as_ref()),
        ] {
            if let Some(model) = model {
                self.gauge(&[("role", role), (VERSION, &model.version.to_string())], 1.0);
            }
        }
        self.family(
            "registry_split_ratio",
            "The challenger's share of the requests, by what it does with them.",
        );
        if deployment.challenger.is_some() {
            let mode = match deployment.mode {
                Mode::Live => "live",
                Mode::Shadow => "shadow",
            };
            let share = f64::from(deployment.split_basis_points) / 1e4;
            self.gauge(&[("mode", mode)], share);
        }
    }

    fn add_bytes(&mut self, log: Option<&LogStatus>, registry: Option<&Extent>) {
        self.family("sqlite_bytes", "Bytes that a Durable Object's SQLite takes up.");
        if let Some(bytes) = registry.and_then(|registry| registry.bytes) {
            self.gauge(&[("object", "registry")], whole(bytes));
        }
        for (shard, bytes) in log.map_or(&[][..], |log| &log.bytes) {
            self.gauge(&[("object", &format!("shard-{shard}"))], whole(*bytes));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn whole(n: u64) -> f64 {
    n as f64
}
