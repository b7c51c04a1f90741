//! Accounts.

use jiff::Timestamp;

use crate::EmailAddress;

/// The number of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u32);

/// A registered reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The number of the account.
    pub id: AccountId,
    /// The reader's address. Unique among accounts.
    pub email: EmailAddress,
    /// The name by which the reader wants to be addressed. May be empty.
    pub name: String,
    /// When the account was created.
    pub registered: Timestamp,
    /// Whether the address has had a trial or subscription under an account before this one.
    pub had_subscription: bool,
}
