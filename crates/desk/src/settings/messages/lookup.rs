//! Finding messages and their offers.

use masthead_access::message::{Message, Moment, Placement};

use crate::{state::DeskState, words::DeskWords};

pub(super) fn find(all: &[Message], moment: Moment, placement: Placement) -> Option<&Message> {
    all.iter().find(|message| message.moment == moment && message.placement == placement)
}

/// A sentence that an offer is over, and what becomes of a message that names it. Returns `None` if it is not over.
pub(super) fn offer_is_over(desk: &DeskState, slug: &str, words: DeskWords) -> Option<String> {
    let catalogue = desk.catalogue();
    let offer = catalogue.offer(slug)?;
    let last = offer.ends.filter(|_| !offer.runs(desk.now(), &desk.publication().zone))?;
    let name = if offer.name.is_empty() { &offer.slug } else { &offer.name };
    Some(words.fill("messages_offer_over", &[("name", name), ("date", &words.day(last))]))
}
