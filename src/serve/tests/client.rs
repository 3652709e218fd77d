//! A client that says exactly what it is told to say, and reads an answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::Value as Json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, empty if it is not there.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It is a fault of the client's that names what is wrong.
    #[track_caller]
    pub(super) fn refuses(&self, status: u16, parameter: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        let json = self.json();
        assert_eq!((&json["status"], &json["parameter"]), (&status.into(), &parameter.into()), "{json}");
        assert!(!json["message"].as_str().unwrap().is_empty());
    }
}

/// An open connection.
pub(super) struct Client {
    stream: TcpStream,
    /// What was read and belongs to the next answer.
    rest: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), rest: Vec::new() }
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// As [`Self::send`], to a server that may not want to hear all.
    pub(super) async fn try_send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Says nothing more.
    pub(super) async fn finish(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    pub(super) async fn get(&mut self, path: &str, headers: &[&str]) -> Answer {
        self.ask("GET", path, headers).await
    }

    pub(super) async fn ask(&mut self, method: &str, path: &str, headers: &[&str]) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|header| header.starts_with("Host:")) {
            request += "Host: localhost\r\n";
        }
        for header in headers {
            request += &format!("{header}\r\n");
        }
        self.send(format!("{request}\r\n").as_bytes()).await;
        self.answer(method == "HEAD").await.expect("an answer")
    }

    /// The next answer; none if the connection ends without one.
    pub(super) async fn answer(&mut self, head_only: bool) -> Option<Answer> {
        let mut bytes = std::mem::take(&mut self.rest);
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if self.stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        let mut headers = BTreeMap::new();
        for (name, value) in lines.map(header) {
            headers.entry(name).and_modify(|old: &mut String| *old += &format!(", {value}")).or_insert(value);
        }
        let mut body = bytes.split_off(end + 4);
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let length = if head_only || status == 304 { 0 } else { length };
        while body.len() < length {
            if self.stream.read_buf(&mut body).await.ok()? == 0 {
                return None;
            }
        }
        self.rest = body.split_off(length);
        Some(Answer { status, headers, body })
    }
}

/// One request on a connection of its own.
pub(super) async fn get(address: SocketAddr, path: &str, headers: &[&str]) -> Answer {
    Client::connect(address).await.get(path, headers).await
}
