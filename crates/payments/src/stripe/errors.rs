//! What Stripe's errors mean (<https://docs.stripe.com/api/errors>).

use stripe::{ApiErrors, ApiErrorsCode, StripeError};

use crate::{ProcessorError, Refusal};

/// Why a bank refused a card.
pub(super) fn refusal(error: &ApiErrors) -> Refusal {
    match error.code {
        Some(ApiErrorsCode::ExpiredCard) => Refusal::Expired,
        Some(ApiErrorsCode::AuthenticationRequired) => Refusal::Unconfirmed,
        _ => Refusal::Declined,
    }
}

/// An error in words that give nothing away: what Stripe says may contain what a reader typed.
pub(super) fn fault(error: &StripeError) -> ProcessorError {
    match error {
        // Too many requests, or nobody is there: no other request is answered either.
        StripeError::Stripe(_, status @ (429 | 502..=504)) => {
            ProcessorError::Unreachable(status.to_string())
        }
        // The key is in use, or this request breaks something at Stripe.
        StripeError::Stripe(_, status @ (409 | 424 | 500..)) => {
            ProcessorError::Undecided(status.to_string())
        }
        StripeError::Stripe(error, status) => {
            let message = error.message.clone().unwrap_or_default();
            ProcessorError::Misunderstood(format!("{status}: {message}"))
        }
        // An answer that cannot be read, such as a page of a load balancer, says nothing about what was collected.
        StripeError::JSONDeserialize(reason) => ProcessorError::Undecided(reason.clone()),
        StripeError::ClientError(reason) => ProcessorError::Unreachable(reason.clone()),
        StripeError::ConfigError(reason) => ProcessorError::Misunderstood(reason.clone()),
        StripeError::Timeout => ProcessorError::Unreachable("it took too long".to_owned()),
    }
}
