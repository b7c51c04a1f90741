//! Signing in, and the account.

use serde::Serialize;

use super::{Chrome, Link, PaymentContext, SubscriptionContext};

/// Where somebody asks for a letter to register or sign in with.
#[derive(Debug, Serialize)]
pub struct SignInContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// Whether the reader is thought to have no account yet.
    pub registering: bool,
    /// The path to go back to.
    pub from: String,
    /// Whether they can sign in with a passkey.
    pub passkeys: bool,
    /// The ways to sign in with an account elsewhere.
    pub openid: Vec<Link>,
    /// What they wrote before.
    pub email: String,
    /// What is wrong with it; empty if nothing is.
    pub fault: String,
}

/// The letter is on its way; its code can be typed here.
#[derive(Debug, Serialize)]
pub struct SentContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What is wrong with the code; empty if nothing is.
    pub fault: String,
}

/// Where a reader lets an app in.
#[derive(Debug, Serialize)]
pub struct AppContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The code, as it was typed; may be empty.
    pub code: String,
    /// What the app calls itself; empty until its code is known.
    pub app: String,
    /// Who is signed in.
    pub email: String,
    /// What is wrong with the code; empty if nothing is.
    pub fault: String,
}

/// A device on which the reader is signed in.
#[derive(Debug, Serialize)]
pub struct SessionContext {
    /// By which it is signed out.
    pub key: String,
    /// The device, as its reader would know it.
    pub device: String,
    /// When it was last here, written out.
    pub seen: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A passkey of the reader's.
#[derive(Debug, Serialize)]
pub struct PasskeyContext {
    /// By which it is removed.
    pub id: String,
    /// Where it was made, as its reader would know it.
    pub device: String,
    /// When it was made, written out.
    pub added: String,
    /// When it was last used, written out; empty if never.
    pub used: String,
}

/// A reader's own page.
#[derive(Debug, Serialize)]
pub struct AccountContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The reader's address.
    pub email: String,
    /// Their name; may be empty.
    pub name: String,
    /// Whether they work at the desk.
    pub works_here: bool,
    /// Whether the latest letter to that address came back.
    pub undelivered: bool,
    /// How many articles are left; none without a limit.
    pub left: Option<u32>,
    /// How many the meter allows, written out.
    pub allowance: String,
    /// When there are more, written out; empty where nothing has been read.
    pub resets_on: String,
    /// What the reader has bought, the latest first.
    pub subscriptions: Vec<SubscriptionContext>,
    /// Whether there is something to buy.
    pub may_buy: bool,
    /// What the reader has paid, the latest first.
    pub payments: Vec<PaymentContext>,
    /// The passkeys; none where the site can have none.
    pub passkeys: Option<Vec<PasskeyContext>>,
    /// The devices.
    pub sessions: Vec<SessionContext>,
}

/// Where one end agrees that an account moves to another address.
#[derive(Debug, Serialize)]
pub struct AddressContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The new address.
    pub email: String,
    /// Where the form goes.
    pub action: String,
}
