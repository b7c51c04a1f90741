//! Short lists of what is in force, for forms and tables.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use masthead_access::ArticleId;
use masthead_circulation::{Offer, Price};
use masthead_editorial::{Section, SectionStyle};

use crate::{
    edition::{Edition, EditionEntry, Target},
    snapshot::SiteSnapshot,
};

/// Number of names suggested while typing.
const MOST_NAMES: usize = 400;

/// Something to choose by its slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its slug, or its address.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// An article in a few words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleSummary {
    /// Its headline.
    pub headline: String,
    /// Its path.
    pub address: String,
    /// The name of its section; empty for a page.
    pub section: String,
    /// The names of its authors.
    pub authors: Vec<String>,
    /// Whether it is sponsored.
    pub is_sponsored: bool,
}

impl ArticleSummary {
    fn new(entry: &EditionEntry, edition: &Edition) -> Self {
        let author = |slug: &Arc<str>| edition.author(slug).map(|author| author.name.clone());
        let section = entry.section.as_ref().map(|section| section.name.clone());
        Self {
            headline: entry.lines.headline().to_owned(),
            address: entry.address.to_string(),
            section: section.unwrap_or_default(),
            authors: entry.authors.iter().filter_map(author).collect(),
            is_sponsored: entry.sponsor().is_some(),
        }
    }
}

impl SiteSnapshot {
    /// Returns the latest articles by address and headline, at most `most`.
    pub fn latest_articles(&self, most: usize) -> Vec<Choice> {
        let choice = |entry: &Arc<EditionEntry>| Choice {
            slug: entry.address.to_string(),
            name: entry.lines.headline().to_owned(),
        };
        self.edition.articles().iter().take(most).map(choice).collect()
    }

    /// Returns the published article with this id.
    pub fn article(&self, id: ArticleId) -> Option<ArticleSummary> {
        self.edition.piece(id).map(|entry| ArticleSummary::new(entry, &self.edition))
    }

    /// Returns the published article that is or was at an address.
    pub fn article_at(&self, address: &str) -> Option<ArticleSummary> {
        match self.edition.find_spelled(address)? {
            Target::Piece(entry) | Target::Moved(entry) if !entry.is_page() => {
                Some(ArticleSummary::new(entry, &self.edition))
            }
            Target::Piece(_)
            | Target::Moved(_)
            | Target::Section(_)
            | Target::Topic(_)
            | Target::Author(_) => None,
        }
    }

    /// Returns the published article or page that is or was at an address.
    pub fn piece_at(&self, address: &str) -> Option<ArticleId> {
        match self.edition.find_spelled(address)? {
            Target::Piece(entry) | Target::Moved(entry) => Some(entry.id),
            Target::Section(_) | Target::Topic(_) | Target::Author(_) => None,
        }
    }

    /// Returns the sections that a piece may be in: those that are set, or else those that have articles.
    pub fn sections(&self) -> Vec<Section> {
        let set = &self.publication.sections;
        if set.is_empty() {
            return self.edition.sections().into_iter().cloned().collect();
        }
        let section =
            |style: &SectionStyle| Section { slug: style.slug.clone(), name: style.name.clone() };
        set.iter().map(section).collect()
    }

    /// Returns topics, most used first.
    pub fn topics(&self) -> Vec<Choice> {
        let topics = self.edition.topics(MOST_NAMES).into_iter();
        topics.map(|topic| Choice { slug: topic.slug, name: topic.name }).collect()
    }

    /// Returns the names of authors, most used first.
    pub fn author_names(&self) -> Vec<String> {
        self.edition.author_names(MOST_NAMES)
    }

    /// Returns the products.
    pub fn products(&self) -> Vec<Choice> {
        let products = self.publication.catalogue.products().iter();
        products
            .map(|product| Choice { slug: product.slug.clone(), name: product.name.clone() })
            .collect()
    }

    /// Returns the prices, with product, amount and interval in words.
    pub fn prices(&self) -> Vec<Choice> {
        let catalogue = &self.publication.catalogue;
        let words = |price: &Price| {
            let product = catalogue.product(&price.product);
            let name = product.map_or(price.product.as_str(), |product| product.name.as_str());
            format!("{name}, {}", self.rates().each(price.amount, price.every))
        };
        let choice = |price: &Price| Choice { slug: price.slug.clone(), name: words(price) };
        catalogue.prices().iter().map(choice).collect()
    }

    /// Returns the offers.
    pub fn all_offers(&self) -> Vec<Choice> {
        let offers = self.publication.catalogue.offers().iter();
        offers.map(|offer| Choice { slug: offer.slug.clone(), name: offer.name.clone() }).collect()
    }

    /// Returns what an offer costs, at first and then, in words.
    pub fn offer_cost(&self, offer: &Offer) -> String {
        let price = self.publication.catalogue.price(&offer.price);
        price.map(|price| self.rates().offer(offer, price)).unwrap_or_default()
    }

    /// Returns the day on which the meter's window that holds `now` opened.
    pub fn window_opened_on(&self, now: Timestamp) -> Date {
        let opened = Timestamp::from_second(self.window_opens(now)).unwrap_or_default();
        opened.to_zoned_datetime(self.publication.policy.zone.clone()).date()
    }
}
