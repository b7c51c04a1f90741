//! Signing in, and the account.

use serde::Serialize;

use super::{Chrome, DeliveryContext, Link, PaymentContext, SubscriptionContext};

/// The form that asks for an email to register or sign in with.
#[derive(Debug, Serialize)]
pub struct SignInContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// Whether the reader is thought to have no account yet.
    pub registering: bool,
    /// Whether the reader is signed in and confirms that it is still them.
    pub confirming: bool,
    /// The path to go back to.
    pub from: String,
    /// Whether they can sign in with a passkey.
    pub passkeys: bool,
    /// The ways to sign in with an account elsewhere.
    pub openid: Vec<Link>,
    /// The address as it was entered.
    pub email: String,
    /// What is wrong with it; empty if nothing is.
    pub fault: String,
    /// Why the reader is asked, if it is not only to sign in; may be empty.
    pub reason: String,
    /// Leads from signing in to registering, and back. There is none to confirm.
    pub other: Option<Link>,
}

/// The page after the email was sent, on which its code can be entered.
#[derive(Debug, Serialize)]
pub struct SentContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// Where the email was sent; empty if the device did not ask for one.
    pub email: String,
    /// What is wrong with the code; empty if nothing is.
    pub fault: String,
    /// What the reader is ordering, in a sentence; empty if nothing.
    pub reason: String,
    /// The address of the page at which another email can be asked for, or one to another address.
    pub again: String,
    /// How many of these emails are sent in an hour at most.
    pub hourly: u32,
}

/// The page that sends a form which was kept while its sender signed in again.
#[derive(Debug, Serialize)]
pub struct KeptFormContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The address of the form.
    pub action: String,
    /// What was entered.
    pub fields: Vec<FieldContext>,
}

/// A field of a form.
#[derive(Debug, Serialize)]
pub struct FieldContext {
    /// Its name.
    pub name: String,
    /// What was entered.
    pub value: String,
}

/// The page on which a reader signs an app in.
#[derive(Debug, Serialize)]
pub struct AppContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The code as it was entered; may be empty.
    pub code: String,
    /// The name of the app; empty until its code is known.
    pub app: String,
    /// What the app asks to do, written out.
    pub scopes: Vec<String>,
    /// Who is signed in.
    pub email: String,
    /// What is wrong with the code; empty if nothing is.
    pub fault: String,
}

/// A device on which the reader is signed in, or an app that may act for them.
#[derive(Debug, Serialize)]
pub struct SessionContext {
    /// The key by which it is signed out.
    pub key: String,
    /// A description of the device, or the name of the app.
    pub device: String,
    /// What the app may do, written out; empty for a device.
    pub scopes: Vec<String>,
    /// When it was last used, written out.
    pub seen: String,
    /// Whether it is the current device.
    pub current: bool,
}

/// A passkey of the reader.
#[derive(Debug, Serialize)]
pub struct PasskeyContext {
    /// The key by which it is removed.
    pub id: String,
    /// A description of the device on which it was created.
    pub device: String,
    /// When it was created, written out.
    pub added: String,
    /// When it was last used, written out; empty if never.
    pub used: String,
    /// Whether it was made for another address of the site, and so no longer works.
    pub elsewhere: bool,
}

/// An account elsewhere that the reader has signed in with.
#[derive(Debug, Serialize)]
pub struct IdentityContext {
    /// The name of its provider.
    pub name: String,
    /// The address of its provider. With the subject it says which is removed.
    pub issuer: String,
    /// Its identifier at the provider.
    pub subject: String,
}

/// A reader's own page.
#[allow(clippy::struct_excessive_bools)] // each shows a part of the page
#[derive(Debug, Serialize)]
pub struct AccountContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The reader's address.
    pub email: String,
    /// Their name; may be empty.
    pub name: String,
    /// Whether they work at the desk. The templates of existing themes know it as `works_here`.
    #[serde(rename = "works_here")]
    pub is_staff: bool,
    /// Whether the latest email to that address bounced.
    pub undelivered: bool,
    /// How many articles are left, or `None` without a limit.
    pub left: Option<u32>,
    /// How many the meter allows, written out.
    pub allowance: String,
    /// When the meter resets, written out; empty if nothing has been read.
    pub resets_on: String,
    /// What the reader has bought, the latest first.
    pub subscriptions: Vec<SubscriptionContext>,
    /// Whether there is something to buy.
    pub may_buy: bool,
    /// The delivery address, or `None` if nothing is delivered.
    pub delivery: Option<DeliveryContext>,
    /// Whether the reader can remove it, because nothing is delivered.
    pub can_remove_delivery: bool,
    /// What the reader has paid, the latest first.
    pub payments: Vec<PaymentContext>,
    /// The passkeys, or `None` if the site cannot have any.
    pub passkeys: Option<Vec<PasskeyContext>>,
    /// The accounts elsewhere that sign in to this one.
    pub identities: Vec<IdentityContext>,
    /// The devices.
    pub sessions: Vec<SessionContext>,
    /// Whether something that was entered is wrong.
    pub is_faulty: bool,
    /// The new address as it was entered; empty if none was.
    pub new_email: String,
    /// What is wrong with it; empty if nothing is.
    pub email_fault: String,
}

/// The page that confirms a change of an account's address.
#[derive(Debug, Serialize)]
pub struct AddressContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The new address.
    pub email: String,
    /// The address of the form.
    pub action: String,
}
