//! The processors of a publication: one that is paid at now, and those that readers have paid at.

use crate::{Processor, Sandbox, Stripe, sandbox, stripe};

/// The processors of a publication.
pub struct Processors {
    /// The sandbox, which is used where there is no other.
    pub sandbox: Sandbox,
    /// Stripe, where the publication has an account there.
    pub stripe: Option<Stripe>,
}

impl Processors {
    /// The one that new readers pay at.
    pub fn current(&self) -> &dyn Processor {
        match &self.stripe {
            Some(stripe) => stripe,
            None => &self.sandbox,
        }
    }

    /// The one of this name, if the publication has it still.
    pub fn named(&self, name: &str) -> Option<&dyn Processor> {
        match name {
            sandbox::NAME => Some(&self.sandbox),
            stripe::NAME => self.stripe.as_ref().map(|stripe| stripe as &dyn Processor),
            _ => None,
        }
    }
}
