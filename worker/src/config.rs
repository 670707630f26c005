//! The Worker's settings: variables and secrets, read once an isolate.
//!
//! A setting that is present and makes no sense is an error and not a default: a deployment with
//! a typo should say so on its first request.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::ports::{Operation, ShardId, Usage};

/// Shortest secret that keys are signed with: a longer one can't be found by trying.
const MIN_KEY_SECRET_BYTES: usize = 32;
/// Shortest key that alerts are signed with, as Standard Webhooks has it.
const MIN_WEBHOOK_KEY_BYTES: usize = 24;

/// What the free plan allows a day, and which setting says otherwise.
///
/// Sources, looked up in November 2026: <https://developers.cloudflare.com/kv/platform/limits/>,
/// <https://developers.cloudflare.com/durable-objects/platform/pricing/>
const PLAN: [(Operation, &str, u32); 5] = [
    (Operation::KvRead, "PLAN_KV_READS", 100_000),
    (Operation::KvWrite, "PLAN_KV_WRITES", 1_000),
    (Operation::ObjectRequest, "PLAN_OBJECT_REQUESTS", 100_000),
    (Operation::RowRead, "PLAN_ROWS_READ", 5_000_000),
    (Operation::RowWritten, "PLAN_ROWS_WRITTEN", 100_000),
];

/// Everything that a deployment can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub(crate) log_mode: LogMode,
    pub(crate) log_shards: ShardId,
    pub(crate) retention: Retention,
    pub(crate) flush_minutes: u32,
    /// Seconds from one look at the traffic to the next; 0: only by hand.
    pub(crate) monitor_seconds: u32,
    /// How long an isolate believes what the registry said.
    pub(crate) pointer_ttl_secs: u32,
    /// How many bytes of model files an isolate keeps loaded.
    pub(crate) model_cache_mib: u32,
    /// How old the totals may be that probes and scrapers are shown.
    pub(crate) metrics_max_age_secs: u32,
    /// What the plan allows a day; 0 is no bound.
    pub(crate) allowance: Usage,
    /// Whether each request gives a line.
    pub(crate) request_log: bool,
    pub(crate) rate_limit: bool,
    pub(crate) rate_period_secs: u32,
    pub(crate) cors: CorsOrigins,
    pub(crate) predict_access: PredictAccess,
    pub(crate) owner_token: Option<Secret>,
    pub(crate) subject_secret: Option<Secret>,
    /// What keys are signed with.
    pub(crate) key_secret: Option<Secret>,
    pub(crate) oauth: Option<OAuth>,
    /// Whom alerts are sent to.
    pub(crate) webhook: Option<Webhook>,
}

/// Whom alerts are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Webhook {
    /// The address; whoever knows it may be able to write there.
    pub(crate) url: Secret,
    /// What alerts are signed with, in base64.
    pub(crate) key: Option<Secret>,
}

/// Who may ask for predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PredictAccess {
    /// Everybody.
    Public,
    /// Whoever has a key for it, or more.
    Key,
}

/// Whose tokens count besides the owner's and the keys that were minted here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OAuth {
    /// What tokens call their issuer.
    pub(crate) issuer: String,
    /// What they call this Worker.
    pub(crate) audience: String,
    pub(crate) keys: IssuerKeys,
}

/// Where the issuer's public keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IssuerKeys {
    /// Here: a JSON Web Key Set.
    Given(String),
    /// At this address.
    At(String),
}

/// A text that is printed nowhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// The text, for those who compute with it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("\"set\"")
    }
}

/// Most bytes of a segment. The segment store takes 25 MiB; this leaves room in the memory of the
/// object that puts one, and of whoever reads it.
pub(crate) const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;

/// Most segments that one call to a shard reads, and most that it writes. An invocation has 1,000 calls to
/// the platform's own services on the free plan, and a segment takes tens of milliseconds.
const SEGMENTS_A_CALL: usize = 50;

/// When rows move on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention {
    /// Rows in a segment, and open rows that start a flush.
    pub(crate) segment_rows: u64,
    /// Bytes in a segment.
    pub(crate) segment_bytes: u64,
    /// Days that the shard keeps stored rows itself.
    pub(crate) hot_days: u32,
    /// Days that the segment store keeps a segment.
    pub(crate) ttl_days: u32,
    /// Segments that a call reads, or writes.
    pub(crate) segments_a_call: usize,
}

