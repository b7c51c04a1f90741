//! Offers, checkout, subscriptions and invoices.

use serde::Serialize;

use super::{Chrome, Fact};

/// The card of an offer or a price.
#[derive(Debug, Serialize)]
pub struct OfferCard {
    /// The address of its checkout.
    pub href: String,
    /// Its headline.
    pub name: String,
    /// What is sold.
    pub product: String,
    /// A sentence about it; may be empty.
    pub description: String,
    /// The channels, in words.
    pub channels: Vec<String>,
    /// What readers get.
    pub benefits: Vec<String>,
    /// What it costs, now and afterwards.
    pub price: String,
    /// Until when it can be bought, in words; empty if there is no end.
    pub ends: String,
    /// What happens then: it renews until it is cancelled, or it ends.
    pub then: String,
    /// Whether it begins with a trial.
    pub trial: bool,
    /// Whether it is an offer, and not a regular price.
    pub offer: bool,
}

/// Everything that this reader can buy.
#[derive(Debug, Serialize)]
pub struct OffersContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The offers, then the prices.
    pub cards: Vec<OfferCard>,
    /// Whether the reader is signed in.
    pub signed_in: bool,
    /// Whether the reader has a subscription already.
    pub subscribed: bool,
    /// Until when the reader has paused their subscription, in a sentence; empty if they have not.
    pub paused: String,
    /// Whether there are offers for holders of a code.
    pub codes: bool,
    /// The code as it was entered; may be empty.
    pub code: String,
    /// What is wrong with it; empty if nothing is.
    pub fault: String,
    /// The path to go back to.
    pub from: String,
}

/// The checkout page.
#[derive(Debug, Serialize)]
pub struct CheckoutContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What is bought.
    pub card: OfferCard,
    /// What is paid today.
    pub today: String,
    /// What is paid afterwards, and when first; empty if nothing is.
    pub later: String,
    /// Whether a card is needed.
    pub needs_card: bool,
    /// Whether readers can pay with a card. If not, and one is needed, they can pay by invoice only.
    pub takes_cards: bool,
    /// The reader's address; empty while nobody is signed in.
    pub email: String,
    /// The path of this page, to return to after signing in.
    pub here: String,
    /// The code of the offer; may be empty.
    pub code: String,
    /// The path to go back to.
    pub from: String,
    /// Whether no real money is collected.
    pub sandbox: bool,
    /// The label of the button for an invoice; empty if there is none.
    pub invoice: String,
}

/// A card of the sandbox.
#[derive(Debug, Serialize)]
pub struct SandboxCardContext {
    /// Its name in the form.
    pub name: String,
    /// What it is, and what it does.
    pub label: String,
}

/// The payment page of the sandbox.
#[derive(Debug, Serialize)]
pub struct SandboxContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What is bought.
    pub product: String,
    /// What is paid now.
    pub amount: String,
    /// Its cards.
    pub cards: Vec<SandboxCardContext>,
    /// The card that its holder must confirm; empty before that.
    pub confirming: String,
    /// Why the last card was refused; empty if none was.
    pub fault: String,
    /// The address of the form.
    pub action: String,
}

/// A price that a subscription can be changed to.
#[derive(Debug, Serialize)]
pub struct SwitchContext {
    /// Its name.
    pub price: String,
    /// The product and the price.
    pub label: String,
    /// What is paid today, and when next.
    pub cost: String,
    /// The amount that was shown, so that no other amount is collected.
    pub today: u64,
}

/// A subscription on the account page.
#[derive(Debug, Serialize)]
pub struct SubscriptionContext {
    /// Its number.
    pub id: u32,
    /// The product.
    pub name: String,
    /// The channels, in words.
    pub channels: Vec<String>,
    /// Its state: `trial`, `active`, `invoiced`, `grace`, `paused`, `cancelling` or `ended`.
    pub state: &'static str,
    /// The state in a sentence or two.
    pub status: String,
    /// The card that pays for it; empty if there is none.
    pub card: String,
    /// Whether it can be cancelled, and what that means.
    pub cancel: String,
    /// Whether a pause or a cancellation can be undone.
    pub can_go_on: bool,
    /// Whether it can be paused.
    pub can_rest: bool,
    /// The label of the button for another card; empty if there is none.
    pub card_button: String,
    /// What the reader has to transfer, by when, and how; empty if nothing.
    pub invoice: Vec<Fact>,
    /// What it can be changed to.
    pub switches: Vec<SwitchContext>,
}

/// A payment on the account page.
#[derive(Debug, Serialize)]
pub struct PaymentContext {
    /// Its number.
    pub number: u32,
    /// When, written out.
    pub date: String,
    /// What for.
    pub what: String,
    /// How much.
    pub amount: String,
    /// What was refunded, in words; empty if nothing was.
    pub refunded: String,
}

/// The page on which a reader cancels a subscription without signing in.
#[derive(Debug, Serialize)]
pub struct CancelContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The address as it was entered.
    pub email: String,
    /// The reason as it was entered; may be empty.
    pub reason: String,
    /// What is wrong with the address; empty if nothing is.
    pub fault: String,
}

/// The page that confirms such a cancellation.
#[derive(Debug, Serialize)]
pub struct CancelConfirmContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The product.
    pub product: String,
    /// What cancelling means.
    pub text: String,
    /// The address of the form.
    pub action: String,
}

/// An invoice.
#[derive(Debug, Serialize)]
pub struct InvoiceContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// Its number.
    pub number: u32,
    /// The seller, line by line.
    pub seller: Vec<String>,
    /// When, written out.
    pub date: String,
    /// The buyer's email address.
    pub email: String,
    /// Their name; may be empty.
    pub name: String,
    /// The details.
    pub facts: Vec<Fact>,
    /// How much.
    pub amount: String,
}
