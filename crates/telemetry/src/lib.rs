//! What an operator sees of a running server: supervised background tasks, their health, and metrics.
//!
//! - [`Task`], [`Service`] and [`Supervisor`] run background work. What fails or panics is restarted after a delay, and
//!   [`TaskRegistry`] keeps when each last succeeded.
//! - [`metrics()`] holds the handles of all metrics. To add one, add a field to [`Metrics`] and a row to
//!   [`DESCRIPTIONS`], and describe it in the guide; a test compares the three.
//! - [`security`] is the security log.
//! - [`lines`] writes logs that have a file or a stream of their own.
//! - [`Exporter`] renders the metrics in the Prometheus text format.
//!
//! The crate opens no port and knows nothing about the rest of Masthead.

#![warn(missing_docs)]

mod descriptions;
mod exporter;
mod health;
pub mod lines;
mod metrics;
pub mod security;
mod service;
mod supervisor;
mod task;

pub use descriptions::{DESCRIPTIONS, Description, MetricKind};
pub use exporter::{Exporter, ExporterError};
pub use health::{Outage, TaskHealth, TaskRegistry, TaskState, TaskStatus};
pub use metrics::{Metrics, RequestMetrics, ServedAs, metrics};
pub use service::Service;
pub use supervisor::Supervisor;
pub use task::{Task, TaskError};
