//! The reference of metrics: a section of docs/metrics.md.

use std::fmt::Write;

use venice_export::prometheus::names::{family_name, sample_name};
use venice_metrics::{Dimension, Instrument, Java, Kind};

use crate::queries::PREFIX;

const BEGIN: &str = "<!-- From here on written by //rust/boards:write from the table in rust/metrics/src/instruments. -->";
const END: &str = "<!-- To here. -->";

/// `document` with the section of today's table.
///
/// # Errors
///
/// If it has not both marks of the section, or not in this order.
pub fn with_reference(document: &str) -> Result<String, String> {
    let parts = document.split_once(BEGIN);
    let parts = parts.and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = parts else {
        return Err(format!("there is no section between {BEGIN} and {END}"));
    };
    Ok(format!("{before}{BEGIN}\n\n{}\n{END}{after}", reference()))
}

fn reference() -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "Names are those without `venice.{PREFIX}.`, which stands before each but gRPC's own. Beside each, the name in Prometheus.\n"
    );
    out.push_str("| Metric, Prometheus' name | Kind, unit | Dimensions | Meaning | Java server |\n|---|---|---|---|---|\n");
    let all = Instrument::ALL.iter().map(|of| (*of, of.describe()));
    for (instrument, described) in all.clone().filter(|(_, one)| one.absent.is_none()) {
        let _ = writeln!(
            out,
            "| `{}`<br>`{}` | {}, {} | {} | {} | {} |",
            described.name,
            prometheus(instrument),
            kind(described.kind),
            described.unit.venice(),
            dimensions(described.dimensions),
            described.about,
            java(&described.java),
        );
    }
    out.push_str("\nWhat the Java server's read path counts and this server does not:\n\n| Metric | Meaning | Why not |\n|---|---|---|\n");
    for (_, described) in all {
        if let Some(why) = described.absent {
            let _ = writeln!(
                out,
                "| `{}` | {} | {why} |",
                described.name, described.about
            );
        }
    }
    out.push_str("\nDimensions, by the short names above:\n\n| Dimension | Attribute | Label in Prometheus |\n|---|---|---|\n");
    for dimension in Dimension::ALL {
        let _ = writeln!(
            out,
            "| {dimension:?} | `{}` | `{}` |",
            dimension.key(),
            venice_export::prometheus::names::label_name(dimension.key()),
        );
    }
    out
}

fn prometheus(instrument: Instrument) -> String {
    let full_name = instrument.full_name(PREFIX);
    match instrument.kind() {
        Kind::Histogram => format!(
            "{}_{{bucket,sum,count}}",
            family_name(&full_name, instrument)
        ),
        Kind::MinMaxCountSum => format!("{}_{{sum,count}}", family_name(&full_name, instrument)),
        _ => sample_name(&full_name, instrument),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::UpDownCounter => "up-down counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "exponential histogram",
        Kind::MinMaxCountSum => "min, max, count, sum",
    }
}

fn dimensions(dimensions: &[Dimension]) -> String {
    let names: Vec<String> = dimensions.iter().map(|one| format!("{one:?}")).collect();
    names.join(", ")
}

fn java(java: &Java) -> &'static str {
    match java {
        Java::Same => "the same",
        Java::Other(text) => text,
    }
}
