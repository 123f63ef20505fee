//! `grpc-timeout`: how long the client waits for an answer.
//!
//! Source: gRPC's PROTOCOL-HTTP2.md: one to eight digits and a unit. The time runs from when the
//! headers of the call are here; when it is over, nobody wants the answer any more.
// #[HotPath]
// except awaits: the timer, for calls that wait.
// except formatting: the refusal of a timeout that is none.

use std::future::{pending, Future};
use std::time::Duration;

use http::header::{HeaderMap, HeaderName};
use tokio::time::{sleep_until, timeout_at, Instant};

use venice_wire::echoed::Echoed;
use venice_wire::status::{Code, Status};

pub(crate) const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// A `grpc-timeout` that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "grpc-timeout is {value:?}; send one to eight digits and a unit: H, M, S, m (milliseconds), u \
     or n"
)]
pub struct TimeoutError {
    /// The header as it came, or its beginning.
    pub value: Echoed,
}

/// When a call with these headers, which are here now, has to be over. `None` if the client waits
/// without limit, or for longer than the clock goes.
pub(crate) fn of_call(headers: &HeaderMap) -> Result<Option<Instant>, TimeoutError> {
    let Some(value) = headers.get(GRPC_TIMEOUT) else {
        return Ok(None);
    };
    match Timeout::parse(value.as_bytes()) {
        Some(timeout) => Ok(timeout.deadline()),
        None => Err(TimeoutError {
            value: Echoed::new(&String::from_utf8_lossy(value.as_bytes())),
        }),
    }
}

/// Waits until a deadline has passed; never ends if there is none.
///
/// Cancel safety: nothing is lost.
pub(crate) async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

/// What `call` answers before its deadline; `None` if that has passed, and then a call that would answer at once does
/// not begin either.
///
/// Cancel safety: that of `call`.
pub(crate) async fn before<C: Future>(deadline: Option<Instant>, call: C) -> Option<C::Output> {
    match deadline {
        None => Some(call.await),
        Some(at) if at <= Instant::now() => None,
        Some(at) => timeout_at(at, call).await.ok(),
    }
}

/// `grpc-timeout`: a number of at most eight digits, and its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timeout {
    /// As it came.
    pub(crate) number: u32,
    /// `H`, `M`, `S`, `m`, `u` or `n`.
    pub(crate) unit: u8,
}

impl Timeout {
    /// Reads a header; `None` if it is none.
    pub(crate) fn parse(value: &[u8]) -> Option<Timeout> {
        let (&unit, digits) = value.split_last()?;
        let is_unit = matches!(unit, b'H' | b'M' | b'S' | b'm' | b'u' | b'n');
        let is_number = (1..=8).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
        if !is_unit || !is_number {
            return None;
        }
        let number = digits
            .iter()
            .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        Some(Timeout { number, unit })
    }

    /// When a call that begins now has to be over; `None` if that is later than the clock goes.
    pub(crate) fn deadline(self) -> Option<Instant> {
        Instant::now().checked_add(self.duration())
    }

    fn duration(self) -> Duration {
        let number = u64::from(self.number);
        match self.unit {
            b'H' => Duration::from_secs(number * 3600),
            b'M' => Duration::from_secs(number * 60),
            b'S' => Duration::from_secs(number),
            b'm' => Duration::from_millis(number),
            b'u' => Duration::from_micros(number),
            _ => Duration::from_nanos(number),
        }
    }
}

impl From<TimeoutError> for Status {
    fn from(error: TimeoutError) -> Status {
        Status {
            code: Code::Internal,
            message: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeout(value: &[u8]) -> Option<Duration> {
        Timeout::parse(value).map(Timeout::duration)
    }

    #[test]
    fn every_unit_is_exact() {
        for (value, expected) in [
            ("0n", Duration::ZERO),
            ("1n", Duration::from_nanos(1)),
            ("99999999n", Duration::from_nanos(99_999_999)),
            ("250u", Duration::from_micros(250)),
            ("00000007m", Duration::from_millis(7)),
            ("1S", Duration::from_secs(1)),
            ("2M", Duration::from_secs(120)),
            ("3H", Duration::from_secs(10_800)),
            ("99999999H", Duration::from_secs(99_999_999 * 3600)),
        ] {
            assert_eq!(timeout(value.as_bytes()), Some(expected), "{value}");
        }
    }

    #[test]
    fn what_is_no_timeout_is_refused() {
        for value in [
            "",
            "S",
            "1",
            "1s",
            "1h",
            "-1S",
            "+1S",
            "1.5S",
            " 1S",
            "1S ",
            "123456789n",
            "1Sm",
            "0x1S",
        ] {
            assert_eq!(timeout(value.as_bytes()), None, "{value}");
        }
        let mut headers = HeaderMap::new();
        assert_eq!(of_call(&headers), Ok(None));
        headers.insert(GRPC_TIMEOUT, "10 S".parse().unwrap());
        assert_eq!(
            of_call(&headers).unwrap_err().to_string(),
            "grpc-timeout is \"10 S\"; send one to eight digits and a unit: H, M, S, m \
             (milliseconds), u or n"
        );
    }

    #[test]
    fn the_time_runs_from_now() {
        let mut headers = HeaderMap::new();
        headers.insert(GRPC_TIMEOUT, "1H".parse().unwrap());
        let before = Instant::now();
        let deadline = of_call(&headers).unwrap().unwrap();
        let hour = Duration::from_secs(3600);
        assert!(deadline >= before + hour && deadline <= Instant::now() + hour);
    }
}
