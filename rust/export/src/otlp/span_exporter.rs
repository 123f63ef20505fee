//! Spans to a collector: what waits in the queue, each interval, or when it fills a message.

use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use opentelemetry_proto::tonic::common::v1::{any_value, AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1;
use prost::Message;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::{timeout_at, Instant, Interval};

use crate::otlp::exporter::{ticks, until};
use crate::otlp::messages::pair;
use crate::otlp::sending::{Outcome, Sending};
use crate::otlp::span_messages::{
    ExportTraceServiceRequest, ResourceSpans, ScopeSpans, SpanMessage, Status, ERROR, INTERNAL,
    SERVER,
};
use crate::otlp::trust::TrustError;
use crate::settings::{OtlpSettings, Resource};
use crate::spans::{Span, Spans, Value};

/// Spans of one message, those of their phases not counted: as OpenTelemetry's SDKs have it.
const MOST_SPANS: usize = 512;
/// Flags of a span whose parent is elsewhere (OTLP's SpanFlags), and that is sampled.
const REMOTE_AND_SAMPLED: u32 = 0x301;
const LOCAL_AND_SAMPLED: u32 = 0x101;

/// Sends spans, a message at a time.
pub(crate) struct SpanExporter {
    resource: Arc<Resource>,
    sending: Sending,
    spans: Spans,
    /// Makes ids.
    random: RandomState,
    ids: u64,
}

impl SpanExporter {
    pub(crate) fn new(
        settings: OtlpSettings,
        resource: Arc<Resource>,
        spans: Spans,
    ) -> Result<SpanExporter, TrustError> {
        Ok(SpanExporter {
            sending: Sending::of_spans(settings)?,
            resource,
            spans,
            random: RandomState::new(),
            ids: 0,
        })
    }

    /// Exports until `stopped` says how long it may still take: for the message that is under way, and for what
    /// is left in the queue. What comes by `changes` is sent by from then on.
    pub(crate) async fn run(
        mut self,
        mut changes: UnboundedReceiver<Sending>,
        mut stopped: oneshot::Receiver<Duration>,
    ) {
        let mut ticks = ticks(self.sending.settings.interval);
        let mut batch = Vec::with_capacity(MOST_SPANS);
        let deadline = loop {
            let room = MOST_SPANS - batch.len();
            tokio::select! {
                wait = &mut stopped => break until(wait),
                _ = ticks.tick() => {}
                Some(next) = changes.recv() => {
                    ticks = self.send_by(next, ticks);
                    continue;
                }
                came = self.spans.receiver.recv_many(&mut batch, room) => {
                    if came == 0 {
                        // Nobody is left who could put one in.
                        break until((&mut stopped).await);
                    }
                    if batch.len() < MOST_SPANS {
                        continue;
                    }
                }
            }
            if batch.is_empty() {
                continue;
            }
            let mut next = None;
            let (is_over, deadline) = {
                let attempts = self.sending.settings.retry.attempts;
                let no_more = Arc::clone(&self.sending.no_more);
                let mut export = pin!(self.export(&batch, attempts));
                loop {
                    tokio::select! {
                        () = &mut export => break (true, None),
                        Some(change) = changes.recv() => {
                            no_more.notify_one();
                            next = Some(change);
                        }
                        wait = &mut stopped => {
                            let deadline = until(wait);
                            let ended = timeout_at(deadline, export).await;
                            break (ended.is_ok(), Some(deadline));
                        }
                    }
                }
            };
            if let Some(next) = next {
                ticks = self.send_by(next, ticks);
            }
            if is_over {
                batch.clear();
            }
            if let Some(deadline) = deadline {
                break deadline;
            }
        };
        loop {
            while batch.len() < MOST_SPANS {
                let Ok(span) = self.spans.receiver.try_recv() else {
                    break;
                };
                batch.push(span);
            }
            let late = deadline <= Instant::now();
            if batch.is_empty() || late {
                break;
            }
            if timeout_at(deadline, self.export(&batch, 1)).await.is_ok() {
                batch.clear();
            }
        }
        let left = batch.len() + self.spans.receiver.len();
        self.spans.counts.count(left, 0, false);
    }

    /// Returns the ticks from now on.
    fn send_by(&mut self, next: Sending, ticks: Interval) -> Interval {
        let interval = next.settings.interval;
        let is_same = interval == self.sending.settings.interval;
        self.sending = next;
        if is_same {
            ticks
        } else {
            self::ticks(interval)
        }
    }

    async fn export(&mut self, batch: &[Span], attempts: u32) {
        let body = Bytes::from(self.message(batch).encode_to_vec());
        let (arrived, rejected) = match self.sending.send(body, attempts).await {
            Outcome::Arrived { rejected } => (true, rejected),
            Outcome::Refused | Outcome::Unreachable => (false, 0),
        };
        self.spans.counts.count(batch.len(), rejected, arrived);
    }

    fn message(&mut self, batch: &[Span]) -> ExportTraceServiceRequest {
        let mut spans = Vec::with_capacity(2 * batch.len());
        for span in batch {
            let id = self.id();
            for (name, after, took) in &span.phases {
                let start = span.start + *after;
                spans.push(SpanMessage {
                    trace_id: span.trace_id.to_vec(),
                    span_id: self.id().to_vec(),
                    parent_span_id: id.to_vec(),
                    name: (*name).to_owned(),
                    kind: INTERNAL,
                    flags: LOCAL_AND_SAMPLED,
                    start_time_unix_nano: nanos(start),
                    end_time_unix_nano: nanos(start + *took),
                    ..SpanMessage::default()
                });
            }
            spans.push(server_span(span, id));
        }
        let attributes = self.resource.attributes();
        ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(v1::Resource {
                    attributes: attributes.map(|(key, value)| pair(key, value)).collect(),
                    ..v1::Resource::default()
                }),
                scope_spans: vec![ScopeSpans {
                    scope: Some(InstrumentationScope {
                        name: self.sending.settings.scope.clone(),
                        ..InstrumentationScope::default()
                    }),
                    spans,
                }],
            }],
        }
    }

    /// Of a span: not zero, and no two alike, but by chance.
    fn id(&mut self) -> [u8; 8] {
        self.ids += 1;
        let id = self.random.hash_one(self.ids);
        id.max(1).to_be_bytes()
    }
}

fn server_span(span: &Span, id: [u8; 8]) -> SpanMessage {
    let (service, method) = span.name.split_once('/').unwrap_or(("", span.name));
    let text = |text: &str| any_value::Value::StringValue(text.to_owned());
    let mut attributes = vec![
        attribute("rpc.system", text("grpc")),
        attribute("rpc.service", text(service)),
        attribute("rpc.method", text(method)),
        attribute(
            "rpc.grpc.status_code",
            any_value::Value::IntValue(span.grpc_status.into()),
        ),
    ];
    for (key, value) in &span.attributes {
        let value = match value {
            Value::Text(value) => text(value),
            Value::Number(number) => any_value::Value::IntValue(*number),
        };
        attributes.push(attribute(key, value));
    }
    SpanMessage {
        trace_id: span.trace_id.to_vec(),
        span_id: id.to_vec(),
        parent_span_id: span.parent_id.to_vec(),
        name: span.name.to_owned(),
        kind: SERVER,
        flags: REMOTE_AND_SAMPLED,
        start_time_unix_nano: nanos(span.start),
        end_time_unix_nano: nanos(span.start + span.took),
        attributes,
        status: span.failed.then_some(Status { code: ERROR }),
    }
}

fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn nanos(since_1970: Duration) -> u64 {
    u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX)
}
