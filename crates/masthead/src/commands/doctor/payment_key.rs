//! Whether a payment processor accepts the publication's key.

use std::time::Duration;

use masthead_payments::{CheckFault, Processor};

use super::Finding;

const WHAT: &str = "payments";
/// How long a processor may take to answer.
const TIMEOUT: Duration = Duration::from_secs(25);

/// Tries the key with a request that changes nothing.
pub(super) async fn check(processor: &dyn Processor) -> Finding {
    let name = processor.name();
    let checked = tokio::time::timeout(TIMEOUT, processor.check_key()).await;
    let remedy = "check stripe_key under [payments], or MASTHEAD_STRIPE_KEY; a restricted key needs permission to read the balance";
    match checked {
        Ok(Ok(())) => Finding::ok(WHAT, format!("{name} accepts the key")),
        Ok(Err(CheckFault::Refused(reason))) => {
            Finding::error(WHAT, format!("{name} refuses the key: {reason}"), remedy)
        }
        Ok(Err(_)) | Err(_) => {
            let text = format!("{name} gives no answer, so the key was not tried");
            Finding::error(
                WHAT,
                text,
                "try again in a moment; status.stripe.com says how Stripe is",
            )
        }
    }
}
