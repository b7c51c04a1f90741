//! Work that takes longer than a few microseconds, on threads that serve no requests.

use std::panic;

/// Runs `work` on a blocking thread. Returns `None` if the server stops before it runs.
///
/// # Panics
///
/// Panics if `work` does, so that a background task that panicked is not taken for successful.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Some(result),
        Err(error) if error.is_panic() => panic::resume_unwind(error.into_panic()),
        Err(_) => None,
    }
}
