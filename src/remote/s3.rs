//! Objects in S3 and in stores that speak its language.

use std::sync::Arc;

use object_store::aws::AmazonS3Builder;

use super::Object;
use crate::tileset::{Error, Result};

impl Object {
    /// The object behind `s3://bucket/path`. The environment has the rest, by the names that others use:
    /// `AWS_REGION`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or `AWS_SKIP_SIGNATURE=true` for what
    /// is public, `AWS_ENDPOINT` for another store than Amazon's, `AWS_ALLOW_HTTP=true` for one without TLS.
    ///
    /// # Errors
    /// If that is no such URL, the environment has what makes no sense, or as [`Object::open`].
    pub fn s3(url: &str) -> Result<Self> {
        let path = url.strip_prefix("s3://").and_then(|rest| Some(rest.split_once('/')?.1));
        let path = path.filter(|path| !path.is_empty());
        let path = path.ok_or_else(|| Error::new(format!("{url} names no object: s3://bucket/path does")))?;
        let store = AmazonS3Builder::from_env().with_url(url).build();
        let store = store.map_err(|error| Error::because(format!("cannot open {url}"), error.to_string()))?;
        Self::open_as(url, Arc::new(store), path)
    }
}
