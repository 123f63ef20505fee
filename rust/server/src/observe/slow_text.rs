//! The slow log as text for people, as JSON, and as rows for programs.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use crate::observe::slow_log::Request;
use crate::observe::timeline::Phase;

/// What the slow log had when it was asked.
#[derive(Debug, Clone)]
pub struct SlowRequests {
    /// How long slow requests take at least; `None` if nothing is kept.
    pub threshold: Option<Duration>,
    /// In the order in which they were kept.
    pub requests: Vec<Arc<Request>>,
}

/// The columns of all forms, beside those of the phases. Times are microseconds.
const COLUMNS: [&str; 11] = [
    "sequence",
    "start",
    "why",
    "method",
    "store_version",
    "keys",
    "request_bytes",
    "response_bytes",
    "status",
    "total",
    "rest",
];

/// The values of [`COLUMNS`], and whether each is a text.
fn values(request: &Request) -> [(String, bool); COLUMNS.len()] {
    let number = |number: u64| (number.to_string(), false);
    [
        number(request.sequence),
        number(request.start.as_micros() as u64),
        (request.why.name().to_owned(), true),
        (request.method.to_owned(), true),
        (request.store_version.to_string(), true),
        number(request.keys.into()),
        number(request.request_bytes.into()),
        number(request.response_bytes.into()),
        (request.status.to_string(), true),
        number(request.total.as_micros() as u64),
        number(request.rest().as_micros() as u64),
    ]
}

impl Request {
    /// The total, and the phases.
    pub(crate) fn times(&self) -> Times {
        (self.total, self.phases)
    }
}

