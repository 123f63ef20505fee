//! What a server and its machine tell.

use serde_json::Value as Json;
use venice_machine::{Machine, PRESSURES};

use crate::admin::AdminSocket;
use crate::failure::{Exit, Outcome};
use crate::output::{string, Object};

/// What the server shows, by path: the names under which it stands in the report.
const VIEWS: [&str; 10] = [
    "status",
    "stores",
    "connections",
    "certificates",
    "limits",
    "access",
    "quota",
    "slow",
    "hotkeys",
    "config",
];

/// What is known.
pub(super) struct Facts {
    /// In the order of [`VIEWS`].
    pub(super) views: Vec<(&'static str, Json)>,
    /// As Prometheus reads them.
    pub(super) metrics: String,
    /// None if the process cannot be seen from here.
    pub(super) machine: Option<OfServer>,
}

/// The machine of the server, and what it gives to the process.
pub(super) struct OfServer {
    pub(super) pid: u32,
    pub(super) machine: Machine,
}

impl Facts {
    pub(super) fn gather(socket: &AdminSocket) -> Outcome<Facts> {
        let mut views = Vec::new();
        for name in VIEWS {
            let seen = match socket.see(&format!("/{name}")) {
                Ok(seen) => without_secrets(name, seen),
                // Without the first there is no server; a part that an older one does not show is left out.
                Err(failure) if name == VIEWS[0] || failure.exit == Exit::Unavailable => {
                    return Err(failure);
                }
                Err(failure) => {
                    serde_json::json!({ "unknown": failure.to_string() })
                }
            };
            views.push((name, seen));
        }
        let machine = socket.process().and_then(|pid| {
            let machine = Machine::of(pid)?;
            Some(OfServer { pid, machine })
        });
        Ok(Facts {
            views,
            metrics: socket.read("/metrics")?,
            machine,
        })
    }

    /// The machine of the server, as far as it can be seen.
    pub(super) fn machine(&self) -> Option<&Machine> {
        self.machine.as_ref().map(|of| &of.machine)
    }

    /// What the server shows under a name.
    pub(super) fn view(&self, name: &str) -> &Json {
        let found = self.views.iter().find(|(known, _)| *known == name);
        found.map_or(&Json::Null, |(_, json)| json)
    }
}

impl OfServer {
    pub(super) fn object(&self) -> String {
        let Machine {
            process,
            cgroup: group,
            host,
        } = &self.machine;
        let mut pressures = Object::new();
        for (name, part) in PRESSURES.iter().zip(host.pressure) {
            pressures = pressures.maybe(name, part);
        }
        let text = |text: &Option<String>| text.as_deref().map(string);
        let process = Object::new()
            .raw("pid", self.pid)
            .maybe("threads", process.threads)
            .maybe("descriptors", process.descriptors)
            .maybe("descriptors_most", process.descriptors_most)
            .maybe("resident_bytes", process.resident)
            .maybe("resident_peak_bytes", process.resident_peak)
            .maybe("swapped_bytes", process.swapped)
            .maybe("locked_most_bytes", process.locked_most);
        let group = Object::new()
            .maybe("processors", group.processors)
            .maybe("periods", group.periods)
            .maybe("throttled_periods", group.throttled)
            .maybe("throttled_seconds", group.throttled_seconds)
            .maybe("memory_bytes", group.memory)
            .maybe("memory_most_bytes", group.memory_most)
            .maybe("killed_for_memory", group.killed);
        let host = Object::new()
            .maybe("kernel", text(&host.kernel))
            .maybe("ticks", host.ticks)
            .maybe("preemption", host.preemption.map(string))
            .maybe("processors", host.processors)
            .maybe("load", host.load)
            .maybe("memory_bytes", host.memory)
            .maybe("memory_available_bytes", host.memory_available)
            .maybe("huge_pages", text(&host.huge_pages))
            .maybe("clock_source", text(&host.clock_source))
            .maybe("backlog", host.backlog)
            .raw("pressure_percent", pressures.end());
        Object::new()
            .raw("process", process.end())
            .raw("cgroup", group.end())
            .raw("host", host.end())
            .end()
    }
}

/// A view without what a ticket is not to have: keys that a session of hot keys shows, passwords in addresses.
pub(super) fn without_secrets(name: &str, mut seen: Json) -> Json {
    if let ("hotkeys", Some(keys)) = (name, seen["keys"].as_array_mut()) {
        for key in keys {
            if !key["key_bytes"].is_null() {
                key["key"] = "***".into();
                key["key_bytes"] = Json::Null;
            }
        }
    }
    if let ("config", Some(settings)) = (name, seen["settings"].as_array_mut()) {
        for setting in settings {
            if let Some(value) = setting["value"].as_str() {
                setting["value"] = without_user(value).into();
            }
        }
    }
    seen
}

/// An address without its `user:password@`.
fn without_user(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.to_owned();
    };
    let host = rest.split('/').next().unwrap_or_default();
    match host.rsplit_once('@') {
        Some((user, _)) => format!("{scheme}://***{}", &rest[user.len()..]),
        None => value.to_owned(),
    }
}
