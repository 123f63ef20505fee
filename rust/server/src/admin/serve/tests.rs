//! Clients that mean no good, with bounds that are over soon.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream as Client;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Response;
use http_body_util::Full;
use tokio::net::UnixListener;
use tokio::sync::{oneshot, Notify};
use tokio::task::spawn_blocking;

use super::*;
use crate::admin::door::SocketEntrance;

/// Ends a test that hangs; no test needs a noticeable part of it.
const HANG: Duration = Duration::from_secs(60);

struct Served {
    path: PathBuf,
    calls: Arc<AtomicUsize>,
    /// Lets answers to `/slow` go.
    go: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    ended: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

/// `/large` is answered by 64 MiB, `/slow` when the test says so, all else by the length of the body.
fn served(bounds: Bounds) -> Served {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let (calls, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (counted, gate) = (Arc::clone(&calls), Arc::clone(&go));
    let respond = move |_: Rights, parts: Parts, body: Bytes| {
        counted.fetch_add(1, Ordering::Relaxed);
        let gate = Arc::clone(&gate);
        async move {
            let answer = match parts.uri.path() {
                "/large" => vec![b'x'; 64 << 20],
                "/slow" => {
                    gate.notified().await;
                    b"at last".to_vec()
                }
                _ => format!("{} bytes", body.len()).into_bytes(),
            };
            Response::new(Full::new(Bytes::from(answer)))
        }
    };
    let (stop, stopped) = oneshot::channel();
    let rights = Rights::of_socket(false);
    let entrance = SocketEntrance { listener, rights };
    let ended = tokio::spawn(serve(entrance, bounds, respond, async {
        drop(stopped.await);
    }));
    Served {
        path,
        calls,
        go,
        stop: Some(stop),
        ended,
        _folder: folder,
    }
}

/// Bounds of time that end at once.
fn short() -> Bounds {
    let soon = Duration::from_millis(30);
    Bounds {
        head_time: soon,
        body_time: soon,
        answer_time: soon,
        ..Bounds::default()
    }
}

fn connect(path: &Path) -> Client {
    let client = Client::connect(path).unwrap();
    client.set_read_timeout(Some(HANG)).unwrap();
    client.set_write_timeout(Some(HANG)).unwrap();
    client
}

/// What the server says until it closes.
fn rest(client: &mut Client) -> String {
    let mut bytes = Vec::new();
    // A reset is an end, too.
    let _ = client.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn get(path: &Path, target: &str) -> String {
    let mut client = connect(path);
    let request = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
    client.write_all(request.as_bytes()).unwrap();
    rest(&mut client)
}

/// The server answers, whatever the others did.
async fn still_answers(served: &Served) {
    let path = served.path.clone();
    let answer = spawn_blocking(move || get(&path, "/")).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("0 bytes"),
        "{answer}"
    );
}

#[tokio::test]
async fn who_says_nothing_is_hung_up_on() {
    let served = served(short());
    let path = served.path.clone();
    spawn_blocking(move || {
        assert_eq!(rest(&mut connect(&path)), "");
        let mut client = connect(&path);
        client.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
        // What hyper says of it before it goes, if anything.
        assert!(!rest(&mut client).contains("bytes"));
    })
    .await
    .unwrap();
    assert_eq!(served.calls.load(Ordering::Relaxed), 0);
    still_answers(&served).await;
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let served = served(Bounds::default());
    let path = served.path.clone();
    let answer = spawn_blocking(move || {
        let mut client = connect(&path);
        let _ = client.write_all(b"GET / HTTP/1.1\r\n");
        for _ in 0..100 {
            // At some time nobody reads any more.
            let header = format!("x: {}\r\n", "y".repeat(1000));
            if client.write_all(header.as_bytes()).is_err() {
                break;
            }
        }
        rest(&mut client)
    });
    let answer = answer.await.unwrap();
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431 "),
        "{answer}"
    );
    assert_eq!(served.calls.load(Ordering::Relaxed), 0);
    still_answers(&served).await;
}

#[tokio::test]
async fn a_body_that_does_not_end_is_hung_up_on_and_a_large_one_refused() {
    let served = served(short());
    let path = served.path.clone();
    spawn_blocking(move || {
        let mut client = connect(&path);
        let head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf";
        client.write_all(head).unwrap();
        assert_eq!(rest(&mut client), "");
        for head in ["Content-Length: 100000", "Transfer-Encoding: chunked"] {
            let mut client = connect(&path);
            let head = format!("POST / HTTP/1.1\r\nHost: h\r\n{head}\r\n\r\n1388\r\n");
            let _ = client.write_all(head.as_bytes());
            let _ = client.write_all(&[b'x'; 5000]);
            let answer = rest(&mut client);
            assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
            assert!(answer.contains("the body has more than "), "{answer}");
        }
        for (body, says) in [
            (
                "zz\r\n",
                "the body of the request is malformed: Invalid chunk size",
            ),
            ("1\r\nx", "the connection ended before the body was whole"),
        ] {
            let mut client = connect(&path);
            let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
            client
                .write_all(format!("{head}{body}").as_bytes())
                .unwrap();
            client.shutdown(Shutdown::Write).unwrap();
            let answer = rest(&mut client);
            if !answer.is_empty() {
                assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
                assert!(answer.contains(says), "{answer}");
            }
        }
    })
    .await
    .unwrap();
    assert_eq!(served.calls.load(Ordering::Relaxed), 0);
    still_answers(&served).await;
}

#[tokio::test]
async fn who_does_not_read_is_hung_up_on() {
    let served = served(short());
    let path = served.path.clone();
    spawn_blocking(move || {
        let mut client = connect(&path);
        client
            .write_all(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
            .unwrap();
        // The first of the answer is here; the client reads nothing more before the time is over.
        let mut first = [0; 16];
        client.read_exact(&mut first).unwrap();
        // What is written to a peer that is gone fails.
        while client.write_all(b"x").is_ok() {}
        assert!(rest(&mut client).len() < 64 << 20);
    })
    .await
    .unwrap();
    still_answers(&served).await;
}

#[tokio::test]
async fn too_many_connections_are_closed_and_their_room_comes_back() {
    let bounds = Bounds {
        connections: 3,
        ..Bounds::default()
    };
    let served = served(bounds);
    let path = served.path.clone();
    spawn_blocking(move || {
        let held: Vec<Client> = (0..3).map(|_| connect(&path)).collect();
        // Closed without a word; that the others are accepted first is the order of the socket.
        for _ in 0..20 {
            assert_eq!(rest(&mut connect(&path)), "");
        }
        drop(held);
        // The server sees their ends a moment later.
        while get(&path, "/").is_empty() {}
    })
    .await
    .unwrap();
    still_answers(&served).await;
}

#[tokio::test]
async fn an_answer_may_take_its_time_and_is_sent_at_the_end() {
    let mut served = served(short());
    let path = served.path.clone();
    let slow = spawn_blocking(move || get(&path, "/slow"));
    while served.calls.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    // All bounds of time are over.
    sleep(3 * short().answer_time).await;
    drop(served.stop.take());
    served.go.notify_one();
    let answer = slow.await.unwrap();
    assert!(answer.ends_with("at last"), "{answer}");
    timeout(HANG, served.ended).await.unwrap().unwrap();
}
