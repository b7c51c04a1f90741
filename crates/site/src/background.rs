//! Work that goes on after the response to a request, so that how long it takes tells nobody what is found, and what open pages
//! hear. A server that stops finishes it.

use std::future::Future;

use parking_lot::Mutex;
use tokio::task::JoinSet;

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct BackgroundWork(Mutex<JoinSet<()>>);

impl BackgroundWork {
    /// Starts what is to be done. It logs its own failures.
    pub(crate) fn start(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut running = self.0.lock();
        while running.try_join_next().is_some() {}
        running.spawn(work);
    }

    /// Waits until everything is done that was started.
    pub(crate) async fn finish(&self) {
        let mut running = std::mem::take(&mut *self.0.lock());
        while running.join_next().await.is_some() {}
    }
}
