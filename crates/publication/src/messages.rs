//! The messages on a page, by placement, rendered and compressed.

use std::sync::Arc;

use foldhash::HashMap;
use jiff::civil::Date;
use masthead_access::{
    ArticleId, Reads,
    message::{Message, MessageFacts, Moment, Moments, Placement, Variable},
};
use masthead_circulation::History;
use parking_lot::RwLock;

use crate::{
    compression::Encoding,
    contexts::{Link, MessageContext},
    page::{Part, Slot},
    reader_links::{ReaderLinks, ReaderLinksCache},
    situation::{Situation, Visit},
    snapshot::SiteSnapshot,
    theme::{Template, ThemeError},
};

/// Number of rendered messages kept. Beyond that all are dropped and rendered again as needed.
const CAPACITY: usize = 4096;
/// The reader's name in samples of messages.
const SAMPLE_NAME: &str = "Ada";

type MessageKey = (Situation, Placement, Encoding);

/// Rendered messages that many readers see, and the links of their header. They depend on settings and theme alone, so that
/// all snapshots of the same settings and theme share one cache.
#[derive(Debug, Default)]
pub struct MessageCache {
    messages: RwLock<HashMap<MessageKey, Option<Arc<Part>>>>,
    pub(crate) links: ReaderLinksCache,
}

impl MessageCache {
    /// Returns the rendered message; the inner `None` is a situation without one.
    #[expect(clippy::option_option, reason = "that there is no message is known, too")]
    fn get(&self, key: &MessageKey) -> Option<Option<Arc<Part>>> {
        self.messages.read().get(key).cloned()
    }

    fn insert(&self, key: MessageKey, part: Option<Arc<Part>>) {
        let mut messages = self.messages.write();
        if messages.len() >= CAPACITY {
            messages.clear();
        }
        messages.insert(key, part);
    }
}

impl SiteSnapshot {
    /// Returns what goes into the slots of a page for a reader in this situation after a visit.
    pub fn slots_of(
        &self,
        visit: &Visit,
        situation: Situation,
        encoding: Encoding,
    ) -> impl Fn(Slot) -> Option<Arc<Part>> {
        let (name, links) = (visit.display_name(), ReaderLinks::of(visit.decision.trace.standing));
        move |slot| match slot {
            Slot::Message(placement) => self.message(situation, name, placement, encoding),
            Slot::ReaderLinks => self.reader_links(links, encoding),
            Slot::Note => None,
        }
    }

    /// Returns the compressed message for a reader of this name in a placement, or `None` if there is none. A message
    /// without a name is cached, because it is the same for many readers.
    pub fn message(
        &self,
        situation: Situation,
        name: Option<&str>,
        placement: Placement,
        encoding: Encoding,
    ) -> Option<Arc<Part>> {
        if name.is_some() && self.calls_by_name(situation, placement) {
            return self.make_message(situation, name, placement, encoding);
        }
        let key = (situation, placement, encoding);
        if let Some(known) = self.messages.get(&key) {
            return known;
        }
        let part = self.make_message(situation, None, placement, encoding);
        self.messages.insert(key, part.clone());
        part
    }

    fn calls_by_name(&self, situation: Situation, placement: Placement) -> bool {
        let said = self.publication.message(situation.moments, placement, situation.arm);
        said.is_some_and(|message| message.mentions(Variable::ReaderName))
    }

    fn make_message(
        &self,
        situation: Situation,
        name: Option<&str>,
        placement: Placement,
        encoding: Encoding,
    ) -> Option<Arc<Part>> {
        let words = self.message_words(situation, name, placement)?;
        match self.theme.render(Template::Message, &words) {
            Ok(html) => Some(Arc::new(Part::new(&html, encoding))),
            Err(error) => {
                tracing::error!(%error, "messages: rendering failed, correct message.html in the theme");
                None
            }
        }
    }

