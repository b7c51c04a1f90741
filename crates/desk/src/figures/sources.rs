//! Where the readers of one article came from. Websites from which only a few came are not named, so that nobody is recognised by
//! one.

use masthead_audience::{CountedEvent, Counts, Referrer};
use masthead_store::ArticleSources;

use super::{chart::ranks::Ranks, referrers::referrers, table::Table};
use crate::words::DeskWords;

/// Websites with fewer visits are not named.
const MIN_VISITS: u64 = 5;
/// Websites that are named.
const MAX_NAMED: usize = 20;
/// Websites that are read, of which those with few visits are left out.
pub(super) const MAX_READ: u64 = 200;

/// The kinds of pages as a chart and a table, and the other websites.
pub(super) fn sources(
    now: &ArticleSources,
    before: &ArticleSources,
    words: DeskWords,
) -> ((Ranks, Table), Table) {
    let heads = ["figures_website", "figures_visits"];
    let mut table = Table::new("websites", "figures_websites", &heads, words);
    let named = now.sites.iter().filter(|(_, visits)| *visits >= MIN_VISITS).take(MAX_NAMED);
    let mut rest = visits_from_others(&now.kinds);
    for (site, visits) in named {
        table.row(site).counts(&[*visits]);
        rest = rest.saturating_sub(*visits);
    }
    if rest > 0 {
        table.row(words.text("figures_websites_rest")).counts(&[rest]);
    }
    (referrers(&now.kinds, &before.kinds, words), table)
}

fn visits_from_others(counts: &Counts) -> u64 {
    let other = Referrer::Other;
    counts.of(CountedEvent::ReadFrom(other)) + counts.of(CountedEvent::WallFrom(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn websites_with_few_visits_are_not_named_and_the_sum_is_right() {
        let mut kinds = Counts::default();
        kinds.add(CountedEvent::ReadFrom(Referrer::Other), 30);
        kinds.add(CountedEvent::WallFrom(Referrer::Other), 5);
        let site = |name: &str, visits| (name.to_owned(), visits);
        let sites = vec![site("a.example", 20), site("b.example", 5), site("c.example", 4)];
        let now = ArticleSources { kinds, sites };
        let (_, table) = sources(&now, &ArticleSources::default(), DeskWords::default());
        let csv = String::from_utf8(table.csv()).expect("text");
        assert_eq!(csv, "Website,Visits\na.example,20\nb.example,5\nOther websites,10\n");
        let none = ArticleSources::default();
        let (_, table) = sources(&none, &none, DeskWords::default());
        assert_eq!(table.csv(), b"Website,Visits\n");
    }
}
