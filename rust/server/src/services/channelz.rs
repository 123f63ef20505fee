//! gRPC's channelz (`grpc.channelz.v1`, proposal A14): this server and its connections, as grpcdebug asks for
//! them. It is there if the setting says so, as it tells everyone who can connect who else does.
//!
//! Numbers: the server is 1, the socket that it listens on 2, and connections have 3 and more, in the order in which they
//! came. A server has no channels.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use prost::Message;
use tokio::sync::{mpsc, Semaphore};
use tokio::task::spawn_blocking;
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument};
use venice_wire::echoed::Echoed;
use venice_wire::status::{Code, Status};

use crate::grpc::body::{ResponseBody, StreamItem};
use crate::grpc::framing::FrameError;
use crate::grpc::messages::Messages;
use crate::memory::client_memory::{ClientHolds, ClientMemory};
use crate::services::context::ServerContext;
use crate::services::instruments::not_received;

mod messages {
    #![allow(
        missing_docs,
        unreachable_pub,
        dead_code,
        clippy::all,
        reason = "generated, of which a server says and reads a part"
    )]
    include!("generated/channelz_messages.inc");
}
use messages::*;

/// What paths of it begin with.
pub(crate) const SERVICE: &str = "/grpc.channelz.v1.Channelz/";

/// Requests are a few numbers.
const REQUEST_BYTES: usize = 256;
const SERVER: i64 = 1;
const LISTENING: i64 = 2;
const FIRST_CONNECTION: i64 = 3;
/// References of a page, unless fewer are asked for.
const PAGE: usize = 1000;
/// Answers that are made at the same time, in the process: to look at 10,000 connections takes a while, and
/// none of the threads that serve them has that.
static MAKING: Semaphore = Semaphore::const_new(1);

/// Whose connections they are.
pub(crate) struct Observed {
    pub(crate) context: Arc<ServerContext>,
    pub(crate) memory: Arc<ClientMemory>,
}

/// Answers a call of `method`, what stands behind [`SERVICE`] in its path. The request has to be here within `receive`.
pub(crate) async fn answer<B>(
    observed: Observed,
    method: String,
    receive: Duration,
    body: B,
) -> Result<ResponseBody, Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    let mut messages = Messages::new(body, REQUEST_BYTES);
    let request = messages.next_within(receive).await;
    let request = request.inspect_err(not_received)?.unwrap_or_default();
    let failed = |_| Status {
        code: Code::Internal,
        message: "channelz failed; the log of the server says why".to_owned(),
    };
    let making = MAKING.acquire().await.map_err(|_| Status {
        code: Code::Unavailable,
        message: "the server stops".to_owned(),
    })?;
    let made = spawn_blocking(move || observed.answer(&method, &request));
    let message = made.await.map_err(failed)??;
    drop(making);
    let (sender, receiver) = mpsc::channel(2);
    // There is room for both, and somebody who receives.
    let _ = sender.try_send(StreamItem::Message(message));
    let _ = sender.try_send(StreamItem::End(Ok(())));
    Ok(ResponseBody::stream(receiver))
}

impl Observed {
    fn answer(&self, method: &str, request: &[u8]) -> Result<Bytes, Status> {
        match method {
            "GetTopChannels" => {
                read::<GetTopChannelsRequest>(request)?;
                framed(&GetTopChannelsResponse {
                    channel: Vec::new(),
                    end: true,
                })
            }
            "GetServers" => {
                let asked: GetServersRequest = read(request)?;
                let shown = asked.start_server_id <= SERVER;
                framed(&GetServersResponse {
                    server: shown.then(|| self.server()).into_iter().collect(),
                    end: true,
                })
            }
            "GetServer" => {
                let GetServerRequest { server_id } = read(request)?;
                is_server(server_id)?;
                framed(&GetServerResponse {
                    server: Some(self.server()),
                })
            }
            "GetServerSockets" => self.sockets(read(request)?),
            "GetSocket" => self.socket(read(request)?),
            "GetChannel" => {
                let GetChannelRequest { channel_id } = read(request)?;
                Err(unknown("channel", channel_id, "a server has none"))
            }
            "GetSubchannel" => {
                let GetSubchannelRequest { subchannel_id } = read(request)?;
                Err(unknown("subchannel", subchannel_id, "a server has none"))
            }
            _ => Err(Status {
                code: Code::Unimplemented,
                message: format!("channelz has no method {}", Echoed::new(method)),
            }),
        }
    }

