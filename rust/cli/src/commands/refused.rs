//! `venice refused`: who is refused by a running server, and why.

use std::collections::BTreeMap;

use crate::admin::{AdminOptions, AdminSocket, Samples};
use crate::failure::Outcome;
use crate::output::{array, grouped, table, Object, Output};

const REASON: &str = "venice_server_reason";
const STORE: &str = "venice_store_name";
const OUTCOME: &str = "venice_quota_request_outcome";
const REQUESTS: &str = "venice_server_request_refused_count_total";
/// What happened to connections, and where that is counted.
const CONNECTIONS: [(&str, &str); 2] = [
    ("refused", "venice_server_connection_refused_count_total"),
    ("ended", "venice_server_connection_ended_count_total"),
];
/// Whose quota it was, and where the requests and the keys that it refused are counted.
const QUOTAS: [(&str, &str, &str); 2] = [
    (
        "store",
        "venice_server_read_quota_request_count_total",
        "venice_server_read_quota_key_count_total",
    ),
    (
        "node",
        "venice_server_read_quota_node_request_count_total",
        "venice_server_read_quota_node_key_count_total",
    ),
];

/// Show who is refused by a running server, and why, since it started
///
/// Requests by the reason for which they were refused or failed, connections by the limit that they met, and stores by what
/// quotas refused. `venice limits` has the setting of each limit.
#[derive(Debug, clap::Args)]
pub(crate) struct Refused {
    #[command(flatten)]
    admin: AdminOptions,
}

/// What was refused; nothing that was not.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    /// Reason and how often, the most frequent first.
    requests: Vec<(String, u64)>,
    /// What happened, reason and how often.
    connections: Vec<(&'static str, String, u64)>,
    /// Whose quota, store, requests and keys.
    quotas: Vec<(&'static str, String, u64, u64)>,
}

impl Refused {
    pub(crate) fn run(&self, output: Output) -> Outcome {
        let page = AdminSocket::of(&self.admin)?.read("/metrics")?;
        let seen = Seen::of(&Samples::of(&page));
        output.say(seen.object(), || seen.text())
    }
}

/// The greatest first, without those of which there are none.
fn most(counts: BTreeMap<String, f64>) -> Vec<(String, u64)> {
    let counts = counts.into_iter().map(|(of, count)| (of, count as u64));
    let mut counts: Vec<(String, u64)> = counts.filter(|(_, count)| *count > 0).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

impl Seen {
    fn of(samples: &Samples) -> Seen {
        let connections = CONNECTIONS.iter().flat_map(|(what, name)| {
            let reasons = most(samples.by(name, REASON)).into_iter();
            reasons.map(|(reason, count)| (*what, reason, count))
        });
        let quotas = QUOTAS.iter().flat_map(|(whose, requests, keys)| {
            let rejected = (OUTCOME, "rejected");
            let keys = samples.by_where(keys, STORE, rejected);
            let stores = most(samples.by_where(requests, STORE, rejected)).into_iter();
            stores.map(move |(store, requests)| {
                let keys = keys.get(&store).map_or(0, |keys| *keys as u64);
                (*whose, store, requests, keys)
            })
        });
        Seen {
            requests: most(samples.by(REQUESTS, REASON)),
            connections: connections.collect(),
            quotas: quotas.collect(),
        }
    }

    fn object(&self) -> Object {
        let requests = self.requests.iter().map(|(reason, count)| {
            let object = Object::new().text("reason", reason);
            object.raw("requests", count).end()
        });
        let connections = self.connections.iter().map(|(what, reason, count)| {
            let object = Object::new().text("what", what).text("reason", reason);
            object.raw("connections", count).end()
        });
        let quotas = self.quotas.iter().map(|(whose, store, requests, keys)| {
            let object = Object::new().text("quota", whose).text("store", store);
            object.raw("requests", requests).raw("keys", keys).end()
        });
        Object::new()
            .raw("requests", array(requests))
            .raw("connections", array(connections))
            .raw("quotas", array(quotas))
    }

    fn text(&self) -> String {
        let mut parts = Vec::new();
        let mut add = |head: &[&str], rows: Vec<Vec<String>>| {
            if !rows.is_empty() {
                let head = head.iter().map(|name| (*name).to_owned()).collect();
                parts.push(table(&[vec![head], rows].concat()));
            }
        };
        let requests = self.requests.iter();
        let requests = requests.map(|(reason, count)| vec![reason.clone(), grouped(*count)]);
        add(&["requests refused for", "requests"], requests.collect());
        let quotas = self.quotas.iter().map(|(whose, store, requests, keys)| {
            let whose = (*whose).to_owned();
            vec![whose, store.clone(), grouped(*requests), grouped(*keys)]
        });
        let head = ["refused by the quota of", "store", "requests", "keys"];
        add(&head, quotas.collect());
        let connections = self
            .connections
            .iter()
            .map(|(what, reason, count)| vec![(*what).to_owned(), reason.clone(), grouped(*count)]);
        let head = ["connections", "for", "connections"];
        add(&head, connections.collect());
        match parts.is_empty() {
            true => "nobody was refused".to_owned(),
            false => parts.join("\n\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_refused_is_told_and_nobody_else() {
        let none = Seen::of(&Samples::of(
            "venice_server_request_refused_count_total{venice_server_reason=\"call\"} 0\n",
        ));
        assert_eq!(none, Seen::default());
        assert_eq!(none.text(), "nobody was refused");
        let page = "venice_mine_metrics_series_count 3\n\
            venice_mine_request_refused_count_total{venice_server_reason=\"quota\"} 5\n\
            venice_mine_request_refused_count_total{venice_server_reason=\"max_batch_keys\"} 7\n\
            venice_mine_connection_refused_count_total{venice_server_reason=\"max_connections\"} 2\n\
            venice_mine_connection_ended_count_total{venice_server_reason=\"resets\"} 1\n\
            venice_mine_read_quota_request_count_total{venice_store_name=\"a\",venice_quota_request_outcome=\"rejected\"} 5\n\
            venice_mine_read_quota_request_count_total{venice_store_name=\"b\",venice_quota_request_outcome=\"allowed\"} 9\n\
            venice_mine_read_quota_key_count_total{venice_store_name=\"a\",venice_quota_request_outcome=\"rejected\"} 11\n";
        let seen = Seen::of(&Samples::of(page));
        let expected = "requests refused for  requests\nmax_batch_keys        7\nquota                 5\n\n\
            refused by the quota of  store  requests  keys\nstore                    a      5         11\n\n\
            connections  for              connections\nrefused      max_connections  2\nended        resets           1";
        assert_eq!(seen.text(), expected);
        let json = seen.object().end();
        assert!(
            json.contains("\"reason\":\"max_batch_keys\",\"requests\":7"),
            "{json}"
        );
    }
}
