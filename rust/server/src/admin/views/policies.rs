//! `/access` and `/quota`: who may read, and how much.

use serde_json::{json, Map, Value as Json};
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument};

use crate::admin::Administered;
use crate::policy::quota::outcomes::Outcome;

/// What access control knows and waits for, and how Java answered.
pub(crate) fn access(server: &Administered) -> Json {
    let Some(access) = &server.context.access else {
        return json!({ "enabled": false });
    };
    let facts = access.facts();
    let settings = server.transport.live.now().access.clone();
    let counted = server.context.metrics.registry().is_some();
    let snapshot = server.context.metrics.snapshot(usize::MAX);
    let answers = |outcome| {
        let asked = snapshot.metric(Instrument::AccessQuestionCount);
        let of = [(Dimension::Outcome.key(), outcome)];
        match asked.and_then(|asked| asked.value(&of)) {
            Some(Value::U64(count)) => Some(*count),
            _ => counted.then_some(0),
        }
    };
    let times = snapshot.metric(Instrument::AccessAnswerTime);
    let time = match times
        .and_then(|times| times.points.first())
        .map(|point| &point.value)
    {
        Some(Value::Histogram(times)) => json!({
            "p50": times.quantile(0.5),
            "p99": times.quantile(0.99),
            "max": times.max,
        }),
        _ => Json::Null,
    };
    json!({
        "enabled": true,
        "threads": settings.threads,
        "refresh_ms": settings.refresh.as_millis() as u64,
        "stale_ms": settings.stale.as_millis() as u64,
        "wait_ms": settings.wait.as_millis() as u64,
        "answers_kept": facts.kept,
        "answers_most": settings.entries,
        "oldest_answer_seconds": facts.oldest_millis.map(|millis| millis as f64 / 1000.0),
        "questions_waiting": facts.new_questions,
        "refreshes_waiting": facts.refreshes,
        "refreshing": facts.refreshing,
        "granted": answers("granted"),
        "denied": answers("denied"),
        "failed": answers("failed"),
        "answer_time_ms": time,
    })
}

/// Quotas, and what became of requests.
pub(crate) fn quota(server: &Administered) -> Json {
    let facts = server.context.quota.facts();
    let versions = facts.store_versions.iter().map(|version| {
        json!({
            "name": version.name,
            "enforced": version.rcu_per_second.is_some(),
            "rcu_per_second": version.rcu_per_second,
            "outcomes": outcomes(&version.outcomes),
        })
    });
    json!({
        "node": { "rcu_per_second": facts.node },
        "store_versions": versions.collect::<Vec<Json>>(),
        "without_quota": { "outcomes": outcomes(&facts.others) },
    })
}

/// Requests and keys by outcome.
fn outcomes(outcomes: &[Outcome]) -> Json {
    let outcomes = outcomes.iter().map(|outcome| {
        let counts = json!({ "requests": outcome.requests, "keys": outcome.keys });
        (outcome.name.to_owned(), counts)
    });
    Json::Object(outcomes.collect::<Map<String, Json>>())
}
