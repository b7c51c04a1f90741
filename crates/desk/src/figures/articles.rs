//! What happened to articles, sections and authors in a period, and to subscriptions. A year of an archive is more than can be summed while
//! somebody waits, so the sums are made now and then, and kept.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use masthead_audience::Counts;
use masthead_circulation::figures::{OfProduct, of_products};
use masthead_store::StoreError;
use parking_lot::Mutex;

use super::{PERIODS, period, periods, subscriptions, table, today};
use crate::Desk;

/// How long sums are good.
const FRESH: Duration = Duration::from_mins(10);
/// How often they are made anew.
const PERIOD: Duration = Duration::from_mins(8);

/// A name, where it leads, and what was counted.
pub(super) type Row = (String, String, Counts);

/// The sums of one period, what sells most first.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub articles: Vec<Row>,
    pub sections: Vec<Row>,
    pub authors: Vec<Row>,
    pub products: Vec<OfProduct>,
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
            Some(_) | None => self.sum(days).await,
        }
    }

    async fn sum(&self, days: u16) -> Result<Arc<Sums>, StoreError> {
        let counted = self.on.store.by_article(&period(today(self), days)).await?;
        let mut sections: HashMap<String, Counts> = HashMap::new();
        let mut authors: HashMap<String, Counts> = HashMap::new();
        let mut articles = Vec::new();
        for (id, counts) in counted {
            let Some(named) = self.on.showroom.named(id) else { continue };
            if !named.section.is_empty() {
                sections.entry(named.section).or_default().add_all(&counts);
            }
            for author in named.authors {
                authors.entry(author).or_default().add_all(&counts);
            }
            articles.push((named.headline, named.address, counts));
        }
        let plain = |all: HashMap<String, Counts>| {
            all.into_iter().map(|(name, counts)| (name, String::new(), counts)).collect()
        };
        let mut sums = Sums {
            articles,
            sections: plain(sections),
            authors: plain(authors),
            products: self.products(days).await?,
        };
        for rows in [&mut sums.articles, &mut sums.sections, &mut sums.authors] {
            table::sort(rows);
        }
        let sums = Arc::new(sums);
        self.sums.0.lock().insert(days, (Instant::now(), Arc::clone(&sums)));
        Ok(sums)
    }

    async fn products(&self, days: u16) -> Result<Vec<OfProduct>, StoreError> {
        let (now, before) = periods(today(self), days);
        let zone = self.imprint().zone;
        let instants = [now, before].map(|days| subscriptions::instants(&days, &zone));
        let all = self.on.store.every_subscription().await?;
        let turns = self.on.store.turns().await?;
        Ok(of_products(&all, &turns, &instants))
    }

    /// Makes the sums of all periods anew, for as long as it is awaited.
    pub async fn keep_sums(self: Arc<Self>) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            for (days, _) in PERIODS {
                if let Err(error) = self.sum(days).await {
                    tracing::error!(%error, "the figures of articles cannot be summed");
                }
            }
        }
    }
}
