//! Drafts: what the newsroom works on before it is published.

use jiff::{Timestamp, ToSpan};
use lol_html::{RewriteStrSettings, element, rewrite_str};
use masthead_access::Tier;
use serde::{Deserialize, Serialize};

use crate::{
    clean::{FindPicture, clean},
    import::Changes,
    manuscript::named_author,
    piece::{Correction, Kind, Picture, Piece, Section, Sponsor, Status, Topic},
    slug::{RESERVED, is_slug, slugify},
    text,
};

/// The editorial workflow state of a piece. Its [`Status`] says what readers see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkflowState {
    /// There are no unpublished changes.
    #[default]
    None,
    /// Someone is writing.
    Writing,
    /// An editor has been asked to review it.
    Review,
    /// It was spiked: work on it has stopped, but can be resumed.
    Spiked,
}

impl WorkflowState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::None, Self::Writing, Self::Review, Self::Spiked];

    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Writing => "writing",
            Self::Review => "review",
            Self::Spiked => "spiked",
        }
    }

    /// Returns the state with this name, or `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.name() == name)
    }
}

/// A piece as it is being written. Any field may be missing or wrong until it is published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    /// `page` or a content type, or empty for an ordinary article.
    pub kind: String,
    /// The slug of its section.
    pub section: String,
    /// The word or two above the headline.
    pub kicker: String,
    /// The headline.
    pub headline: String,
    /// The sentence below the headline.
    pub deck: String,
    /// The names of the authors, in byline order.
    pub authors: Vec<String>,
    /// Where it was written.
    pub dateline: String,
    /// The lead picture.
    pub picture: Option<Picture>,
    /// The text, as HTML.
    pub body: String,
    /// The names of its topics.
    pub topics: Vec<String>,
    /// The tier set on the piece itself, as text.
    pub tier: String,
    /// The name of the sponsor.
    pub sponsor: String,
    /// The disclosure to readers.
    pub disclosure: String,
    /// The last part of its address, or empty to derive it from the headline.
    pub slug: String,
    /// The time before which it may not be published.
    pub embargo: Option<Timestamp>,
}

/// A reason why a draft cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The name of the field in [`Draft`].
    pub part: &'static str,
    /// What to do about it.
    pub remedy: String,
}

/// The parameters with which a draft is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishDetails {
    /// The slug, which has been checked to be free.
    pub slug: String,
    /// From when on it is visible to readers.
    pub published: Timestamp,
    /// The correction to publish with it.
    pub correction: Option<Correction>,
}

/// The content type of most articles.
const DEFAULT_KIND: &str = "article";
/// The maximum number of characters in a single-line field.
const MAX_LINE: usize = 1000;
/// The maximum number of authors, and of topics.
const MAX_NAMES: usize = 30;

impl Draft {
    /// Creates a draft with the content of `piece`.
    pub fn of(piece: &Piece) -> Self {
        let kind = piece.kind.name();
        Self {
            kind: if kind == DEFAULT_KIND { String::new() } else { kind.to_owned() },
            section: piece.section.as_ref().map(|section| section.slug.clone()).unwrap_or_default(),
            kicker: piece.kicker.clone(),
            headline: piece.headline.clone(),
            deck: piece.deck.clone(),
            authors: piece.authors.iter().map(|author| author.name.clone()).collect(),
            dateline: piece.dateline.clone(),
            picture: piece.picture.clone(),
            body: piece.body.clone(),
            topics: piece.topics.iter().map(|topic| topic.name.clone()).collect(),
            tier: piece.tier.as_ref().map(ToString::to_string).unwrap_or_default(),
            sponsor: piece.sponsor.as_ref().map(|paid| paid.name.clone()).unwrap_or_default(),
            disclosure: piece.sponsor.as_ref().map(|p| p.disclosure.clone()).unwrap_or_default(),
            slug: piece.slug.clone(),
            embargo: None,
        }
    }