impl Retention {
    /// What holds unless it is set.
    pub(crate) const DEFAULT: Self = Self {
        segment_rows: 5_000,
        segment_bytes: SEGMENT_BYTES,
        hot_days: 7,
        ttl_days: 90,
        segments_a_call: SEGMENTS_A_CALL,
    };
}

/// When a prediction is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogMode {
    /// Soon after its answer; a crash can lose what an isolate gathered in 50 ms.
    Batched,
    /// Before its answer.
    Durable,
}

/// Which other origins' pages may call `/predict`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CorsOrigins {
    /// Every one: the route takes no cookies, and its answer is public.
    Any,
    /// These, such as `https://example.org`; possibly none.
    List(Vec<String>),
}

/// A setting that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is set to something else than {expected}")]
pub struct ConfigError {
    name: &'static str,
    expected: &'static str,
}

impl Config {
    /// Reads the settings through `get`, which knows a variable's or a secret's text.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first setting that makes no sense.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let text = |name: &'static str| get(name).filter(|value| !value.is_empty());
        let number = |name, default, least, most, expected| match text(name) {
            None => Ok(default),
            Some(value) => value
                .parse::<u32>()
                .ok()
                .filter(|value| (least..=most).contains(value))
                .ok_or(ConfigError { name, expected }),
        };
        let choice = |name, first: &str, second: &str, expected| match text(name).as_deref() {
            None => Ok(true),
            Some(value) if value == first => Ok(true),
            Some(value) if value == second => Ok(false),
            Some(_) => Err(ConfigError { name, expected }),
        };
        let batched = choice("LOG_MODE", "batched", "durable", "batched or durable")?;
        let shards = number("LOG_SHARDS", 1, 1, 255, "a number from 1 to 255")?;
        let hot_days = number("HOT_DAYS", 7, 0, 3_650, "a number of days from 0 to 3650")?;
        let ttl_days = number("LOG_TTL_DAYS", 90, 1, 3_650, "a number of days from 1 to 3650")?;
        let segment_rows = number("SEGMENT_ROWS", 5_000, 1, 20_000, "a number from 1 to 20000")?;
        Ok(Self {
            log_mode: if batched { LogMode::Batched } else { LogMode::Durable },
            log_shards: ShardId::try_from(shards).unwrap_or(1),
            retention: Retention {
                segment_rows: u64::from(segment_rows),
                // Rows must not vanish from the shard after the segment store lost them too.
                hot_days: hot_days.min(ttl_days),
                ttl_days,
                ..Retention::DEFAULT
            },
            flush_minutes: number(
                "FLUSH_MINUTES",
                10,
                1,
                1_440,
                "a number of minutes from 1 to 1440",
            )?,
            monitor_seconds: match text("MONITOR_SECONDS") {
                // For development: nobody waits a quarter of an hour.
                Some(_) => {
                    let expected = "a number of seconds from 1 to 86400";
                    number("MONITOR_SECONDS", 900, 1, 86_400, expected)?
                }
                None => {
                    let expected = "a number of minutes from 0 to 1440";
                    60 * number("MONITOR_MINUTES", 15, 0, 1_440, expected)?
                }
            },
            pointer_ttl_secs: number(
                "POINTER_TTL_SECS",
                10,
                1,
                300,
                "a number of seconds from 1 to 300",
            )?,
            model_cache_mib: number("MODEL_CACHE_MIB", 16, 1, 64, "a number from 1 to 64")?,
            metrics_max_age_secs: number(
                "METRICS_MAX_AGE_SECS",
                5,
                0,
                60,
                "a number of seconds from 0 to 60",
            )?,
            allowance: {
                let mut allowance = Usage::default();
                for (operation, name, default) in PLAN {
                    let expected = "a whole number, 0 for no bound";
                    let allowed = number(name, default, 0, u32::MAX, expected)?;
                    allowance.add(operation, u64::from(allowed));
                }
                allowance
            },
            request_log: choice("REQUEST_LOG", "on", "off", "on or off")?,
            rate_limit: choice("RATE_LIMIT", "on", "off", "on or off")?,
            rate_period_secs: number("RATE_PERIOD_SECS", 60, 10, 60, "10 or 60")?,
            cors: CorsOrigins::read(text("CORS_ORIGINS").as_deref()),
            predict_access: if choice("PREDICT_ACCESS", "public", "key", "public or key")? {
                PredictAccess::Public
            } else {
                PredictAccess::Key
            },
            owner_token: text("OWNER_TOKEN").map(Secret),
            subject_secret: text("SUBJECT_SECRET").map(Secret),
            key_secret: match text("KEY_SECRET") {
                Some(secret) if secret.len() < MIN_KEY_SECRET_BYTES => Err(ConfigError {
                    name: "KEY_SECRET",
                    expected: "a secret of at least 32 characters",
                })?,
                secret => secret.map(Secret),
            },
            oauth: OAuth::read(text)?,
            webhook: Webhook::read(text)?,
        })
    }
}

