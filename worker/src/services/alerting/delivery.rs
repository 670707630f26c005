//! Sending alerts until they have arrived.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use tepal_api::{AlertDelivery, AlertEvent, AlertKind};

use super::{Told, documents};
use crate::config::Webhook;
use crate::ports::{DocumentStore, StorageError, WebhookSender};
use crate::services::time;

/// Seconds until an alert that was not taken is sent again, by how often it was sent. After the last it is given up.
const BACK_OFF_SECS: [i64; 7] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200];
/// Seconds that an attempt has which is the last.
const LAST_WAIT_SECS: i64 = 60;
/// Alerts that one alarm sends: each may take seconds.
const MOST_AT_ONCE: usize = 10;
/// What a receiver answers that wants no more.
const GONE: u16 = 410;

/// Sends alerts.
pub(crate) struct Courier {
    /// Where to, if anybody is to be told.
    pub(crate) webhook: Option<Webhook>,
    pub(crate) sender: Arc<dyn WebhookSender>,
}

impl Courier {
    /// Sends what is due, oldest first.
    ///
    /// # Errors
    /// [`StorageError`] if `store` can't be read or written. What doesn't arrive is no error.
    pub(crate) async fn deliver<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
    ) -> Result<(), StorageError> {
        let Some(webhook) = &self.webhook else { return Ok(()) };
        let mut due = documents::waiting(store)?;
        due.retain(|(next_millis, _)| *next_millis <= now_millis);
        // They are listed newest first.
        for (_, number) in due.iter().rev().take(MOST_AT_ONCE) {
            self.send(webhook, store, *number, now_millis).await?;
        }
        Ok(())
    }

    /// Milliseconds until something is due, if anything waits.
    ///
    /// # Errors
    /// [`StorageError`] if `store` can't be read.
    pub(crate) fn next<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
    ) -> Result<Option<i64>, StorageError> {
        if self.webhook.is_none() {
            return Ok(None);
        }
        let next = documents::waiting(store)?.into_iter().map(|(next_millis, _)| next_millis).min();
        Ok(next.map(|next| (next - now_millis).max(0)))
    }

    /// Sends an alert that says nothing, and tells what became of it; `None` if there is nobody to send it to.
    ///
    /// # Errors
    /// [`StorageError`] if `store` can't be read or written.
    pub(crate) async fn test<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
    ) -> Result<Option<Value>, StorageError> {
        let Some(webhook) = &self.webhook else { return Ok(None) };
        let says = "This is a test: alerts arrive here.".to_owned();
        let told = Told::new(AlertKind::Test, AlertEvent::Happened, says, "Nothing.");
        let number = documents::add(store, told, [None; 2], now_millis, true)?;
        self.send(webhook, store, number, now_millis).await?;
        Ok(documents::get(store, number)?.map(Value::Object))
    }

    /// Sends one, once.
    async fn send<S: DocumentStore>(
        &self,
        webhook: &Webhook,
        store: &S,
        number: u64,
        now_millis: i64,
    ) -> Result<(), StorageError> {
        let Some(mut alert) = documents::get(store, number)? else { return Ok(()) };
        // Counted before it is sent, and not due again meanwhile, whoever else sends and whatever is killed.
        let attempts = alert.get("attempts").and_then(Value::as_u64).unwrap_or(0);
        let wait = BACK_OFF_SECS.get(usize::try_from(attempts).unwrap_or(usize::MAX));
        // The last attempt has a next one, too, until its outcome is known: whoever is killed in it is asked again.
        let due = Some(now_millis + 1_000 * wait.unwrap_or(&LAST_WAIT_SECS));
        let next_at = due.map(time::rfc3339_millis);
        alert.insert("attempts".to_owned(), (attempts + 1).into());
        alert.insert("next_at".to_owned(), next_at.into());
        documents::put(store, number, &alert, due)?;
        let body = body(&alert).to_string();
        let headers = headers(webhook, &alert, now_millis, &body);
        let sent = self.sender.post(webhook.url.expose(), &headers, &body).await;
        let is_last = wait.is_none() || matches!(sent, Ok(GONE));
        let failure = match sent {
            Ok(200..=299) => None,
            Ok(status) => Some(format!("it answers {status}")),
            Err(error) => Some(error.to_string()),
        };
        let delivery = match failure {
            None => AlertDelivery::Delivered,
            Some(_) if is_last => AlertDelivery::Failed,
            Some(_) => AlertDelivery::Waiting,
        };
        let due = due.filter(|_| delivery == AlertDelivery::Waiting);
        if due.is_none() {
            alert.remove("next_at");
        }
        alert.remove("failure");
        alert.extend(failure.map(|failure| ("failure".to_owned(), failure.into())));
        alert.insert("delivery".to_owned(), word(&delivery).into());
        documents::put(store, number, &alert, due)
    }
}

/// The message: as Standard Webhooks has it, with a line of text as chats take it.
fn body(alert: &Map<String, Value>) -> Value {
    let text = |name: &str| alert.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut data = alert.clone();
    // How it is sent is not what it says.
    for name in ["at", "delivery", "attempts", "next_at", "failure"] {
        data.remove(name);
    }
    json!({
        "type": format!("tepal.{}.{}", text("kind"), text("event")),
        "timestamp": text("at"),
        "text": format!("Tepal: {} {}", text("says"), text("advice")),
        "data": data,
    })
}

fn headers(
    webhook: &Webhook,
    alert: &Map<String, Value>,
    now_millis: i64,
    body: &str,
) -> Vec<(&'static str, String)> {
    // The same at each attempt, so that one which came twice is known; another deployment's differs.
    let number = alert.get("number").and_then(Value::as_u64).unwrap_or_default();
    let at = alert.get("at").and_then(Value::as_str).unwrap_or_default();
    let at: String = at.chars().filter(char::is_ascii_digit).collect();
    let id = format!("tepal_{number}_{at}");
    let timestamp = now_millis.div_euclid(1_000).to_string();
    let mut headers = Vec::new();
    if let Some(key) = &webhook.key {
        let signed = format!("{id}.{timestamp}.{body}");
        headers.push(("webhook-signature", format!("v1,{}", signature(key.expose(), &signed))));
    }
    headers.extend([("webhook-id", id), ("webhook-timestamp", timestamp)]);
    headers
}

/// HMAC-SHA256 of `signed` under the key that `secret` is in base64, in base64.
fn signature(secret: &str, signed: &str) -> String {
    let key = BASE64_STANDARD.decode(secret).unwrap_or_default();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    mac.update(signed.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// A value that is written as a word.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries (<https://github.com/standard-webhooks/standard-webhooks>).
    #[test]
    fn is_signed_as_standard_webhooks_has_it() {
        let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        assert_eq!(signature(secret, signed), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