    /// Normalizes the draft for storage: single-line fields without line breaks, names without
    /// duplicates, and a sanitized body. No words are lost.
    #[must_use]
    pub fn cleaned(self, find_picture: &FindPicture<'_>) -> Self {
        let picture = self.picture.and_then(|picture| {
            let kept = find_picture(&picture.src)?;
            Some(Picture {
                src: kept.src,
                width: kept.width,
                height: kept.height,
                alt: line(&picture.alt),
                caption: line(&picture.caption),
                credit: line(&picture.credit),
                focus: picture.focus.filter(|focus| focus.across <= 100 && focus.down <= 100),
            })
        });
        Self {
            kind: line(&self.kind),
            section: line(&self.section),
            kicker: line(&self.kicker),
            headline: line(&self.headline),
            deck: line(&self.deck),
            authors: names(&self.authors),
            dateline: line(&self.dateline),
            picture,
            body: clean(&self.body, find_picture, &mut Changes::default()),
            topics: names(&self.topics),
            tier: line(&self.tier),
            sponsor: line(&self.sponsor),
            disclosure: line(&self.disclosure),
            slug: line(&self.slug),
            embargo: self.embargo,
        }
    }

    /// Returns what prevents publishing this draft in place of `before`. What is already published
    /// is not reported again, so that a mistake in an old piece can be corrected.
    pub fn obstacles(&self, sections: &[Section], before: Option<&Piece>) -> Vec<Obstacle> {
        let mut all = Vec::new();
        let mut add = |part, remedy: &str| all.push(Obstacle { part, remedy: remedy.to_owned() });
        if self.headline.is_empty() {
            add("headline", "Write a headline.");
        }
        if !self.is_page() && self.find_section(sections, before).is_none() {
            add("section", "Choose the section that it stands in.");
        }
        if text::plain(&self.body).trim().is_empty() {
            add("body", "Write the text.");
        }
        let known = before.and_then(|before| before.picture.as_ref());
        if self.picture.as_ref().is_some_and(|p| p.alt.is_empty() && known != Some(p)) {
            add("picture", "Say what the lead picture shows, for those who do not see it.");
        }
        let known = before.map_or("", |before| &before.body);
        if pictures_without_alt(&self.body).iter().any(|src| !known.contains(src.as_str())) {
            add("body", "Say what each picture in the text shows, for those who do not see it.");
        }
        match (self.sponsor.is_empty(), self.disclosure.is_empty()) {
            (false, true) => add("disclosure", "Tell readers who paid for it and had a say in it."),
            (true, false) => add("sponsor", "Name who paid for it, or take the disclosure out."),
            (true, true) | (false, false) => {}
        }
        if let Err(error) = self.tier() {
            add("tier", &error);
        }
        if !self.slug.is_empty() && !is_slug(&self.slug) {
            let better = slugify(&self.slug);
            add("slug", &format!("An address has small letters, digits and hyphens: {better}"));
        }
        if self.is_page() && RESERVED.contains(&self.desired_slug().as_str()) {
            add("slug", "That is an address of the site itself; give the page another.");
        }
        all
    }

    /// Returns the requested slug, or the one derived from the headline. May be empty.
    pub fn desired_slug(&self) -> String {
        if self.slug.is_empty() { slugify(&self.headline) } else { self.slug.clone() }
    }

