//! What happened to articles, sections and authors in a period, and to subscriptions. A year of an archive is more than
//! can be summed while somebody waits, so the sums are made now and then, and kept.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use masthead_access::ArticleId;
use masthead_audience::{CountedEvent, Counts};
use masthead_circulation::figures::{ProductFigures, product_figures};
use masthead_store::StoreError;
use parking_lot::Mutex;

use super::{
    period::{PERIODS, instants, parts, periods},
    today,
};
use crate::Desk;

/// How long sums are good.
const FRESH: Duration = Duration::from_mins(10);
/// The articles that are kept: an archive's would take more memory than the archive.
const MOST: usize = 20;

/// What was counted of something, in the period and in the one before.
#[derive(Debug)]
pub(super) struct Row {
    pub name: String,
    /// Where the name leads; empty where nowhere.
    pub to: String,
    pub counts: Counts,
    pub before: Counts,
}

/// Rows, what sells most first.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub rows: Vec<Row>,
    /// Whether there are more than these.
    pub cut: bool,
}

/// The sums of one period.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub articles: Rows,
    pub sections: Rows,
    pub authors: Rows,
    /// How every product does in the period, in the one before, and then in each part of both.
    pub products: Vec<ProductFigures>,
}

/// The sums of all periods, as they were made last.
#[derive(Default)]
pub(crate) struct Kept(Mutex<HashMap<u16, (Instant, Arc<Sums>)>>);

impl Desk {
    /// The sums of so many days up to today.
    pub(super) async fn sums(&self, days: u16) -> Result<Arc<Sums>, StoreError> {
        let kept = self.sums.0.lock().get(&days).cloned();
        match kept {
            Some((made, sums)) if made.elapsed() < FRESH => Ok(sums),
            Some(_) | None => self.keep(days).await,
        }
    }

    async fn keep(&self, days: u16) -> Result<Arc<Sums>, StoreError> {
        let sums = Sums { products: self.products(days).await?, ..self.sum(days, MOST).await? };
        let sums = Arc::new(sums);
        self.sums.0.lock().insert(days, (Instant::now(), Arc::clone(&sums)));
        Ok(sums)
    }

    /// Every article of which something was counted in so many days up to today.
    pub(super) async fn every_article(&self, days: u16) -> Result<Rows, StoreError> {
        Ok(self.sum(days, usize::MAX).await?.articles)
    }

    /// The sums of articles, at most `most` of them, and of what they stand in; without products.
    async fn sum(&self, days: u16, most: usize) -> Result<Sums, StoreError> {
        let (now, before) = periods(today(self), days);
        let [mut sections, mut authors] = [Groups::default(), Groups::default()];
        let mut articles = Vec::new();
        for (id, counts) in self.on.store.by_article(&now).await? {
            let Some(named) = self.on.showroom.named(id) else { continue };
            sections.add(Some(named.section), |row| &mut row.counts, &counts);
            authors.add(named.authors, |row| &mut row.counts, &counts);
            articles.push((id, counts));
        }
        articles.sort_unstable_by_key(|(id, counts)| Reverse((weight(counts), id.0)));
        let cut = articles.len() > most;
        articles.truncate(most);
        let mut earlier = self.on.store.by_article(&before).await?;
        for (id, counts) in &earlier {
            let Some(named) = self.on.showroom.named(*id) else { continue };
            sections.add(Some(named.section), |row| &mut row.before, counts);
            authors.add(named.authors, |row| &mut row.before, counts);
        }
        let article = |(id, counts): (ArticleId, Counts)| {
            let named = self.on.showroom.named(id)?;
            let before = earlier.remove(&id).unwrap_or_default();
            Some(Row { name: named.headline, to: named.address, counts, before })
        };
        Ok(Sums {
            articles: Rows { rows: articles.into_iter().filter_map(article).collect(), cut },
            sections: sections.rows(),
            authors: authors.rows(),
            products: Vec::new(),
        })
    }

    async fn products(&self, days: u16) -> Result<Vec<ProductFigures>, StoreError> {
        let (now, before) = periods(today(self), days);
        let zone = self.imprint().zone;
        let parts = parts(&now).into_iter().chain(parts(&before));
        let all = [now, before].into_iter().chain(parts);
        let instants: Vec<_> = all.map(|days| instants(&days, &zone)).collect();
        let all = self.on.store.every_subscription().await?;
        let turns = self.on.store.turns().await?;
        Ok(product_figures(&all, &turns, &instants))
    }

    /// Sums up the figures of all periods.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails. The last figures are kept.
    pub async fn refresh_figures(&self) -> Result<(), StoreError> {
        for (days, _) in PERIODS {
            self.keep(days).await?;
        }
        Ok(())
    }
}

/// What articles stand in, by name.
#[derive(Default)]
struct Groups(HashMap<String, Row>);

impl Groups {
    /// Adds counts to some of them; what has no name is none.
    fn add(
        &mut self,
        names: impl IntoIterator<Item = String>,
        which: fn(&mut Row) -> &mut Counts,
        counts: &Counts,
    ) {
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            let row = self.0.entry(name).or_insert_with_key(|name| Row {
                name: name.clone(),
                to: String::new(),
                counts: Counts::default(),
                before: Counts::default(),
            });
            which(row).add_all(counts);
        }
    }

    fn rows(self) -> Rows {
        let mut rows: Vec<Row> = self.0.into_values().collect();
        rows.sort_by(|a, b| {
            weight(&b.counts).cmp(&weight(&a.counts)).then_with(|| a.name.cmp(&b.name))
        });
        Rows { rows, cut: false }
    }
}

/// What sells most comes first, and then what stops most.
fn weight(counts: &Counts) -> (u64, u64, u64, u64) {
    let sold = counts.of(CountedEvent::Bought) + counts.of(CountedEvent::TrialBegun);
    (sold, counts.of(CountedEvent::Registered), counts.walls(), counts.reads())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sells_comes_first() {
        let counts = |counted, times| {
            let mut counts = Counts::default();
            counts.add(counted, times);
            counts
        };
        let mut groups = Groups::default();
        groups.add(Some(String::new()), |row| &mut row.counts, &counts(CountedEvent::Bought, 9));
        let read = ["Read".to_owned(), "Again".to_owned()];
        groups.add(read, |row| &mut row.counts, &counts(CountedEvent::OpenRead, 9000));
        groups.add(["Sold".to_owned()], |row| &mut row.counts, &counts(CountedEvent::Bought, 1));
        groups.add(["Sold".to_owned()], |row| &mut row.before, &counts(CountedEvent::Bought, 7));
        let rows = groups.rows().rows;
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["Sold", "Again", "Read"]);
        assert_eq!((weight(&rows[0].counts).0, weight(&rows[0].before).0), (1, 7));
    }
}
