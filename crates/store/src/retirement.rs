//! Connections that a pool uses no more: what they are connected to has changed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// When the connections of a pool were retired last. All clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retirement(Arc<Mutex<Option<Instant>>>);

impl Retirement {
    /// Retires every connection that is open now. Another is opened in its place when it is needed.
    pub(crate) fn retire(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection of this age was retired.
    pub(crate) fn includes(&self, age: Duration) -> bool {
        let retired = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        retired.is_some_and(|at| age > at.elapsed())
    }
}
