//! A panic about one row stays with that row.

use std::{any::Any, panic::AssertUnwindSafe};

use futures_util::FutureExt;

/// A future has panicked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Panicked(String);

/// Runs a future to its end or its panic, so that futures which run beside it go on. What they share must hold after a panic:
/// the database, which rolls back, and locks without poisoning.
pub(crate) async fn contain_panic<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    AssertUnwindSafe(future).catch_unwind().await.map_err(|payload| Panicked(message(&*payload)))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}
