//! Checking that readers can pay at a processor.

use masthead_circulation::Money;

/// Whether money is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountMode {
    /// Readers' cards are charged.
    Live,
    /// The processor's own test mode: no money is collected.
    Test,
    /// It is no company, or it cannot tell.
    Practice,
}

/// What is to be checked with.
#[derive(Clone, Copy, Debug)]
pub struct ProcessorCheck<'a> {
    /// The address of the site, without a slash at the end.
    pub address: &'a str,
    /// The amount of a test charge.
    pub amount: Money,
    /// The idempotency key of the test charge; another check has another.
    pub key: &'a str,
}

/// A step of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStep {
    /// The secret key is accepted.
    Key,
    /// Messages are sent to the site.
    Endpoint,
    /// Disputes can be read: messages about them only name them.
    Disputes,
    /// A test card is charged, in test mode only.
    Charge,
    /// That charge is refunded.
    Refund,
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckFault {
    /// The processor answered this.
    Refused(String),
    /// It gave no answer, for this reason: what was asked for may be done.
    NoAnswer(String),
    /// It sends no messages to this address.
    NoEndpoint(String),
    /// Its endpoint for the site is disabled.
    Disabled,
    /// Its endpoint does not send these messages.
    MissingEvents(Vec<&'static str>),
    /// The key does not look like what the processor says it is. Nothing is charged then.
    UnclearMode,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedStep {
    /// The step.
    pub step: CheckStep,
    /// Why it failed, if it did.
    pub fault: Option<CheckFault>,
}
