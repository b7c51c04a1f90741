//! What templates get: one type for each, so that a theme's author can look up every name there is.

use serde::Serialize;
use utoipa::ToSchema;

/// What every page has around it.
#[derive(Clone, Debug, Serialize)]
pub struct Chrome {
    /// The publication's name.
    pub publication: String,
    /// The line under its name.
    pub tagline: String,
    /// The language of the page.
    pub language: String,
    /// The title of the page, for the browser's tab and search engines.
    pub title: String,
    /// A sentence about the page, for search engines and link previews.
    pub description: String,
    /// The address that search engines should know the page by.
    pub canonical: String,
    /// The canonical address of the publication, without a slash at the end.
    pub address: String,
    /// Today's date, written out.
    pub today: String,
    /// Whether there is something to subscribe to.
    pub sells: bool,
    /// In the demonstration, today's date as `2026-02-03`, which can be moved; empty elsewhere.
    pub demo_day: String,
    /// The section that the page belongs to, for its accent; may be empty.
    pub section: String,
    /// The navigation.
    pub sections: Vec<Link>,
    /// The publication's own pages, such as "About us".
    pub pages: Vec<Link>,
}

/// A link with its words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// The words.
    pub name: String,
    /// The last word of its address, for the section's accent.
    pub slug: String,
    /// Whether it leads to the page that it stands on.
    pub current: bool,
}

impl Link {
    /// A link to somewhere else than the page that it stands on.
    pub fn to(href: &str, name: &str) -> Self {
        Self { href: href.to_owned(), name: name.to_owned(), slug: String::new(), current: false }
    }
}

/// A picture.
#[derive(Clone, Debug, Serialize)]
pub struct PictureContext {
    /// Its address.
    pub src: String,
    /// What it shows, in words.
    pub alt: String,
    /// The line under it.
    pub caption: String,
    /// Who made it.
    pub credit: String,
    /// In pixels; 0 if unknown.
    pub width: u32,
    /// In pixels; 0 if unknown.
    pub height: u32,
}

/// An article in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// Its address.
    pub href: String,
    /// The words above the headline.
    pub kicker: String,
    /// The headline.
    pub headline: String,
    /// The sentence under it.
    pub deck: String,
    /// Who wrote it.
    pub authors: Vec<Link>,
    /// Its section.
    pub section: Option<Link>,
    /// When it was published, written out.
    pub date: String,
    /// The same for machines (RFC 3339).
    pub datetime: String,
    /// Its lead picture.
    pub picture: Option<PictureContext>,
    /// Who paid for it; empty for most.
    pub sponsor: String,
    /// Whether it is only for subscribers.
    pub subscribers_only: bool,
}

/// A section on the front page.
#[derive(Clone, Debug, Serialize)]
pub struct Shelf {
    /// The section.
    pub section: Link,
    /// Its latest articles.
    pub cards: Vec<Card>,
}

/// The front page.
#[derive(Debug, Serialize)]
pub struct HomeContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The first story.
    pub lead: Option<Card>,
    /// The next ones.
    pub seconds: Vec<Card>,
    /// The latest, headlines only.
    pub latest: Vec<Card>,
    /// Section by section.
    pub shelves: Vec<Shelf>,
}

/// A section, topic or author.
#[derive(Debug, Serialize)]
pub struct ListContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What kind of list: `section`, `topic` or `author`.
    pub kind: &'static str,
    /// Its name.
    pub heading: String,
    /// An author's role; empty elsewhere.
    pub role: String,
    /// Words about it, clean HTML; may be empty.
    pub about: String,
    /// Its articles on this page.
    pub cards: Vec<Card>,
    /// Which page this is, from 1.
    pub number: usize,
    /// The newer page.
    pub newer: Option<String>,
    /// The older page.
    pub older: Option<String>,
}

/// A mended mistake.
#[derive(Debug, Serialize)]
pub struct CorrectionContext {
    /// When, written out.
    pub date: String,
    /// What was wrong.
    pub text: String,
}

