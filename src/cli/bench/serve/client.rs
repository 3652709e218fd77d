//! One connection to a server, and one request after another on it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What a tile cost.
#[derive(Clone, Debug)]
pub struct Answer {
    /// From the request to the last byte of the answer.
    pub time: Duration,
    pub bytes: usize,
    /// Whether the server made it for this request.
    pub made: bool,
    /// How many rows it stands for.
    pub rows: Option<u64>,
    pub aggregated: bool,
    pub body: Bytes,
}

pub struct Client {
    sender: SendRequest<Empty<Bytes>>,
    host: String,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect to the server")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Ends with the connection; what goes wrong is told to whoever asks.
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    /// Asks for `path`, without any coding.
    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        let request = Request::get(path).header("host", &self.host).body(Empty::new())?;
        let begun = Instant::now();
        self.sender.ready().await.context("the server has ended the connection")?;
        let answer = self.sender.send_request(request).await.context("the server does not answer")?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.context("an answer ends too early")?.to_bytes();
        let time = begun.elapsed();
        let fine = [StatusCode::OK, StatusCode::NO_CONTENT].contains(&head.status);
        ensure!(fine, "{path}: {}: {}", head.status, String::from_utf8_lossy(&body).trim());
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        Ok(Answer {
            time,
            bytes: body.len(),
            made: header("server-timing").is_some_and(|timing| timing.contains("desc=made")),
            rows: header("x-covt-rows").and_then(|rows| rows.parse().ok()),
            aggregated: header("x-covt-aggregated") == Some("true"),
            body,
        })
    }
}
