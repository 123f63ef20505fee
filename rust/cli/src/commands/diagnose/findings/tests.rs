//! Each rule finds what it is for, says what helps, and says nothing of a server that is well.

use serde_json::json;
use venice_machine::{Cgroup, Host, Machine, Process};

use super::*;
use crate::commands::diagnose::facts::{without_secrets, OfServer};

/// A server without faults.
fn well() -> Facts {
    let status = json!({"phase": "serving", "health": "SERVING", "calls_cut": 0, "metrics": true, "worker_threads": 2});
    let version = json!({"name": "a_v1", "partitions": [{"condition": "open"}]});
    let limits = json!([{"setting": "max.connections", "value": 100, "in_use": 5, "refused": 0}]);
    Facts {
        views: vec![
            ("status", status),
            ("stores", json!({"stores": [{"versions": [version]}]})),
            ("limits", json!({ "limits": limits })),
            (
                "certificates",
                json!({"certificates": [{"subject": "CN=a", "days_left": 90.0}]}),
            ),
            (
                "access",
                json!({"enabled": true, "failed": 0, "questions_waiting": 1, "threads": 2}),
            ),
            (
                "quota",
                json!({"store_versions": [{"name": "a_v1", "outcomes": {"allowed": {"requests": 9}}}],
                "without_quota": {"outcomes": {}}}),
            ),
            (
                "slow",
                json!({"threshold": 10_000, "requests": [{"why": "sampled"}]}),
            ),
            (
                "config",
                json!({"settings": [{"name": "port", "changed_since_start": false}]}),
            ),
        ],
        metrics: String::new(),
        machine: Some(OfServer {
            pid: 1,
            machine: machine_that_is_well(),
        }),
    }
}

fn machine_that_is_well() -> Machine {
    Machine {
        process: Process {
            descriptors: Some(20),
            descriptors_most: Some(1024),
            swapped: Some(0),
            ..Process::default()
        },
        cgroup: Cgroup {
            processors: Some(2.0),
            periods: Some(100),
            throttled: Some(0),
            killed: Some(0),
            memory: Some(10),
            memory_most: Some(100),
            ..Cgroup::default()
        },
        host: Host {
            huge_pages: Some("madvise".to_owned()),
            clock_source: Some("tsc".to_owned()),
            pressure: [Some(1.0), Some(0.0), None],
            ..Host::default()
        },
    }
}

/// What is found when one part of a view is another.
fn changed(view: &str, pointer: &str, value: Json) -> Vec<Finding> {
    let mut facts = well();
    let found = facts.views.iter_mut().find(|(name, _)| *name == view);
    *found.unwrap().1.pointer_mut(pointer).unwrap() = value;
    findings(&facts)
}

#[track_caller]
fn only(found: &[Finding], is_problem: bool, what: &str) {
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].is_problem, &*found[0].what), (is_problem, what));
    assert!(!found[0].remedy.is_empty());
}

#[test]
fn a_server_that_is_well() {
    assert_eq!(findings(&well()), []);
    let mut unseen = well();
    unseen.machine = None;
    assert_eq!(findings(&unseen), []);
}

#[test]
fn what_the_server_shows() {
    let cases = [
        (
            "status",
            "/phase",
            json!("leaving"),
            true,
            "the server is leaving: clients are told to go elsewhere",
        ),
        (
            "status",
            "/health",
            json!("NOT_SERVING"),
            true,
            "the health service says NOT_SERVING, and nobody drains the server",
        ),
        (
            "status",
            "/calls_cut",
            json!(2),
            true,
            "2 calls cut when the server ended",
        ),
        (
            "status",
            "/metrics",
            json!(false),
            false,
            "metrics.enabled is false: neither reads nor refusals nor slow requests are known",
        ),
        (
            "stores",
            "/stores",
            json!([]),
            true,
            "nothing is served: there is no store version",
        ),
        (
            "stores",
            "/stores/0/versions/0/partitions/0/condition",
            json!("closed"),
            true,
            "1 partition of a_v1 closed: reads of it fail",
        ),
        (
            "stores",
            "/stores/0/versions/0/partitions/0/condition",
            json!("removed"),
            false,
            "1 partition of a_v1 removed",
        ),
        (
            "limits",
            "/limits/0/refused",
            json!(3),
            true,
            "max.connections (100) was met 3 times",
        ),
        (
            "limits",
            "/limits/0/in_use",
            json!(90),
            false,
            "max.connections is nearly met: 90 of 100",
        ),
        (
            "certificates",
            "/certificates/0/days_left",
            json!(-1.0),
            true,
            "the certificate CN=a has ended",
        ),
        (
            "certificates",
            "/certificates/0/days_left",
            json!(6.5),
            true,
            "the certificate CN=a ends in 6.5 days",
        ),
        (
            "certificates",
            "/certificates/0/days_left",
            json!(20.0),
            false,
            "the certificate CN=a ends in 20 days",
        ),
        (
            "access",
            "/failed",
            json!(1),
            true,
            "the access controller failed once",
        ),
        (
            "access",
            "/questions_waiting",
            json!(9),
            true,
            "9 questions about access wait for 2 threads",
        ),
        (
            "quota",
            "/store_versions/0/outcomes",
            json!({"rejected": {"requests": 7}}),
            true,
            "7 requests over the quota of a_v1",
        ),
        (
            "quota",
            "/without_quota/outcomes",
            json!({"over_capacity": {"requests": 1}}),
            true,
            "1 request over the quota of this node",
        ),
        (
            "slow",
            "/requests",
            json!([{"why": "slow", "phases": {"read": 5, "queue": 9}}]),
            false,
            "1 request of the slow log took 10,000 us or longer, most of it in the phase queue",
        ),
        (
            "config",
            "/settings/0/changed_since_start",
            json!(true),
            false,
            "changed while the server ran: port",
        ),
    ];
    for (view, pointer, value, is_problem, what) in cases {
        only(&changed(view, pointer, value), is_problem, what);
    }
}

