//! `.dev.vars`: the secrets that wrangler gives a Worker on this machine.

use std::fs;

use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// Where wrangler looks for them; never committed.
pub(crate) const FILE: &str = ".dev.vars";

/// Writes the file with a fresh owner token unless there is one.
///
/// # Errors
/// If it cannot be written, or the system has no randomness to give.
pub(crate) fn ensure(workspace: &Workspace) -> Outcome {
    let path = workspace.path(FILE);
    if path.exists() {
        return Ok(());
    }
    fs::write(&path, content(&token()?, &token()?, &token()?))
        .map_err(|error| Failure::file("write", &path, &error))?;
    say(format!("    wrote {FILE} with a new owner token, and secrets for keys and subjects"));
    Ok(())
}

fn content(token: &str, key_secret: &str, subject_secret: &str) -> String {
    format!(
        "# For this machine only. A deployed Worker gets its token from\n\
         # `npx wrangler secret put OWNER_TOKEN`.\n\
         OWNER_TOKEN=\"{token}\"\n\
         KEY_SECRET=\"{key_secret}\"\n\
         SUBJECT_SECRET=\"{subject_secret}\"\n\
         RATE_LIMIT=\"off\"\n"
    )
}

/// 64 hexadecimal digits that nobody can guess.
fn token() -> Outcome<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(format!("the system gives no random bytes: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, other) = (token().unwrap(), token().unwrap());
        assert_eq!(one.len(), 64);
        assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(one, other);
    }

    #[test]
    fn the_file_names_the_token_and_lifts_the_rate_limit() {
        let content = content("abc", "def", "ghi");
        assert!(content.contains("\nOWNER_TOKEN=\"abc\"\nKEY_SECRET=\"def\"\n"));
        assert!(content.contains("\nSUBJECT_SECRET=\"ghi\"\n"));
        assert!(content.contains("\nRATE_LIMIT=\"off\"\n"));
    }
}
