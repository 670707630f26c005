//! Why the edge gave no answer, and what to do about it: told here, and nowhere else.

use tepal_api::Problem;

use crate::i18n::t;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EdgeError {
    /// The browser knows itself offline.
    Offline,
    /// No connection came about.
    Unreachable,
    /// No answer in time.
    TimedOut {
        /// How long it was waited for.
        after_secs: u32,
    },
    /// 401: who asks is not known.
    Unauthorized,
    /// 403: who asks may not do this.
    Forbidden {
        /// Why, in one sentence, if the edge says so.
        detail: Option<String>,
    },
    /// 409: it does not go together with what is there.
    Conflict {
        /// With what, if the edge says so.
        detail: Option<String>,
    },
    /// 412: somebody else changed it in the meantime.
    Changed,
    /// 429: too many requests.
    RateLimited {
        /// When to come back.
        retry_after_secs: Option<u32>,
    },
    /// The edge refuses the request and says why.
    Refused {
        /// In one sentence.
        detail: String,
        /// One sentence a fault.
        faults: Vec<String>,
    },
    /// The edge has a problem of its own.
    Unavailable {
        /// HTTP status.
        status: u16,
        /// What it says about it.
        detail: Option<String>,
    },
    /// An answer in a form that this page does not know: one of the two is older.
    OtherVersion,
    /// Something answered that is no edge of ours.
    NotAnEdge {
        /// HTTP status.
        status: u16,
    },
}

impl EdgeError {
    /// What an answer of this status means that is no success; `problem` is its body if that is one.
    pub(super) fn of(status: u16, retry_after_secs: Option<u32>, problem: Option<Problem>) -> Self {
        let is_problem = problem.is_some();
        let (detail, faults) = match problem {
            Some(problem) => (Some(problem.detail), problem.errors),
            None => (None, Vec::new()),
        };
        match (status, detail) {
            (429, _) => Self::RateLimited { retry_after_secs },
            (500..=599, detail) => Self::Unavailable { status, detail },
            // A proxy may ask for a password of its own, or forbid: what it says is no problem of ours.
            (401, _) if is_problem => Self::Unauthorized,
            (403, detail) if is_problem => Self::Forbidden { detail },
            (409, detail) if is_problem => Self::Conflict { detail },
            (412, _) if is_problem => Self::Changed,
            (_, Some(detail)) => {
                let faults = faults.into_iter().map(|error| error.detail).collect();
                Self::Refused { detail, faults }
            }
            (_, None) => Self::NotAnEdge { status },
        }
    }

    /// What a success means that is none of the expected form; `is_json` if it has one at all.
    pub(super) const fn of_unread(status: u16, is_json: bool) -> Self {
        if is_json { Self::OtherVersion } else { Self::NotAnEdge { status } }
    }

    /// What happened and what to do, in words.
    pub(crate) fn sentence(&self) -> String {
        // Why, as far as the edge says it, in its own words.
        let because = |what: &str, detail: Option<&str>| match detail {
            Some(detail) => format!("{what}: {}.", detail.trim_end_matches('.')),
            None => format!("{what}."),
        };
        let with_advice = |what: &str, detail: &Option<String>, advice: &str| {
            format!("{} {advice}", because(what, detail.as_deref()))
        };
        match self {
            Self::Offline => {
                t!("You are offline. Ask again once the connection is back.").to_owned()
            }
            Self::Unreachable => {
                t!("The edge could not be reached. Check the connection, and ask again.").to_owned()
            }
            Self::TimedOut { after_secs } => t!(
                "No answer within {seconds} seconds. Ask again in a while.",
                seconds = after_secs
            ),
            Self::Unauthorized => t!(
                "The edge wants a key, or does not know this one. Ask its owner for one that is valid."
            )
            .to_owned(),
            Self::Forbidden { detail } => {
                let what = t!("This key is not allowed to do that");
                with_advice(what, detail, t!("Ask the owner for one that is."))
            }
            Self::Conflict { detail } => {
                let what = t!("That does not go together with what is there");
                with_advice(what, detail, t!("Look at the state of things first."))
            }
            Self::Changed => {
                t!("Somebody changed this in the meantime. Load it anew, and decide again.")
                    .to_owned()
            }
            Self::RateLimited { retry_after_secs: Some(seconds) } => t!(
                "Too many requests. Ask again in {seconds} seconds at the latest.",
                seconds
            ),
            Self::RateLimited { retry_after_secs: None } => {
                t!("Too many requests. Ask again in a minute.").to_owned()
            }
            Self::Refused { detail, .. } => because(t!("The edge refuses this"), Some(detail)),
            Self::Unavailable { status, detail } => {
                let what = t!("The edge has a problem ({status})", status);
                with_advice(&what, detail, t!("Ask again in a while."))
            }
            Self::OtherVersion => t!(
                "The edge answers in a form that this page does not know: the site has been updated since the page was opened. Reload the page, and ask again."
            )
            .to_owned(),
            Self::NotAnEdge { status } => t!(
                "What answered here (status {status}) is not a Tepal edge. Check the address, and whether the network wants you to sign in.",
                status
            ),
        }
    }

    /// The faults that the edge found, one sentence each.
    pub(crate) fn faults(&self) -> &[String] {
        match self {
            Self::Refused { faults, .. } => faults,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tepal_api::ProblemError;

    fn of(status: u16, problem: Option<Problem>) -> EdgeError {
        EdgeError::of(status, None, problem)
    }

    fn problem(status: u16) -> Option<Problem> {
        let error = ProblemError {
            pointer: "/sepal_length".into(),
            code: "out_of_range".into(),
            detail: "must be between 0 and 10".into(),
        };
        Some(Problem {
            kind: "/docs#invalid".into(),
            title: "Invalid row".into(),
            status,
            detail: "one value is out of range".into(),
            errors: vec![error],
        })
    }

    #[test]
    fn a_problem_is_told_with_its_faults() {
        let failure = of(422, problem(422));
        assert_eq!(failure.faults(), ["must be between 0 and 10"]);
        assert!(failure.sentence().contains("out of range"));
    }

    #[test]
    fn a_limit_says_when_to_come_back() {
        let limited = EdgeError::of(429, Some(60), problem(429));
        assert_eq!(limited.sentence(), "Too many requests. Ask again in 60 seconds at the latest.");
        assert!(of(429, None).sentence().contains("minute"));
    }

    #[test]
    fn each_refusal_of_who_asks_or_when_says_what_to_do() {
        let check = |status, words: &str| {
            let sentence = of(status, problem(status)).sentence();
            assert!(sentence.contains(words), "{sentence}");
        };
        check(401, "Ask its owner for one");
        check(403, "not allowed to do that: one value is out of range. Ask the owner");
        check(409, "what is there: one value is out of range. Look at the state");
        check(412, "Load it anew");
    }

    #[test]
    fn a_page_in_place_of_an_answer_is_no_edge() {
        for status in [200, 301, 401, 403, 404] {
            assert_eq!(of(status, None), EdgeError::NotAnEdge { status });
        }
    }

    #[test]
    fn an_answer_of_another_version_asks_for_a_reload() {
        assert!(EdgeError::of_unread(200, true).sentence().contains("Reload the page"));
        assert_eq!(EdgeError::of_unread(200, false), EdgeError::NotAnEdge { status: 200 });
    }

    #[test]
    fn an_edge_in_trouble_is_unavailable_with_or_without_words() {
        let bare = "The edge has a problem (503). Ask again in a while.";
        assert_eq!(of(503, None).sentence(), bare);
        assert!(of(503, problem(503)).sentence().contains("out of range"));
    }
}
