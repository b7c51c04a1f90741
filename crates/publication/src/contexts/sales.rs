//! Checkout, subscriptions and invoices.

use serde::Serialize;

use super::{Chrome, Fact, Link};

/// What is ordered.
#[derive(Debug, Serialize)]
pub struct OrderContext {
    /// The name of the offer, or else of the product.
    pub name: String,
    /// The product.
    pub product: String,
    /// The channels, in words.
    pub channels: Vec<String>,
    /// What they give a reader, a sentence for each.
    pub includes: Vec<String>,
    /// What it costs, now and afterwards.
    pub price: String,
    /// What happens then: it renews until it is cancelled, or it ends.
    pub then: String,
}

/// The form of a delivery address.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeliveryContext {
    /// The name; may be empty.
    pub name: String,
    /// The lines of the address; may be empty.
    pub lines: String,
    /// What is wrong with the name; empty if nothing is.
    pub name_fault: String,
    /// What is wrong with the lines; empty if nothing is.
    pub lines_fault: String,
}

/// A part of a sentence, with a link in it.
#[derive(Debug, Serialize)]
pub struct LinkedText {
    /// What is before the link.
    pub before: String,
    /// The link.
    pub link: Link,
    /// What is after the link.
    pub after: String,
}

/// The checkout page.
#[allow(clippy::struct_excessive_bools)] // each shows a part of the page
#[derive(Debug, Serialize)]
pub struct CheckoutContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What is bought.
    pub order: OrderContext,
    /// The first period, in words.
    pub period: String,
    /// What is paid today.
    pub today: String,
    /// What is paid afterwards, and when first; empty if nothing is.
    pub later: String,
    /// How to cancel, and what that means.
    pub cancel: String,
    /// Whether the prices include a tax that is worked out.
    pub includes_tax: bool,
    /// What becomes of the trial that the reader is in; empty if they are in none.
    pub trial: String,
    /// The delivery address to be entered, or `None` if nothing is delivered.
    pub delivery: Option<DeliveryContext>,
    /// The sentence that says what the reader agrees to, with links to where it is written; empty if it is written nowhere.
    pub terms: Vec<LinkedText>,
    /// Whether a card is needed.
    pub needs_card: bool,
    /// Whether readers can pay with a card. If not, and one is needed, they can pay by invoice only.
    pub takes_cards: bool,
    /// The reader's address; empty while nobody is signed in.
    pub email: String,
    /// The address as it was entered by somebody who is not signed in.
    pub entered: String,
    /// What is wrong with it; empty if nothing is.
    pub fault: String,
    /// The address of the form in which somebody who is not signed in says who they are.
    pub sign_in: String,
    /// The address of the offers page, with the code and the path to go back to.
    pub offers: String,
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
    /// What follows if the reader chooses that.
    pub invoice_hint: String,
    /// How the card is taken.
    pub card_hint: String,
    /// Why there is no invoice for this reader, if others can have one; may be empty.
    pub no_invoice: String,
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
    /// The address to which the reader goes who does not want to pay.
    pub cancel: String,
}

/// The page to which a reader comes who has cancelled a payment.
#[derive(Debug, Serialize)]
pub struct PaymentCancelledContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What has not happened, in a sentence.
    pub text: String,
    /// What was to be bought; empty if it was about another card.
    pub product: String,
    /// What was to be paid now.
    pub amount: String,
    /// Leads back to the order, or to the subscription.
    pub again: Link,
    /// Leads back to what the reader was reading.
    pub back: Link,
}

