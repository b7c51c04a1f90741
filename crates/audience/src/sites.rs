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

/// Visits from a website, by its domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteVisits {
    /// The domain.
    pub site: Box<str>,
    /// Visits since it is in the list.
    pub times: u64,
    /// What the website had whose place it took. Together with the visits it decides which website gives way next.
    pub inherited: u64,
}

/// The websites that readers of an article come from on a day: those of the most visits, in bounded space.
///
/// A website that is not in a full list takes the place of the one with the least visits, and inherits its number (Metwally,
/// Agrawal and El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005). Whatever comes in between,
/// each website with more than one in [`TopSites::MAX`] of all visits is in the list: that many domains with one visit each, such as
/// invented ones, hide no other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopSites(Vec<SiteVisits>);

impl TopSites {
    /// The number of websites.
    pub const MAX: usize = 50;

    /// A list of what was counted before.
    pub fn new(sites: Vec<SiteVisits>) -> Self {
        Self(sites)
    }

    /// Adds visits, or those of another list.
    pub fn add(&mut self, site: &str, times: u64, inherited: u64) {
        if let Some(known) = self.0.iter_mut().find(|known| *known.site == *site) {
            known.times += times;
            known.inherited += inherited;
            return;
        }
        let taken = if self.0.len() < Self::MAX { 0 } else { self.remove_least() };
        self.0.push(SiteVisits { site: site.into(), times, inherited: inherited + taken });
    }

    /// Removes the website with the least visits, the oldest of several, and returns how many it had.
    fn remove_least(&mut self) -> u64 {
        let weight = |of: &SiteVisits| of.times + of.inherited;
        let least = self.0.iter().enumerate().min_by_key(|(_, of)| weight(of));
        let Some(least) = least.map(|(index, _)| index) else { return 0 };
        weight(&self.0.remove(least))
    }

    /// Returns the websites, in no order.
    pub fn as_slice(&self) -> &[SiteVisits] {
        &self.0
    }
}

/// How often readers came to articles from other websites. Of each article and day the most frequent are known; the kinds of pages
/// are counted besides, so that the sums stay right.
#[derive(Debug, Default)]
pub struct SiteCounts(HashMap<(Date, ArticleId), TopSites>);

impl SiteCounts {
    /// The number of articles in a batch.
    pub(crate) const MAX_ARTICLES: usize = 4096;

    /// Returns `true` if nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts a visit. Of articles beyond `limit` none are counted.
    pub(crate) fn count(&mut self, key: (Date, ArticleId), site: &str, limit: usize) {
        if let Some(sites) = self.of(key, limit) {
            sites.add(site, 1, 0);
        }
    }

    /// The list of an article, if there is room for it.
    fn of(&mut self, key: (Date, ArticleId), limit: usize) -> Option<&mut TopSites> {
        let has_room = self.0.len() < limit;
        match self.0.entry(key) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(vacant) => has_room.then(|| vacant.insert(TopSites::default())),
        }
    }

    /// Adds the counts of another batch.
    pub(crate) fn add(&mut self, other: Self) {
        for (key, more) in other.0 {
            let Some(sites) = self.of(key, Self::MAX_ARTICLES) else { continue };
            for SiteVisits { site, times, inherited } in more.0 {
                sites.add(&site, times, inherited);
            }
        }
    }

    /// Returns the articles with the days on which they were visited, and the websites.
    pub fn iter(&self) -> impl Iterator<Item = (Date, ArticleId, &[SiteVisits])> {
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
            counts.count(key, &format!("{number}.example"), 3);
            counts.count(key, "same.example", 3);
        }
        assert_eq!(counts.iter().count(), 3);
        let same = |sites: &[SiteVisits]| {
            sites.iter().find(|of| &*of.site == "same.example").map(|of| of.times)
        };
        for (_, _, sites) in counts.iter() {
            assert_eq!((sites.len(), same(sites)), (TopSites::MAX, Some(100)), "{sites:?}");
        }
        let mut all = SiteCounts::default();
        all.count((day, ArticleId(0)), "same.example", 9);
        all.add(counts);
        let (_, _, first) = all.iter().find(|(_, id, _)| id.0 == 0).expect("counted");
        assert_eq!(same(first), Some(101), "{first:?}");
    }

    #[test]
    fn invented_domains_hide_no_real_website() {
        let mut sites = TopSites::default();
        let mut invented = 0..;
        let mut invent = |sites: &mut TopSites, count: usize| {
            for number in invented.by_ref().take(count) {
                sites.add(&format!("{number}.example"), 1, 0);
            }
        };
        invent(&mut sites, TopSites::MAX * 2);
        // 1 visit in 20 is from a real one, and each comes alone.
        for _ in 0..40 {
            sites.add("real.example", 1, 0);
            invent(&mut sites, 19);
        }
        let listed = sites.as_slice();
        let real = listed.iter().find(|of| &*of.site == "real.example").expect("in the list");
        assert!(real.times >= 30, "{real:?}");
        assert!(listed.iter().all(|of| of.times <= real.times), "{listed:?}");
        assert_eq!(listed.len(), TopSites::MAX);
    }
}
