//! Calls from the Worker to a Durable Object, typed on both sides.
//!
//! A message, there and back, is a head, one line of JSON, and an attachment, whatever text comes
//! after that line. The head says what is asked or answered, or the error as a value; the
//! attachment is never read on the way, so that a long text (a batch, a page of rows) is neither
//! parsed nor escaped to get through.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::send::SendFuture;
use worker::{Env, Method, Request, RequestInit, Response};

use crate::ports::StorageError;

/// The host must be there and is read by nobody: the namespace and the name choose the object.
const ADDRESS: &str = "https://object/";

/// All calls that one kind of object answers, as one enum.
pub(super) trait ObjectCall: Serialize + DeserializeOwned {
    /// What comes back.
    type Answer: Serialize + DeserializeOwned;
    /// What may come back instead.
    type Error: Serialize + DeserializeOwned + From<StorageError>;
}

/// A head with its attachment.
#[derive(Debug)]
pub(super) struct Message<H> {
    pub(super) head: H,
    pub(super) attachment: String,
}

impl<H> From<H> for Message<H> {
    fn from(head: H) -> Self {
        Self { head, attachment: String::new() }
    }
}

/// The answer as it travels; `Result` would be written with capitals.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome<A, E> {
    Answer(A),
    Error(E),
}

/// Calls the object `name` behind the namespace binding `binding`. The stub belongs to the event
/// that makes it, so every call makes its own.
///
/// # Errors
/// The object's own error as it was there, or a [`StorageError`] if it can't be reached or
/// understood.
pub(super) async fn call<C: ObjectCall>(
    env: &Env,
    binding: &str,
    name: &str,
    call: &C,
    attachment: &str,
) -> Result<Message<C::Answer>, C::Error> {
    let body = write(call, attachment)?;
    let exchange = async {
        let stub = env.durable_object(binding)?.get_by_name(name)?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_body(Some(body.into()));
        let request = Request::new_with_init(ADDRESS, &init)?;
        let mut response = stub.fetch_with_request(request).await?;
        Ok::<_, worker::Error>((response.status_code(), response.text().await?))
    };
    let (status, text) = SendFuture::new(exchange).await.map_err(unreachable)?;
    if status != 200 {
        return Err(unreachable(format!("{name} answers {status} {text}")).into());
    }
    let Message { head, attachment } = read::<Outcome<C::Answer, C::Error>>(text)?;
    match head {
        Outcome::Answer(head) => Ok(Message { head, attachment }),
        Outcome::Error(error) => Err(error),
    }
}

/// Answers a request that [`call`] made, with what `serve` makes of it.
///
/// # Errors
/// The platform's, if it doesn't hand out the body or take the answer.
pub(super) async fn answer<C: ObjectCall>(
    mut request: Request,
    serve: impl AsyncFnOnce(Message<C>) -> Result<Message<C::Answer>, C::Error>,
) -> worker::Result<Response> {
    let served = match read::<C>(request.text().await?) {
        Ok(message) => serve(message).await,
        Err(error) => Err(error.into()),
    };
    let written = served.and_then(|Message { head, attachment }| {
        Ok(write(&Outcome::<_, C::Error>::Answer(head), &attachment)?)
    });
    Response::ok(match written {
        Ok(text) => text,
        Err(error) => write(&Outcome::<C::Answer, _>::Error(error), "")
            .map_err(|error| worker::Error::RustError(error.to_string()))?,
    })
}

fn write(head: &impl Serialize, attachment: &str) -> Result<String, StorageError> {
    let mut text =
        serde_json::to_string(head).map_err(|error| StorageError::Corrupt(error.to_string()))?;
    if !attachment.is_empty() {
        text.reserve_exact(1 + attachment.len());
        text.push('\n');
        text.push_str(attachment);
    }
    Ok(text)
}

fn read<H: DeserializeOwned>(mut text: String) -> Result<Message<H>, StorageError> {
    let line = text.find('\n');
    let head = text.get(..line.unwrap_or(text.len())).unwrap_or("");
    let head =
        crate::json::from_str(head).map_err(|error| StorageError::Corrupt(error.to_string()))?;
    text.drain(..line.map_or(text.len(), |at| at + 1));
    Ok(Message { head, attachment: text })
}

fn unreachable(error: impl std::fmt::Display) -> StorageError {
    StorageError::Unreachable(error.to_string())
}
