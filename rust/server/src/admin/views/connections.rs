//! `/connections` and `/certificates`: who is connected, and what the server shows them.

use std::time::SystemTime;

use serde_json::{json, Value};

use crate::admin::views::unix_seconds;
use crate::admin::Administered;
use crate::memory::client_memory::ClientHolds;
use crate::transport::tls::{CertificateFacts, Tls};

const DAY: f64 = 86_400.0;

/// The connections, those that hold most first, and of them the oldest; `most` of them.
pub(crate) fn connections(server: &Administered, most: usize) -> Value {
    let mut clients = server.transport.memory.clients();
    let total = clients.len();
    clients.sort_by_key(|client| (usize::MAX - client.bytes_held, client.number));
    clients.truncate(most);
    let shown: Vec<Value> = clients.iter().map(connection).collect();
    json!({
        // Those in a handshake of TLS are among them, and in no line.
        "accepted": server.transport.connection_limit.taken(),
        "total": total,
        "connections": shown,
    })
}

fn connection(holds: &ClientHolds) -> Value {
    let client = &holds.client;
    let certificate = client.certificate.as_deref();
    json!({
        "number": holds.number,
        "peer": client.address.to_string(),
        "age_seconds": client.since.elapsed().as_secs_f64(),
        "encrypted": client.encrypted,
        "certificate": certificate.map(|der| CertificateFacts::of(der).subject),
        "calls": holds.calls,
        "open_calls": holds.open_calls,
        "bytes_held": holds.bytes_held,
        "bytes_owed": holds.bytes_owed,
        "bytes_taken": holds.bytes_taken,
        "waits_for_memory": holds.waits,
    })
}

/// The certificates that clients are shown, and those that operators are shown at the admin port.
pub(crate) fn certificates(server: &Administered) -> Value {
    let mut shown = shown(server.transport.tls.as_deref());
    shown["admin_port"] = shown_if(server.port_tls.as_deref());
    shown
}

fn shown_if(tls: Option<&Tls>) -> Value {
    tls.map_or(Value::Null, |tls| shown(Some(tls)))
}

fn shown(tls: Option<&Tls>) -> Value {
    let Some(tls) = tls else {
        return json!({ "tls": false, "certificates": [] });
    };
    let shown = tls.shown();
    let now = unix_seconds(SystemTime::now());
    let certificates = shown.certificates.iter().map(|der| {
        let facts = CertificateFacts::of(der);
        json!({
            "subject": facts.subject,
            "issuer": facts.issuer,
            "serial": facts.serial,
            "names": facts.names,
            "not_before": facts.not_before,
            "not_after": facts.not_after,
            "days_left": facts.not_after.map(|end| (end as f64 - now) / DAY),
            "sha256": facts.sha256,
        })
    });
    json!({
        "tls": true,
        "since": unix_seconds(shown.since),
        "generation": shown.generation,
        "certificates": certificates.collect::<Vec<Value>>(),
    })
}
