//! How the desk writes people.

use masthead_circulation::{Account, AccountId, staff::Staff};

use crate::words::DeskWords;

/// The account's name, or its e-mail address if it has none.
pub(crate) fn display_name(account: &Account) -> String {
    if account.name.is_empty() { account.email.to_string() } else { account.name.clone() }
}

/// The name of a colleague. Returns `None` if they no longer work here.
pub(crate) fn colleague(
    everybody: &[(Staff, Account)],
    by: impl Into<Option<AccountId>>,
) -> Option<String> {
    let by = by.into()?;
    everybody.iter().find(|(_, account)| account.id == by).map(|(_, account)| display_name(account))
}

/// The name of a colleague at the beginning of a sentence, also if they no longer work here.
pub(crate) fn colleague_or_former(
    everybody: &[(Staff, Account)],
    by: impl Into<Option<AccountId>>,
    words: DeskWords,
) -> String {
    colleague(everybody, by).unwrap_or_else(|| words.text("former_colleague").to_owned())
}

/// The text with a capital letter at its beginning.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
