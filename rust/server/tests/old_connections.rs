//! Calls that would go on for ever when their connection has reached its age: they end by a status, not by the
//! end of the connection.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::http2::{grpc, Http2};
use harness::{batch_request, store, Harness, HANG};
use tokio::time::timeout;
use tonic::codegen::tokio_stream;
use tonic::transport::Endpoint;
use tonic::{Code, Status};
use venice_engine::Registry;
use venice_proto::{StreamingBatchGetRequest, StreamingReadServiceClient};
use venice_server::internals::services::WATCH;

/// Old soon, and then with some time for its calls.
const OLD: [&str; 4] = [
    "max.connection.age.ms",
    "200",
    "max.connection.age.grace.ms",
    "4000",
];
const TOLD: &str =
    "the connection has reached its age (setting max.connection.age.ms: 200 ms); make the call again";

/// Makes a streaming call and reads its answers until it ends. Returns how many requests were answered, and
/// how it ended.
async fn stream(
    harness: &Harness,
    requests: impl tokio_stream::Stream<Item = StreamingBatchGetRequest> + Send + 'static,
) -> (u64, Status) {
    let endpoint = Endpoint::try_from(format!("http://{}", harness.address())).unwrap();
    let mut client = StreamingReadServiceClient::new(endpoint.connect().await.unwrap());
    let mut answers = client.batch_get(requests).await.unwrap().into_inner();
    let mut answered = 0;
    loop {
        match timeout(HANG, answers.message()).await.unwrap() {
            Ok(message) => answered += u64::from(message.unwrap().footer.is_some()),
            Err(status) => return (answered, status),
        }
    }
}

#[tokio::test]
async fn streams_end_by_a_status() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &OLD);
    let request = move |request_id| {
        let batch = batch_request("store_v1", &[(0, b"key")]);
        StreamingBatchGetRequest {
            request_id,
            resource_name: batch.resource_name,
            method: batch.method,
            key_bytes: batch.key_bytes,
        }
    };
    // For ever, as fast as answers come.
    let (answered, status) = stream(&harness, tokio_stream::iter((0..).map(request))).await;
    assert!(answered > 0);
    assert_eq!((status.code(), status.message()), (Code::Unavailable, TOLD));
    // And one on which nothing is asked.
    let (answered, status) = stream(&harness, tokio_stream::pending()).await;
    assert_eq!(answered, 0);
    assert_eq!((status.code(), status.message()), (Code::Unavailable, TOLD));
}

/// Who watches the health of the server is not told that it stops serving.
#[tokio::test]
async fn a_watch_ends_without_a_word_about_health() {
    let harness = Harness::start(&Registry::new(), &OLD);
    let mut http2 = Http2::connect(harness.address()).await;
    let (response, mut request) = http2.open(grpc(WATCH)).await;
    request.send_data(vec![0; 5].into(), true).unwrap();
    let answer = harness::http2::Answer::receive(response);
    let answer = timeout(HANG, answer).await.unwrap();
    assert_eq!(answer.body, [0, 0, 0, 0, 2, 8, 1]);
    assert_eq!(answer.status().0, (Code::Unavailable as i32).to_string());
}