    /// Returns the message for a reader of this name in a placement, or `None` if there is none.
    pub fn message_words(
        &self,
        situation: Situation,
        name: Option<&str>,
        placement: Placement,
    ) -> Option<MessageContext> {
        let arm = situation.arm;
        let message = self.publication.message(situation.moments, placement, arm)?;
        Some(self.words(message, situation, name))
    }

    /// The price in a message: that of the offer that it names, if that runs for the reader;
    /// if it names none, that of the first offer that does, or else the first price.
    fn price_and_end(
        &self,
        named: Option<&str>,
        situation: Situation,
    ) -> (Option<String>, Option<Date>) {
        let catalogue = &self.publication.catalogue;
        let mut running = situation.offers.of(catalogue);
        let offer = running.find(|offer| named.is_none_or(|named| named == offer.slug));
        let rates = self.rates();
        if let Some(offer) = offer {
            let price = catalogue.price(&offer.price);
            return (price.map(|price| rates.offer(offer, price)), offer.ends);
        }
        let price = catalogue.prices().first().filter(|_| named.is_none() && situation.may_buy);
        (price.map(|price| rates.each(price.amount, price.every)), None)
    }

    fn words(&self, message: &Message, situation: Situation, name: Option<&str>) -> MessageContext {
        let publication = &self.publication;
        let (price, offer_ends) = self.price_and_end(message.offer.as_deref(), situation);
        let facts = MessageFacts {
            price: price.as_deref(),
            offer_ends,
            ended_on: situation.ended_on,
            number_articles_left: situation.left,
            allowance: situation.allowance,
            registered_allowance: Some(publication.policy.allowances.registered),
            registered_more: situation.registered_more,
            publication: &publication.name,
            resets_on: situation.resets_on,
            reader_name: name,
            today: Some(self.day()),
        };
        let render = |template: &masthead_access::message::Template| {
            template.render(&facts, &publication.locale)
        };
        let action = |action: &masthead_access::message::MessageAction| Link {
            href: action.link.clone(),
            name: render(&action.label),
            slug: String::new(),
            current: false,
        };
        MessageContext {
            placement: message.placement.name(),
            title: render(&message.title),
            text: render(&message.text),
            narrow: render(message.narrow.as_ref().unwrap_or(&message.text)),
            benefits: message.benefits.iter().map(render).collect(),
            actions: message.actions.iter().map(action).collect(),
        }
    }

    /// A sample of this message.
    pub(crate) fn sample_words(&self, message: &Message) -> MessageContext {
        self.words(message, self.sample(message), Some(SAMPLE_NAME))
    }

    /// A sample of the situation in which this message is shown.
    fn sample(&self, message: &Message) -> Situation {
        let policy = &self.publication.policy;
        let anonymous = policy.allowances.anonymous;
        let left = if message.moment == Moment::MeterLeft { 2 } else { 0 };
        let spent = anonymous.left_after(left).unwrap_or_default();
        Situation {
            moments: Moments { main: Some(message.moment), ..Moments::default() },
            arm: None,
            allowance: Some(anonymous),
            left: Some(left),
            registered_more: policy.allowances.registered.left_after(spent),
            resets_on: self.sample_reset(),
            ended_on: Some(self.day()),
            offers: self.offers(History::New),
            may_buy: true,
        }
    }

    /// When the meter resets for a reader who read their first article today.
    fn sample_reset(&self) -> Option<Date> {
        let policy = &self.publication.policy;
        let now = self.day().to_zoned_datetime(policy.zone.clone()).ok()?.timestamp();
        let mut reads = Reads::default();
        reads.insert(ArticleId(1), now);
        self.meter_resets_on(&reads, now)
    }

    /// A message that is not in force, as it would be on a page.
    pub fn sample_part(&self, message: &Message) -> Result<Arc<Part>, ThemeError> {
        let html = self.theme.render(Template::Message, &self.sample_words(message))?;
        Ok(Arc::new(Part::new(&html, Encoding::Identity)))
    }
}