/// A price that a subscription can be changed to.
#[derive(Debug, Serialize)]
pub struct SwitchContext {
    /// Its name.
    pub price: String,
    /// The product and the price.
    pub label: String,
    /// What is paid today, with what, and when next.
    pub cost: String,
    /// Whether its button is the first to look at: of the changes for which something is collected today, the first.
    pub primary: bool,
    /// The amount that was shown, so that no other amount is collected.
    pub today: u64,
    /// Whether anything is to be paid for it, today or later: the law in the EU sets the label of the button then.
    pub pays: bool,
    /// The delivery address to be entered, or `None` if it is known or nothing is delivered.
    pub delivery: Option<DeliveryContext>,
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
    /// What they give a reader, a sentence for each.
    pub includes: Vec<String>,
    /// Its state: `trial`, `active`, `invoiced`, `grace`, `paused`, `cancelling` or `ended`.
    pub state: &'static str,
    /// The state in a sentence or two.
    pub status: String,
    /// The card that pays for it; empty if there is none.
    pub card: String,
    /// Whether it can be cancelled, and what that means.
    pub cancel: String,
    /// Until when the reader can withdraw from the contract; empty if they cannot.
    pub withdraw: String,
    /// Whether a pause or a cancellation can be undone.
    pub can_go_on: bool,
    /// Whether it can be paused.
    pub can_rest: bool,
    /// What a pause means.
    pub rest: String,
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
    /// What was refunded, or taken back by the reader's bank, in words; empty if nothing was.
    pub refunded: String,
}

/// The page on which a reader cancels a subscription without signing in.
#[derive(Debug, Serialize)]
pub struct CancelContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What to enter, and what follows.
    pub text: String,
    /// The address as it was entered.
    pub email: String,
    /// The reason as it was entered; may be empty.
    pub reason: String,
    /// What is wrong with the address; empty if nothing is.
    pub fault: String,
}

/// The page on which a reader withdraws from a contract without signing in.
#[derive(Debug, Serialize)]
pub struct WithdrawContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The address as it was entered.
    pub email: String,
    /// The name as it was entered.
    pub name: String,
    /// What is wrong with the address; empty if nothing is.
    pub fault: String,
    /// What is wrong with the name; empty if nothing is.
    pub name_fault: String,
}

/// A subscription that a reader can choose to end, or has ended.
#[derive(Debug, Serialize)]
pub struct EndingChoiceContext {
    /// The name of its field in the form; empty once it is ended.
    pub field: String,
    /// The product.
    pub product: String,
    /// What ending it means, or has meant.
    pub text: String,
}

/// The page that confirms such a cancellation.
#[derive(Debug, Serialize)]
pub struct CancelConfirmContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What can be cancelled. If it is more than one, the reader chooses.
    pub subscriptions: Vec<EndingChoiceContext>,
    /// What is wrong with the choice; empty if nothing is.
    pub fault: String,
    /// The address of the form.
    pub action: String,
}

/// The page that confirms a withdrawal from contracts.
#[derive(Debug, Serialize)]
pub struct WithdrawConfirmContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What can be withdrawn from. If it is more than one, the reader chooses.
    pub subscriptions: Vec<EndingChoiceContext>,
    /// The reader's name, as far as it is known.
    pub name: String,
    /// The address that receipt is acknowledged to.
    pub email: String,
    /// What is wrong with the choice; empty if nothing is.
    pub fault: String,
    /// What is wrong with the name; empty if nothing is.
    pub name_fault: String,
    /// The address of the form.
    pub action: String,
}

/// The page that says what was cancelled, or withdrawn from.
#[derive(Debug, Serialize)]
pub struct EndingDoneContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The heading.
    pub heading: String,
    /// What was ended.
    pub subscriptions: Vec<EndingChoiceContext>,
    /// What happens next.
    pub next: String,
    /// Where it leads on.
    pub link: Link,
    /// Where else it leads.
    pub others: Vec<Link>,
}

/// The page on which a reader who is signed in sees what they have cancelled or withdrawn from, and what they can cancel.
#[derive(Debug, Serialize)]
pub struct OwnEndingContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The heading.
    pub heading: String,
    /// Why there is nothing to withdraw from; empty if that is not what the page is for.
    pub note: String,
    /// The subscriptions that go on, or else the latest.
    pub subscriptions: Vec<SubscriptionContext>,
    /// Where it leads on.
    pub links: Vec<Link>,
    /// Leads to the form for a subscription with another address.
    pub other: Link,
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
    /// The address at which papers were delivered, line by line; empty if none were.
    pub lines: Vec<String>,
    /// The details.
    pub facts: Vec<Fact>,
    /// How much.
    pub amount: String,
    /// Whether the typefaces have all of its characters, so that there is a PDF.
    pub has_pdf: bool,
}
