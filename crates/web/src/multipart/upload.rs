//! A form with one file and nothing else, which is read chunk by chunk, so that a large one takes no memory.

use axum::extract::Request;
use http::header;

use super::{boundary, disposition, find};
use crate::{
    body::{BodyLimits, BodyReader},
    form::FormError,
};

/// The size of the chunks in which a file is read, in bytes.
const CHUNK: usize = 1024 * 1024;
/// The maximum size of what is before the file, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// A file that is being uploaded.
pub struct FileUpload {
    /// The name of the file; empty if none was chosen.
    pub file_name: String,
    body: BodyReader,
    delimiter: Vec<u8>,
    /// What has arrived of the file and was not returned.
    buffer: Vec<u8>,
    /// How much of the buffer has no delimiter.
    scanned: usize,
    is_over: bool,
}

impl FileUpload {
    /// Reads a form within the limits up to its file, from any site: for those behind
    /// [`check_same_site`](crate::form::check_same_site).
    ///
    /// # Errors
    ///
    /// If the form is beyond the limits, or begins with anything else.
    pub async fn open(request: Request, limits: BodyLimits) -> Result<Self, FormError> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = boundary(content_type).ok_or(FormError::UnsupportedMediaType)?;
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        let mut body = BodyReader::new(request.into_body(), limits)?;
        let mut buffer = Vec::new();
        let head = loop {
            if let Some(head) = find(&buffer, b"\r\n\r\n") {
                break head;
            }
            let chunk = body.next().await?.filter(|_| buffer.len() < MAX_HEAD);
            buffer.extend_from_slice(&chunk.ok_or(FormError::Malformed)?);
        };
        let file_name = file_name(&buffer[..head], &delimiter).ok_or(FormError::Malformed)?;
        buffer.drain(..head + 4);
        Ok(Self { file_name, body, delimiter, buffer, scanned: 0, is_over: false })
    }

    /// Returns the next chunk of the file, or `None` at its end.
    ///
    /// # Errors
    ///
    /// If the form is beyond the limits, ends within the file, or has more than the file.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, FormError> {
        while !self.is_over {
            if let Some(end) = find(&self.buffer[self.scanned..], &self.delimiter) {
                let rest = self.buffer.split_off(self.scanned + end);
                let last = std::mem::replace(&mut self.buffer, rest);
                self.finish().await?;
                return Ok((!last.is_empty()).then_some(last));
            }
            self.scanned = self.buffer.len().saturating_sub(self.delimiter.len());
            if self.scanned >= CHUNK {
                let rest = self.buffer.split_off(self.scanned);
                self.scanned = 0;
                return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
            }
            self.receive().await?;
        }
        Ok(None)
    }

    async fn receive(&mut self) -> Result<(), FormError> {
        let chunk = self.body.next().await?.ok_or(FormError::Malformed)?;
        self.buffer.extend_from_slice(&chunk);
        Ok(())
    }

    /// Reads what is after the file: the buffer begins with the delimiter.
    async fn finish(&mut self) -> Result<(), FormError> {
        self.is_over = true;
        while let Some(chunk) = self.body.next().await? {
            if self.buffer.len() > self.delimiter.len() + MAX_HEAD {
                return Err(FormError::Malformed);
            }
            self.buffer.extend_from_slice(&chunk);
        }
        let is_whole = self.buffer[self.delimiter.len()..].starts_with(b"--");
        if is_whole { Ok(()) } else { Err(FormError::Malformed) }
    }
}

/// The name of the file that a form begins with; `None` if it begins with something else.
fn file_name(head: &[u8], delimiter: &[u8]) -> Option<String> {
    let headers = head.strip_prefix(delimiter.get(2..)?)?.strip_prefix(b"\r\n")?;
    let (_, file_name) = disposition(std::str::from_utf8(headers).ok()?)?;
    file_name
}

#[cfg(test)]
mod tests {
    use std::io;

    use axum::body::Body;
    use futures_util::stream;

    use super::*;

    /// Sends a form in chunks of this size.
    async fn upload(form: &[u8], size: usize) -> Result<(String, Vec<u8>, usize), FormError> {
        let chunks: Vec<_> =
            form.chunks(size).map(|chunk| Ok::<_, io::Error>(chunk.to_vec())).collect();
        let request = http::Request::post("/")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x1")
            .body(Body::from_stream(stream::iter(chunks)))
            .expect("a request");
        let mut upload = FileUpload::open(request, BodyLimits::message(5_000_000)).await?;
        let (mut content, mut longest) = (Vec::new(), 0);
        while let Some(chunk) = upload.next().await? {
            longest = longest.max(chunk.len());
            content.extend_from_slice(&chunk);
        }
        Ok((upload.file_name, content, longest))
    }

    fn form(content: &[u8]) -> Vec<u8> {
        let head = "--x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xml\"\r\n\
                    Content-Type: text/xml\r\n\r\n";
        [head.as_bytes(), content, b"\r\n--x1--\r\n"].concat()
    }

    #[tokio::test]
    async fn a_file_arrives_whole_however_it_is_cut() {
        for content in [&b""[..], b"x", b"\r\n", b"a\r\n--x\r\n--x0\r\n\r\n--", b"\r\n\r\n--x"] {
            for size in [1, 3, 7, 1000] {
                let (name, received, _) = upload(&form(content), size).await.expect("a file");
                assert_eq!((name.as_str(), &received[..]), ("a.xml", content), "{size}");
            }
        }
    }

    #[tokio::test]
    async fn a_large_file_comes_in_chunks_and_one_beyond_the_limit_is_refused() {
        let content = b"0123456789\r\n".repeat(250_000);
        let (_, received, longest) = upload(&form(&content), 16_384).await.expect("a file");
        assert!(received == content && longest < CHUNK + 2 * 16_384, "{longest}");
        let large = vec![b'x'; 5_000_001];
        assert_eq!(upload(&form(&large), 16_384).await, Err(FormError::TooLarge));
    }

    #[tokio::test]
    async fn a_form_that_is_cut_off_or_has_something_else_is_refused() {
        let whole = form(b"content");
        for length in 0..whole.len() - 4 {
            assert!(upload(&whole[..length], 16).await.is_err(), "{length}");
        }
        let field =
            b"--x1\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\na\r\n--x1--\r\n";
        assert_eq!(upload(field, 100).await, Err(FormError::Malformed));
        let two = [&form(b"a")[..form(b"a").len() - 4], &form(b"b")[4..]].concat();
        assert_eq!(upload(&two, 100).await, Err(FormError::Malformed));
    }
}
