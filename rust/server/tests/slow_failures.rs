//! What the slow log says of requests that failed, however fast they did. It is that of the process, so all requests are in one test.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::http2::{framed, grpc, Http2, GET};
use harness::{get_request, Harness, HANG};
use prost::Message;
use tokio::time::timeout;
use venice_engine::Registry;
use venice_proto::StoreRequest;
use venice_server::internals::observe::{Ended, SlowRequest};

/// The last of so many requests, once there are as many: an answer is here before the server knows that it was sent.
async fn last(harness: &Harness, number: usize) -> Arc<SlowRequest> {
    let kept = async {
        loop {
            let kept = harness.server.slow_requests().requests;
            if kept.len() >= number {
                return Arc::clone(&kept[number - 1]);
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, kept).await.unwrap()
}

#[tokio::test]
async fn a_failure_has_the_status_that_its_client_got() {
    let harness = Harness::start(&Registry::new(), &["slow.log.threshold.us", "1"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let mut seen = 0;
    for (path, status) in [
        ("/metadata/nobody", 500),
        ("/dictionary/nobody/1", 404),
        ("/storage/nobody_v1/0/a2V5?f=b64", 400),
        ("/health", 200),
    ] {
        let answer = http2.ask("GET", path, &[], b"").await;
        assert_eq!(answer.head.status().as_u16(), status, "{path}");
        seen += 1;
        let kept = last(&harness, seen).await;
        assert_eq!(kept.status, Ended::Answered(status.into()), "{path}");
    }
    let metadata = "/com.linkedin.venice.rust.protocols.StoreMetadataService/metadata";
    let nobody = StoreRequest {
        store_name: "nobody".to_owned(),
    };
    let get = get_request("nobody_v1", 0, b"key").encode_to_vec();
    for (path, message, code) in [(metadata, nobody.encode_to_vec(), 500), (GET, get, 500)] {
        let answer = http2.call(grpc(path), &framed(0, &message)).await;
        assert_eq!(answer.status(), ("0", ""), "{path}");
        // Both answers have their code in a field of this kind.
        let error_code = answer.body.windows(2).any(|two| two == [0xF4, 3]);
        assert!(error_code, "500 as a varint: {:?}", answer.body);
        seen += 1;
        let kept = last(&harness, seen).await;
        assert_eq!(kept.status, Ended::Answered(code), "{path}");
    }
}
