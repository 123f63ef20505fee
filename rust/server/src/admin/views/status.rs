//! `/status`.

use std::process;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use serde_json::{json, Value};

use crate::admin::control::{DrainReport, Phase};
use crate::admin::views::unix_seconds;
use crate::admin::Administered;
use crate::read_path::compute::pool::ComputePool;

/// The state of the server, in short.
pub(crate) fn status(server: &Administered) -> Value {
    let Administered {
        context, transport, ..
    } = server;
    let config = &context.config;
    let memory = &transport.memory;
    let phase = server.control.phase();
    let serving = phase == Phase::Serving && context.health.is_serving();
    let last_drain = server.control.last_drain();
    let (since, started) = server.started;
    json!({
        "phase": phase.name(),
        "health": if serving { "SERVING" } else { "NOT_SERVING" },
        "version": config.library_version,
        "pid": process::id(),
        "address": server.address.to_string(),
        "port": server.address.port(),
        "time": unix_seconds(SystemTime::now()),
        "started": unix_seconds(started),
        "uptime_seconds": since.elapsed().as_secs_f64(),
        "tls": transport.tls.is_some(),
        "access_control": context.access.is_some(),
        "metrics": context.metrics.registry().is_some(),
        "worker_threads": config.worker_threads,
        "disk_threads": config.disk_threads,
        "disk_queue": context.disk.waiting(),
        "compute_threads": context.compute.as_ref().map_or(0, |_| config.compute.threads),
        "compute_queue": context.compute.as_ref().map_or(0, ComputePool::waiting),
        "compute_plan_bytes": context.compute.as_ref().map_or(0, |one| one.path().plans.bytes()),
        "store_versions": context.read_path.registry.store_version_count(),
        "described_stores": context.catalog.len(),
        "connections": transport.connection_limit.taken(),
        "open_calls": memory.calls(),
        "calls_cut": memory.calls_cut(),
        "late_calls": transport.late_calls.load(Ordering::Relaxed),
        "bytes_held": memory.held(),
        "bytes_bound": memory.bound(),
        "last_drain": last_drain.as_ref().map(drained),
    })
}

/// How a drain went, as JSON.
pub(crate) fn drained(report: &DrainReport) -> Value {
    json!({
        "marked_down": report.marked_down,
        "idle": report.idle,
        "ended": report.ended,
        "answered": report.answered,
        "calls_cut": report.calls_cut,
        "milliseconds": u64::try_from(report.time.as_millis()).unwrap_or(u64::MAX),
    })
}
