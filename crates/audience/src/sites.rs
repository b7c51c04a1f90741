//! Other websites that readers come from: only their domains are counted, by article and day, and never a page.

use std::collections::hash_map::Entry;

use foldhash::HashMap;
use jiff::civil::Date;
use masthead_access::ArticleId;

use crate::referrer::{Referrer, host};

/// The maximum length of a domain that is counted, in bytes.
const MAX_DOMAIN: usize = 100;
/// Domains of the second level below which names are registered in countries, such as `co.uk`.
const SECOND_LEVEL: [&str; 18] = [
    "ac", "asso", "co", "com", "edu", "go", "gob", "gouv", "gov", "govt", "ltd", "ne", "net",
    "nom", "or", "org", "plc", "sch",
];

/// Where a reader came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrafficSource<'a> {
    /// The kind of page.
    pub kind: Referrer,
    /// The registered domain of another website, such as `example.org`.
    pub site: Option<&'a str>,
}

impl<'a> TrafficSource<'a> {
    /// Reads the `Referer` header. `own` tells the publication's hosts. Nothing is allocated.
    pub fn of(referer: Option<&'a str>, own: impl Fn(&str) -> bool) -> Self {
        let kind = Referrer::of(referer, own);
        let is_other = kind == Referrer::Other;
        let host = referer.filter(|_| is_other).and_then(host);
        Self { kind, site: host.and_then(registered_domain) }
    }
}

/// The part of a host that was registered. Returns `None` for numbers, names within a network, and what no browser sends.
fn registered_domain(host: &str) -> Option<&str> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !host.bytes().all(|byte| is_letter(byte) || byte == b'-' || byte == b'.') {
        return None;
    }
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let last = dots.next()?;
    let country = host.get(last + 1..)?;
    if !country.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        return None;
    }
    let second = dots.next();
    let name = host.get(second.map_or(0, |at| at + 1)..last)?;
    let begin = if country.len() == 2 && SECOND_LEVEL.contains(&name) {
        // Without another part it is no registered domain.
        second?;
        dots.next()
    } else {
        second
    };
    let domain = host.get(begin.map_or(0, |at| at + 1)..)?;
    let is_whole = domain.len() <= MAX_DOMAIN && domain.split('.').all(|part| !part.is_empty());
    is_whole.then_some(domain)
}

/// The domains of websites, and how often readers came from each.
type Sites = Vec<(Box<str>, u64)>;

/// How often readers came to articles from other websites. Of each article and day at most [`SiteCounts::MAX_SITES`] are
/// counted; the kinds of pages are counted besides, so that the sums stay right.
#[derive(Debug, Default)]
pub struct SiteCounts(HashMap<(Date, ArticleId), Sites>);

impl SiteCounts {
    /// The number of websites of an article on a day.
    pub const MAX_SITES: usize = 50;
    /// The number of articles in a batch.
    pub(crate) const MAX_ARTICLES: usize = 4096;

    /// Returns `true` if nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts visits. Of articles beyond `limit`, and websites beyond the limit of an article, none are counted.
    pub(crate) fn count(
        &mut self,
        (day, article): (Date, ArticleId),
        site: &str,
        times: u64,
        limit: usize,
    ) {
        let has_room = self.0.len() < limit;
        let sites = match self.0.entry((day, article)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) if has_room => vacant.insert(Vec::new()),
            Entry::Vacant(_) => return,
        };
        if let Some((_, known)) = sites.iter_mut().find(|(known, _)| **known == *site) {
            *known += times;
        } else if sites.len() < Self::MAX_SITES {
            sites.push((site.into(), times));
        }
    }

    /// Adds the counts of another batch.
    pub(crate) fn add(&mut self, other: Self) {
        for (key, sites) in other.0 {
            for (site, times) in sites {
                self.count(key, &site, times, Self::MAX_ARTICLES);
            }
        }
    }

    /// Returns the articles with the days on which they were visited, and the websites.
    pub fn iter(&self) -> impl Iterator<Item = (Date, ArticleId, &[(Box<str>, u64)])> {
        self.0.iter().map(|((day, article), sites)| (*day, *article, sites.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn only_the_registered_domain_of_another_website_is_known() {
        let site = |referer| TrafficSource::of(Some(referer), |host| host == "paper.example").site;
        for (referer, known) in [
            ("https://example.org/secret?who=ada", Some("example.org")),
            ("https://www.news.example.org:8080/", Some("example.org")),
            ("https://blog.example.co.uk/a", Some("example.co.uk")),
            ("https://example.com.au", Some("example.com.au")),
            ("https://co.uk/", None),
            ("https://a.gov.example", Some("gov.example")),
            ("https://intranet/", None),
            ("https://10.0.0.1/", None),
            ("https://[::1]/", None),
            ("https://<b>.example.org/", None),
            ("https://..org/", None),
            ("https://paper.example/town", None),
            ("https://www.google.com/", None),
            ("", None),
        ] {
            assert_eq!(site(referer), known, "{referer}");
        }
        assert_eq!(TrafficSource::of(None, |_| false).kind, Referrer::Unknown);
    }

    #[test]
    fn neither_websites_nor_articles_grow_without_bound() {
        let day = date(2026, 11, 24);
        let mut counts = SiteCounts::default();
        for number in 0..1000 {
            let key = (day, ArticleId(number % 10));
            counts.count(key, &format!("{number}.example"), 1, 3);
            counts.count(key, "same.example", 1, 3);
        }
        assert_eq!(counts.iter().count(), 3);
        for (_, _, sites) in counts.iter() {
            assert_eq!(sites.len(), SiteCounts::MAX_SITES);
            assert!(sites.contains(&("same.example".into(), 100)), "{sites:?}");
        }
        let mut all = SiteCounts::default();
        all.count((day, ArticleId(0)), "same.example", 5, 9);
        all.add(counts);
        let (_, _, first) = all.iter().find(|(_, id, _)| id.0 == 0).expect("counted");
        assert!(first.contains(&("same.example".into(), 105)), "{first:?}");
    }
}
