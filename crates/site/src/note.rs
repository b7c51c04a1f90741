//! Notes: what a reader is told once, on the first page that they see after an order, after signing in, and after everything that
//! they change on the pages of their account.
//!
//! A cookie says that there is something to be told; what it is comes from the account, so that a page which many readers
//! share has nothing of it and a forged cookie tells nobody anything new. What names something of an account is told only
//! to readers who are signed in, and the page that tells it deletes the cookie.
//!
//! To add one: add a variant, and its word: `note_` and the name.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use masthead_circulation::{State, Subscription};
use masthead_publication::{
    CachedAccount, ReaderLinks, SiteSnapshot, Template,
    compression::Encoding,
    contexts::{Link, NoteContext},
    page::{Part, Slot},
};
use masthead_web::{cookies, form::see_other};

use crate::{response::NO_STORE, state::Site};

/// See the module's documentation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumString, strum_macros::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Note {
    /// A subscription or trial has begun.
    Ordered,
    /// The reader has signed in.
    SignedIn,
    /// A form was sent that changes nothing: what it asks for has happened already, or is not possible any more.
    Unchanged,
    /// The account has another name.
    NameSaved,
    /// The account has another delivery address.
    DeliverySaved,
    /// The account has no delivery address any more.
    DeliveryRemoved,
    /// A subscription was cancelled.
    Cancelled,
    /// A cancellation was taken back.
    Kept,
    /// A subscription was paused.
    Paused,
    /// A pause has ended.
    Resumed,
    /// An invoice has characters that its file cannot show. The page of the invoice says so, and what to do.
    NoPdf,
    /// Another card pays for a subscription.
    CardSaved,
    /// A subscription has another price.
    PlanChanged,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// An account elsewhere was removed.
    IdentityRemoved,
    /// Another device was signed out.
    DeviceSignedOut,
    /// An article was removed from the saved ones.
    SavedRemoved,
    /// All of them were.
    SavedCleared,
    /// A reading history is kept from now on.
    HistoryOn,
    /// No reading history is kept any more.
    HistoryOff,
    /// The reading history was deleted.
    HistoryDeleted,
    /// The personal feed has an address, which is new.
    FeedSaved,
    /// The personal feed has no address any more.
    FeedRemoved,
}

/// A note for the page that is being made.
pub(crate) struct TakenNote {
    part: Arc<Part>,
    /// The cookie that deletes it.
    cookie: String,
}

impl Note {
    /// The value of the cookie.
    fn name(self) -> &'static str {
        self.into()
    }

    /// The name of the word that it says in full; `None` if it depends on the account.
    fn word(self) -> Option<String> {
        match self {
            Self::Ordered | Self::SignedIn => None,
            simple => Some(format!("note_{}", simple.name().replace('-', "_"))),
        }
    }

    /// How long it waits for a page, in seconds.
    fn lasts(self) -> i64 {
        match self {
            Self::Ordered => 600,
            _ => 60,
        }
    }

    /// Returns the cookie that has the next page tell it.
    pub(crate) fn cookie(self, site: &Site) -> String {
        site.cookies.set(site.cookies.note, self.name(), self.lasts())
    }

    /// Leads to the page that tells it.
    pub(crate) fn on(self, site: &Site, page: &str) -> Response {
        see_other(page, &[self.cookie(site)])
    }

    /// Leads to the account page, which tells it, or that nothing `has_changed`.
    pub(crate) fn on_account_if(self, site: &Site, has_changed: bool) -> Response {
        let note = if has_changed { self } else { Self::Unchanged };
        note.on(site, "/account")
    }
}

impl TakenNote {
    /// Deletes the note's cookie with a response. The device does not store the page, because the note may name the reader.
    pub(crate) fn delete_cookie(taken: Option<Self>, response: &mut Response) {
        let Some(taken) = taken else { return };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, NO_STORE);
        headers.remove(header::ETAG);
        if let Ok(cookie) = HeaderValue::try_from(taken.cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
}

/// Returns what goes into the slots of a page, with a note if there is one.
pub(crate) fn with_note<'a>(
    taken: Option<&'a TakenNote>,
    slots: impl Fn(Slot) -> Option<Arc<Part>> + 'a,
) -> impl Fn(Slot) -> Option<Arc<Part>> + 'a {
    move |slot| match slot {
        Slot::Note => taken.map(|taken| Arc::clone(&taken.part)),
        Slot::Message(_) | Slot::ReaderLinks => slots(slot),
    }
}

