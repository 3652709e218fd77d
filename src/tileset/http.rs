//! Bytes behind a URL, read by ranges (RFC 9110, section 14).

use std::io::{self, Read};
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
    version: Version,
    front: Vec<u8>,
}

/// What tells a version of a file from others.
#[derive(Clone, Default, PartialEq, Eq)]
struct Version {
    size: u64,
    /// If the server has one.
    tag: Option<String>,
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
        let agent = config.build().new_agent();
        let mut source = Self { agent, url: url.to_owned(), version: Version::default(), front: Vec::new() };
        (source.front, source.version) =
            source.fetch(0, FRONT_BYTES, None).context(|| "cannot be read".into())?;
        Ok(source)
    }

    /// Reads a range, up to the end of the file if that is nearer, and goes on where an answer was cut off. The
    /// version has to be the one that is known, if one is.
    fn fetch(&self, offset: u64, length: u64, known: Option<&Version>) -> Result<(Vec<u8>, Version)> {
        let mut bytes = Vec::new();
        let mut known = known.cloned();
        let mut waits = WAITS.into_iter();
        loop {
            let before = bytes.len() as u64;
            let range = format!("bytes={}-{}", offset + before, offset + length - 1);
            let failed = match self.agent.get(&self.url).header(RANGE, range).call() {
                Ok(mut response) if response.status() == StatusCode::PARTIAL_CONTENT => {
                    let version = Version {
                        size: content_range(&response, offset + before)?,
                        tag: response
                            .headers()
                            .get(ETAG)
                            .and_then(|tag| tag.to_str().ok())
                            .map(str::to_owned),
                    };
                    if known.get_or_insert_with(|| version.clone()) != &version {
                        return Err(Error::new("the file on the server has changed"));
                    }
                    let end = length.min(version.size.saturating_sub(offset));
                    let mut body = response.body_mut().as_reader().take(end + 1 - before);
                    let read = body.read_to_end(&mut bytes);
                    if bytes.len() as u64 > end {
                        return Err(Error::new(format!("the server sends more than {end} bytes")));
                    }
                    if bytes.len() as u64 == end {
                        return Ok((bytes, version));
                    }
                    match read {
                        Ok(_) => Error::new("the answer was cut off"),
                        Err(error) => Error::because("the answer was cut off", error),
                    }
                }
                Ok(response) if response.status().is_server_error() => status(&response),
                Ok(response) => return Err(status(&response)),
                Err(error) => Error::because("no answer", error),
            };
            // An answer of which something came is no failure that counts.
            match if bytes.len() as u64 > before { Some(WAITS[0]) } else { waits.next() } {
                Some(wait) => thread::sleep(wait),
                None => return Err(failed),
            }
        }
    }
}

impl ReadAt for HttpSource {
    fn size(&self) -> u64 {
        self.version.size
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let within = usize::try_from(offset).ok().and_then(|at| self.front.get(at..at.checked_add(length)?));
        if let Some(bytes) = within {
            return Ok(bytes.to_vec());
        }
        let read = self.fetch(offset, length as u64, Some(&self.version));
        let (bytes, _) = read.map_err(|error| io::Error::other(error.line()))?;
        match bytes.len() == length {
            true => Ok(bytes),
            false => Err(io::Error::other(format!("ends {} bytes too early", length - bytes.len()))),
        }
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