fn phases(request: &Request) -> impl Iterator<Item = (&'static str, u128)> + '_ {
    Phase::ALL
        .map(|phase| (phase.name(), request.took(phase).as_micros()))
        .into_iter()
}

impl SlowRequests {
    /// A line for each request, in columns, the newest last.
    pub fn to_text(&self) -> String {
        let mut text = match self.threshold {
            None => "nothing is kept: slow.log.threshold.us is 0, or metrics.enabled is false\n".to_owned(),
            Some(threshold) => format!(
                "requests of {} us or more, and some others by chance; times in microseconds; rest is what no \
                 phase has\n",
                threshold.as_micros()
            ),
        };
        let names = self
            .requests
            .iter()
            .map(|request| request.store_version.len());
        let width = names.max().unwrap_or(0).max("store_version".len());
        let _ = write!(
            text,
            "{:<24} {:<7} {:<17} {:<width$}",
            "start (UTC)", "why", "method", "store_version"
        );
        let _ = write!(
            text,
            " {:>6} {:>8} {:>8} {:>18} {:>9}",
            "keys", "request", "response", "status", "total"
        );
        for phase in Phase::ALL {
            let _ = write!(text, " {:>9}", phase.name());
        }
        let _ = writeln!(text, " {:>9}", "rest");
        for request in &self.requests {
            let _ = write!(
                text,
                "{:<24} {:<7} {:<17} {:<width$}",
                utc(request.start),
                request.why.name(),
                request.method,
                printable(&request.store_version),
            );
            let _ = write!(
                text,
                " {:>6} {:>8} {:>8} {:>18} {:>9}",
                request.keys,
                request.request_bytes,
                request.response_bytes,
                request.status.to_string(),
                request.total.as_micros(),
            );
            for (_, micros) in phases(request) {
                let _ = write!(text, " {micros:>9}");
            }
            let _ = writeln!(text, " {:>9}", request.rest().as_micros());
        }
        text
    }

    /// `{"threshold": <microseconds or null>, "requests": [{...}, ...]}`: a member for each column, and one
    /// for each phase in `phases`. `start` is in microseconds since 1970.
    pub fn to_json(&self) -> String {
        let threshold = self.threshold.map_or("null".to_owned(), |threshold| {
            threshold.as_micros().to_string()
        });
        let mut json = format!("{{\"threshold\":{threshold},\"requests\":[");
        for (index, request) in self.requests.iter().enumerate() {
            json.push_str(if index == 0 { "\n{" } else { ",\n{" });
            for (name, (value, is_text)) in COLUMNS.iter().zip(values(request)) {
                let _ = write!(json, "\"{name}\":");
                if is_text {
                    put_json(&mut json, &value);
                } else {
                    json.push_str(&value);
                }
                json.push(',');
            }
            json.push_str("\"phases\":{");
            for (index, (name, micros)) in phases(request).enumerate() {
                let comma = if index == 0 { "" } else { "," };
                let _ = write!(json, "{comma}\"{name}\":{micros}");
            }
            json.push_str("}}");
        }
        json.push_str("]}\n");
        json
    }

    /// A line for each request: the columns, then those of the phases by their order, with tabs between them.
    /// No value has a tab or the end of a line.
    pub fn to_rows(&self) -> String {
        let mut rows = String::new();
        for request in &self.requests {
            for (value, is_text) in values(request) {
                rows.push_str(&if is_text { printable(&value) } else { value });
                rows.push('\t');
            }
            for (index, (_, micros)) in phases(request).enumerate() {
                let tab = if index == 0 { "" } else { "\t" };
                let _ = write!(rows, "{tab}{micros}");
            }
            rows.push('\n');
        }
        rows
    }
}

/// What a call took in all, and its phases by their order.
pub(crate) type Times = (Duration, [Duration; Phase::ALL.len()]);

/// The phases of a call as a value of W3C's Server-Timing: milliseconds, those that took time.
pub(crate) fn server_timing((total, phases): &Times) -> String {
    let mut text = format!("total;dur={}", millis(*total));
    for phase in Phase::ALL {
        let took = phases[phase as usize];
        if !took.is_zero() {
            let _ = write!(text, ", {};dur={}", phase.name(), millis(took));
        }
    }
    text
}

fn millis(took: Duration) -> String {
    let micros = took.as_micros();
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

/// Names of store versions are names of folders, which may have anything.
fn printable(text: &str) -> String {
    let printable = |c: char| if c.is_control() { '?' } else { c };
    text.chars().map(printable).collect()
}

fn put_json(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

/// `2026-11-29T08:21:57.123Z`.
fn utc(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let millis = since_1970.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Year, month and day of a day since 1970, by the Gregorian calendar: 400 years have 146,097 days, and
/// years that begin in March end with their leap day.
fn date(days: u64) -> (u64, u64, u64) {
    let since_0000 = days + 719_468;
    let (era, day_of_era) = (since_0000 / 146_097, since_0000 % 146_097);
    let leap_days = day_of_era / 1460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (400 * era + year_of_era + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::slow_log::{Ended, Why};

    fn some() -> SlowRequests {
        let request = Request {
            sequence: 7,
            why: Why::Slow,
            start: Duration::from_micros(951_782_399_123_456),
            method: "batchGet",
            store_version: Arc::from("a\t\"b\\_v1"),
            keys: 12,
            request_bytes: 345,
            response_bytes: 6789,
            status: Ended::Answered(-420),
            total: Duration::from_micros(12_000),
            phases: [0, 1000, 0, 2000, 3000, 40].map(Duration::from_micros),
        };
        SlowRequests {
            threshold: Some(Duration::from_millis(10)),
            requests: vec![Arc::new(request)],
        }
    }

    #[test]
    fn rows_have_a_tab_between_values_and_nowhere_else() {
        let rows = some().to_rows();
        assert_eq!(
            rows,
            "7\t951782399123456\tslow\tbatchGet\ta?\"b\\_v1\t12\t345\t6789\t-420\t12000\t6000\t\
             0\t1000\t0\t2000\t3000\t40\n"
        );
    }

    #[test]
    fn json_is_escaped() {
        assert_eq!(
            some().to_json(),
            "{\"threshold\":10000,\"requests\":[\n{\"sequence\":7,\"start\":951782399123456,\"why\":\"slow\",\
             \"method\":\"batchGet\",\"store_version\":\"a\\u0009\\\"b\\\\_v1\",\"keys\":12,\"request_bytes\":345,\
             \"response_bytes\":6789,\"status\":\"-420\",\"total\":12000,\"rest\":6000,\"phases\":{\"receive\":0,\
             \"access\":1000,\"room\":0,\"queue\":2000,\"read\":3000,\"send\":40}}]}\n"
        );
        let off = SlowRequests {
            threshold: None,
            requests: Vec::new(),
        };
        assert_eq!(off.to_json(), "{\"threshold\":null,\"requests\":[]}\n");
        assert!(off.to_text().starts_with("nothing is kept: "));
    }

    #[test]
    fn text_is_in_columns() {
        let text = some().to_text();
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0].starts_with("requests of 10000 us or more, "),
            "{text}"
        );
        assert!(
            lines[2].starts_with("2000-02-28T23:59:59.123Z slow    batchGet          a?\"b\\_v1 "),
            "{text}"
        );
        assert_eq!(lines[1].len(), lines[2].len());
        for name in ["access", "queue", "read"] {
            let at = lines[1].find(name).map_or(0, |at| at + name.len());
            assert!(lines[2][..at].ends_with("000"), "{name}: {text}");
        }
    }

    #[test]
    fn a_header_has_the_phases_that_took_time() {
        assert_eq!(
            server_timing(&some().requests[0].times()),
            "total;dur=12.000, access;dur=1.000, queue;dur=2.000, read;dur=3.000, send;dur=0.040"
        );
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (days, expected) in [
            (0, (1970, 1, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (19_722, (2023, 12, 31)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date(days), expected);
        }
    }
}
