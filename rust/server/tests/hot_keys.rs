//! Hot keys: every way a key is read counts once, while somebody wants to know.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::{batch_request, get_request, store, Harness, KEY_NOT_FOUND, OK};
use venice_engine::Registry;
use venice_server::internals::observe::{HotKeysReport, LONGEST};
use venice_server::HotKeysSession;

/// Reads of a key, as the report has them.
fn reads(report: &HotKeysReport, store: &str, key: &[u8]) -> u64 {
    let mut keys = report.keys.iter();
    let found =
        keys.find(|known| &*known.store_version == store && known.key.as_deref() == Some(key));
    found.map_or(0, |known| {
        assert_eq!(known.reads, known.at_least, "there are few keys");
        known.reads
    })
}

#[tokio::test]
async fn each_way_of_reading_counts_once() {
    let registry = Registry::new();
    let (first, second) = (store(&registry, "store_v1"), store(&registry, "other_v2"));
    for store in [&first, &second] {
        store.put(0, b"hot", 1, b"payload");
        store.put(0, b"cold", 1, b"payload");
        store.flush(0);
    }
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    let hot_keys = harness.server.hot_keys();
    assert_eq!(client.get("store_v1", 0, b"hot").await.error_code, OK);
    assert_eq!(hot_keys.report(), None);

    let session = HotKeysSession {
        duration: LONGEST,
        shows_keys: true,
    };
    hot_keys.start(session).unwrap();
    for _ in 0..5 {
        assert_eq!(client.get("store_v1", 0, b"hot").await.error_code, OK);
    }
    assert_eq!(client.get("store_v1", 0, b"cold").await.error_code, OK);
    assert_eq!(
        client.get("store_v1", 0, b"none").await.error_code,
        KEY_NOT_FOUND
    );
    assert_eq!(client.get("other_v2", 0, b"hot").await.error_code, OK);
    // On the connection's thread, and on a disk thread.
    for keys in [3, 100] {
        let batch = vec![(0, &b"hot"[..]); keys];
        assert_eq!(client.batch_get("store_v1", &batch).await.error_code, OK);
    }
    // What is refused is not read, and names that clients make up are nobody's.
    let mut unparsable = get_request("store_v1", 0, b"hot");
    unparsable.key_string = "%".to_owned();
    client.get_status(unparsable).await;
    for made_up in ["nobody_v1", "no version"] {
        assert_eq!(client.get(made_up, 0, b"hot").await.error_code, 500);
    }
    let report = hot_keys.report().unwrap();
    assert_eq!(reads(&report, "store_v1", b"hot"), 5 + 3 + 100);
    assert_eq!(reads(&report, "store_v1", b"cold"), 1);
    assert_eq!(reads(&report, "store_v1", b"none"), 1);
    assert_eq!(reads(&report, "other_v2", b"hot"), 1);
    assert_eq!((report.reads, report.keys.len()), (111, 4));
    assert_eq!(report.keys[0].key.as_deref(), Some(&b"hot"[..]));
    assert!(report.left.is_some());

    // A batch that quota refuses is not read.
    let quota = harness.server.quota();
    quota.set_store_version("other_v2", 1, 1.0).unwrap();
    let refused = batch_request("other_v2", &vec![(0, &b"hot"[..]); 1000]);
    let refused = client.grpc.batch_get(refused).await.unwrap().into_inner();
    assert_eq!(refused.error_code, 429);
    assert_eq!(hot_keys.report().unwrap().reads, 111);

    hot_keys.stop();
    assert_eq!(client.get("store_v1", 0, b"hot").await.error_code, OK);
    let report = hot_keys.report().unwrap();
    assert_eq!((report.reads, report.left), (111, None));
}
