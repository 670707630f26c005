//! Who asks the edge: the owner's token or a key, as this session of the browser has it.

use crate::edge::Client;
use crate::signals::RwSignal;
use crate::storage;

/// The token; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    token: RwSignal<Option<String>>,
}

impl Access {
    /// The token that was kept, if one was.
    pub(crate) fn of_session() -> Self {
        Self { token: RwSignal::new(storage::session_token()) }
    }

    /// Whether there is a token that the edge has not refused.
    pub(crate) fn has_token(&self) -> bool {
        self.token.with(Option::is_some)
    }

    /// Who asks.
    pub(crate) fn client(&self) -> Client {
        Client { token: self.token.try_get_untracked().flatten() }
    }

    /// Whether who asks is still who asked by `client`.
    pub(crate) fn is(&self, client: &Client) -> bool {
        self.token.try_get_untracked().flatten() == client.token
    }

    /// Takes what was typed, to be tried; false if it can be no token.
    pub(crate) fn take(&self, typed: &str) -> bool {
        // As it stands in `.dev.vars`: with its name, and in quotes.
        let token = typed.trim();
        let token = token.strip_prefix("OWNER_TOKEN=").unwrap_or(token).trim_matches(['"', '\'']);
        // What cannot be in a header is no token, and the browser would not send it.
        let can_be = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        if can_be {
            self.token.set(Some(token.to_owned()));
        }
        can_be
    }

    /// Keeps the token for this session of the browser: the edge knows it.
    pub(crate) fn keep(&self) {
        if let Some(token) = self.token.try_get_untracked().flatten() {
            storage::keep_token(&token);
        }
    }

    /// Forgets the token. The page that it was for may be gone.
    pub(crate) fn forget(&self) {
        storage::forget_token();
        let _ = self.token.try_set(None);
    }
}
