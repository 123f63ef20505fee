//! Whether a server serves a partition, and what answers there.

use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue};
use venice_wire::response::Response;

use crate::client::calls::{get_message, Placed, GET, KEY_NOT_FOUND, OK};
use crate::client::connection::{status, Client};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::brief;

/// The metadata by which a client asks for the times of its call, and the trailer that has them. The read server in Rust
/// answers it; Venice's Java server, which does not know it, does not.
const TIMINGS: HeaderName = HeaderName::from_static("venice-timings");

/// What a server says of a key in a partition.
pub(crate) struct Probe {
    pub(crate) answer: Answer,
    /// Whether the read server in Rust answered.
    pub(crate) is_rust: bool,
    pub(crate) time: Duration,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The partition is served, and has the key.
    Found,
    /// The partition is served, and has no such key.
    Missing,
    /// It is not told: the server is over a quota, or too busy.
    Busy(String),
    /// It is not told: this client may not read.
    Denied(String),
    /// The partition is not served.
    Refused(String),
}

impl Client {
    /// Gets a key to see who answers. It costs the server a read.
    pub(crate) fn probe(&self, resource: &str, key: Placed<'_>) -> Outcome<Probe> {
        let mut metadata = HeaderMap::new();
        metadata.insert(TIMINGS, HeaderValue::from_static("1"));
        let begin = Instant::now();
        let mut answer = None;
        let trailers = self.ask(GET, &get_message(resource, key), metadata, |message| {
            let response = Response::decode(message).map_err(|error| {
                let text = format!(
                    "{} gave an answer that cannot be read: {error}",
                    self.address()
                );
                Failure::new(Exit::Software, text)
            })?;
            answer = Some(of_code(response.error_code, response.error_message));
            Ok(())
        })?;
        let answer = match (status(self.address(), &trailers), answer) {
            (Err(failure), _) => of_failure(&failure),
            (Ok(()), Some(answer)) => answer,
            (Ok(()), None) => Answer::Refused("there is no message in the answer".to_owned()),
        };
        Ok(Probe {
            answer,
            is_rust: trailers.contains_key(TIMINGS),
            time: begin.elapsed(),
        })
    }
}

/// What Venice's code of an answer says.
fn of_code(code: i32, message: &str) -> Answer {
    let text = match message {
        "" => format!("code {code}"),
        message => format!("code {code}: {}", brief(&message)),
    };
    match code {
        OK => Answer::Found,
        KEY_NOT_FOUND => Answer::Missing,
        429 | 503 => Answer::Busy(text),
        401 | 403 => Answer::Denied(text),
        _ => Answer::Refused(text),
    }
}

fn of_failure(failure: &Failure) -> Answer {
    let text = brief(failure);
    match failure.exit {
        Exit::NoPermission => Answer::Denied(text),
        Exit::TryLater => Answer::Busy(text),
        _ => Answer::Refused(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_codes_say_of_a_partition() {
        assert_eq!(of_code(200, ""), Answer::Found);
        assert_eq!(of_code(-420, "Key not found"), Answer::Missing);
        assert_eq!(of_code(429, ""), Answer::Busy("code 429".to_owned()));
        assert!(matches!(
            of_code(503, "Server over capacity"),
            Answer::Busy(_)
        ));
        assert!(matches!(of_code(403, "no"), Answer::Denied(_)));
        let refused = of_code(500, &"x".repeat(10_000));
        assert!(matches!(&refused, Answer::Refused(text) if text.len() < 300));
        let denied = Failure::new(Exit::NoPermission, "no");
        assert_eq!(of_failure(&denied), Answer::Denied("no".to_owned()));
    }
}
