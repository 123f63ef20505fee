//! Sends one message to a collector, again if need be, and says in the log what comes of it.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use tokio::sync::Notify;
use tokio::time::{sleep, Instant};
use venice_metrics::LogThrottle;

use crate::otlp::client::{Answer, Client, NoAnswer};
use crate::otlp::retry;
use crate::otlp::trust::TrustError;
use crate::settings::OtlpSettings;

/// Of what a collector says, in a line of the log.
const SHOWN: usize = 200;

/// Sends messages of one kind, one at a time.
pub(crate) struct Sending {
    pub(crate) settings: Arc<OtlpSettings>,
    /// Told when there is somewhere else to send to: then no attempt follows a failed one.
    pub(crate) no_more: Arc<Notify>,
    client: Client,
    /// What is sent, in one word.
    what: &'static str,
    /// What becomes of a message that does not arrive.
    lost: &'static str,
    failures: LogThrottle,
    failing: bool,
    rejections: LogThrottle,
}

/// What became of a message.
pub(crate) enum Outcome {
    /// The collector took it, but for so many points or spans.
    Arrived { rejected: u64 },
    /// The collector does not want this one; it may want others.
    Refused,
    /// There is no collector now.
    Unreachable,
}

impl Sending {
    /// Of metrics.
    pub(crate) fn of_metrics(settings: OtlpSettings) -> Result<Sending, TrustError> {
        Sending::new(settings, "metrics", "the next export has them")
    }

    /// Of spans.
    pub(crate) fn of_spans(settings: OtlpSettings) -> Result<Sending, TrustError> {
        Sending::new(settings, "spans", "they are dropped")
    }

    fn new(
        settings: OtlpSettings,
        what: &'static str,
        lost: &'static str,
    ) -> Result<Sending, TrustError> {
        let settings = Arc::new(settings);
        Ok(Sending {
            client: Client::new(Arc::clone(&settings))?,
            no_more: Arc::default(),
            settings,
            what,
            lost,
            failures: LogThrottle::default(),
            failing: false,
            rejections: LogThrottle::default(),
        })
    }

    pub(crate) async fn send(&mut self, body: Bytes, most_attempts: u32) -> Outcome {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let answer = self.client.post(body.clone()).await;
            let asked = match &answer {
                Ok(answer) if answer.status.is_success() => return self.arrived(answer),
                Ok(answer) if !retry::is_retryable(answer.status) => {
                    self.failed(&said(answer), attempts);
                    return Outcome::Refused;
                }
                Ok(answer) => retry::retry_after(answer.retry_after.as_deref()),
                Err(_) => None,
            };
            let retry = &self.settings.retry;
            let pause = (attempts < most_attempts).then(|| retry::pause(retry, attempts, asked));
            let Some(pause) = pause.flatten() else {
                self.failed(&why(&answer), attempts);
                return Outcome::Unreachable;
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = self.no_more.notified() => {
                    self.failed(&why(&answer), attempts);
                    return Outcome::Unreachable;
                }
            }
        }
    }

    fn arrived(&mut self, answer: &Answer) -> Outcome {
        if std::mem::take(&mut self.failing) {
            tracing::info!(endpoint = %self.settings.endpoint, "{} arrive again", self.what);
        }
        // A success with a body that is no message is a success. The answer to spans has the same fields, with the
        // same numbers.
        let message = ExportMetricsServiceResponse::decode(answer.body.clone());
        let partial = message.ok().and_then(|message| message.partial_success);
        let Some(partial) = partial else {
            return Outcome::Arrived { rejected: 0 };
        };
        let rejected = partial.rejected_data_points;
        if rejected == 0 && partial.error_message.is_empty() {
            return Outcome::Arrived { rejected: 0 };
        }
        if let Some(times) = self.rejections.count(Instant::now().into_std()) {
            tracing::warn!(
                endpoint = %self.settings.endpoint,
                rejected,
                times,
                message = shown(&partial.error_message),
                "the collector took only part of the {}",
                self.what
            );
        }
        Outcome::Arrived {
            rejected: rejected.max(0).unsigned_abs(),
        }
    }

    fn failed(&mut self, why: &str, attempts: u32) {
        self.failing = true;
        if let Some(times) = self.failures.count(Instant::now().into_std()) {
            tracing::warn!(
                endpoint = %self.settings.endpoint,
                attempts,
                times,
                why,
                "{} do not arrive at the collector; {}",
                self.what,
                self.lost
            );
        }
    }
}

fn why(answer: &Result<Answer, NoAnswer>) -> String {
    match answer {
        Ok(answer) => said(answer),
        Err(error) => error.to_string(),
    }
}

fn said(answer: &Answer) -> String {
    let status = answer.status;
    let text = String::from_utf8_lossy(&answer.body);
    let hint = match status {
        StatusCode::NOT_FOUND => "; is the path right (/v1/metrics, /v1/traces)?",
        StatusCode::PAYLOAD_TOO_LARGE => "; is a smaller request needed?",
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "; is a header missing?",
        _ => "",
    };
    format!("it answered {status}: {}{hint}", shown(&text))
}

/// One line of it, and not all.
fn shown(text: &str) -> String {
    let chars = text.chars().filter(|c| !c.is_control());
    chars.take(SHOWN).collect()
}
