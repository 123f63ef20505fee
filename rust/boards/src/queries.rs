//! Queries of Prometheus, by instruments.

use venice_export::prometheus::names::{family_name, sample_name};
use venice_metrics::Instrument;

/// The prefix of names, which a deployment may choose.
pub const PREFIX: &str = "server";

/// A query out of a template: `<read.call_count>` stands for the samples of that metric, `<read.call_time:bucket>` for
/// the buckets of that histogram.
///
/// # Panics
///
/// If there is no such instrument, or this server does not have it.
pub(crate) fn query(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(start) = rest.find('<') {
        let Some(length) = rest[start..]
            .find('>')
            .filter(|_| is_name(&rest[start + 1..]))
        else {
            out.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        };
        out.push_str(&rest[..start]);
        out.push_str(&sample(&rest[start + 1..start + length]));
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    out
}

/// Whether a name follows, not the rest of a comparison.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
}

fn sample(text: &str) -> String {
    let (name, part) = text.split_once(':').unwrap_or((text, ""));
    let instrument = Instrument::named(name);
    let instrument = instrument.unwrap_or_else(|| panic!("there is no metric {name}"));
    let absent = instrument.describe().absent;
    assert!(absent.is_none(), "{name} is not served: {absent:?}");
    let full_name = instrument.full_name(PREFIX);
    match part {
        "" => sample_name(&full_name, instrument),
        part => format!("{}_{part}", family_name(&full_name, instrument)),
    }
}
