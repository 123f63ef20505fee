//! Whether and when a request is sent again: OTLP's specification, "OTLP/HTTP Response" and
//! "OTLP/HTTP Throttling".

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use http::StatusCode;

use crate::settings::Retry;

/// Whether a collector may take it another time. All others are for good.
pub(crate) fn is_retryable(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// The header `retry-after` in seconds. The other form, a date, would trust the collector's clock: it is
/// taken as not there.
pub(crate) fn retry_after(value: Option<&str>) -> Option<Duration> {
    let seconds = value?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The pause before another attempt, after `attempts` of them. None: no more before the next export.
pub(crate) fn pause(retry: &Retry, attempts: u32, asked: Option<Duration>) -> Option<Duration> {
    if attempts >= retry.attempts {
        return None;
    }
    if let Some(asked) = asked {
        return (asked <= retry.longest).then_some(asked);
    }
    let doubled = 2u32.saturating_pow(attempts.saturating_sub(1));
    let longest = retry.first.saturating_mul(doubled).min(retry.longest);
    Some(longest.mul_f64(1.0 - chance() / 2.0))
}

/// From 0 up to 1.
fn chance() -> f64 {
    // A hasher's keys are random.
    let random = RandomState::new().hash_one(0u8);
    (random >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_otlp_calls_retryable_is_sent_again() {
        for status in 100..600 {
            let status = StatusCode::from_u16(status).expect("a status");
            let expected = [429, 502, 503, 504].contains(&status.as_u16());
            assert_eq!(is_retryable(status), expected, "{status}");
        }
    }

    #[test]
    fn pauses_double_until_the_longest_and_end() {
        let retry = Retry {
            attempts: 5,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(3),
        };
        for (attempts, longest) in [(1, 1.0), (2, 2.0), (3, 3.0), (4, 3.0)] {
            for _ in 0..20 {
                let pause = pause(&retry, attempts, None)
                    .expect("another")
                    .as_secs_f64();
                assert!((longest / 2.0..=longest).contains(&pause), "{pause}");
            }
        }
        assert_eq!(pause(&retry, 5, None), None);
    }

    #[test]
    fn the_collector_says_when_unless_it_is_too_long() {
        let retry = Retry::default();
        let asked = retry_after(Some(" 7 "));
        assert_eq!(asked, Some(Duration::from_secs(7)));
        assert_eq!(pause(&retry, 1, asked), asked);
        assert_eq!(pause(&retry, 1, Some(Duration::from_secs(31))), None);
        assert_eq!(retry_after(Some("Wed, 21 Oct 2026 07:28:00 GMT")), None);
        assert_eq!(retry_after(None), None);
    }
}
