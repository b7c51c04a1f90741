//! Checks a theme before readers see it: every template is rendered with every kind of context, from a sample
//! edition that has rich and bare articles.

use std::{path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::Date};
use masthead_access::{ArticleId, Experiment, Tier, Treatment};
use masthead_editorial::{
    Appearance, Author, Correction, Design, Focus, Kind, Picture, Piece, Section, Sponsor, Status,
    Topic, clean::StoredPicture, crops::CropPlace, replaced_pictures::ReplacedPicture,
};
use masthead_store::{LiveCoverage, LivePost, LivePostNumber, StoredPiece};

mod personal;
mod reading;
mod sales;
mod search;
mod variants;

use self::{
    personal::check_personal, sales::check_sales, search::check_search, variants::check_variants,
};
use crate::{
    contexts::{Link, ListContext, RelatedContext},
    edition::Edition,
    layout::{Form, Layout, PieceContent},
    page_cache::PageCache,
    publication::Publication,
    reader_links::ReaderLinks,
    snapshot::{SiteSnapshot, SnapshotParts},
    theme::{Template, Theme, ThemeError},
};

impl Theme {
    /// Loads the theme in `folder` for this publication, and renders every template with the publication's settings. Uses a
    /// `known` theme or its assets again if they have not changed. Blocks.
    ///
    /// # Errors
    ///
    /// Returns an error if the theme cannot be loaded, or if a template fails with what it may be given.
    pub fn load_checked(
        folder: Option<&Path>,
        publication: &Arc<Publication>,
        known: Option<&Arc<Self>>,
        now: Timestamp,
    ) -> Result<Arc<Self>, ThemeError> {
        let theme = Self::load_reusing(folder, publication, known)?;
        let parts = SnapshotParts::new(Arc::clone(publication), Arc::clone(&theme));
        SiteSnapshot::new(parts, now, Arc::new(PageCache::new(0))).check_theme()?;
        Ok(theme)
    }
}

impl SiteSnapshot {
    /// Renders every template with every kind of context, to find an error before a reader
    /// does.
    fn check_theme(&self) -> Result<(), ThemeError> {
        let SampleEdition { edition, pieces } = sample_edition(self.layout().now);
        let theme = &self.theme;
        let most_read: Vec<ArticleId> = pieces.iter().map(|piece| piece.id).collect();
        let layout = Layout { edition: &edition, most_read: &most_read, ..self.layout() };
        theme.render(Template::Home, &layout.home())?;
        theme.render(Template::Meter, &layout.meter(theme.word("meter_page")))?;
        for status in [404, 500, 503] {
            theme.render(Template::Error, &layout.error(status, self.error_heading(status)))?;
        }
        let empty = Edition::default();
        theme.render(Template::Home, &Layout { edition: &empty, ..self.layout() }.home())?;
        let related: Vec<_> = edition.articles().iter().map(|entry| layout.card(entry)).collect();
        for links in ReaderLinks::ALL {
            self.reader_links_html(links, true)?;
            self.reader_links_html(links, false)?;
        }
        let by_author = related.clone();
        let author = Some(Link::to("/author/first", "An Author"));
        theme.render(Template::Related, &RelatedContext { author, by_author, related })?;
        // Those after them are of the same kinds, and only fill the lists.
        for StoredPiece { id, piece, posts, .. } in pieces.into_iter().take(KINDS) {
            let Some(entry) = edition.piece(id) else { continue };
            for form in [Form::Full, Form::Teaser] {
                let content = PieceContent { piece: piece.clone(), posts: posts.clone() };
                self.render_piece(&layout, entry, content, form)?;
            }
        }
        for address in edition.addresses() {
            if let Some(mut list) = layout.list(&address, 1) {
                // Its cards are sponsored and not, in turn.
                list.cards.truncate(2);
                theme.render(Template::List, &list)?;
                let (lead, seconds) = (list.cards.first().cloned(), list.cards.clone());
                theme.render(Template::List, &ListContext { lead, seconds, ..list })?;
            }
        }
        // One that is live and has nothing else, and the last piece, which has everything that an article may have.
        let samples = [Some(ArticleId(LIVE_AND_BARE)), most_read.last().copied()];
        let samples = samples.into_iter().flatten().filter_map(|id| edition.piece(id));
        check_variants(
            theme,
            &layout,
            &samples.map(|entry| layout.card(entry)).collect::<Vec<_>>(),
        )?;
        check_search(theme, &layout, &most_read)?;
        check_personal(theme, &layout)?;
        check_sales(theme, &layout)?;
        let tried = match &self.publication.experiment {
            Some(Experiment { treatment: Treatment::Message(tried), .. }) => Some(&**tried),
            Some(_) | None => None,
        };
        for message in self.publication.messages.iter().chain(tried) {
            theme.render(Template::Message, &self.sample_words(message))?;
        }
        Ok(())
    }
}

/// Returns a text, or an empty one.
fn some(full: bool) -> String {
    if full { "something".to_owned() } else { String::new() }
}

/// Returns a list of texts, or an empty one.
fn list(full: bool) -> Vec<String> {
    if full { vec!["One".to_owned(), "Two".to_owned()] } else { Vec::new() }
}

/// Pieces at the beginning of the sample edition that differ in kind: bare, a page, sponsored, and not; live and bare, with the
/// lead picture to share, and a page that search engines leave out.
const KINDS: usize = 7;
/// The number of the one that is live and bare.
const LIVE_AND_BARE: u32 = 5;

/// The edition and its pieces.
struct SampleEdition {
    edition: Edition,
    pieces: Vec<StoredPiece>,
}

