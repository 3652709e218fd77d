//! Bytes behind a URL, read by ranges (RFC 9110, section 14).

use std::io;
use std::thread;
use std::time::Duration;

use ureq::http::header::{CONTENT_RANGE, ETAG, RANGE};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::error::{Context, Error, Result};
use super::source::ReadAt;

/// What is asked for first: that of PMTiles in which header and root directory lie.
const FRONT_BYTES: u64 = 16 << 10;
/// Waits before a request that failed is made again.
const WAITS: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(5)];
const TIMEOUT: Duration = Duration::from_secs(30);

/// A file on a server that hands out ranges.
pub(crate) struct HttpSource {
    agent: Agent,
    url: String,
    size: u64,
    /// What tells this version of the file from others, if the server does.
    tag: Option<String>,
    front: Vec<u8>,
}

impl HttpSource {
    /// Asks for the front of the file, which also tells its size.
    ///
    /// # Errors
    /// If the server cannot be reached, has no such file, or knows no ranges.
    pub(crate) fn open(url: &str) -> Result<Self> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .accept_encoding("identity")
            .timeout_connect(Some(TIMEOUT))
            .timeout_recv_response(Some(TIMEOUT))
            .timeout_per_read(Some(TIMEOUT));
        let mut source = Self {
            agent: config.build().new_agent(),
            url: url.to_owned(),
            size: 0,
            tag: None,
            front: Vec::new(),
        };
        let (response, size) = source.request(0, FRONT_BYTES).context(|| "cannot be read".into())?;
        let front = read_body(response, FRONT_BYTES.min(size)).context(|| "cannot be read".into())?;
        source.front = front.1;
        source.tag = front.0;
        source.size = size;
        Ok(source)
    }

    /// Asks for a range, until there is an answer worth to be believed; also returns the size of the
    /// whole file.
    fn request(&self, offset: u64, length: u64) -> Result<(Response<Body>, u64)> {
        let mut waits = WAITS.into_iter();
        loop {
            let range = format!("bytes={offset}-{}", offset + length - 1);
            let answer = self.agent.get(&self.url).header(RANGE, range).call();
            let failed = match answer {
                Ok(response) if response.status() == StatusCode::PARTIAL_CONTENT => {
                    let size = content_range(&response, offset)?;
                    return Ok((response, size));
                }
                Ok(response) if response.status().is_server_error() => status(&response),
                Ok(response) => return Err(status(&response)),
                Err(error) => Error::because("no answer", error),
            };
            match waits.next() {
                Some(wait) => thread::sleep(wait),
                None => return Err(failed),
            }
        }
    }
}

impl ReadAt for HttpSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let within = usize::try_from(offset).ok().and_then(|at| self.front.get(at..at.checked_add(length)?));
        if let Some(bytes) = within {
            return Ok(bytes.to_vec());
        }
        let (response, size) =
            self.request(offset, length as u64).map_err(|error| io::Error::other(error.line()))?;
        let (tag, bytes) = read_body(response, length as u64)?;
        if tag != self.tag || size != self.size {
            return Err(io::Error::other("the file on the server has changed"));
        }
        Ok(bytes)
    }
}

fn status(response: &Response<Body>) -> Error {
    match response.status() {
        StatusCode::OK => Error::new("the server hands out no ranges, only the whole file"),
        StatusCode::RANGE_NOT_SATISFIABLE => Error::new("the file is empty or shorter than it was"),
        status => Error::new(format!("the server answers {status}")),
    }
}

/// The size of the whole file by `bytes first-last/size`.
fn content_range(response: &Response<Body>, offset: u64) -> Result<u64> {
    let value = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let parse = |value: &str| {
        let (range, size) = value.strip_prefix("bytes ")?.split_once('/')?;
        let (first, _) = range.split_once('-')?;
        (first.parse() == Ok(offset)).then(|| size.parse().ok())?
    };
    value.and_then(parse).ok_or_else(|| Error::new(format!("the server answers another range: {value:?}")))
}

/// The tag and the body, which has `length` bytes.
fn read_body(mut response: Response<Body>, length: u64) -> io::Result<(Option<String>, Vec<u8>)> {
    let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let body = response.body_mut().with_config().limit(length + 1).read_to_vec();
    let body = body.map_err(io::Error::other)?;
    match body.len() as u64 == length {
        true => Ok((tag, body)),
        false => Err(io::Error::other(format!("the server sends {} bytes instead of {length}", body.len()))),
    }
}
