//! Reading the bodies of requests. Each has a limit of size and one of time, so that no client holds memory or a connection
//! for as long as it likes. Every handler that takes a body reads it with [`read`] or, chunk by chunk, with [`BodyReader`].

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

/// The time over which the rate of an upload is measured.
const WINDOW: Duration = Duration::from_secs(30);
/// The minimum number of bytes of an upload that arrive in each window but the first: 16 KB/s, which takes half an hour for the
/// largest file.
const WINDOW_BYTES: usize = 480 * 1024;

/// Limits of a body.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// The maximum size, in bytes.
    pub bytes: usize,
    /// The maximum time in which nothing arrives.
    pub idle: Duration,
    /// The maximum time until all has arrived.
    pub total: Duration,
    /// The minimum number of bytes in each [window](WINDOW) but the first, so that nobody holds what is reserved for a body by
    /// sending it slowly.
    window_bytes: usize,
}

impl BodyLimits {
    /// The limits of a form or message of this size.
    pub const fn message(bytes: usize) -> Self {
        let time = Duration::from_secs(15);
        Self { bytes, idle: time, total: time, window_bytes: 0 }
    }

    /// The limits of a file of this size, which may come over a slow line.
    pub const fn upload(bytes: usize) -> Self {
        let (idle, total) = (Duration::from_secs(15), Duration::from_mins(30));
        Self { bytes, idle, total, window_bytes: WINDOW_BYTES }
    }
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It has more bytes than are accepted.
    #[error("The body is too long.")]
    TooLarge,
    /// It did not arrive in time.
    #[error("The body did not arrive in time.")]
    TimedOut,
    /// The connection ended before the body did.
    #[error("The body did not arrive whole.")]
    Interrupted,
}

/// Reads a body.
///
/// # Errors
///
/// If it is beyond the limits, or the connection ends.
pub async fn read(body: Body, limits: BodyLimits) -> Result<Bytes, BodyError> {
    // As large as the client says, so that it is never copied.
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(0).min(limits.bytes);
    let mut reader = BodyReader::new(body, limits)?;
    let mut content = Vec::with_capacity(expected);
    while let Some(chunk) = reader.next().await? {
        content.extend_from_slice(&chunk);
    }
    Ok(content.into())
}

/// A body that is read chunk by chunk, so that a large one takes no memory.
pub struct BodyReader {
    chunks: BodyDataStream,
    limits: BodyLimits,
    received: usize,
    /// When all must have arrived.
    deadline: Instant,
    /// What has to have arrived by the end of this window.
    window_ends: Instant,
    needed: usize,
}

impl BodyReader {
    /// Begins to read a body.
    ///
    /// # Errors
    ///
    /// If the client says that it sends more than is accepted: it is refused before it does.
    pub fn new(body: Body, limits: BodyLimits) -> Result<Self, BodyError> {
        if body.size_hint().lower() > limits.bytes as u64 {
            return Err(BodyError::TooLarge);
        }
        let now = Instant::now();
        Ok(Self {
            chunks: body.into_data_stream(),
            limits,
            received: 0,
            deadline: now + limits.total,
            window_ends: now + WINDOW,
            needed: 0,
        })
    }

    /// Returns the next chunk, or `None` at the end.
    ///
    /// # Errors
    ///
    /// If the body is beyond the limits, or the connection ends.
    pub async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        let until = self.deadline.min(Instant::now() + self.limits.idle);
        let chunk = timeout_at(until, self.chunks.next()).await.map_err(|_| BodyError::TimedOut)?;
        let now = Instant::now();
        if now >= self.window_ends {
            if self.received < self.needed {
                return Err(BodyError::TimedOut);
            }
            self.window_ends = now + WINDOW;
            self.needed = self.received + self.limits.window_bytes;
        }
        let Some(chunk) = chunk else { return Ok(None) };
        let chunk = chunk.map_err(|_| BodyError::Interrupted)?;
        self.received += chunk.len();
        if self.received > self.limits.bytes {
            return Err(BodyError::TooLarge);
        }
        Ok(Some(chunk))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream;

    use super::*;

    /// A body of so many chunks of 1,000 bytes, with a pause before each.
    fn slow(chunks: usize, pause: Duration) -> Body {
        Body::from_stream(stream::iter(0..chunks).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, io::Error>(vec![b'x'; 1000])
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_upload_arrives_and_a_stalled_one_does_not() {
        let upload = BodyLimits::upload(1_000_000);
        // 20 KB/s for 100 seconds, in chunks of 1,000 bytes.
        let moving = read(slow(2_000, Duration::from_millis(50)), BodyLimits::upload(3_000_000));
        assert_eq!(moving.await.map(|content| content.len()), Ok(2_000_000));
        let small = read(slow(4, Duration::from_secs(10)), upload).await;
        assert_eq!(small.map(|content| content.len()), Ok(4_000));
        let began = Instant::now();
        let trickling = read(slow(100, Duration::from_secs(10)), upload).await;
        assert_eq!(trickling, Err(BodyError::TimedOut));
        assert!(began.elapsed() < Duration::from_secs(90), "{:?}", began.elapsed());
        let stalled = read(slow(100, Duration::from_secs(16)), upload).await;
        assert_eq!(stalled, Err(BodyError::TimedOut));
        let long = BodyLimits::upload(100_000_000);
        let endless = read(slow(70_000, Duration::from_millis(30)), long).await;
        assert_eq!(endless, Err(BodyError::TimedOut));
        let message = BodyLimits::message(1_000_000);
        assert!(read(slow(10, Duration::from_secs(1)), message).await.is_ok());
        assert_eq!(read(slow(10, Duration::from_secs(2)), message).await, Err(BodyError::TimedOut));
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_or_breaks_off_is_refused() {
        let limits = BodyLimits::message(1500);
        assert!(read(vec![0; 1500].into(), limits).await.is_ok());
        assert_eq!(read(vec![0; 1501].into(), limits).await, Err(BodyError::TooLarge));
        assert_eq!(read(slow(2, Duration::ZERO), limits).await, Err(BodyError::TooLarge));
        let broken =
            stream::iter([Ok(vec![0; 10]), Err(io::Error::from(io::ErrorKind::BrokenPipe))]);
        let broken = read(Body::from_stream(broken), limits).await;
        assert_eq!(broken, Err(BodyError::Interrupted));
    }
}
