//! Collecting money: what a processor does for a publication, and the processors that there are.
//!
//! A processor never decides what becomes of a subscription. It is asked to collect, gives one answer per
//! order however often it is asked, and reports what became of a checkout. What it answered is kept in a
//! [`ChargeLog`]; where that is, this crate does not know.
//!
//! # Adding a processor
//!
//! 1. Implement [`Processor`] in a module of its own. No method has a default: the compiler names each
//!    one that is missing.
//! 2. Add its keys to `PaymentsSettings`, and write a function beside it that builds it from them.
//! 3. Declare the module here, and name the function in `BUILDERS`.
//!
//! `tests::every_processor_keeps_the_contract` in `processors.rs` runs over every processor of `BUILDERS`
//! and fails if one of them is not built from sample keys. Site, billing and desk ask the trait and name no processor.

#![warn(missing_docs)]

mod charge_log;
mod configured;
mod manual;
mod processor;
mod processors;
pub mod sandbox;
pub mod stripe;
mod webhook;

pub use charge_log::{ChargeLog, ChargeLogError};
pub use configured::{InvalidPaymentsSettings, configured};
pub use manual::Manual;
pub use processor::{
    CheckoutOutcome, CheckoutRequest, Collected, Order, PaymentPage, Processor, ProcessorError,
    RefundOutcome, RefundRequest, Refusal,
};
pub use processors::{OpenProcessorError, Processors, SandboxAccess};
pub use sandbox::Sandbox;
pub use stripe::Stripe;
pub use webhook::{WebhookError, WebhookMessage, WebhookRequest, WebhookSubject};

/// How each processor that settings can name is built. New readers pay at the last one that they do name.
const BUILDERS: &[configured::BuildProcessor] = &[stripe::configured];
