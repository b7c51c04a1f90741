//! The offers page: a card for each product, with the periods to choose from.

use serde::Serialize;

use super::Chrome;

/// A period at which a product can be bought, or an offer for it.
#[derive(Debug, Serialize)]
pub struct PlanChoice {
    /// The slug of the price or offer.
    pub plan: String,
    /// The name of the offer; empty for a price, and for the offer that is the headline.
    pub name: String,
    /// What it costs, now and afterwards.
    pub price: String,
    /// What that comes to in a month, if it is paid for longer; may be empty.
    pub monthly: String,
    /// What it saves, compared with the shortest period; empty if nothing.
    pub saving: String,
    /// Until when it can be bought, if it is not the headline; may be empty.
    pub ends: String,
    /// Whether it is chosen at first.
    pub chosen: bool,
}

/// A trial, with the way to it.
#[derive(Debug, Serialize)]
pub struct TrialLink {
    /// The address of its checkout.
    pub href: String,
    /// What it offers.
    pub label: String,
    /// What happens at its end.
    pub then: String,
}

/// A product, with everything that this reader can buy of it.
#[derive(Debug, Serialize)]
pub struct PlanCard {
    /// Its slug.
    pub product: String,
    /// Its name.
    pub name: String,
    /// A sentence about it; may be empty.
    pub description: String,
    /// The channels, in words.
    pub channels: Vec<String>,
    /// What they give a reader, a sentence for each.
    pub includes: Vec<String>,
    /// What readers get.
    pub benefits: Vec<String>,
    /// Whether the publisher recommends it among several.
    pub recommended: bool,
    /// That the reader's code is applied; empty if it is not about this product.
    pub applied: String,
    /// The name of the offer that comes first; may be empty.
    pub headline: String,
    /// What that offer, or else the first price, costs now.
    pub price: String,
    /// What it costs afterwards; may be empty.
    pub afterwards: String,
    /// Until when that offer can be bought; empty if it has no end.
    pub ends: String,
    /// What happens at the end of what was paid for.
    pub then: String,
    /// The periods and offers, at least one.
    pub choices: Vec<PlanChoice>,
    /// The trials.
    pub trials: Vec<TrialLink>,
}

/// A subscription of the reader.
#[derive(Debug, Serialize)]
pub struct HeldContext {
    /// The name of the product.
    pub name: String,
    /// Its state in a sentence or two.
    pub status: String,
}

/// Everything that this reader can buy.
#[allow(clippy::struct_excessive_bools)] // each shows a part of the page
#[derive(Debug, Serialize)]
pub struct OffersContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The products: that of the reader's code, and then in the publisher's order.
    pub cards: Vec<PlanCard>,
    /// How readers can pay, in a sentence.
    pub payment: String,
    /// Whether readers can pay with a card.
    pub takes_cards: bool,
    /// What the reader has subscribed to.
    pub held: Vec<HeldContext>,
    /// Whether the reader is signed in.
    pub signed_in: bool,
    /// Whether the reader has a subscription already, so that there is nothing to buy.
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
