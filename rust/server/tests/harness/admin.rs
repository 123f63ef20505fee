//! A client of the admin socket.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::HANG;

/// Where a server has its admin socket.
pub(crate) struct AdminSocket {
    pub(crate) path: PathBuf,
    _folder: TempDir,
}

impl Default for AdminSocket {
    fn default() -> AdminSocket {
        // A socket's path is short, and the folder of a test need not be.
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        AdminSocket {
            path: folder.path().join("admin"),
            _folder: folder,
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        assert!(
            self.head.contains("content-type: application/json"),
            "{self:?}"
        );
        serde_json::from_str(&self.body).unwrap()
    }

    /// Of a request that was refused.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap().to_owned()
    }
}

impl AdminSocket {
    /// The setting.
    pub(crate) fn setting(&self) -> [&str; 2] {
        ["admin.socket", self.path.to_str().unwrap()]
    }

    /// Sends bytes, and reads to the end.
    pub(crate) async fn send(&self, request: &str) -> Told {
        let (path, request) = (self.path.clone(), request.to_owned());
        let text = spawn_blocking(move || {
            let mut stream = UnixStream::connect(path).unwrap();
            stream.set_read_timeout(Some(HANG)).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        });
        let text = text.await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap();
        Told {
            status: status.parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(crate) async fn get(&self, target: &str) -> Told {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.send(&request).await
    }

    /// What is there, which is JSON.
    pub(crate) async fn see(&self, target: &str) -> Value {
        let told = self.get(target).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.json()
    }

    pub(crate) async fn post(&self, target: &str, body: &str) -> Told {
        let length = body.len();
        self.send(&format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
        .await
    }
}