    fn server(&self) -> Server {
        let snapshot = self.context.metrics.snapshot(usize::MAX);
        let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let (mut started, mut succeeded, mut failed) = (0, 0, 0);
        let counted = snapshot.metric(Instrument::GrpcServerCallStarted);
        for point in counted.into_iter().flat_map(|metric| &metric.points) {
            if let Value::U64(calls) = point.value {
                started += calls;
            }
        }
        let ended = snapshot.metric(Instrument::GrpcServerCallDuration);
        for point in ended.into_iter().flat_map(|metric| &metric.points) {
            let Value::Histogram(times) = &point.value else {
                continue;
            };
            match point.attribute(Dimension::GrpcStatus.key()) {
                Some("OK") => succeeded += times.count,
                _ => failed += times.count,
            }
        }
        Server {
            r#ref: Some(ServerRef {
                server_id: SERVER,
                name: "venice-read-server".to_owned(),
            }),
            data: Some(ServerData {
                calls_started: count(started),
                calls_succeeded: count(succeeded),
                calls_failed: count(failed),
            }),
            listen_socket: vec![self.listening()],
        }
    }

    fn listening(&self) -> SocketRef {
        SocketRef {
            socket_id: LISTENING,
            name: self.context.address.to_string(),
        }
    }

    fn sockets(&self, asked: GetServerSocketsRequest) -> Result<Bytes, Status> {
        is_server(asked.server_id)?;
        let most = match usize::try_from(asked.max_results) {
            Ok(0) => PAGE,
            Ok(most) => most.min(PAGE),
            Err(_) => {
                return Err(Status {
                    code: Code::InvalidArgument,
                    message: format!("max_results is {}; give 0 or more", asked.max_results),
                })
            }
        };
        let clients = self.memory.clients();
        let wanted = clients
            .iter()
            .filter(|holds| socket_id(holds) >= asked.start_socket_id);
        let mut references: Vec<SocketRef> = wanted.take(most + 1).map(reference).collect();
        let end = references.len() <= most;
        references.truncate(most);
        framed(&GetServerSocketsResponse {
            socket_ref: references,
            end,
        })
    }

    fn socket(&self, asked: GetSocketRequest) -> Result<Bytes, Status> {
        let local = Some(address(self.context.address));
        if asked.socket_id == LISTENING {
            return framed(&GetSocketResponse {
                socket: Some(Socket {
                    r#ref: Some(self.listening()),
                    data: Some(SocketData::default()),
                    local,
                    remote: None,
                    security: None,
                }),
            });
        }
        let clients = self.memory.clients();
        let found = clients
            .iter()
            .find(|holds| socket_id(holds) == asked.socket_id);
        let Some(holds) = found else {
            let why = "it was closed, or never was";
            return Err(unknown("socket", asked.socket_id, why));
        };
        let started = i64::try_from(holds.calls).unwrap_or(i64::MAX);
        let open = i64::try_from(holds.open_calls).unwrap_or(0);
        let tls = security::Tls {
            // Which one, nothing here keeps.
            cipher_suite: Some(security::tls::CipherSuite::OtherName("TLS".to_owned())),
        };
        let security = Security {
            model: Some(security::Model::Tls(tls)),
        };
        framed(&GetSocketResponse {
            socket: Some(Socket {
                r#ref: Some(reference(holds)),
                data: Some(SocketData {
                    streams_started: started,
                    // Of a connection it is not counted how its calls ended.
                    streams_succeeded: started - open,
                    streams_failed: 0,
                }),
                local,
                remote: Some(address(holds.client.address)),
                security: holds.client.encrypted.then_some(security),
            }),
        })
    }
}

fn socket_id(holds: &ClientHolds) -> i64 {
    let number = i64::try_from(holds.number).unwrap_or(i64::MAX);
    number.saturating_add(FIRST_CONNECTION)
}

fn reference(holds: &ClientHolds) -> SocketRef {
    SocketRef {
        socket_id: socket_id(holds),
        name: holds.client.address.to_string(),
    }
}

fn address(of: SocketAddr) -> Address {
    let ip_address = match of.ip() {
        IpAddr::V4(ip) => Bytes::copy_from_slice(&ip.octets()),
        IpAddr::V6(ip) => Bytes::copy_from_slice(&ip.octets()),
    };
    let tcpip = address::TcpIpAddress {
        ip_address: ip_address.into(),
        port: of.port().into(),
    };
    Address {
        address: Some(address::Address::TcpipAddress(tcpip)),
    }
}

fn is_server(number: i64) -> Result<(), Status> {
    if number == SERVER {
        return Ok(());
    }
    Err(unknown("server", number, "this one is 1"))
}

fn unknown(what: &str, number: i64, why: &str) -> Status {
    Status {
        code: Code::NotFound,
        message: format!("there is no {what} {number}: {why}"),
    }
}

fn read<M: Message + Default>(request: &[u8]) -> Result<M, Status> {
    M::decode(request).map_err(|error| Status {
        code: Code::Internal,
        message: format!("cannot parse the request: {error}"),
    })
}

/// A message with gRPC's prefix.
fn framed(message: &impl Message) -> Result<Bytes, Status> {
    const PREFIX: usize = 5;
    let length = message.encoded_len();
    let mut bytes = BytesMut::with_capacity(PREFIX + length);
    bytes.extend_from_slice(&[0]);
    // A page has some 100 KB.
    bytes.extend_from_slice(&(length as u32).to_be_bytes());
    message.encode(&mut bytes).map_err(|error| Status {
        code: Code::Internal,
        message: format!("cannot encode the answer: {error}"),
    })?;
    Ok(bytes.freeze())
}
