//! Natives of `org.rocksdb.Statistics`: the handle is a `std::shared_ptr<rocksdb::Statistics>*`.

use jni::objects::{JByteArray, JClass};
use jni::sys::{jbyte, jlong};
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::objects::native_macros::disposers;
use crate::objects::native_object::{created, live, SharedStatistics};

extern "C" {
    // cpp/statistics.cc
    fn venice_statistics_new(
        ignored: *const u32,
        count: usize,
        statistics: *mut *mut SharedStatistics,
        status: *mut RawStatus,
    );
    fn venice_statistics_ticker(statistics: *const SharedStatistics, ticker: u32) -> u64;
}

/// `static native long newStatistics(byte[] ignoreHistograms)`: statistics without these
/// histograms, by the bytes of Java's `HistogramType`; null for none.
///
/// What only those histograms would need, such as looking at a clock, is not done either.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Statistics_newStatistics___3B<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    ignore_histograms: JByteArray<'local>,
) -> jlong {
    entry_unchecked(env, |env| {
        let mut ignored = Vec::new();
        if !ignore_histograms.is_null() {
            let mut bytes: Vec<jbyte> = vec![0; ignore_histograms.len(env)?];
            ignore_histograms.get_region(env, 0, &mut bytes)?;
            ignored.extend(bytes.into_iter().map(histogram));
        }
        let mut statistics = std::ptr::null_mut();
        // SAFETY: rule 3; fills `statistics` when it succeeds.
        Status::from_call(|status| unsafe {
            venice_statistics_new(ignored.as_ptr(), ignored.len(), &mut statistics, status);
        })?;
        created(statistics)
    })
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`: gives up Java's reference; the
    /// statistics live on while a database has one.
    Java_org_rocksdb_Statistics_disposeInternalJni => SharedStatistics;
}

/// `static native long getTickerCount(long handle, byte tickerType)`: a count since the statistics
/// were made or reset.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Statistics_getTickerCount<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    ticker_type: jbyte,
) -> jlong {
    entry_unchecked(env, |_| {
        let statistics = live::<SharedStatistics>(handle)?;
        // SAFETY: rule 1, and `ticker` gives only numbers that there are.
        let count = unsafe { venice_statistics_ticker(statistics.pointer(), ticker(ticker_type)) };
        Ok(count as jlong)
    })
}

/// `TickerTypeJni::toCppTickers`: the number in `rocksdb::Tickers` for the byte of Java's
/// `TickerType`.
///
/// Java's bytes go on with -1, -2, … where they have reached 127, and keep one of those for
/// `TICKER_ENUM_MAX`, the number behind the last, under which nothing is counted. Anything unknown
/// stands for `BLOCK_CACHE_MISS`.
fn ticker(byte: jbyte) -> u32 {
    const TICKER_ENUM_MAX: u32 = 214;
    let back = u32::from(byte.unsigned_abs());
    match byte {
        0..=127 => back,
        -0x53..=-1 => 127 + back,
        -0x54 => TICKER_ENUM_MAX,
        -0x57..=-0x55 => 126 + back,
        _ => 0,
    }
}

/// `HistogramTypeJni::toCppHistograms`: the number in `rocksdb::Histograms` for the byte of Java's
/// `HistogramType`. They are the same, and anything unknown stands for `DB_GET`.
fn histogram(byte: jbyte) -> u32 {
    match byte {
        0..=0x3E => byte as u32,
        _ => 0,
    }
}

#[cfg(all(test, feature = "bundled"))]
mod tests {
    use super::*;
    use crate::upstream_source::Conversion;

    #[test]
    fn ticker_types_are_those_of_upstream() {
        let upstream = Conversion::read("toCppTickers", "include/rocksdb/statistics.h", "Tickers");
        assert_eq!(upstream.len(), 215);
        upstream.assert_same(|byte| ticker(byte).into());
    }

    #[test]
    fn histogram_types_are_those_of_upstream() {
        let header = "include/rocksdb/statistics.h";
        let upstream = Conversion::read("toCppHistograms", header, "Histograms");
        assert_eq!(upstream.len(), 63);
        upstream.assert_same(|byte| histogram(byte).into());
    }
}
