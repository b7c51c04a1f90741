//! Files that staff download, read and sent in parts, so that a long one takes no memory.

use std::future::ready;

use axum::body::Body;
use futures_util::{Stream, StreamExt, stream};
use masthead_store::StoreError;

/// The content of a file. The first part is read before there is an answer, so that a failure of the database is told as one, and
/// not with a file that breaks off.
///
/// # Errors
///
/// If the first part cannot be read.
pub(crate) async fn body_of_parts<S>(parts: S) -> Result<Body, StoreError>
where
    S: Stream<Item = Result<Vec<u8>, StoreError>> + Send + 'static,
{
    let mut parts = Box::pin(parts);
    Ok(match parts.next().await.transpose()? {
        Some(first) => Body::from_stream(stream::once(ready(Ok(first))).chain(parts)),
        None => Body::empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failure_is_known_before_the_answer() {
        let failing = stream::iter([Err(StoreError::Away)]);
        assert!(body_of_parts(failing).await.is_err());
        let whole = stream::iter([Ok(b"a".to_vec()), Ok(b"b".to_vec())]);
        let body = body_of_parts(whole).await.expect("a body");
        let content = axum::body::to_bytes(body, 10).await.expect("content");
        assert_eq!(&content[..], b"ab");
    }
}
