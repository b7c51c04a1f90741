//! Lays pages out: converts the edition to the contexts of templates.

mod fronts;

use jiff::Timestamp;
use masthead_access::{Allowance, ArticleId, Tier, Treatment, Window};
use masthead_editorial::{
    Author, Focus, Front, Picture, Piece, Section, SectionStyle, renditions, text,
};
use serde::Serialize;
use serde_json::json;

use crate::{
    contexts::{
        ArticleContext, Card, Chrome, CorrectionContext, ErrorContext, Link, MeterContext,
        PictureContext, RelatedContext, SourceContext,
    },
    edition::{Edition, Entry},
    publication::Publication,
};

/// The maximum number of related articles.
const RELATED: usize = 4;
/// The maximum number of sections in the navigation if the publisher has set none.
const MOST_SECTIONS: usize = 8;
/// The maximum number of the publication's own pages in the footer.
const MOST_PAGES: usize = 8;
/// The maximum number of characters in a description for search engines.
const DESCRIPTION: usize = 200;

pub use self::fronts::PER_PAGE;

/// The part of an article that is on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// The whole text.
    Full,
    /// The part of a locked article that everybody may read.
    Teaser,
}

/// The layout of one day's pages.
pub struct Layout<'a> {
    /// What the publisher has set.
    pub publication: &'a Publication,
    /// What is published.
    pub edition: &'a Edition,
    /// The fronts that the newsroom has arranged.
    pub fronts: &'a [Front],
    /// Articles, the most read first.
    pub most_read: &'a [ArticleId],
    /// The time for which it is laid out.
    pub now: Timestamp,
}

