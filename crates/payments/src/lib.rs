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
//! 2. Add its keys to `PaymentsSettings`, and declare beside it which of them it needs, and what builds it from them.
//! 3. Declare the module here, and add what it declares to `KINDS`.
//!
//! `tests::every_processor_keeps_the_contract` in `processors.rs` runs over every processor of `KINDS`
//! and fails if one of them is not built from sample keys. All other crates ask the trait and name no processor; what to set
//! is said by [`processor_keys`].

#![warn(missing_docs)]

mod charge_log;
mod check;
mod configured;
mod manual;
mod processor;
mod processors;
pub mod sandbox;
pub mod stripe;
mod webhook;

pub use charge_log::{ChargeLog, ChargeLogError};
pub use check::{AccountMode, CheckFault, CheckStep, CheckedStep, ProcessorCheck};
pub use configured::{InvalidPaymentsSettings, configured, processor_keys};
pub use manual::Manual;
pub use processor::{
    CheckoutOutcome, CheckoutRequest, Collected, DisputeReport, ListedDispute, ListedRefund, Order,
    PaymentPage, PaymentRefunds, Processor, ProcessorError, ProcessorList, RefundOutcome,
    RefundRequest, Refusal,
};
pub use processors::{OpenProcessorError, Processors, SandboxAccess};
pub use sandbox::Sandbox;
pub use stripe::Stripe;
pub use webhook::{WebhookError, WebhookMessage, WebhookRequest, WebhookSubject};

/// The processors that settings can name. New readers pay at the last one that they do name.
const KINDS: &[configured::ProcessorKind] = &[stripe::KIND];
