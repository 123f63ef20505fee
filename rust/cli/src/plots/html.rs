//! A page of its own: text, a table, and two plots, without scripts and without anything from elsewhere.

use std::fmt::Write as _;

use crate::output::grouped;
use crate::plots::{buckets, fullest, time, Summary};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 300.0;
const MARGIN: f64 = 60.0;
const BUCKETS: usize = 60;
/// Points of the curve for each halving of what is left above a quantile.
const STEPS: u32 = 4;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:56rem;padding:0 1rem;color:#1b1f24;background:#fff}\
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}td,th{padding:.1rem 1rem .1rem 0;text-align:right}\
th{font-weight:600}svg{width:100%;height:auto}text{font-size:12px;fill:currentColor}.bar{fill:#3b6fd4}.line{fill:none;stroke:#3b6fd4;stroke-width:2}\
.grid{stroke:currentColor;stroke-opacity:.15}@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181c}.bar{fill:#7aa2f7}.line{stroke:#7aa2f7}}";

/// The page.
pub(crate) fn page(summary: &Summary<'_>) -> String {
    let title = escaped(&summary.title);
    let rows = summary
        .quantiles
        .iter()
        .map(|(name, nanos)| format!("<tr><th>{name}</th><td>{}</td></tr>", time(*nanos as f64)));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>{}</p>\n<p>{}</p>\n\
         <table>{}</table>\n<h2>Latency by quantile</h2>\n{}\n<h2>How often which latency</h2>\n{}\n</body></html>\n",
        escaped(&summary.load),
        escaped(&summary.result),
        rows.collect::<String>(),
        curve(summary),
        bars(summary)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A figure with its frame: what is in it is added by `fill`.
fn figure(label: &str, fill: impl FnOnce(&mut String)) -> String {
    let (width, height) = (WIDTH + 2.0 * MARGIN, HEIGHT + 2.0 * MARGIN);
    let mut out =
        format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\">");
    fill(&mut out);
    out.push_str("</svg>");
    out
}

/// Where a value is on an axis whose steps are factors.
fn scaled(value: f64, low: f64, high: f64, length: f64) -> f64 {
    (value / low).ln() / (high / low).ln().max(1e-9) * length
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escaped(words)
    );
}

fn line(out: &mut String, [x1, y1, x2, y2]: [f64; 4]) {
    let _ = write!(
        out,
        "<line class=\"grid\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
    );
}

/// Latency over the quantile: to the right, each step has half as many above it.
fn curve(summary: &Summary<'_>) -> String {
    let latencies = summary.latencies;
    if latencies.is_empty() {
        return "<p>There was no answer.</p>".to_owned();
    }
    let (low, high) = (latencies.min().max(1) as f64, latencies.max().max(2) as f64);
    // So far that one answer is left above.
    let halvings = (latencies.len() as f64).log2().ceil().max(1.0);
    let steps = halvings as u32 * STEPS;
    figure("latency by quantile", |out| {
        let bottom = MARGIN + HEIGHT;
        let mut points = String::new();
        for step in 0..=steps {
            let above = 0.5f64.powf(f64::from(step) / f64::from(STEPS));
            let quantile = if step == steps { 1.0 } else { 1.0 - above };
            let nanos = latencies.value_at_quantile(quantile).max(1) as f64;
            let x = MARGIN + f64::from(step) / f64::from(steps) * WIDTH;
            let y = bottom - scaled(nanos.clamp(low, high), low, high, HEIGHT);
            let _ = write!(points, "{x:.1},{y:.1} ");
        }
        for (name, quantile) in [
            ("50 %", 0.5),
            ("90 %", 0.9),
            ("99 %", 0.99),
            ("99.9 %", 0.999),
            ("99.99 %", 0.9999),
        ] {
            let halved = -(1.0f64 - quantile).log2();
            if halved > halvings {
                break;
            }
            let x = MARGIN + halved / halvings * WIDTH;
            line(out, [x, MARGIN, x, bottom]);
            text(out, x, bottom + 18.0, "middle", name);
        }
        for part in 0..=4 {
            let y = bottom - HEIGHT * f64::from(part) / 4.0;
            line(out, [MARGIN, y, MARGIN + WIDTH, y]);
            let nanos = low * (high / low).powf(f64::from(part) / 4.0);
            text(out, MARGIN - 6.0, y + 4.0, "end", &time(nanos));
        }
        let _ = write!(
            out,
            "<polyline class=\"line\" points=\"{}\"/>",
            points.trim_end()
        );
    })
}

/// A bar for each bucket of latencies.
fn bars(summary: &Summary<'_>) -> String {
    let buckets = buckets(summary.latencies, BUCKETS);
    let most = fullest(&buckets);
    figure("how often which latency", |out| {
        let bottom = MARGIN + HEIGHT;
        let width = WIDTH / BUCKETS as f64;
        for (at, (from, to, latencies)) in buckets.iter().enumerate() {
            let x = MARGIN + at as f64 * width;
            // A single latency is to be seen too.
            let height = (*latencies as f64 / most as f64 * HEIGHT).max(if *latencies > 0 {
                1.5
            } else {
                0.0
            });
            let _ = write!(
                out,
                "<rect class=\"bar\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"><title>{} to {}: {}</title></rect>",
                bottom - height,
                width - 1.0,
                time(*from),
                time(*to),
                grouped(*latencies)
            );
            if at % 10 == 0 {
                text(out, x, bottom + 18.0, "middle", &time(*from));
            }
        }
        for part in 0..=4u64 {
            let y = bottom - HEIGHT * part as f64 / 4.0;
            line(out, [MARGIN, y, MARGIN + WIDTH, y]);
            text(out, MARGIN - 6.0, y + 4.0, "end", &grouped(most * part / 4));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::tests::latencies;

    fn page_of(latencies: &hdrhistogram::Histogram<u64>) -> String {
        page(&Summary {
            title: "<store> & more".to_owned(),
            load: "a load".to_owned(),
            result: "a result".to_owned(),
            quantiles: vec![("p50", 100_000)],
            latencies,
        })
    }

    #[test]
    fn the_page_stands_alone() {
        let page = page_of(&latencies());
        assert!(page.contains("<h1>&lt;store&gt; &amp; more</h1>"));
        assert!(page.contains("<tr><th>p50</th><td>100.0 \u{b5}s</td></tr>"));
        assert_eq!(page.matches("<rect").count(), BUCKETS);
        assert_eq!(page.matches("<polyline").count(), 1);
        assert!(page.contains("99.9 %") && !page.contains("NaN") && !page.contains("inf"));
        for elsewhere in ["http:", "https:", "<script", "url("] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn few_answers_are_a_page_too() {
        let mut few = venice_load::histogram::new();
        assert!(page_of(&few).contains("There was no answer."));
        venice_load::histogram::record(&mut few, 1000);
        let page = page_of(&few);
        assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
    }
}