impl Site {
    /// Returns the note for a reader with these links in the header, if one waits for them.
    pub(crate) async fn take_note(
        &self,
        headers: &HeaderMap,
        links: ReaderLinks,
        encoding: Encoding,
    ) -> Option<TakenNote> {
        if links == ReaderLinks::Guest {
            return None;
        }
        let name = cookies::get(headers, self.cookies.note)?;
        let note: Note = name.parse().ok()?;
        // Boxed, because it is rare: the future of every request would be as large.
        Box::pin(self.make_note(headers, note, encoding)).await
    }

    async fn make_note(
        &self,
        headers: &HeaderMap,
        note: Note,
        encoding: Encoding,
    ) -> Option<TakenNote> {
        let context = match note.word() {
            Some(word) => {
                let text = self.snapshot().theme.word(&word).to_owned();
                NoteContext { text, links: Vec::new() }
            }
            None => self.own_context(headers, note).await?,
        };
        match self.snapshot().theme.render(Template::Note, &context) {
            Ok(html) => Some(TakenNote {
                part: Arc::new(Part::new(&html, encoding)),
                cookie: self.cookies.set(self.cookies.note, "", 0),
            }),
            Err(error) => {
                tracing::error!(%error, "theme: rendering failed, correct note.html");
                None
            }
        }
    }

    /// Returns what a note says that depends on the account; `None` if the database does not answer, or there is nothing to say
    /// yet.
    async fn own_context(&self, headers: &HeaderMap, note: Note) -> Option<NoteContext> {
        let now = (self.clock)();
        let member = self.member(headers, (now, self.opens(now))).await.ok()??;
        let snapshot = self.snapshot();
        let account = self.store.promptly(self.store.account(member.account)).await.ok()??;
        let mut withdrawal = None;
        let (text, link) = if note == Note::Ordered {
            let held = member.subscriptions();
            let live = held.iter().filter(|held| !held.state.is_over(now));
            let begun = live.max_by_key(|held| held.begun)?;
            let thanks = thanks(&snapshot, begun, now);
            let is_withdrawable = snapshot.withdrawal_words(begun, now).is_some();
            withdrawal = is_withdrawable.then_some(("/account/withdrawal", "withdraw_here"));
            (thanks, ("/account#subscription", "manage_subscription"))
        } else {
            (snapshot.theme.word("note_signed_in").to_owned(), ("/account", "account"))
        };
        let links = [Some(link), withdrawal].into_iter().flatten();
        let mut links: Vec<Link> =
            links.map(|(path, word)| Link::to(path, snapshot.theme.word(word))).collect();
        if self.may_add_first_passkey(&member).await {
            links.push(Link::to("/account#passkeys", snapshot.theme.word("passkey_add")));
        }
        Some(NoteContext { text: text.replace("{email}", account.email.as_str()), links })
    }

    /// Whether a reader has no passkey and can have one. While the database is away nobody is sent there.
    async fn may_add_first_passkey(&self, member: &CachedAccount) -> bool {
        let known = self.store.promptly(self.store.passkeys_of(member.account)).await;
        self.relying_party().is_some() && known.is_ok_and(|known| known.is_empty())
    }
}

/// The thanks for what has begun, with `{email}` still in it, and until when the reader can withdraw from the contract.
fn thanks(snapshot: &SiteSnapshot, begun: &Subscription, now: Timestamp) -> String {
    let (word, ends) = match begun.state {
        State::Trial { ends, .. } => ("note_trial", Some(ends)),
        State::Grace { since, .. } if begun.mandate.is_manual() => ("note_invoiced", Some(since)),
        State::Grace { .. }
        | State::Active { .. }
        | State::Paused { .. }
        | State::Cancelling { .. }
        | State::Ended { .. } => ("note_subscribed", None),
    };
    let date = ends.map(|ends| snapshot.last_day(ends)).unwrap_or_default();
    let text = snapshot.theme.word(word).replace("{date}", &date);
    let text = text.replace("{product}", &begun.terms.name);
    match snapshot.withdrawal_words(begun, now) {
        Some(until) => format!("{text} {until}"),
        None => text,
    }
}