/// An article or page.
#[derive(Debug, Serialize)]
pub struct ArticleContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The article as lists know it.
    pub card: Card,
    /// Where it was written.
    pub dateline: String,
    /// When its text last changed, written out; empty if never.
    pub updated: String,
    /// The same for machines.
    pub updated_datetime: String,
    /// The text, clean HTML: whole, or the teaser where it is locked.
    pub body: String,
    /// Whether only the teaser is here.
    pub locked: bool,
    /// Whether everybody may read it.
    pub free: bool,
    /// What readers are told of the sponsor.
    pub disclosure: String,
    /// Mended mistakes.
    pub corrections: Vec<CorrectionContext>,
    /// Its subjects.
    pub topics: Vec<Link>,
    /// What to read next.
    pub related: Vec<Card>,
    /// Facts for search engines (schema.org), as JSON.
    pub structured_data: String,
}

/// How the meter works.
#[derive(Debug, Serialize)]
pub struct MeterContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// How many articles everybody may read; none without a limit.
    pub allowance: Option<u32>,
    /// How many a registered reader may read, where that is more.
    pub registered: Option<u32>,
    /// `month`, `week` or `days`.
    pub window: &'static str,
    /// How many days the window has, where it is `days`.
    pub days: u16,
    /// The time zone in which months and weeks begin.
    pub zone: String,
}

/// Something went wrong, or is not there.
#[derive(Debug, Serialize)]
pub struct ErrorContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The HTTP status.
    pub status: u16,
}

/// A message in its placement; every text is HTML already.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageContext {
    /// `banner`, `inline` or `wall`.
    pub placement: &'static str,
    /// The headline; may be empty.
    pub title: String,
    /// For wide screens.
    pub text: String,
    /// For narrow screens.
    pub narrow: String,
    /// What the reader would get.
    pub benefits: Vec<String>,
    /// The buttons.
    pub actions: Vec<Link>,
}

/// Where somebody asks for a letter to register or sign in with.
#[derive(Debug, Serialize)]
pub struct SignInContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// Whether the reader is thought to have no account yet.
    pub registering: bool,
    /// The path to go back to.
    pub from: String,
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

/// A page that says one thing and leads on.
#[derive(Debug, Serialize)]
pub struct NoticeContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The headline.
    pub heading: String,
    /// What there is to say.
    pub text: String,
    /// Where to go from here.
    pub link: Link,
}

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
    /// Whether its card can be changed.
    pub can_mend: bool,
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
}

/// An invoice.
#[derive(Debug, Serialize)]
pub struct InvoiceContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// Its number.
    pub number: u32,
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

/// A reader's own page.
#[derive(Debug, Serialize)]
pub struct AccountContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The reader's address.
    pub email: String,
    /// Their name; may be empty.
    pub name: String,
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
    /// The devices.
    pub sessions: Vec<SessionContext>,
}

/// What every letter has.
#[derive(Clone, Debug, Serialize)]
pub struct LetterHead {
    /// The publication's name.
    pub publication: String,
    /// Where it is found.
    pub address: String,
    /// The language that it writes in.
    pub language: String,
    /// The subject.
    pub subject: String,
}

/// A name with its value, such as "Paid with" and a card.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// What it is here.
    pub value: String,
}

/// A letter about a subscription, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct SubscriptionLetter {
    /// See [`LetterHead`].
    #[serde(flatten)]
    pub head: LetterHead,
    /// What it says.
    pub text: String,
    /// The particulars.
    pub facts: Vec<Fact>,
    /// The button.
    pub button: Link,
}

/// The letter with which somebody signs in, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct SignInLetter {
    /// See [`LetterHead`].
    #[serde(flatten)]
    pub head: LetterHead,
    /// The link.
    pub link: String,
    /// The code.
    pub code: String,
}

/// A letter in the demonstration's outbox.
#[derive(Debug, Serialize)]
pub struct LetterContext {
    /// Where it is seen as it looks.
    pub href: String,
    /// Whom to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// The demonstration's outbox.
#[derive(Debug, Serialize)]
pub struct OutboxContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The letters, the latest first.
    pub letters: Vec<LetterContext>,
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

/// The letter in which one end is asked to agree, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct AddressLetter {
    /// See [`LetterHead`].
    #[serde(flatten)]
    pub head: LetterHead,
    /// The link.
    pub link: String,
    /// The new address.
    pub email: String,
    /// Whether this is the letter to the old address.
    pub old: bool,
}