impl Layout<'_> {
    /// Returns the context of an article or page. The body must not contain more than the page may.
    pub fn article(&self, entry: &Entry, piece: Piece, form: Form) -> ArticleContext {
        let date = |instant: Timestamp| self.date(instant);
        let topics = piece.topics.iter().map(|topic| Link {
            href: format!("/topic/{}", topic.slug),
            name: topic.name.clone(),
            slug: topic.slug.clone(),
            current: false,
        });
        let corrections = piece.corrections.iter().map(|correction| CorrectionContext {
            date: self.publication.locale.date(correction.date),
            text: correction.text.clone(),
        });
        let description = if piece.deck.is_empty() {
            text::shorten(&text::plain(&self.teaser(&piece.body)), DESCRIPTION).into_owned()
        } else {
            piece.deck.clone()
        };
        let section = entry.section.as_ref().map_or("", |section| &section.slug);
        let title = format!("{} | {}", piece.headline, self.publication.name);
        let updated = piece.updated.filter(|updated| *updated > entry.published);
        ArticleContext {
            chrome: self.chrome(title, &description, &entry.address, section, Some(&piece)),
            card: self.card(entry),
            updated: updated.map(date).unwrap_or_default(),
            updated_datetime: updated.map(|updated| updated.to_string()).unwrap_or_default(),
            locked: form == Form::Teaser,
            free: self.is_free(entry),
            corrections: corrections.collect(),
            topics: topics.collect(),
            structured_data: self.structured_data(entry, &piece, &description),
            disclosure: piece.sponsor.map(|sponsor| sponsor.disclosure).unwrap_or_default(),
            dateline: piece.dateline,
            body: renditions::add_sources(&piece.body),
        }
    }

    /// Returns what to read after an article; nothing after a page of the publication itself.
    pub fn related(&self, entry: &Entry) -> RelatedContext {
        let related = if entry.is_page() {
            Vec::new()
        } else {
            let related = self.edition.related(entry, RELATED);
            related.into_iter().map(|entry| self.card(entry)).collect()
        };
        RelatedContext { related }
    }

    /// Returns everything that the page of a piece shows besides what the piece itself says and the
    /// related articles: the page is up to date while this and the piece's revision are the same.
    pub fn frame(&self, entry: &Entry) -> impl Serialize + use<> {
        let section = entry.section.as_ref().map_or("", |section| &section.slug);
        let chrome = self.chrome(String::new(), "", &entry.address, section, None);
        (chrome, self.card(entry), self.is_free(entry))
    }

    /// Returns the part of a body that everybody may read.
    pub fn teaser(&self, body: &str) -> String {
        masthead_editorial::teaser::teaser(body, self.publication.teaser)
    }

    /// The page about the meter.
    pub fn meter(&self, title: &str) -> MeterContext {
        let policy = &self.publication.policy;
        let (window, days) = match policy.window {
            Window::Month => ("month", 0),
            Window::Week => ("week", 0),
            Window::Days(days) => ("days", days),
        };
        let title = format!("{title} | {}", self.publication.name);
        MeterContext {
            chrome: self.chrome(title, "", "/how-the-meter-works", "", None),
            registered: match (policy.allowances.anonymous, policy.allowances.registered) {
                (Allowance::Articles(few), Allowance::Articles(more)) => {
                    (more > few).then_some(more)
                }
                (Allowance::Unlimited, _) | (_, Allowance::Unlimited) => None,
            },
            tried: match self.publication.experiment.as_ref().map(|running| &running.treatment) {
                Some(Treatment::Anonymous(Allowance::Articles(articles))) => Some(*articles),
                Some(Treatment::Anonymous(Allowance::Unlimited) | Treatment::Message(_)) | None => {
                    None
                }
            },
            allowance: match policy.allowances.anonymous {
                Allowance::Articles(articles) => Some(articles),
                Allowance::Unlimited => None,
            },
            window,
            days,
            zone: policy.zone.iana_name().unwrap_or("UTC").replace('_', " "),
        }
    }

    /// The page of an error.
    pub fn error(&self, status: u16) -> ErrorContext {
        let title = self.publication.name.clone();
        ErrorContext { chrome: self.chrome(title, "", "/", "", None), status }
    }

    /// The surroundings of a page that only its reader sees.
    pub fn bare_chrome(&self, title: &str) -> Chrome {
        self.chrome(format!("{title} | {}", self.publication.name), "", "/", "", None)
    }

    fn chrome(
        &self,
        title: String,
        description: &str,
        address: &str,
        section: &str,
        piece: Option<&Piece>,
    ) -> Chrome {
        let publication = self.publication;
        let own = piece.and_then(|piece| piece.canonical.clone());
        let language = piece.and_then(|piece| piece.language.clone());
        Chrome {
            publication: publication.name.clone(),
            tagline: publication.tagline.clone(),
            language: language.unwrap_or_else(|| publication.locale.tag().to_owned()),
            title,
            description: description.to_owned(),
            canonical: own.unwrap_or_else(|| format!("{}{address}", publication.address)),
            address: publication.address.clone(),
            today: publication.locale.date(self.local_date(self.now)),
            sells: !publication.catalogue.is_empty(),
            demo_day: if publication.is_demo {
                self.local_date(self.now).to_string()
            } else {
                String::new()
            },
            section: section.to_owned(),
            sections: self.navigation().iter().map(|s| self.section_link(s, address)).collect(),
            pages: self
                .edition
                .pages()
                .iter()
                .take(MOST_PAGES)
                .map(|p| page_link(p, address))
                .collect(),
        }
    }

    /// The publisher's sections that have articles, or else those with the most articles.
    fn navigation(&self) -> Vec<Section> {
        let configured = &self.publication.sections;
        if configured.is_empty() {
            return self.edition.sections().into_iter().take(MOST_SECTIONS).cloned().collect();
        }
        let written =
            configured.iter().filter(|style| !self.edition.in_section(&style.slug).is_empty());
        written
            .map(|style| Section { slug: style.slug.clone(), name: style.name.clone() })
            .collect()
    }

    fn section_link(&self, section: &Section, here: &str) -> Link {
        let href = format!("/{}", section.slug);
        let name = self.style(&section.slug).map_or(&section.name, |style| &style.name);
        let current = here == href || here.starts_with(&format!("{href}?"));
        Link { name: name.clone(), slug: section.slug.clone(), current, href }
    }

    fn style(&self, slug: &str) -> Option<&SectionStyle> {
        self.publication.sections.iter().find(|style| style.slug == slug)
    }

    /// An article in a list.
    pub fn card(&self, entry: &Entry) -> Card {
        let author = |author: &Author| Link {
            href: format!("/author/{}", author.slug),
            name: author.name.clone(),
            slug: author.slug.clone(),
            current: false,
        };
        Card {
            href: entry.address.to_string(),
            kicker: entry.lines.kicker().to_owned(),
            headline: entry.lines.headline().to_owned(),
            deck: entry.lines.deck().to_owned(),
            authors: self.authors(entry).map(author).collect(),
            section: entry.section.as_ref().map(|section| self.section_link(section, "")),
            date: self.date(entry.published),
            datetime: entry.published.to_string(),
            picture: entry.picture().map(picture),
            sponsor: entry.sponsor().unwrap_or_default().to_owned(),
            subscribers_only: match self.publication.policy.tier(&entry.article(), self.now).tier {
                Tier::Subscribers | Tier::Product(_) => true,
                Tier::Free | Tier::Metered | Tier::Registered => false,
            },
        }
    }

    fn authors<'b>(&'b self, entry: &'b Entry) -> impl Iterator<Item = &'b Author> {
        entry.authors.iter().filter_map(|slug| self.edition.author(slug))
    }

    fn is_free(&self, entry: &Entry) -> bool {
        matches!(self.publication.policy.tier(&entry.article(), self.now).tier, Tier::Free)
    }

    fn local_date(&self, instant: Timestamp) -> jiff::civil::Date {
        instant.to_zoned_datetime(self.publication.policy.zone.clone()).date()
    }

    fn date(&self, instant: Timestamp) -> String {
        self.publication.locale.date(self.local_date(instant))
    }

    /// Facts for search engines (<https://schema.org/NewsArticle>), and where the wall is
    /// (<https://developers.google.com/search/docs/appearance/structured-data/paywalled-content>).
    fn structured_data(&self, entry: &Entry, piece: &Piece, description: &str) -> String {
        let address = &self.publication.address;
        let author = |author: &Author| json!({"@type": "Person", "name": author.name, "url": format!("{address}/author/{}", author.slug)});
        let mut facts = json!({
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": piece.headline,
            "description": description,
            "datePublished": entry.published.to_string(),
            "dateModified": piece.updated.unwrap_or(entry.published).to_string(),
            "mainEntityOfPage": format!("{address}{}", entry.address),
            "author": self.authors(entry).map(author).collect::<Vec<_>>(),
            "publisher": {"@type": "Organization", "name": self.publication.name, "url": address},
            "isAccessibleForFree": self.is_free(entry),
        });
        if let Some(picture) = entry.picture() {
            facts["image"] = json!([format!("{address}{}", picture.src)]);
        }
        if !self.is_free(entry) {
            facts["hasPart"] = json!({
                "@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".text",
            });
        }
        // `</script>` in a value must not end the script element.
        facts.to_string().replace('<', "\\u003c")
    }
}

fn page_link(page: &Entry, here: &str) -> Link {
    let href = page.address.to_string();
    let slug = href.trim_start_matches('/').to_owned();
    Link { name: page.lines.headline().to_owned(), slug, current: href == here, href }
}

fn picture(picture: &Picture) -> PictureContext {
    PictureContext {
        src: picture.src.clone(),
        alt: picture.alt.clone(),
        caption: picture.caption.clone(),
        credit: picture.credit.clone(),
        width: picture.width,
        height: picture.height,
        sources: renditions::sources(&picture.src)
            .into_iter()
            .map(|source| SourceContext { kind: source.kind, srcset: source.srcset })
            .collect(),
        focus: picture.focus.map(focus).unwrap_or_default(),
    }
}

/// Returns the classes for a focal point, rounded to tenths: the Content-Security-Policy allows no inline styles.
fn focus(focus: Focus) -> String {
    let tenth = |percent: u8| (u32::from(percent) + 5) / 10 * 10;
    format!("across-{} down-{}", tenth(focus.across), tenth(focus.down))
}

fn html_paragraph(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("<p>{}</p>", html_escape::encode_text(text))
    }
}