/// Connections that are old or quiet come back by themselves; of the other limits of time clients are often the reason.
#[test]
fn limits_of_time_that_connections_meet_are_no_problem() {
    let met = |setting: &str| {
        let limit = json!([{"setting": setting, "value": 100, "in_use": null, "refused": 3}]);
        changed("limits", "/limits", limit)
    };
    assert_eq!(met("max.connection.age.ms"), []);
    assert_eq!(met("max.connection.idle.ms"), []);
    let what = "keep.alive.timeout.ms (100) was met 3 times";
    only(&met("keep.alive.timeout.ms"), false, what);
    let what = "max.connection.age.grace.ms (100) was met 3 times";
    only(&met("max.connection.age.grace.ms"), true, what);
}

#[test]
fn what_the_machine_shows() {
    let with = |change: fn(&mut Machine)| {
        let mut facts = well();
        change(&mut facts.machine.as_mut().unwrap().machine);
        findings(&facts)
    };
    only(
        &with(|machine| machine.cgroup.throttled = Some(20)),
        true,
        "the cgroup stopped the process in 20.0 % of its periods, for 0.0 s together",
    );
    only(
        &with(|machine| machine.cgroup.processors = Some(0.5)),
        false,
        "2 worker threads share 0.5 processors",
    );
    only(
        &with(|machine| machine.cgroup.killed = Some(1)),
        true,
        "the system killed processes of the cgroup for memory, once",
    );
    only(
        &with(|machine| machine.cgroup.memory = Some(95)),
        false,
        "the cgroup has 95 bytes of 100 bytes, cached files among them",
    );
    only(
        &with(|machine| machine.process.swapped = Some(2048)),
        true,
        "2.0 KiB of the process are swapped out",
    );
    only(
        &with(|machine| machine.process.descriptors = Some(1000)),
        true,
        "1,000 of 1,024 descriptors are open",
    );
    only(
        &with(|machine| machine.process.descriptors_most = Some(64)),
        true,
        "the process may open 64 descriptors, and max.connections is 100",
    );
    only(
        &with(|machine| machine.host.huge_pages = Some("always".to_owned())),
        false,
        "transparent huge pages are `always`",
    );
    only(
        &with(|machine| machine.host.clock_source = Some("hpet".to_owned())),
        false,
        "the clock of the system is hpet: each look at it is a system call",
    );
    only(
        &with(|machine| machine.host.pressure = [Some(50.0), None, None]),
        false,
        "threads of the machine waited for cpu in 50 % of the last 10 s",
    );
}

#[test]
fn problems_stand_before_notes() {
    let mut facts = well();
    facts.machine.as_mut().unwrap().machine.process.swapped = Some(1);
    facts.views[0].1["metrics"] = json!(false);
    let severities: Vec<&str> = findings(&facts).iter().map(Finding::severity).collect();
    assert_eq!(severities, ["problem", "note"]);
}

#[test]
fn a_ticket_has_no_keys_and_no_passwords() {
    let keys = json!({"keys": [{"key": "secret", "key_bytes": "736563"}, {"key": "#1", "key_bytes": null}]});
    let seen = without_secrets("hotkeys", keys).to_string();
    assert!(
        !seen.contains("sec") && seen.contains("#1") && !seen.contains("736563"),
        "{seen}"
    );
    let config = json!({"settings": [{"value": "https://me:pw@host:4318/v1?a@b"}, {"value": "http://host/a@b"}, {"value": null}]});
    let seen = without_secrets("config", config);
    assert_eq!(seen["settings"][0]["value"], "https://***@host:4318/v1?a@b");
    assert_eq!(seen["settings"][1]["value"], "http://host/a@b");
}