    /// Returns the piece that replaces `before`. Properties that a draft does not have are taken
    /// from `before`.
    pub fn publish(
        &self,
        how: PublishDetails,
        sections: &[Section],
        before: Option<&Piece>,
    ) -> Piece {
        let kind = if self.kind.is_empty() { DEFAULT_KIND } else { &self.kind };
        let known = |name: &str| {
            let authors = before.map_or(&[][..], |before| &before.authors);
            authors.iter().find(|author| author.name == name).cloned()
        };
        let author = |name: &String| known(name).unwrap_or_else(|| named_author(name.clone()));
        let sponsor = Sponsor { name: self.sponsor.clone(), disclosure: self.disclosure.clone() };
        let kept = before.filter(|before| before.published.is_some());
        Piece {
            slug: how.slug,
            kind: Kind::from(kind.to_owned()),
            status: Status::Published,
            section: if self.is_page() { None } else { self.find_section(sections, before) },
            kicker: self.kicker.clone(),
            headline: self.headline.clone(),
            deck: self.deck.clone(),
            authors: self.authors.iter().map(author).collect(),
            dateline: self.dateline.clone(),
            picture: self.picture.clone(),
            body: self.body.clone(),
            topics: self
                .topics
                .iter()
                .map(|name| Topic { slug: slugify(name), name: name.clone() })
                .collect(),
            tier: self.tier().unwrap_or_default(),
            sponsor: (!self.sponsor.is_empty()).then_some(sponsor),
            published: Some(how.published),
            updated: kept.and_then(|before| before.updated),
            corrections: kept
                .into_iter()
                .flat_map(|before| before.corrections.iter().cloned())
                .chain(how.correction)
                .collect(),
            canonical: before.and_then(|before| before.canonical.clone()),
            language: before.and_then(|before| before.language.clone()),
            former_addresses: kept.map(|kept| kept.former_addresses.clone()).unwrap_or_default(),
        }
    }

    /// Returns `true` if this is a page of the publication.
    pub fn is_page(&self) -> bool {
        self.kind == Kind::Page.name()
    }

    /// Finds its section. A section that has been removed is still valid for a piece that was in it
    /// before.
    fn find_section(&self, sections: &[Section], before: Option<&Piece>) -> Option<Section> {
        let left = before.and_then(|before| before.section.as_ref());
        sections.iter().chain(left).find(|section| section.slug == self.section).cloned()
    }

    fn tier(&self) -> Result<Option<Tier>, String> {
        if self.tier.is_empty() {
            return Ok(None);
        }
        self.tier
            .parse()
            .map(Some)
            .map_err(|error: masthead_access::tier::ParseTierError| error.to_string())
    }
}

/// Returns the update time of a piece that replaces `before`: `now` if the text changed and readers
/// had `before` for more than ten minutes.
pub fn updated(piece: &Piece, before: &Piece, now: Timestamp) -> Option<Timestamp> {
    // A fix within minutes of publication is not an update for readers.
    let settled = before.published.is_some_and(|at| at + 10.minutes() < now);
    let reworded = piece.body != before.body || piece.headline != before.headline;
    if before.status == Status::Published && settled && reworded {
        Some(now)
    } else {
        before.updated
    }
}

/// Returns the addresses of the pictures in a text that have no alternative text.
fn pictures_without_alt(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let settings =
        RewriteStrSettings::new().append_element_content_handler(element!("img", |image| {
            let alt = image.get_attribute("alt").unwrap_or_default();
            if alt.trim().is_empty() {
                found.push(image.get_attribute("src").unwrap_or_default());
            }
            Ok(())
        }));
    // A text that cannot be parsed has no pictures either.
    let _ = rewrite_str(html, settings);
    found
}

fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(MAX_LINE).collect()
}

