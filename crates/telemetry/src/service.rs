//! One piece of background work that does not end by itself, such as a listener.

use std::{fmt, future::Future, pin::Pin};

use tokio_util::sync::CancellationToken;

use crate::TaskError;

type Run = dyn Fn(CancellationToken) -> Pin<Box<dyn Future<Output = Result<(), TaskError>> + Send>>
    + Send
    + Sync;

/// Work that goes on for as long as the server runs. What is to be repeated is a [`Task`](crate::Task).
pub struct Service {
    pub(crate) name: &'static str,
    pub(crate) run: Box<Run>,
}

impl Service {
    /// A service that is begun by `run`, and again whenever it fails or panics.
    ///
    /// It returns `Ok` only if it was asked to end, by the token or by what has made it. It counts as successful while it runs.
    pub fn new<F, R, E>(name: &'static str, run: F) -> Self
    where
        F: Fn(CancellationToken) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<TaskError>,
    {
        let run = move |stop| -> Pin<Box<dyn Future<Output = Result<(), TaskError>> + Send>> {
            let run = run(stop);
            Box::pin(async move { run.await.map_err(Into::into) })
        };
        Self { name, run: Box::new(run) }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("name", &self.name).finish_non_exhaustive()
    }
}
