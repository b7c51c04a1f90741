//! Fronts: the home page, and lists of articles, arranged by the newsroom or by themselves.

use std::sync::Arc;

use masthead_circulation::reading::FollowKind;
use masthead_editorial::{
    Front, Picture,
    crops::CropPlace,
    fronts::{FrontBlock, ListLayout, Pick},
    paths,
    strip::StripItem,
    text,
};

use super::{Layout, card::show_pictures_once, html_paragraph};
use crate::{
    contexts::{
        Card, Chrome, FollowContext, FrontList, HomeContext, Link, ListContext, StripContext,
        StripItemContext,
    },
    edition::{EditionEntry, EntryList, Target},
};

/// Articles on one page of a list.
pub const PER_PAGE: usize = 24;
/// Headlines in the list of the latest.
const LATEST: usize = 7;
/// The number of articles in each row of the home page.
const ON_LIST: usize = 4;
/// The number of articles in a numbered list, such as that of the most read.
const MOST_READ: usize = 5;
/// The number of articles on top of a list that the newsroom has not arranged.
const ON_TOP: usize = 3;
/// The number of latest articles of which the first with a picture leads, unless the newsroom has chosen one.
const MAY_LEAD: usize = 4;

type Entries<'a> = Vec<&'a Arc<EditionEntry>>;

/// What a list is about, and all its articles.
struct Listed<'a> {
    kind: &'static str,
    entries: &'a EntryList,
    heading: &'a str,
    role: &'a str,
    /// A description as sanitized HTML; may be empty.
    about: String,
    /// An author's public address.
    email: &'a str,
    portrait: Option<&'a Picture>,
    /// The slug of the section, if it is one.
    section: &'a str,
}

