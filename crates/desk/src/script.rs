//! A script of the desk: sent compressed, and kept by browsers for as long as it is the same.

use std::{io::Write, sync::OnceLock};

use axum::{body::Bytes, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::pages;

const KIND: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const BROTLI: HeaderValue = HeaderValue::from_static("br");

/// See the module's documentation.
pub(crate) struct Script {
    /// Its file name without the ending.
    pub name: &'static str,
    address: String,
    content: &'static str,
    /// Made when it is first asked for.
    compressed: OnceLock<Option<Bytes>>,
}

impl Script {
    pub fn new(name: &'static str, content: &'static str) -> Self {
        let version: String =
            Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let address = format!("/desk/assets/{name}.js?v={version}");
        Self { name, address, content, compressed: OnceLock::new() }
    }

    /// Its address, another one for each version of it.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn answer(&self, headers: &HeaderMap) -> Response {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let accepts = accepted.is_some_and(|accepted| {
            accepted.split(',').any(|encoding| encoding.trim().split(';').next() == Some("br"))
        });
        let compressed = self.compressed.get_or_init(|| compress(self.content)).as_ref();
        let (body, encoding) = match compressed.filter(|_| accepts) {
            Some(compressed) => (compressed.clone(), Some(BROTLI)),
            None => (Bytes::from_static(self.content.as_bytes()), None),
        };
        let mut answer = pages::answer(StatusCode::OK, KIND, FOREVER, body);
        let headers = answer.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, encoding);
        }
        answer
    }
}

fn compress(content: &str) -> Option<Bytes> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    writer.write_all(content.as_bytes()).ok()?;
    Some(writer.into_inner().into())
}