impl Webhook {
    /// The host of the address: all of it that may be shown.
    pub(crate) fn host(&self) -> &str {
        let rest = self.url.expose().split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit('@').next().unwrap_or_default()
    }

    fn read(text: impl Fn(&'static str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        let wrong = |name, expected| Err(ConfigError { name, expected });
        let url = text("WEBHOOK_URL");
        if url.as_deref().is_some_and(|url| !is_private(url)) {
            return wrong("WEBHOOK_URL", "an https address");
        }
        let key = match text("WEBHOOK_SECRET") {
            None => None,
            Some(secret) => {
                let key = secret.strip_prefix("whsec_").filter(|key| {
                    let bytes = BASE64_STANDARD.decode(key);
                    bytes.is_ok_and(|bytes| bytes.len() >= MIN_WEBHOOK_KEY_BYTES)
                });
                match key {
                    Some(key) => Some(Secret(key.to_owned())),
                    None => {
                        return wrong("WEBHOOK_SECRET", "`whsec_` and at least 24 bytes in base64");
                    }
                }
            }
        };
        Ok(url.map(|url| Self { url: Secret(url), key }))
    }
}

/// Whether nobody on the way reads what is said to this address.
fn is_private(url: &str) -> bool {
    // Unencrypted only where nobody else can answer.
    let starts = ["https://", "http://127.0.0.1:", "http://localhost:"];
    starts.iter().any(|start| url.starts_with(start))
}

impl OAuth {
    /// All of its settings, or none of them.
    fn read(text: impl Fn(&'static str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        let names = ["OAUTH_ISSUER", "OAUTH_AUDIENCE", "OAUTH_JWKS"];
        match names.map(text) {
            [None, None, None] => Ok(None),
            [Some(issuer), Some(audience), Some(keys)] => {
                let keys = IssuerKeys::read(keys)?;
                Ok(Some(Self { issuer, audience, keys }))
            }
            values => {
                let missing = names.into_iter().zip(&values).find(|(_, value)| value.is_none());
                let (name, _) = missing.unwrap_or((names[0], &None));
                Err(ConfigError { name, expected: "a value, which the other OAUTH_ settings need" })
            }
        }
    }
}

impl IssuerKeys {
    fn read(text: String) -> Result<Self, ConfigError> {
        let is_set = |text: &str| {
            let set = serde_json::from_str::<Value>(text);
            set.is_ok_and(|set| set.get("keys").is_some_and(Value::is_array))
        };
        if is_private(&text) {
            Ok(Self::At(text))
        } else if is_set(&text) {
            Ok(Self::Given(text))
        } else {
            let expected = "an https address, or a JSON Web Key Set with its list keys";
            Err(ConfigError { name: "OAUTH_JWKS", expected })
        }
    }
}

impl CorsOrigins {
    fn read(list: Option<&str>) -> Self {
        let origins = list.unwrap_or("").split([',', ' ']).map(str::trim);
        let origins: Vec<String> =
            origins.filter(|origin| !origin.is_empty()).map(str::to_owned).collect();
        if origins.iter().any(|origin| origin == "*") { Self::Any } else { Self::List(origins) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| {
            settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_gives_the_defaults_of_the_docs() {
        let config = read(&[]).unwrap();
        assert_eq!(config.log_mode, LogMode::Batched);
        let Retention { segment_rows, hot_days, ttl_days, .. } = config.retention;
        assert_eq!((segment_rows, hot_days, ttl_days), (5_000, 7, 90));
        assert!(config.rate_limit);
        assert_eq!(config.allowance.of(Operation::RowRead), 5_000_000);
        assert_eq!(config.cors, CorsOrigins::List(Vec::new()));
        assert_eq!(config.owner_token, None);
        assert_eq!(read(&[("OWNER_TOKEN", "")]).unwrap().owner_token, None);
    }

    #[test]
    fn nonsense_is_an_error_that_names_the_setting() {
        let error = read(&[("LOG_MODE", "fast")]).unwrap_err();
        assert_eq!(error.to_string(), "LOG_MODE is set to something else than batched or durable");
        assert!(read(&[("HOT_DAYS", "-1")]).is_err());
        assert!(read(&[("LOG_SHARDS", "0")]).is_err());
        assert!(read(&[("PLAN_KV_READS", "unlimited")]).is_err());
    }

    #[test]
    fn secrets_are_not_printed() {
        let text = "a secret that is longer than 32 characters";
        let names = ["OWNER_TOKEN", "SUBJECT_SECRET", "KEY_SECRET"];
        let config = read(&names.map(|name| (name, text))).unwrap();
        let printed = format!("{config:?} {config:#?}");
        assert!(!printed.contains("longer"), "{printed}");
        assert!(printed.contains(r#"owner_token: Some("set")"#), "{printed}");
        assert_eq!(config.key_secret.unwrap().expose(), text);
    }

    #[test]
    fn a_short_key_secret_is_an_error_that_does_not_repeat_it() {
        let error = read(&[("KEY_SECRET", "0123456789abcdef0123456789abcde")]).unwrap_err();
        let expected =
            "KEY_SECRET is set to something else than a secret of at least 32 characters";
        assert_eq!(error.to_string(), expected);
        assert!(read(&[("KEY_SECRET", "0123456789abcdef0123456789abcdef")]).is_ok());
        assert_eq!(read(&[("KEY_SECRET", "")]).unwrap().key_secret, None);
    }

    #[test]
    fn predictions_are_for_all_unless_it_is_said() {
        assert_eq!(read(&[]).unwrap().predict_access, PredictAccess::Public);
        assert_eq!(read(&[("PREDICT_ACCESS", "key")]).unwrap().predict_access, PredictAccess::Key);
        assert!(read(&[("PREDICT_ACCESS", "closed")]).is_err());
    }

    #[test]
    fn an_issuer_has_a_name_an_audience_and_keys() {
        let keys = |keys: &str| {
            read(&[("OAUTH_ISSUER", "i"), ("OAUTH_AUDIENCE", "a"), ("OAUTH_JWKS", keys)])
        };
        assert!(matches!(keys("https://i.example/keys"), Ok(Config { oauth: Some(_), .. })));
        assert!(keys("{\"keys\": []}").is_ok());
        for bad in ["http://i.example/keys", "{}", "keys", "[", "{\"keys\": {}}"] {
            assert_eq!(keys(bad).unwrap_err().name, "OAUTH_JWKS", "{bad}");
        }
        let error = read(&[("OAUTH_ISSUER", "i"), ("OAUTH_JWKS", "{\"keys\": []}")]).unwrap_err();
        assert_eq!(error.name, "OAUTH_AUDIENCE");
        assert_eq!(read(&[]).unwrap().oauth, None);
    }

    #[test]
    fn a_webhook_is_an_address_and_perhaps_a_key() {
        let key = format!("whsec_{}", BASE64_STANDARD.encode([7; 24]));
        let webhook =
            read(&[("WEBHOOK_URL", "https://u:p@chat.example:8443/a?b"), ("WEBHOOK_SECRET", &key)]);
        let webhook = webhook.unwrap().webhook.unwrap();
        assert_eq!(webhook.host(), "chat.example:8443");
        assert!(webhook.key.is_some());
        let printed = format!("{webhook:?}");
        assert!(!printed.contains("chat") && !printed.contains("Bwc"), "{printed}");
        for bad in ["http://chat.example/", "chat.example", "ftp://chat.example"] {
            assert_eq!(read(&[("WEBHOOK_URL", bad)]).unwrap_err().name, "WEBHOOK_URL", "{bad}");
        }
        for bad in ["secret", "whsec_", "whsec_c2hvcnQ=", "whsec_!"] {
            assert_eq!(
                read(&[("WEBHOOK_SECRET", bad)]).unwrap_err().name,
                "WEBHOOK_SECRET",
                "{bad}"
            );
        }
        assert_eq!(read(&[]).unwrap().webhook, None);
        let unsigned = read(&[("WEBHOOK_URL", "http://127.0.0.1:9000")]).unwrap().webhook.unwrap();
        assert_eq!((unsigned.host(), &unsigned.key), ("127.0.0.1:9000", &None));
    }

    #[test]
    fn origins_are_a_list_or_all() {
        let cors = |text| read(&[("CORS_ORIGINS", text)]).unwrap().cors;
        assert_eq!(cors("*"), CorsOrigins::Any);
        assert_eq!(
            cors("https://a.example, https://b.example"),
            CorsOrigins::List(vec!["https://a.example".into(), "https://b.example".into()])
        );
    }
}