impl Layout<'_> {
    /// The home page.
    pub fn home(&self) -> HomeContext {
        let articles = self.edition.articles();
        let front = self.front(Front::HOME);
        let top = self.top(front, articles);
        // What somebody paid for is no news.
        let is_news = |entry: &&Arc<EditionEntry>| entry.sponsor().is_none();
        let latest = self.latest_first(articles).filter(|entry| !is_among(&top, entry));
        let latest = latest.filter(is_news).take(LATEST);
        let publication = self.publication;
        let title = if publication.tagline.is_empty() {
            publication.name.clone()
        } else {
            format!("{}: {}", publication.name, publication.tagline)
        };
        let mut cards = top.iter().map(|entry| self.card(entry));
        let mut home = HomeContext {
            strips: self.strips(),
            chrome: self.chrome(&title, &publication.tagline, "/", "", None),
            lead: cards.next(),
            seconds: cards.collect(),
            latest: latest.map(|entry| self.card(entry)).collect(),
            lists: self.lists(front, &top),
        };
        let pictured = home.lists.iter_mut().filter(|list| !list.is_numbered());
        let below = pictured.flat_map(|list| &mut list.cards);
        show_pictures_once("", home.lead.iter_mut().chain(&mut home.seconds).chain(below));
        home
    }

    /// The list at an address, its page `number` from 1. Returns `None` if there is no such page.
    pub fn list(&self, address: &str, number: usize) -> Option<ListContext> {
        let Listed { kind, entries, heading, role, about, email, portrait, section } =
            self.listed(address)?;
        let front = self.front(address).filter(|front| !front.top.is_empty());
        let mut top = self.top(front, entries);
        if front.is_none() {
            top.truncate(ON_TOP);
        }
        let rest = self.latest_first(entries).filter(|entry| !is_among(&top, entry));
        let above = top.iter().filter(|entry| entries.contains(entry)).count();
        let pages = (entries.len() - above).div_ceil(PER_PAGE).max(1);
        if !(1..=pages).contains(&number) {
            return None;
        }
        let page = |number: usize| match number {
            1 => address.to_owned(),
            _ => format!("{address}?page={number}"),
        };
        let title = match number {
            1 => heading.to_owned(),
            _ => format!("{heading} ({number})"),
        };
        let title = format!("{title} | {}", self.publication.name);
        let description = text::plain(&about);
        let mut top = top.iter().filter(|_| number == 1).map(|entry| self.card(entry));
        let feed = Some(self.feed(address, heading));
        let chrome = self.chrome(&title, &description, &page(number), section, None);
        let mut list = ListContext {
            chrome: Chrome { feed, ..chrome },
            kind,
            heading: heading.to_owned(),
            role: role.to_owned(),
            about,
            email: email.to_owned(),
            portrait: portrait.map(|picture| self.picture(picture, Some(CropPlace::Square))),
            lead: top.next(),
            seconds: top.collect(),
            cards: self.cards(rest.skip((number - 1) * PER_PAGE).take(PER_PAGE)),
            number,
            newer: (number > 1).then(|| page(number - 1)),
            older: (number < pages).then(|| page(number + 1)),
            follow: self.follow(address),
        };
        let cards = list.lead.iter_mut().chain(&mut list.seconds).chain(&mut list.cards);
        show_pictures_once("", cards);
        Some(list)
    }

    /// What a reader can follow at an address.
    fn follow(&self, address: &str) -> Option<FollowContext> {
        let (kind, slug, name) = match self.edition.find(address)? {
            Target::Topic(topic) => (FollowKind::Topic, &topic.slug, &topic.name),
            Target::Author(author) => (FollowKind::Author, &author.slug, &author.name),
            Target::Section(_) | Target::Piece(_) | Target::Moved(_) => return None,
        };
        Some(FollowContext {
            kind: kind.name(),
            slug: slug.clone(),
            name: name.clone(),
            href: address.to_owned(),
        })
    }

    /// What is listed at an address. Returns `None` if it has no list.
    fn listed(&self, address: &str) -> Option<Listed<'_>> {
        Some(match self.edition.find(address)? {
            Target::Section(section) => {
                let style = self.style(&section.slug);
                Listed {
                    kind: "section",
                    entries: self.edition.in_section(&section.slug),
                    heading: style.map_or(&section.name, |style| &style.name),
                    role: "",
                    about: html_paragraph(style.map_or("", |style| &style.description)),
                    email: "",
                    portrait: None,
                    section: &section.slug,
                }
            }
            Target::Topic(topic) => Listed {
                kind: "topic",
                entries: self.edition.on_topic(&topic.slug),
                heading: &topic.name,
                role: "",
                about: html_paragraph(self.topic_description(&topic.slug)),
                email: "",
                portrait: None,
                section: "",
            },
            Target::Author(author) => Listed {
                kind: "author",
                entries: self.edition.by_author(&author.slug),
                heading: &author.name,
                role: &author.role,
                about: self.edition.replaced_pictures().html(&author.bio).into_owned(),
                email: &author.email,
                portrait: author.portrait.as_ref(),
                section: "",
            },
            Target::Piece(_) | Target::Moved(_) => return None,
        })
    }

    fn topic_description(&self, slug: &str) -> &str {
        if let Some(description) = self.edition.topic_description(slug) {
            return description;
        }
        let mut topics = self.publication.topics.iter();
        topics.find(|topic| topic.slug == slug).map_or("", |topic| &topic.description)
    }

    /// How the newsroom has arranged the front at an address. Returns `None` if it has not.
    fn front(&self, page: &str) -> Option<&Front> {
        self.fronts.iter().find(|front| front.page == page)
    }

    /// The articles at the top of a front, the lead first. `own` are the front's own articles, the latest first.
    fn top<'b>(&'b self, front: Option<&Front>, own: &'b EntryList) -> Entries<'b> {
        let latest = std::iter::repeat(&Pick::Latest);
        let picks: Vec<&Pick> =
            front.into_iter().flat_map(|front| &front.top).chain(latest).take(Front::TOP).collect();
        // Chosen articles come first, so that no rule places them twice.
        let mut places: Vec<Option<&Arc<EditionEntry>>> = Vec::new();
        for (place, pick) in picks.iter().enumerate() {
            let chosen = match pick {
                Pick::Article(address) => self.article_at(address),
                Pick::Latest | Pick::MostRead | Pick::Section(_) | Pick::Topic(_) => None,
            };
            places.push(chosen.filter(|entry| may_be_at(place, entry)));
        }
        for (place, pick) in picks.iter().enumerate() {
            if places.get(place).is_some_and(Option::is_none) {
                let taken: Entries<'_> = places.iter().copied().flatten().collect();
                let found = self.by_rule(place, pick, own, &taken);
                if let Some(empty) = places.get_mut(place) {
                    *empty = found;
                }
            }
        }
        places.into_iter().flatten().collect()
    }

    /// The article at a current or former address.
    fn article_at(&self, address: &str) -> Option<&Arc<EditionEntry>> {
        match self.edition.find_spelled(address)? {
            Target::Piece(entry) | Target::Moved(entry) => Some(entry),
            Target::Section(_) | Target::Topic(_) | Target::Author(_) => None,
        }
    }

    /// The article that a rule places: the first of its articles that may be there, or else of the front's own.
    fn by_rule<'b>(
        &'b self,
        place: usize,
        pick: &Pick,
        own: &'b EntryList,
        taken: &[&Arc<EditionEntry>],
    ) -> Option<&'b Arc<EditionEntry>> {
        let free = |entry: &&Arc<EditionEntry>| may_be_at(place, entry) && !is_among(taken, entry);
        let ruled = match pick {
            Pick::Section(slug) => self.latest_first(self.edition.in_section(slug)).find(free),
            Pick::Topic(slug) => self.latest_first(self.edition.on_topic(slug)).find(free),
            Pick::MostRead => self.read_most().filter(|read| own.contains(read)).find(free),
            Pick::Latest | Pick::Article(_) => None,
        };
        if ruled.is_some() {
            return ruled;
        }
        let mut latest = self.latest_first(own).filter(free);
        if place > 0 {
            return latest.next();
        }
        let candidates: Entries<'_> = latest.take(MAY_LEAD).collect();
        let pictured = candidates.iter().find(|entry| entry.picture().is_some());
        pictured.or_else(|| candidates.first()).copied()
    }

    /// The strips whose facts are not stale.
    fn strips(&self) -> Vec<StripContext> {
        let strips = self.publication.strips.iter();
        let fresh = strips.filter_map(|strip| {
            let reading = self.strips.get(&strip.source.to_string())?;
            (self.now < reading.stale_at(strip)).then_some((strip, reading))
        });
        let item = |item: &StripItem| StripItemContext {
            label: item.label.clone(),
            value: item.value.clone(),
            note: item.note.clone(),
            href: item.link.clone(),
        };
        fresh
            .map(|(strip, reading)| StripContext {
                label: strip.label.clone(),
                facts: reading.items.iter().map(item).collect(),
            })
            .filter(|strip| !strip.facts.is_empty())
            .collect()
    }

    /// The rows of the home page.
    fn lists(&self, front: Option<&Front>, top: &[&Arc<EditionEntry>]) -> Vec<FrontList> {
        let set = front.map_or(&[][..], |front| &front.lists);
        if !set.is_empty() {
            return set.iter().filter_map(|block| self.front_list(block, top)).collect();
        }
        let sections = self.navigation();
        let mut picks: Vec<Pick> =
            sections.into_iter().map(|section| Pick::Section(section.slug)).collect();
        picks.insert(picks.len().min(1), Pick::MostRead);
        let blocks = picks.into_iter().map(FrontBlock::from);
        blocks.filter_map(|block| self.front_list(&block, top)).collect()
    }

    /// A row. Returns `None` if it would be empty.
    fn front_list(&self, block: &FrontBlock, top: &[&Arc<EditionEntry>]) -> Option<FrontList> {
        let number = if block.layout == Some(ListLayout::Numbered) { MOST_READ } else { ON_LIST };
        let further = |entries: &EntryList| {
            let further = self.latest_first(entries).filter(|entry| !is_among(top, entry));
            self.cards(further.take(number))
        };
        let (heading, cards) = match &block.pick {
            Pick::Section(slug) => {
                let entries = self.edition.in_section(slug);
                let section = entries.first()?.section.as_deref()?;
                (Some(self.section_link(section, "")), further(entries))
            }
            Pick::Topic(slug) => {
                let address = paths::topic(slug);
                let Target::Topic(topic) = self.edition.find(&address)? else {
                    return None;
                };
                let link = Link::to(&address, &topic.name);
                (Some(link), further(self.edition.on_topic(slug)))
            }
            // A shorter list is not shown.
            Pick::MostRead if self.read_most().count() < MOST_READ => return None,
            Pick::MostRead if matches!(block.layout, None | Some(ListLayout::Numbered)) => {
                (None, self.cards(self.read_most().take(MOST_READ)))
            }
            Pick::MostRead => (None, self.cards(self.read_most().take(ON_LIST))),
            Pick::Latest | Pick::Article(_) => return None,
        };
        let layout = block.layout.map_or("", ListLayout::name);
        (!cards.is_empty()).then_some(FrontList { heading, layout, cards })
    }

    /// Published articles, the most read first.
    fn read_most(&self) -> impl Iterator<Item = &Arc<EditionEntry>> {
        let pieces = self.most_read.iter().filter_map(|id| self.edition.piece(*id));
        pieces.filter(|entry| entry.published <= self.now)
    }

    fn cards<'b>(&self, entries: impl IntoIterator<Item = &'b Arc<EditionEntry>>) -> Vec<Card> {
        entries.into_iter().map(|entry| self.card(entry)).collect()
    }
}

/// Sponsored articles never lead.
fn may_be_at(place: usize, entry: &EditionEntry) -> bool {
    !entry.is_page() && (place > 0 || entry.sponsor().is_none())
}

fn is_among(among: &[&Arc<EditionEntry>], entry: &EditionEntry) -> bool {
    among.iter().any(|other| other.id == entry.id)
}
