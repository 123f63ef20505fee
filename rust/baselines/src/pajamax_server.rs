//! The read service on pajamax: a server that answers within the loop that parses frames, with a thread for each
//! connection and no flow control. Messages and reads are those of the tonic side.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::{Buf, BufMut};
use pajamax::status::{Code, Status};
use pajamax::{local_build_response, Config, PajamaxService};
use prost::Message;
use prost_of_pajamax::encoding::{DecodeContext, WireType};
use prost_of_pajamax::{DecodeError, Message as PajamaxMessage};
use venice_engine::Registry;
use venice_proto::{VeniceClientRequest, VeniceServerResponse};

use crate::reads;

const METHODS: [&[u8]; 2] = [
    b"/com.linkedin.venice.protocols.VeniceReadService/get",
    b"/com.linkedin.venice.protocols.VeniceReadService/batchGet",
];

/// As many as a load has.
const CONNECTIONS: usize = 1000;

/// Serves until `until` returns.
pub(crate) fn serve(
    registry: Arc<Registry>,
    until: impl FnOnce() -> io::Result<()>,
) -> Result<(), Box<dyn Error>> {
    // It binds the port itself, and does not tell which.
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let server = Config::new()
        .max_concurrent_connections(CONNECTIONS)
        .add_service(ReadService { registry });
    let serving = thread::spawn(move || server.serve(address));
    while TcpStream::connect(address).is_err() {
        if serving.is_finished() {
            return Err(format!("pajamax does not listen on {address}").into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    println!("plain {}", address.port());
    // It cannot be stopped, but by the end of the process.
    Ok(until()?)
}

struct ReadService {
    registry: Arc<Registry>,
}

impl PajamaxService for ReadService {
    fn route(&self, path: &[u8]) -> Option<usize> {
        METHODS.iter().position(|method| *method == path)
    }

    fn handle(
        &self,
        _method: usize,
        request: &[u8],
        stream: u32,
    ) -> Result<(), pajamax::error::Error> {
        let answer = VeniceClientRequest::decode(request)
            .map_err(|error| error.to_string())
            .and_then(|request| reads::answer(&self.registry, &request));
        let answer = answer.map(Reply).map_err(|message| Status {
            code: Code::Internal,
            message,
        });
        local_build_response(stream, answer)
    }

    fn is_dispatch_mode(&self) -> bool {
        false
    }
}

/// The message for the prost that pajamax was built with, which is older. It is encoded only.
#[derive(Debug)]
struct Reply(VeniceServerResponse);

impl PajamaxMessage for Reply {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        self.0.encode_raw(buf);
    }

    fn merge_field(
        &mut self,
        _tag: u32,
        _wire_type: WireType,
        _buf: &mut impl Buf,
        _context: DecodeContext,
    ) -> Result<(), DecodeError> {
        Err(DecodeError::new("a reply is encoded only"))
    }

    fn encoded_len(&self) -> usize {
        self.0.encoded_len()
    }

    fn clear(&mut self) {
        self.0 = VeniceServerResponse::default();
    }
}