fn names(all: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in all.iter().map(|name| line(name)) {
        if !slugify(&name).is_empty() && !names.contains(&name) && names.len() < MAX_NAMES {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::StoredPicture;

    fn sections() -> Vec<Section> {
        vec![Section { slug: "harbour".into(), name: "Harbour".into() }]
    }

    fn draft() -> Draft {
        Draft {
            section: "harbour".into(),
            headline: "The last ferry".into(),
            authors: vec!["Ada Quill".into(), "Bo".into()],
            body: "<p>It left.</p>".into(),
            ..Draft::default()
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn published() -> Piece {
        let how = PublishDetails {
            slug: "the-last-ferry".into(),
            published: at("2026-11-24T07:00:00Z"),
            correction: None,
        };
        draft().publish(how, &sections(), None)
    }

    fn parts(draft: &Draft, before: Option<&Piece>) -> Vec<&'static str> {
        draft.obstacles(&sections(), before).into_iter().map(|obstacle| obstacle.part).collect()
    }

    #[test]
    fn missing_fields_are_reported() {
        assert_eq!(parts(&Draft::default(), None), ["headline", "section", "body"]);
        assert!(parts(&draft(), None).is_empty());
        let page = Draft { kind: "page".into(), section: String::new(), ..draft() };
        assert!(parts(&page, None).is_empty());
        let reserved = Draft { headline: "Account".into(), ..page };
        assert_eq!(parts(&reserved, None), ["slug"]);
        let paid = Draft { sponsor: "The Ropeworks".into(), ..draft() };
        assert_eq!(parts(&paid, None), ["disclosure"]);
        let odd = Draft { tier: "gold".into(), slug: "The Ferry".into(), ..draft() };
        assert_eq!(parts(&odd, None), ["tier", "slug"]);
    }

    #[test]
    fn a_picture_needs_a_description_unless_already_published() {
        let body = r#"<p>A</p><figure><img src="/media/1.jpg" alt=" "></figure>"#;
        let silent = Draft { body: body.into(), ..draft() };
        assert_eq!(parts(&silent, None), ["body"]);
        let before = Piece { body: body.into(), ..published() };
        assert!(parts(&silent, Some(&before)).is_empty());
    }

    #[test]
    fn a_piece_in_a_removed_section_can_still_be_corrected() {
        let old = Section { slug: "docks".into(), name: "Docks".into() };
        let before = Piece { section: Some(old.clone()), ..published() };
        let draft = Draft::of(&before);
        assert!(parts(&draft, Some(&before)).is_empty());
        assert_eq!(parts(&draft, None), ["section"]);
        let how =
            PublishDetails { slug: "x".into(), published: Timestamp::UNIX_EPOCH, correction: None };
        assert_eq!(draft.publish(how, &sections(), Some(&before)).section, Some(old));
    }

    #[test]
    fn an_unchanged_draft_publishes_the_same_piece() {
        let before = Piece {
            former_addresses: vec!["/?p=7".into()],
            canonical: Some("https://elsewhere.example/ferry".into()),
            corrections: vec![Correction {
                date: jiff::civil::date(2026, 11, 24),
                text: "A".into(),
            }],
            ..published()
        };
        let how = PublishDetails {
            slug: before.slug.clone(),
            published: before.published.expect("published"),
            correction: None,
        };
        assert_eq!(Draft::of(&before).publish(how, &sections(), Some(&before)), before);
    }

    #[test]
    fn a_cleaned_draft_is_safe_and_loses_no_word() {
        let find = |src: &str| {
            (src == "/media/1.jpg").then(|| StoredPicture { src: src.into(), width: 4, height: 3 })
        };
        let picture =
            Picture { src: "/media/1.jpg".into(), alt: " A\nboat ".into(), ..Picture::default() };
        let foreign = Picture { src: "https://t.example/p.gif".into(), ..Picture::default() };
        let kept = Draft {
            headline: " The\n last\u{7} ferry ".into(),
            authors: vec![" Ada ".into(), "Ada".into(), "…".into()],
            body: "<p onclick=x>It <script>x</script>left.".into(),
            picture: Some(picture),
            ..Draft::default()
        }
        .cleaned(&find);
        assert_eq!(kept.headline, "The last ferry");
        assert_eq!(kept.authors, ["Ada"]);
        assert_eq!(kept.body, "<p>It left.</p>");
        let picture = kept.picture.expect("a picture");
        assert_eq!((picture.alt.as_str(), picture.width), ("A boat", 4));
        let without = Draft { picture: Some(foreign), ..Draft::default() }.cleaned(&find);
        assert_eq!(without.picture, None);
    }

    #[test]
    fn only_text_that_readers_could_have_read_is_updated() {
        let before = published();
        let changed = Piece { body: "<p>It stayed.</p>".into(), ..before.clone() };
        let soon = at("2026-11-24T07:05:00Z");
        let later = at("2026-11-24T09:00:00Z");
        assert_eq!(updated(&changed, &before, soon), None);
        assert_eq!(updated(&changed, &before, later), Some(later));
        assert_eq!(updated(&before.clone(), &before, later), None);
    }
}
