//! The board for Grafana.

use serde_json::{json, Value};

use crate::panels::{Panel, Row, ROWS};
use crate::queries::query;

/// Grafana's grid has 24 columns.
const COLUMNS: usize = 24;
/// Panels in a line.
const IN_LINE: usize = 4;
const HEIGHT: usize = 8;

/// The instances that are chosen.
const OF: &str = "job=~\"$job\",instance=~\"$instance\"";
/// And the stores.
const READ: &str = "job=~\"$job\",instance=~\"$instance\",venice_store_name=~\"$store\"";

/// A board that Grafana imports, as JSON. Its data source, jobs, instances and stores are chosen on it.
pub fn board() -> String {
    let mut panels = Vec::new();
    let mut y = 0;
    for row in ROWS {
        y = add_row(row, y, &mut panels);
    }
    let board = json!({
        "title": "Venice read server (Rust)",
        "uid": "venice-rust-read-server",
        "description": "Made by //rust/boards:write from the table of metrics. Changes go there.",
        "tags": ["venice"],
        "editable": true,
        "graphTooltip": 1,
        "refresh": "30s",
        "schemaVersion": 39,
        "time": { "from": "now-1h", "to": "now" },
        "timezone": "",
        "templating": { "list": [
            {
                "name": "source",
                "label": "Data source",
                "type": "datasource",
                "query": "prometheus",
            },
            variable("job", "Job", "label_values(<metrics.series_count>, job)"),
            variable("instance", "Instance", "label_values(<metrics.series_count>{job=~\"$job\"}, instance)"),
            variable("store", "Store", "label_values(<read.call_count>{job=~\"$job\"}, venice_store_name)"),
        ]},
        "panels": panels,
    });
    format!("{board:#}\n")
}

fn variable(name: &str, label: &str, template: &str) -> Value {
    json!({
        "name": name,
        "label": label,
        "type": "query",
        "datasource": source(),
        "query": { "query": query(template), "refId": name },
        "definition": query(template),
        "refresh": 2,
        "sort": 1,
        "multi": true,
        "includeAll": true,
        "allValue": ".*",
        "current": { "text": ["All"], "value": ["$__all"] },
    })
}

fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${source}" })
}

/// Adds a row from the line `y` on. Returns the line after it.
fn add_row(row: &Row, y: usize, panels: &mut Vec<Value>) -> usize {
    panels.push(json!({
        "id": panels.len() + 1,
        "type": "row",
        "title": row.title,
        "collapsed": false,
        "gridPos": { "x": 0, "y": y, "w": COLUMNS, "h": 1 },
        "panels": [],
    }));
    let y = y + 1;
    for (i, panel) in row.panels.iter().enumerate() {
        let width = COLUMNS / IN_LINE;
        let grid = json!({
            "x": i % IN_LINE * width,
            "y": y + i / IN_LINE * HEIGHT,
            "w": width,
            "h": HEIGHT,
        });
        panels.push(graph(panel, panels.len() + 1, &grid));
    }
    y + row.panels.len().div_ceil(IN_LINE) * HEIGHT
}

fn graph(panel: &Panel, id: usize, grid: &Value) -> Value {
    let queries = panel.queries.iter().zip('A'..);
    let targets = queries.map(|((template, legend), letter)| {
        let expression = query(template).replace("$read", READ).replace("$of", OF);
        json!({
            "refId": letter,
            "datasource": source(),
            "expr": expression,
            "legendFormat": legend,
        })
    });
    json!({
        "id": id,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.about,
        "datasource": source(),
        "gridPos": grid,
        "fieldConfig": {
            "defaults": { "unit": panel.unit, "custom": { "fillOpacity": 10 } },
            "overrides": [],
        },
        "options": {
            "legend": { "displayMode": "list", "placement": "bottom" },
            "tooltip": { "mode": "multi", "sort": "desc" },
        },
        "targets": targets.collect::<Vec<_>>(),
    })
}