/// An edition with a page, a minimal article, and enough articles to fill every list.
fn sample_edition(now: Timestamp) -> SampleEdition {
    let mut pieces = vec![bare(now), Piece { kind: Kind::Page, ..bare(now) }];
    let appear = |noindex| Appearance { noindex, ..Appearance::default() };
    pieces.extend([rich(now, true), rich(now, false), bare(now)]);
    pieces.push(Piece { appearance: appear(false), ..rich(now, false) });
    let language = Some("en".to_owned());
    pieces.push(Piece { kind: Kind::Page, appearance: appear(true), language, ..bare(now) });
    pieces.extend((0..28).map(|number| rich(now, number % 2 == 0)));
    let listed = pieces.into_iter().zip(1..).map(|(piece, number)| StoredPiece {
        id: ArticleId(number),
        revision: i64::from(number),
        piece: Piece { slug: format!("{}-{number}", piece.slug), ..piece },
        pictures: Vec::new(),
        minutes: 1,
        live: coverage(number, now),
        posts: if (3..LIVE_AND_BARE).contains(&number) { posts(now) } else { Vec::new() },
    });
    let pieces: Vec<StoredPiece> = listed.collect();
    let mut draft = Edition::default();
    draft.add(pieces.clone(), now);
    let part = |place| {
        (
            place,
            StoredPicture { src: "/media/picture-3x2.0-0-2x2.jpg".to_owned(), width: 2, height: 2 },
        )
    };
    draft.replace_pictures(vec![ReplacedPicture {
        stem: "picture-3x2".to_owned(),
        file: StoredPicture { src: "/media/picture-3x2.jpg".to_owned(), width: 3, height: 2 },
        files: Vec::new(),
        crops: vec![part(CropPlace::Square)],
    }]);
    SampleEdition { edition: draft.lay_out(0, authors(), now), pieces }
}

/// The live coverage of the piece with this number: of the third and the fifth it is running, and of the fourth it has ended.
fn coverage(number: u32, now: Timestamp) -> Option<LiveCoverage> {
    let ended = [None, Some(now), None].get(number.checked_sub(3)? as usize).copied()?;
    Some(LiveCoverage { started: now, ended, updated: now, revisions: Vec::new() })
}

/// Two posts: one with everything that a post may have, and one with no more than it must.
fn posts(now: Timestamp) -> Vec<LivePost> {
    let post = |full: bool| LivePost {
        number: LivePostNumber(u32::from(full)),
        version: 1,
        by: None,
        published: now,
        changed: full.then_some(now),
        is_pinned: full,
        headline: some(full),
        source: String::new(),
        body: if full { "<p>Text.</p>".to_owned() } else { String::new() },
    };
    vec![post(true), post(false)]
}

fn author() -> Author {
    Author {
        slug: "author".to_owned(),
        name: "An Author".to_owned(),
        role: "Reporter".to_owned(),
        bio: "<p>Writes.</p>".to_owned(),
        portrait: Some(picture("/media/portrait-3x3.jpg")),
        is_desk: false,
        email: "author@example.org".to_owned(),
    }
}

fn picture(src: &str) -> Picture {
    Picture {
        src: src.to_owned(),
        alt: "A picture".to_owned(),
        caption: "A caption".to_owned(),
        credit: "A credit".to_owned(),
        width: 3,
        height: 2,
        focus: Some(Focus { across: 20, down: 80 }),
    }
}

/// As many as a list of names needs to have a first, a last and one between them.
fn authors() -> Vec<Author> {
    let named = |slug: &str| Author { slug: slug.to_owned(), ..author() };
    ["first", "second", "third"].map(named).to_vec()
}

/// An article with no more than it must have.
pub(crate) fn bare(now: Timestamp) -> Piece {
    Piece {
        slug: "piece".to_owned(),
        kind: Kind::Article("article".to_owned()),
        design: None,
        status: Status::Published,
        section: None,
        kicker: String::new(),
        headline: "Headline".to_owned(),
        deck: String::new(),
        authors: Vec::new(),
        dateline: String::new(),
        picture: None,
        body: "<p>A paragraph.</p>".to_owned(),
        topics: Vec::new(),
        tier: None,
        sponsor: None,
        published: Some(now),
        updated: None,
        corrections: Vec::new(),
        canonical: None,
        appearance: Appearance::default(),
        language: None,
        former_addresses: Vec::new(),
    }
}

fn rich(now: Timestamp, sponsored: bool) -> Piece {
    let sponsor = Sponsor { name: "Sponsor".to_owned(), disclosure: "Paid.".to_owned() };
    Piece {
        section: Some(Section { slug: "section".to_owned(), name: "Section".to_owned() }),
        kicker: "Kicker".to_owned(),
        deck: "A deck.".to_owned(),
        authors: authors(),
        dateline: "Here".to_owned(),
        picture: Some(Picture {
            width: if sponsored { 1 } else { 3 },
            ..picture("/media/picture-3x2.jpg")
        }),
        design: Some(if sponsored { Design::LongRead } else { Design::Opinion }),
        topics: vec![Topic { slug: "topic".to_owned(), name: "Topic".to_owned() }],
        tier: Some(Tier::Subscribers),
        sponsor: sponsored.then_some(sponsor),
        updated: Some(now + SignedDuration::from_secs(1)),
        corrections: vec![Correction {
            date: Date::constant(2026, 1, 1),
            text: "Corrected.".to_owned(),
        }],
        canonical: Some("https://example.org/original".to_owned()),
        language: Some("en".to_owned()),
        appearance: Appearance {
            search_title: "Search title".to_owned(),
            search_description: "Search description".to_owned(),
            social_title: "Social title".to_owned(),
            social_description: "Social description".to_owned(),
            social_picture: "/media/social-3x2.jpg".to_owned(),
            noindex: sponsored,
        },
        ..bare(now)
    }
}

#[cfg(test)]
pub(crate) mod tests;
