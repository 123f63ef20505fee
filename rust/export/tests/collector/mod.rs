//! A collector that answers what it is told, and keeps what it got.

#![allow(dead_code, reason = "each test uses its part")]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{metric, Metric};
use prost::Message;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What it answers: status, header lines, body. `None` is no answer at all, while the exporter waits.
pub(crate) type Answer = Option<(u16, &'static str, Vec<u8>)>;

pub(crate) struct Collector {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Receiver<Request>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// The status that it was answered with; 0 for none.
    pub(crate) status: u16,
}

impl Collector {
    /// It answers `answers` in turn, and 200 afterwards.
    pub(crate) fn start(answers: impl IntoIterator<Item = Answer>) -> Collector {
        Collector::start_with(answers, |stream| stream)
    }

    /// Over TLS.
    pub(crate) fn start_tls(tls: ServerConfig) -> Collector {
        let tls = Arc::new(tls);
        Collector::start_with([], move |stream| {
            let session = ServerConnection::new(Arc::clone(&tls)).unwrap();
            StreamOwned::new(session, stream)
        })
    }

    fn start_with<S: Read + Write>(
        answers: impl IntoIterator<Item = Answer>,
        wrap: impl Fn(TcpStream) -> S + Send + 'static,
    ) -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answers: VecDeque<Answer> = answers.into_iter().collect();
        let answers = Arc::new(Mutex::new(answers));
        let (sender, requests) = channel();
        let told = Arc::clone(&answers);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                if serve(wrap(stream), &told, &sender).is_none() {
                    break; // the test is over
                }
            }
        });
        Collector {
            address,
            requests,
            answers,
        }
    }

    pub(crate) fn answer_next(&self, answer: Answer) {
        self.answers.lock().unwrap().push_back(answer);
    }

    pub(crate) fn next(&self) -> Request {
        self.requests.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn serve<S: Read + Write>(
    stream: S,
    answers: &Mutex<VecDeque<Answer>>,
    requests: &Sender<Request>,
) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        // Hung up, or no TLS that we trust each other by.
        if !matches!(reader.read_line(&mut head), Ok(1..)) {
            return Some(());
        }
    }
    let lower = head.to_lowercase();
    let length = lower.split("content-length: ").nth(1).unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return Some(());
    }
    let answer = answers.lock().unwrap().pop_front();
    let answer = answer.unwrap_or(Some((200, "", Vec::new())));
    let status = answer.as_ref().map_or(0, |(status, ..)| *status);
    let request = Request { head, body, status };
    match answer {
        None => {
            let sent = requests.send(request);
            // Until the exporter has enough.
            let _ = reader.read(&mut [0]);
            sent.ok()
        }
        Some((status, headers, body)) => {
            let head = format!(
                "HTTP/1.1 {status} x\r\n{headers}Content-Length: {}\r\n\r\n",
                body.len()
            );
            let mut stream = reader.into_inner();
            // Who hangs up did not get it; the test would see that it comes again.
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
            let _ = stream.flush();
            requests.send(request).ok()
        }
    }
}

impl Request {
    pub(crate) fn decoded(&self) -> ExportMetricsServiceRequest {
        ExportMetricsServiceRequest::decode(&*self.body).unwrap()
    }

    /// All metrics of it.
    pub(crate) fn metrics(&self) -> Vec<Metric> {
        let resources = self.decoded().resource_metrics.into_iter();
        let scopes = resources.flat_map(|resource| resource.scope_metrics);
        scopes.flat_map(|scope| scope.metrics).collect()
    }

    pub(crate) fn metric(&self, name: &str) -> Option<metric::Data> {
        let mut metrics = self.metrics().into_iter();
        metrics.find(|metric| metric.name == name)?.data
    }
}
