//! Natives of `org.rocksdb.RateLimiter`: the handle is a `std::shared_ptr<rocksdb::RateLimiter>*`.

use std::os::raw::c_int;

use jni::objects::JClass;
use jni::sys::{jboolean, jbyte, jint, jlong};
use jni::EnvUnowned;

use crate::jvm::entry::entry_unchecked;
use crate::jvm::failure::Failure;
use crate::objects::native_macros::disposers;
use crate::objects::native_object::{created, SharedRateLimiter};

extern "C" {
    // rocksdb/c.h
    fn rocksdb_ratelimiter_create_with_mode(
        rate_bytes_per_second: i64,
        refill_period_micros: i64,
        fairness: i32,
        mode: c_int,
        auto_tuned: bool,
    ) -> *mut SharedRateLimiter;
}

/// `static native long newRateLimiterHandle(long rateBytesPerSecond, long refillPeriodMicros, int
/// fairness, byte rateLimiterMode, boolean autoTune)`.
///
/// Throws `IllegalArgumentException` where RocksDB would divide by zero: for a rate of 0 (with
/// `autoTune`, where it begins with half of the rate, also for 1 and -1), and for a fairness of 0.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RateLimiter_newRateLimiterHandle<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    rate_bytes_per_second: jlong,
    refill_period_micros: jlong,
    fairness: jint,
    mode: jbyte,
    auto_tune: jboolean,
) -> jlong {
    entry_unchecked(env, |_| {
        check(rate_bytes_per_second, fairness, auto_tune)?;
        // SAFETY: takes numbers; those it cannot bear are refused above.
        let limiter = unsafe {
            rocksdb_ratelimiter_create_with_mode(
                rate_bytes_per_second,
                refill_period_micros,
                fairness,
                mode_of(mode),
                auto_tune,
            )
        };
        created(limiter)
    })
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`: gives up Java's reference; the limiter
    /// lives on while a database has one.
    Java_org_rocksdb_RateLimiter_disposeInternalJni => SharedRateLimiter;
}

fn check(rate: i64, fairness: i32, auto_tune: bool) -> Result<(), Failure> {
    let first_rate = if auto_tune { rate / 2 } else { rate };
    if first_rate == 0 {
        let least = if auto_tune { 2 } else { 1 };
        return Err(Failure::illegal_argument(format!(
            "a rate limiter of {rate} bytes per second lets nothing through: give at least {least}"
        )));
    }
    if fairness == 0 {
        return Err(Failure::illegal_argument(
            "the fairness of a rate limiter is 0: give at least 1".to_owned(),
        ));
    }
    Ok(())
}

/// `RateLimiterModeJni::toCppRateLimiterMode`: the numbers are RocksDB's own, and anything unknown
/// stands for `kWritesOnly`.
fn mode_of(byte: jbyte) -> c_int {
    match byte {
        0..=2 => byte.into(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jvm::failure::Reason;

    #[test]
    #[cfg(feature = "bundled")]
    fn modes_are_those_of_upstream() {
        use crate::upstream_source::Conversion;
        let header = "include/rocksdb/rate_limiter.h";
        let upstream = Conversion::read("toCppRateLimiterMode", header, "Mode");
        assert_eq!(upstream.len(), 3);
        upstream.assert_same(|byte| mode_of(byte).into());
    }

    #[test]
    fn what_rocksdb_would_divide_by_is_not_zero() {
        for (rate, fairness, auto_tune) in [(0, 10, false), (1, 10, true), (-1, 10, true)] {
            let refusal = check(rate, fairness, auto_tune);
            let failure = refusal.expect_err("refused");
            assert!(matches!(failure.reason(), Reason::IllegalArgument(text)
                if text.contains(&format!("of {rate} bytes per second"))));
        }
        assert!(matches!(
            check(1, 0, false),
            Err(failure) if matches!(failure.reason(), Reason::IllegalArgument(_))
        ));
        for (rate, fairness, auto_tune) in [(1, 1, false), (2, 1, true), (-5, -1, false)] {
            assert!(check(rate, fairness, auto_tune).is_ok());
        }
    }
}
