//! Ranges behind a URL (RFC 9110, section 14).

use std::io::Read;
use std::ops::Range;
use std::thread;
use std::time::Duration;

use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, RANGE};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::multipart::{boundary, content_range, parts};
use super::{Cost, Ranges};
use crate::tileset::{Error, MAX_TILE_BYTES, Result};

/// Waits before requests that failed are made again.
const WAITS: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];
const TIMEOUT: Duration = Duration::from_secs(30);

/// The most ranges of one request; servers refuse many.
const RANGES: usize = 32;

/// How many bytes more than asked for are worth a request less.
const WORTH: u64 = 64 << 10;

/// What the headers of a part of an answer may take.
const PART_HEADERS: u64 = 1 << 10;

/// What lies behind a URL. Several ranges are asked for in one request; a server may answer with one
/// range, several, or with everything, and be cut off within: what came is used, and the rest asked for
/// again. A server that would send everything, and much of it, where several ranges are asked for, as
/// S3 does, is asked for one after the other.
#[derive(Debug)]
pub struct Http {
    agent: Agent,
    url: String,
    /// What tells this version from others, if the server does.
    tag: Option<String>,
    cost: Cost,
    /// All of it, if the server knows no ranges.
    whole: Option<Vec<u8>>,
    /// Whether the server shall be asked for one range at a time.
    one_by_one: bool,
    /// Where it ends, if that is known.
    size: Option<u64>,
}

/// What came of a request.
struct Answer {
    parts: Vec<(u64, Vec<u8>)>,
    /// Why it ended early, if it did.
    broken: Option<Error>,
}

