//! The standard health service, `grpc.health.v1.Health`: what load balancers and orchestrators ask.
//!
//! The server is serving from its start until it drains, but for the times when its owner says
//! otherwise ([`Health::set_serving`]). All its services are in the same state, so the names differ
//! only in being known.
//!
//! Messages (health.proto): `HealthCheckRequest { string service = 1 }`, `HealthCheckResponse {
//! ServingStatus status = 1 }`.

use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use tokio::select;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use venice_wire::message::first_string;
use venice_wire::status::{Code, Status};

use crate::grpc::body::{ResponseBody, StreamItem};
use crate::grpc::deadline;
use crate::grpc::framing::FrameError;
use crate::grpc::messages::Messages;
use crate::read_path::failure::Failure;
use crate::runtime::drain::Drain;
use crate::services::instruments::not_received;

/// Asks once.
pub const CHECK: &str = "/grpc.health.v1.Health/Check";
/// Asks, and wants to hear of each change.
pub const WATCH: &str = "/grpc.health.v1.Health/Watch";

/// What may be asked for; the empty name stands for the server.
const SERVICES: [&str; 5] = [
    "",
    "com.linkedin.venice.protocols.VeniceReadService",
    "com.linkedin.venice.rust.protocols.StreamingReadService",
    "com.linkedin.venice.rust.protocols.StoreMetadataService",
    "grpc.health.v1.Health",
];

/// A name of a service is not longer than that.
const REQUEST_BYTES: usize = 1024;

/// `ServingStatus`
const SERVING: u8 = 1;
const NOT_SERVING: u8 = 2;
const SERVICE_UNKNOWN: u8 = 3;

/// Whether a server says that it serves.
#[derive(Debug)]
pub struct Health(watch::Sender<bool>);

impl Default for Health {
    /// Serving.
    fn default() -> Health {
        Health(watch::Sender::new(true))
    }
}

impl Health {
    /// Says from now on that the server serves, or that it does not. It answers reads in any case:
    /// this is for those who decide where to send them.
    pub fn set_serving(&self, serving: bool) {
        self.0.send_if_modified(|now| {
            let changed = *now != serving;
            *now = serving;
            changed
        });
    }

    /// Whether it was told to say that the server serves.
    pub fn is_serving(&self) -> bool {
        *self.0.borrow()
    }

    /// Answers `Check`, whose request has to be here within `receive`.
    pub(crate) async fn check<B>(
        &self,
        drain: &Drain,
        receive: Duration,
        body: B,
    ) -> Result<ResponseBody, Status>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: Into<FrameError>,
    {
        let known = is_known(&read_request(receive, body).await?)?;
        if !known {
            return Err(Status {
                code: Code::NotFound,
                message: format!("unknown service; ask for one of {SERVICES:?}"),
            });
        }
        let serving = *self.0.borrow() && !drain.has_started();
        let (sender, receiver) = mpsc::channel(2);
        // There is room for both, and somebody who receives.
        let _ = sender.try_send(message(if serving { SERVING } else { NOT_SERVING }));
        let _ = sender.try_send(StreamItem::End(Ok(())));
        Ok(ResponseBody::stream(receiver))
    }

    /// Answers `Watch`, whose request has to be here within `receive`: until the client has enough, its
    /// deadline, the drain, or the end of an old connection. Then the answer ends, or these would wait for it.
    /// `held` is held until then.
    pub(crate) async fn watch<B>(
        &self,
        [drain, leaving]: [&Drain; 2],
        receive: Duration,
        deadline: Option<Instant>,
        body: B,
        held: impl Send + 'static,
    ) -> Result<ResponseBody, Status>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: Into<FrameError>,
    {
        let known = is_known(&read_request(receive, body).await?)?;
        let (mut serving, drain) = (self.0.subscribe(), drain.clone());
        let mut leaving = leaving.clone();
        let (sender, receiver) = mpsc::channel(2);
        drop(tokio::spawn(async move {
            let _held = held;
            let end = loop {
                let status = match *serving.borrow_and_update() {
                    _ if !known => SERVICE_UNKNOWN,
                    _ if drain.has_started() => NOT_SERVING,
                    true => SERVING,
                    false => NOT_SERVING,
                };
                if sender.send(message(status)).await.is_err() {
                    return;
                }
                select! {
                    changed = serving.changed(), if known => {
                        if changed.is_err() {
                            break Failure::Stopping.into_status();
                        }
                    }
                    _ = leaving.started() => {
                        if known && drain.has_started() {
                            let _ = sender.send(message(NOT_SERVING)).await;
                        }
                        break Failure::Stopping.into_status();
                    }
                    () = deadline::passed(deadline) => break Failure::DeadlineExceeded.into_status(),
                    () = sender.closed() => return,
                }
            };
            // If nobody listens any more, nobody wants to know.
            let _ = sender.send(StreamItem::End(Err(end))).await;
        }));
        Ok(ResponseBody::stream(receiver))
    }
}

/// The one request of a call.
async fn read_request<B>(receive: Duration, body: B) -> Result<Bytes, Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    let mut messages = Messages::new(body, REQUEST_BYTES);
    let request = messages.next_within(receive).await;
    let request = request.inspect_err(not_received)?;
    // A call without a message asks for the server.
    Ok(request.unwrap_or_default())
}

fn is_known(request: &[u8]) -> Result<bool, Status> {
    match first_string(request) {
        Ok(service) => Ok(SERVICES.contains(&service)),
        Err(error) => Err(Status {
            code: Code::Internal,
            message: format!("cannot parse HealthCheckRequest: {error}"),
        }),
    }
}

fn message(status: u8) -> StreamItem {
    StreamItem::Message(Bytes::copy_from_slice(&[0, 0, 0, 0, 2, 0x08, status]))
}
