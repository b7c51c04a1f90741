//! An immutable snapshot of everything that readers get: settings, theme, edition and the day.
//!
//! [`Live`](crate::Live) replaces the snapshot whenever one of them changes. Pages are rendered and
//! compressed when somebody first asks for them and kept across snapshots (see [`crate::page_cache`]).

mod pages;

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use masthead_access::{ArticleId, CurrentWindow, Reads};
use masthead_circulation::{History, Subscription, last_day, reading::FollowKind};
use masthead_media::WorkError;
use masthead_store::StoreError;

use crate::{
    edition::Edition,
    layout::Layout,
    messages::MessageCache,
    offer_set::OfferSet,
    page::CommonParts,
    page_cache::PageCache,
    publication::Publication,
    rates::Rates,
    strips::StripReadings,
    theme::{Theme, ThemeError},
    tier_changes::next_tier_change,
};

/// Why a page cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The edition has no such page.
    #[error("there is no such page")]
    Absent,
    /// The piece was changed after this snapshot was made. Its new text may be locked, so it is not rendered:
    /// refresh, and decide again.
    #[error("the piece has changed since this snapshot was made")]
    Changed,
    /// The template fails with this page's context.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The body cannot be read from the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that rendered the page ended early.
    #[error("rendering was interrupted: {0}")]
    Interrupted(String),
    /// There was no thread or no time for rendering a preview.
    #[error(transparent)]
    Work(#[from] WorkError),
}

/// What a snapshot is made of. A change takes the parts of the current snapshot, replaces some, and
/// hands them back to [`Live::update`](crate::Live::update).
#[derive(Clone)]
pub struct SnapshotParts {
    /// What the publisher has set.
    pub publication: Arc<Publication>,
    /// The theme that pages are rendered with.
    pub theme: Arc<Theme>,
    /// What is published.
    pub edition: Arc<Edition>,
    /// The most-read articles, most read first.
    pub most_read: Arc<Vec<ArticleId>>,
    /// Slugs of offers that have reached their limit in number.
    pub sold_out: Arc<Vec<String>>,
    /// What the sources of strips have said last.
    pub strips: Arc<StripReadings>,
}

impl PageError {
    /// Whether the database did not answer. The page may be ready in a moment.
    pub fn is_database_away(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_unreachable())
    }
}

impl SnapshotParts {
    /// The parts of a publication that has published nothing.
    pub fn new(publication: Arc<Publication>, theme: Arc<Theme>) -> Self {
        let (edition, most_read, sold_out) = (Arc::default(), Arc::default(), Arc::default());
        Self { publication, theme, edition, most_read, sold_out, strips: Arc::default() }
    }
}

/// See the module's documentation.
pub struct SiteSnapshot {
    /// What the publisher has set, with the authors and topics of now where it names former ones.
    pub publication: Arc<Publication>,
    /// The same as it was set.
    as_set: Arc<Publication>,
    /// The theme that pages are rendered with.
    pub theme: Arc<Theme>,
    /// What is published.
    pub edition: Arc<Edition>,
    /// The most-read articles, most read first.
    pub most_read: Arc<Vec<ArticleId>>,
    sold_out_offers: Arc<Vec<String>>,
    strips: Arc<StripReadings>,
    /// Distinguishes snapshots of this process.
    number: u64,
    /// Changes with the settings and the theme.
    generation: u64,
    now: Timestamp,
    day: Date,
    window: CurrentWindow,
    next_tier_change: Option<Timestamp>,
    pages: Arc<PageCache>,
    running: [OfferSet; History::ALL.len()],
    sold_out: OfferSet,
    pub(crate) messages: Arc<MessageCache>,
}

impl SiteSnapshot {
    /// The first snapshot of a process, made at `now`.
    pub fn new(parts: SnapshotParts, now: Timestamp, pages: Arc<PageCache>) -> Self {
        let publication = parts.publication.with_current_names(parts.edition.retired_names());
        Self::with((parts, publication), now, pages, 0, 0, Arc::default())
    }

    /// The snapshot that follows this one, made at `now`.
    #[must_use]
    pub fn next(&self, parts: SnapshotParts, now: Timestamp) -> Self {
        let retired = parts.edition.retired_names();
        let is_same = Arc::ptr_eq(&parts.publication, &self.as_set)
            && Arc::ptr_eq(retired, self.edition.retired_names());
        let publication = if is_same {
            Arc::clone(&self.publication)
        } else {
            parts.publication.with_current_names(retired)
        };
        let same =
            Arc::ptr_eq(&publication, &self.publication) && Arc::ptr_eq(&parts.theme, &self.theme);
        let day = local_date(&publication, now);
        let (generation, messages) = if same && day == self.day {
            (self.generation, Arc::clone(&self.messages))
        } else {
            (self.generation + u64::from(!same), Arc::default())
        };
        let pages = Arc::clone(&self.pages);
        Self::with((parts, publication), now, pages, self.number + 1, generation, messages)
    }

    fn with(
        (parts, publication): (SnapshotParts, Arc<Publication>),
        now: Timestamp,
        pages: Arc<PageCache>,
        number: u64,
        generation: u64,
        messages: Arc<MessageCache>,
    ) -> Self {
        let SnapshotParts { publication: as_set, theme, edition, most_read, sold_out, strips } =
            parts;
        let running = History::ALL.map(|history| {
            OfferSet::running(&publication.catalogue, history, now, &publication.policy.zone)
        });
        Self {
            day: local_date(&publication, now),
            window: CurrentWindow::new(publication.policy.window, now, &publication.policy.zone),
            next_tier_change: next_tier_change(&publication.policy, &edition, now),
            sold_out: OfferSet::named(&publication.catalogue, &sold_out),
            sold_out_offers: sold_out,
            strips,
            publication,
            as_set,
            theme,
            edition,
            most_read,
            number,
            generation,
            now,
            running,
            pages,
            messages,
        }
    }