impl Http {
    /// What lies behind `url`; asks for nothing yet.
    pub fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .accept_encoding("identity")
            .timeout_connect(Some(TIMEOUT))
            .timeout_recv_response(Some(TIMEOUT))
            .timeout_per_read(Some(TIMEOUT));
        Self {
            agent: config.build().new_agent(),
            url: url.to_owned(),
            tag: None,
            cost: Cost::default(),
            whole: None,
            one_by_one: false,
            size: None,
        }
    }

    /// Whether the server sent everything where ranges were asked for.
    pub fn ignores_ranges(&self) -> bool {
        self.whole.is_some()
    }

    /// Asks once for ranges.
    fn request(&mut self, ranges: &[Range<u64>]) -> Result<Answer> {
        let text: Vec<_> = ranges.iter().map(|range| format!("{}-{}", range.start, range.end - 1)).collect();
        self.cost.requests += 1;
        let answer = self.agent.get(&self.url).header(RANGE, format!("bytes={}", text.join(","))).call();
        let mut response = match answer {
            Ok(response) => response,
            Err(error) => {
                let broken = Some(Error::because("no answer", error));
                return Ok(Answer { parts: Vec::new(), broken });
            }
        };
        let status = response.status();
        if status.is_server_error() {
            let broken = Some(Error::new(format!("the server answers {status}")));
            return Ok(Answer { parts: Vec::new(), broken });
        }
        if status == StatusCode::RANGE_NOT_SATISFIABLE {
            return Err(Error::new("it ends before what was asked for"));
        }
        if !status.is_success() {
            return Err(Error::new(format!("the server answers {status}")));
        }
        self.check_tag(&response)?;
        let header = |response: &Response<Body>, name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        if status != StatusCode::PARTIAL_CONTENT {
            let asked: u64 = ranges.iter().map(|range| range.end - range.start).sum();
            let length = header(&response, CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
            if ranges.len() > 1 && length.is_none_or(|length| length > asked.saturating_add(WORTH)) {
                self.one_by_one = true;
                return Ok(Answer { parts: Vec::new(), broken: None });
            }
            let (bytes, broken) = self.body(&mut response, MAX_TILE_BYTES as u64)?;
            if broken.is_none() {
                self.whole = Some(bytes.clone());
            }
            return Ok(Answer { parts: vec![(0, bytes)], broken });
        }
        let spread =
            ranges.last().map_or(0, |range| range.end) - ranges.first().map_or(0, |range| range.start);
        let limit = spread.min(MAX_TILE_BYTES as u64) + PART_HEADERS * (ranges.len() as u64 + 1);
        match header(&response, CONTENT_TYPE).and_then(|value| boundary(&value)) {
            Some(boundary) => {
                let (bytes, broken) = self.body(&mut response, limit)?;
                Ok(Answer { parts: parts(&bytes, &boundary), broken })
            }
            None => {
                let value = header(&response, CONTENT_RANGE);
                let range = value.as_deref().and_then(content_range);
                let (first, last, size) = range
                    .ok_or_else(|| Error::new(format!("the server answers an unknown range: {value:?}")))?;
                self.size = size.or(self.size);
                let (bytes, broken) =
                    self.body(&mut response, limit.min((last - first).saturating_add(1)))?;
                Ok(Answer { parts: vec![(first, bytes)], broken })
            }
        }
    }

    /// Refuses another version than that of the first answer.
    fn check_tag(&mut self, response: &Response<Body>) -> Result<()> {
        let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        match (&self.tag, &tag) {
            (Some(known), Some(tag)) if known != tag => Err(Error::new("what the server has, has changed")),
            (None, Some(_)) => {
                self.tag = tag;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The body, up to where it was cut off.
    fn body(&mut self, response: &mut Response<Body>, limit: u64) -> Result<(Vec<u8>, Option<Error>)> {
        let mut bytes = Vec::new();
        let read = response.body_mut().as_reader().take(limit + 1).read_to_end(&mut bytes);
        self.cost.bytes += bytes.len() as u64;
        if bytes.len() as u64 > limit {
            return Err(Error::new(format!("the server sends more than {limit} bytes")));
        }
        Ok((bytes, read.err().map(|error| Error::because("the answer was cut off", error))))
    }

    /// What of the ranges is in none of the parts, up to the end if that is known.
    fn missing(&self, ranges: &[Range<u64>], parts: &[(u64, Vec<u8>)]) -> Vec<Range<u64>> {
        let mut have: Vec<Range<u64>> =
            parts.iter().map(|(at, bytes)| *at..at + bytes.len() as u64).collect();
        have.sort_by_key(|range| range.start);
        let end = self.size.unwrap_or(u64::MAX);
        let mut out = Vec::new();
        for range in ranges {
            let (mut at, end) = (range.start, range.end.min(end));
            for own in have.iter().filter(|own| own.end > range.start && own.start < end) {
                if own.start > at {
                    out.push(at..own.start);
                }
                at = at.max(own.end);
            }
            if at < end {
                out.push(at..end);
            }
        }
        out
    }
}

impl Ranges for Http {
    fn read(&mut self, ranges: &[Range<u64>]) -> Result<Vec<(u64, Vec<u8>)>> {
        if let Some(whole) = &self.whole {
            return Ok(vec![(0, whole.clone())]);
        }
        let mut parts = Vec::new();
        let mut waits = WAITS.into_iter();
        let mut missing = ranges.to_vec();
        while !missing.is_empty() {
            let left: u64 = missing.iter().map(|range| range.end - range.start).sum();
            let most = if self.one_by_one { 1 } else { RANGES };
            let asked = &missing[..missing.len().min(most)];
            let Answer { parts: came, broken } = self.request(asked)?;
            if self.one_by_one && asked.len() > 1 {
                continue;
            }
            parts.extend(came);
            if self.whole.is_some() {
                return Ok(parts);
            }
            missing = self.missing(ranges, &parts);
            let now: u64 = missing.iter().map(|range| range.end - range.start).sum();
            if now < left && broken.is_none() {
                continue;
            }
            let broken =
                broken.unwrap_or_else(|| Error::new("the server answers other ranges than asked for"));
            // Less than was missing is no failure that counts, or a long answer could never end.
            match if now < left { Some(WAITS[0]) } else { waits.next() } {
                Some(wait) => thread::sleep(wait),
                None => return Err(broken),
            }
        }
        Ok(parts)
    }

    fn cost(&self) -> Cost {
        self.cost
    }
}
