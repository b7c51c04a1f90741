//! Collecting money: what a processor does for us, and those that there are.
//!
//! A processor never decides what becomes of a subscription. It is asked to collect, answers once for
//! each order however often it is asked, and says what became of a checkout when it is asked for that.
//!
//! To add a processor: implement [`Processor`] in a module of its own, and give it a place in
//! [`Processors`].

#![warn(missing_docs)]

mod manual;
mod processor;
mod processors;
pub mod sandbox;
pub mod stripe;

pub use manual::Manual;
pub use processor::{
    CheckoutOutcome, CheckoutRequest, Collected, Order, PaymentPage, Processor, ProcessorError,
    RefundRequest, Refusal,
};
pub use processors::Processors;
pub use sandbox::Sandbox;
pub use stripe::Stripe;
