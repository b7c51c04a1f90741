//! The gaps in words, such as `{date}`: what nothing would fill is found when a theme is loaded.

use super::ThemeError;
use crate::words::{base, gaps};

/// The gaps that an email about a subscription fills in each of its words.
const SUBSCRIPTION: [&str; 6] = ["amount", "card", "date", "price", "product", "publication"];
/// The parts of the words of such an email.
const PARTS: [&str; 3] = ["_subject", "_text", "_button"];
/// Emails that are not about a subscription.
const OTHERS: [&str; 11] = [
    "mail_sign_in_",
    "mail_address_",
    "mail_cancellation_",
    "mail_no_cancellation_",
    "mail_withdrawal_",
    "mail_no_withdrawal_",
    "mail_passkey_",
    "mail_identity_",
    "mail_new_device_",
    "mail_authenticator_",
    "mail_security_",
];

/// Checks that each word of the publisher has only gaps that are filled: those of the built-in word. A plural form may have
/// those of the word that it is a form of.
///
/// # Errors
///
/// Returns [`ThemeError::Gap`] for the first word that has another.
pub(super) fn check(own: &toml::Table, built_in: &toml::Table) -> Result<(), ThemeError> {
    for (name, word) in own {
        let (Some(word), Some(model)) =
            (word.as_str(), built_in.get(base(name, built_in)).and_then(toml::Value::as_str))
        else {
            continue;
        };
        let allowed = if is_about_subscription(name) { SUBSCRIPTION.to_vec() } else { gaps(model) };
        if let Some(gap) = gaps(word).into_iter().find(|gap| !allowed.contains(gap)) {
            let allowed = allowed.iter().map(|gap| format!("{{{gap}}}")).collect::<Vec<_>>();
            return Err(ThemeError::Gap {
                word: name.clone(),
                gap: gap.to_owned(),
                allowed: match allowed.as_slice() {
                    [] => "it has no gaps".to_owned(),
                    gaps => format!("it may have {}", gaps.join(", ")),
                },
            });
        }
    }
    Ok(())
}

fn is_about_subscription(name: &str) -> bool {
    name.starts_with("mail_")
        && PARTS.iter().any(|part| name.ends_with(part))
        && !OTHERS.iter().any(|other| name.starts_with(other))
}
