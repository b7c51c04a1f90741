//! What is sold, and what a reader has of it.

use serde::Serialize;

use super::{Chrome, Fact};

/// What can be bought, as it is offered.
#[derive(Debug, Serialize)]
pub struct OfferCard {
    /// Where it is bought.
    pub href: String,
    /// Its headline.
    pub name: String,
    /// What is sold.
    pub product: String,
    /// A sentence about it; may be empty.
    pub description: String,
    /// How it reaches its readers, in words.
    pub channels: Vec<String>,
    /// What readers get.
    pub benefits: Vec<String>,
    /// What it costs, from now on and afterwards.
    pub price: String,
    /// Until when it can be bought, in words; empty where there is no end.
    pub ends: String,
    /// What happens then: that it goes on until it is cancelled, or ends by itself.
    pub then: String,
    /// Whether it is an offer, and not a price that always holds.
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
    /// Whether there are offers for holders of a code.
    pub codes: bool,
    /// The code that was typed; may be empty.
    pub code: String,
    /// What is wrong with it; empty if nothing is.
    pub fault: String,
    /// The path to go back to.
    pub from: String,
}

/// Where a reader agrees to buy.
#[derive(Debug, Serialize)]
pub struct CheckoutContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What is bought.
    pub card: OfferCard,
    /// What is paid today.
    pub today: String,
    /// What is paid afterwards, and when first; empty where nothing is.
    pub later: String,
    /// Whether a card is needed.
    pub needs_card: bool,
    /// The reader's address; empty while nobody is signed in.
    pub email: String,
    /// The path of this page, to come back to after signing in.
    pub here: String,
    /// The code that opens the offer; may be empty.
    pub code: String,
    /// The path to go back to.
    pub from: String,
    /// Whether no real money is collected.
    pub sandbox: bool,
    /// What the button says for who would rather have an invoice; empty where there is none.
    pub invoice: String,
}

/// A card of the sandbox.
#[derive(Debug, Serialize)]
pub struct SandboxCardContext {
    /// Its word.
    pub name: String,
    /// What it is, and what it does.
    pub label: String,
}

/// The sandbox's till.
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
    /// The card that its holder is to confirm; empty before that.
    pub confirming: String,
    /// Why the last card was refused; empty if none was.
    pub fault: String,
    /// Where the form goes.
    pub action: String,
}

/// A price that a subscription can be changed to.
#[derive(Debug, Serialize)]
pub struct SwitchContext {
    /// Its name.
    pub price: String,
    /// What it is, and what it costs each time.
    pub label: String,
    /// What is paid today, and when next.
    pub cost: String,
    /// What is paid today, as it was shown, so that nothing else is paid.
    pub today: u64,
}

/// A subscription on its reader's own page.
#[derive(Debug, Serialize)]
pub struct SubscriptionContext {
    /// Its number.
    pub id: u32,
    /// What it is.
    pub name: String,
    /// How it reaches its reader, in words.
    pub channels: Vec<String>,
    /// How it stands: `trial`, `active`, `grace`, `paused`, `cancelling` or `ended`.
    pub state: &'static str,
    /// The same in a sentence or two.
    pub status: String,
    /// The card that pays for it; empty where there is none.
    pub card: String,
    /// Whether it can be cancelled, and what that means.
    pub cancel: String,
    /// Whether a rest or a cancellation can be undone.
    pub can_go_on: bool,
    /// Whether it can rest.
    pub can_rest: bool,
    /// What the button for paying with another card says; empty where there is none.
    pub mend: String,
    /// What is to be paid by the reader themselves, by when, and how; empty where nothing is.
    pub invoice: Vec<Fact>,
    /// What it can be changed to.
    pub switches: Vec<SwitchContext>,
}

/// A payment on its reader's own page.
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
    /// What was paid back of it, in words; empty where nothing was.
    pub refunded: String,
}

/// An invoice.
#[derive(Debug, Serialize)]
pub struct InvoiceContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// Its number.
    pub number: u32,
    /// Who sells, line by line.
    pub seller: Vec<String>,
    /// When, written out.
    pub date: String,
    /// Whom to.
    pub email: String,
    /// Their name; may be empty.
    pub name: String,
    /// The particulars.
    pub facts: Vec<Fact>,
    /// How much.
    pub amount: String,
}