    /// Returns what this snapshot is made of.
    pub fn parts(&self) -> SnapshotParts {
        SnapshotParts {
            publication: Arc::clone(&self.as_set),
            theme: Arc::clone(&self.theme),
            edition: Arc::clone(&self.edition),
            most_read: Arc::clone(&self.most_read),
            sold_out: Arc::clone(&self.sold_out_offers),
            strips: Arc::clone(&self.strips),
        }
    }

    /// Whether an access rule names one of these authors or topics, by its slug of now or as it was set: if it were moved, other
    /// articles would be free, or locked.
    pub fn has_rule_on(&self, kind: FollowKind, slugs: &[&str]) -> bool {
        let rules = self.publication.policy.rules.iter().chain(&self.as_set.policy.rules);
        let mut named = rules.filter_map(|rule| match kind {
            FollowKind::Author => rule.author.as_deref(),
            FollowKind::Topic => rule.topic.as_deref(),
        });
        named.any(|named| slugs.contains(&named))
    }

    /// Returns the offers that a reader of this history may take today without a code.
    pub fn offers(&self, history: History) -> OfferSet {
        self.running[history as usize].without(self.sold_out)
    }

    /// Returns the slugs of offers that have reached their limit in number.
    pub fn sold_out_offers(&self) -> &[String] {
        &self.sold_out_offers
    }

    /// Returns the day of an instant in the publication's time zone, written out.
    pub fn date_of(&self, at: Timestamp) -> String {
        self.publication.locale.date(local_date(&self.publication, at))
    }

    /// Returns the last day of what ends before `end`, such as a trial, written out.
    pub fn last_day(&self, end: Timestamp) -> String {
        self.publication.locale.date(last_day(end, &self.publication.policy.zone))
    }

    /// Returns an instant to the minute in the publication's time zone, with that zone: "1 December 2026 at 08:40
    /// (Europe/London, UTC+00:00)".
    pub fn moment_of(&self, at: Timestamp) -> String {
        let zone = &self.publication.policy.zone;
        let local = at.to_zoned_datetime(zone.clone());
        let written = self.publication.locale.date_and_time(local.datetime());
        let offset = local.strftime("UTC%:z");
        match zone.iana_name() {
            Some(name) => format!("{written} ({name}, {offset})"),
            None => format!("{written} ({offset})"),
        }
    }

    /// Returns a sentence that says until when the reader can withdraw from the contract of a subscription, or `None` if they cannot
    /// at `asked`.
    pub fn withdrawal_words(&self, held: &Subscription, asked: Timestamp) -> Option<String> {
        let (period, zone) = (self.publication.withdrawal, &self.publication.policy.zone);
        let end = held.withdrawable_until(period, asked, zone)?;
        Some(self.theme.word("withdraw_until").replace("{date}", &self.last_day(end)))
    }

    /// Returns the local date that pages show.
    pub fn day(&self) -> Date {
        self.day
    }

    /// Returns the first second of the meter's window that holds `now`.
    pub fn window_opens(&self, now: Timestamp) -> i64 {
        self.window.opens(now, &self.publication.policy.zone)
    }

    /// Returns the day on which a meter with these reads resets, at `now`.
    pub fn meter_resets_on(&self, reads: &Reads, now: Timestamp) -> Option<Date> {
        self.window.resets_on(reads, now, &self.publication.policy.zone)
    }

    /// Returns when the tier of an article may change because of its age. Pages then show something else.
    pub fn next_tier_change(&self) -> Option<Timestamp> {
        self.next_tier_change
    }

    /// Returns when the breaking news ends that this snapshot shows.
    pub fn breaking_ends(&self) -> Option<Timestamp> {
        let news = self.publication.breaking.as_ref().filter(|news| news.is_shown(self.now))?;
        Some(news.until)
    }

    /// Returns when the first of the shown strips becomes stale.
    pub fn strip_ends(&self) -> Option<Timestamp> {
        let strips = self.publication.strips.iter();
        let ends = strips
            .filter_map(|strip| Some(self.strips.get(&strip.source.to_string())?.stale_at(strip)));
        ends.filter(|end| *end > self.now).min()
    }

    /// Returns what the sources of strips have said last.
    pub fn strip_readings(&self) -> &StripReadings {
        &self.strips
    }

    /// Returns what writes prices in the publication's words and locale.
    pub fn rates(&self) -> Rates<'_> {
        Rates { theme: &self.theme, locale: &self.publication.locale }
    }

    /// Returns the layout that turns the edition into template contexts.
    pub fn layout(&self) -> Layout<'_> {
        Layout {
            publication: &self.publication,
            theme: &self.theme,
            edition: &self.edition,
            fronts: &self.publication.fronts,
            most_read: &self.most_read,
            strips: &self.strips,
            now: self.now,
        }
    }

    /// Returns the parts that pages have in common.
    pub fn common_parts(&self) -> &CommonParts {
        &self.pages.common
    }
}

fn local_date(publication: &Publication, at: Timestamp) -> Date {
    at.to_zoned_datetime(publication.policy.zone.clone()).date()
}
