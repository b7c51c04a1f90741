//! The messages on a page, by placement, rendered and compressed.

use std::sync::Arc;

use foldhash::HashMap;
use jiff::civil::Date;
use masthead_access::{
    ArticleId, Reads,
    message::{Message, MessageFacts, Moment, Moments, Placement, TextDirection, Variable},
};
use masthead_circulation::{History, Quote};
use parking_lot::RwLock;

use crate::{
    compression::Encoding,
    contexts::{Link, MessageContext},
    page::{Part, Slot},
    reader_links::{ReaderLinks, ReaderLinksCache},
    situation::{Situation, Visit},
    snapshot::SiteSnapshot,
    theme::{Template, ThemeError},
    wall::MAX_BENEFITS,
    words::without_gaps,
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
        let (name, links) =
            (visit.display_name(), ReaderLinks::of(visit.decision.trace.standing, visit.history));
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

    /// The price in a message, and the last day of its offer.
    fn price_and_end(
        &self,
        message: &Message,
        situation: Situation,
    ) -> (Option<String>, Option<Date>) {
        let rates = self.rates();
        let quote = self.quote_for(message, situation);
        let price = quote.map(|Quote { price, offer }| match offer {
            Some(offer) => rates.offer(offer, price),
            None => rates.each(price.amount, price.every),
        });
        (price, quote.and_then(|quote| quote.offer?.ends))
    }

    fn words(&self, message: &Message, situation: Situation, name: Option<&str>) -> MessageContext {
        let publication = &self.publication;
        let (price, offer_ends) = self.price_and_end(message, situation);
        let facts = MessageFacts {
            price: price.as_deref(),
            offer_ends,
            ended_on: situation.ended_on,
            paused_until: situation.paused_until,
            number_articles_left: situation.left,
            allowance: situation.allowance,
            registered_allowance: Some(publication.policy.allowances.registered),
            registered_more: situation.registered_more,
            publication: &publication.name,
            resets_on: situation.resets_on,
            reader_name: name,
            today: Some(self.day()),
        };
        let tag = publication.locale.tag();
        let render = |template: &masthead_access::message::Template| {
            let text = template.render(&facts, &publication.locale);
            // Of its own words alone: a message in English may name a publication in Arabic.
            let direction = TextDirection::of_text(&without_gaps(&template.source()), tag);
            if text.is_empty() || direction == TextDirection::of_tag(tag) {
                text
            } else {
                direction.isolate(&text)
            }
        };
        let action = |action: &masthead_access::message::MessageAction| Link {
            href: action.link.clone(),
            name: render(&action.label),
            slug: String::new(),
            current: false,
        };
        let actions = message.actions.iter().map(action);
        let actions = actions.filter(|action| !action.name.trim().is_empty());
        let actions: Vec<Link> = actions.take(Message::SHOWN_ACTIONS).collect();
        let wall = self.wall(message, situation, actions.first());
        let most = if wall.is_some() { MAX_BENEFITS } else { usize::MAX };
        MessageContext {
            placement: message.placement.name(),
            title: render(&message.title),
            text: render(&message.text),
            narrow: render(message.narrow.as_ref().unwrap_or(&message.text)),
            benefits: message.benefits.iter().take(most).map(render).collect(),
            actions,
            wall,
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
        let history = sample_history(message.moment);
        let signed_in = history.is_some();
        let history = history.unwrap_or(History::New);
        let left = if message.moment == Moment::MeterLeft { 2 } else { 0 };
        let spent = anonymous.left_after(left).unwrap_or_default();
        Situation {
            moments: Moments { main: Some(message.moment), ..Moments::default() },
            arm: None,
            allowance: Some(anonymous),
            left: Some(left),
            registered_more: policy.allowances.registered.left_after(spent).filter(|_| !signed_in),
            resets_on: self.sample_reset(),
            ended_on: Some(self.day()),
            paused_until: Some(self.day()),
            signed_in,
            offers: self.offers(history),
            may_buy: history.may_buy(),
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

/// The history of the reader in a sample of this moment; `None` if they have no account.
fn sample_history(moment: Moment) -> Option<History> {
    match moment {
        Moment::MeterLeft
        | Moment::MeterLast
        | Moment::WallMeter
        | Moment::WallRegister
        | Moment::WallSubscribers
        | Moment::WallProduct
        | Moment::NoticeOffer => None,
        Moment::NoticeTrialEnding => Some(History::InTrial),
        Moment::WallTrialEnded
        | Moment::WallSubscriptionEnded
        | Moment::NoticeTrialEnded
        | Moment::NoticeSubscriptionEnded => Some(History::Lapsed),
        Moment::WallSubscriptionPaused
        | Moment::NoticeSubscriptionEnding
        | Moment::NoticePaymentFailed => Some(History::Live),
    }
}
