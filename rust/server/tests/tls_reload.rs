//! New files of TLS: how they are noticed, and what happens to those that cannot be used or read.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::fs::{self, File};
use std::future::Future;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, UNIX_EPOCH};

use harness::http2::{framed, grpc, Http2, GET};
use harness::key_stores::{both, bytes, certificate, Files, TlsClient};
use harness::{get_request, store, Harness, HANG};
use parking_lot::Mutex;
use prost::Message;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_server::PemOnly;

/// Lines of the log, of all tests here.
static LOG: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(|| {
    let log = Arc::<Mutex<Vec<u8>>>::default();
    let writer = Log(Arc::clone(&log));
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || Log(Arc::clone(&writer.0)))
        .init();
    log
});

struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whether the log has a line with both.
fn logged(first: &str, second: &str) -> bool {
    let log = String::from_utf8_lossy(&LOG.lock()).into_owned();
    log.lines()
        .any(|line| line.contains(first) && line.contains(second))
}

struct Served {
    files: Files,
    harness: Harness,
    _store: TestStoreVersion,
}

/// A server whose key store is `name`; `{}` in settings is the folder of the files.
fn served(files: Files, name: &str, settings: &[&str]) -> Served {
    LazyLock::force(&LOG);
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let folder = files.setting("");
    let mut given = vec!["tls.key.store".to_owned(), files.setting(name)];
    given.extend(settings.iter().map(|text| text.replace("{}", &folder)));
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    Served {
        harness: Harness::start(&registry, &given),
        files,
        _store: store,
    }
}

const ANYBODY: [&str; 2] = ["tls.client.auth", "none"];
const OFTEN: [&str; 4] = ["tls.client.auth", "none", "tls.reload.ms", "5"];

/// Waits until `is` says so.
async fn until<F: Future<Output = bool>>(is: impl Fn() -> F) {
    let wait = async {
        while !is().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HANG, wait).await.unwrap();
}

#[tokio::test]
async fn a_new_certificate_is_shown_after_a_reload_and_old_connections_stay() {
    let settings = [&ANYBODY[..], &["tls.reload.ms", "0"]].concat();
    let served = served(Files::new(), "server-both.pem", &settings);
    let (server, files) = (&served.harness.server, &served.files);
    let (client, address) = (TlsClient::ANONYMOUS, server.address());
    let before = client.shown(address).await;
    assert_eq!(before, certificate("server.pem"));
    let mut old = Http2::over(client.connect(address).await.unwrap()).await;

    // What cannot be used changes nothing.
    files.write("server-both.pem", b"not yet whole");
    let error = server.reload_tls(&mut PemOnly).unwrap_err().to_string();
    let path = files.setting("server-both.pem");
    let expected = format!("cannot use {path} (setting tls.key.store): the file is no PEM; ");
    assert!(error.starts_with(&expected), "{error}");
    assert_eq!(client.shown(address).await, before);

    files.write("server-both.pem", &both("second"));
    assert_eq!(client.shown(address).await, before, "nobody said to reload");
    server.reload_tls(&mut PemOnly).unwrap();
    assert_eq!(client.shown(address).await, certificate("second.pem"));
    let message = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    assert_eq!(old.call(grpc(GET), &message).await.status(), ("0", ""));

    let plain = Harness::start(&served.harness.registry, &[]);
    let error = plain.server.reload_tls(&mut PemOnly).unwrap_err();
    let error = error.to_string();
    assert!(
        error.starts_with("the server speaks plain HTTP/2"),
        "{error}"
    );
}

#[tokio::test]
async fn changed_files_are_noticed() {
    let settings = ["tls.trust.store", "{}ca.pem", "tls.reload.ms", "5"];
    let served = served(Files::new(), "server-both.pem", &settings);
    let address = served.harness.address();
    let (client, stranger) = (TlsClient::with("client"), TlsClient::with("stranger"));
    assert_eq!(client.read(address).await, Ok(()));
    assert!(stranger.read(address).await.is_err());

    served.files.write("ca.pem", bytes("stranger.pem"));
    served.files.write("server-both.pem", &both("second"));
    until(|| async {
        client.shown(address).await == certificate("second.pem")
            && stranger.read(address).await.is_ok()
    })
    .await;
    assert!(client.read(address).await.is_err());
}

/// As a link to a folder that is swapped, whose files are reproducible.
#[tokio::test]
async fn a_file_of_the_same_size_and_time_is_noticed() {
    let files = Files::new();
    let first = [bytes("server-key-sec1.pem"), bytes("server.pem")].concat();
    let second = both("second");
    assert_eq!(first.len(), second.len());
    for (folder, contents) in [("v1", &first), ("v2", &second)] {
        fs::create_dir(files.path(folder)).unwrap();
        let mut file = File::create(files.path(folder).join("tls.pem")).unwrap();
        file.write_all(contents).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000))
            .unwrap();
    }
    symlink("v1", files.path("data")).unwrap();
    let served = served(files, "data/tls.pem", &OFTEN);
    let (client, address) = (TlsClient::ANONYMOUS, served.harness.address());
    assert_eq!(client.shown(address).await, certificate("server.pem"));

    symlink("v2", served.files.path("new")).unwrap();
    fs::rename(served.files.path("new"), served.files.path("data")).unwrap();
    until(|| async { client.shown(address).await == certificate("second.pem") }).await;
}

#[tokio::test]
async fn a_broken_file_is_said_and_the_next_good_one_is_used() {
    let served = served(Files::new(), "server-both.pem", &OFTEN);
    let (client, address) = (TlsClient::ANONYMOUS, served.harness.address());
    let path = served.files.setting("server-both.pem");
    served.files.write("server-both.pem", b"broken");
    let said = "the files of TLS cannot be used; what they had before is";
    until(|| async { logged(said, &path) }).await;
    assert_eq!(client.shown(address).await, certificate("server.pem"));

    served.files.write("server-both.pem", &both("second"));
    until(|| async { client.shown(address).await == certificate("second.pem") }).await;
}

/// A pipe that nobody writes to hangs whoever opens it, as a disk that is gone does.
#[tokio::test]
async fn a_disk_that_hangs_stops_neither_accepting_nor_the_end() {
    let served = served(Files::new(), "server-both.pem", &OFTEN);
    let (client, address) = (TlsClient::ANONYMOUS, served.harness.address());
    let pipe = served.files.path("pipe");
    assert!(Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap()
        .success());
    fs::rename(&pipe, served.files.path("server-both.pem")).unwrap();
    // Somebody reads it as soon as it can be opened for writing without waiting.
    let file = served.files.path("server-both.pem");
    let mut writer = tokio::task::spawn_blocking(move || File::options().write(true).open(file))
        .await
        .unwrap()
        .unwrap();
    // From here the reader waits for bytes, in the middle of a file.
    writer.write_all(b"-----BEGIN").unwrap();
    for _ in 0..20 {
        let read = tokio::time::timeout(HANG, client.read(address)).await;
        assert_eq!(read.unwrap(), Ok(()));
    }
    assert_eq!(client.shown(address).await, certificate("server.pem"));
    // Asked to, the server ends all the same, and within a time that says that it did not wait.
    let server = served.harness;
    let stopped = tokio::task::spawn_blocking(move || server.server.stop(Duration::ZERO));
    tokio::time::timeout(HANG, stopped).await.unwrap().unwrap();
    drop(writer);
}
