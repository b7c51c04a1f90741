//! Computing the totals in the background.

use std::{cmp::Reverse, ops::Range, sync::Arc};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_audience::Counts;
use masthead_circulation::{
    AccountId, SubscriptionId,
    figures::{ProductFigures, product_figures},
};
use masthead_publication::SiteSnapshot;
use masthead_store::{ArticleCounts, StoreError};

use super::{
    article::figures_address,
    period::{PERIODS, instants, parts, periods},
    product_totals::ProductTotals,
    range::FiguresRange,
    revenue,
    totals::{Totals, TotalsGroups, TotalsRow, TotalsRows, weight},
};
use crate::state::DeskState;

/// Subscriptions that are read at once.
const BATCH: u64 = 1000;
/// The articles that are cached: those of an archive would take more memory than the archive.
const MAX_ARTICLES: usize = 20;
/// The articles of a file, those that sell most.
const MAX_EXPORTED: usize = 100_000;
/// Articles whose counts are read at once.
const PART: usize = 50_000;
/// The distance between the first and the last of them.
const PART_END: u32 = 49_999;

/// Totals while they are added up.
#[derive(Default)]
struct FoundTotals {
    sections: TotalsGroups,
    authors: TotalsGroups,
    /// With their counts, and those in the period before.
    articles: Vec<(ArticleId, Counts, Counts)>,
    cut: bool,
}

impl FoundTotals {
    /// Adds the counts of some articles, as far as they are published.
    fn add(&mut self, snapshot: &SiteSnapshot, now: ArticleCounts, mut before: ArticleCounts) {
        for (id, counts) in &before {
            let Some(article) = snapshot.article(*id) else { continue };
            self.sections.add(Some(article.section), |row| &mut row.before, counts);
            self.authors.add(article.authors, |row| &mut row.before, counts);
        }
        for (id, counts) in now {
            let Some(article) = snapshot.article(id) else { continue };
            self.sections.add(Some(article.section), |row| &mut row.counts, &counts);
            self.authors.add(article.authors, |row| &mut row.counts, &counts);
            self.articles.push((id, counts, before.remove(&id).unwrap_or_default()));
        }
    }

    /// Keeps at most `most` articles, those that sell most.
    fn keep(&mut self, most: usize) {
        self.articles.sort_by_cached_key(|(id, counts, _)| Reverse((weight(counts), id.0)));
        self.cut |= self.articles.len() > most;
        self.articles.truncate(most);
    }

    fn totals(self, snapshot: &SiteSnapshot) -> Totals {
        let row = |(id, counts, before): (ArticleId, Counts, Counts)| {
            let article = snapshot.article(id)?;
            Some(TotalsRow { name: article.headline, to: figures_address(id), counts, before })
        };
        let rows = self.articles.into_iter().filter_map(row).collect();
        Totals {
            articles: TotalsRows { rows, cut: self.cut },
            sections: self.sections.rows(),
            authors: self.authors.rows(),
            ..Totals::default()
        }
    }
}

impl DeskState {
    /// The totals of the last days, at most ten minutes old.
    pub(super) async fn totals(&self, range: &FiguresRange) -> Result<Arc<Totals>, StoreError> {
        let Some(days) = range.fixed else {
            return Ok(Arc::new(self.article_totals(range, MAX_ARTICLES).await?));
        };
        match self.totals.get(days) {
            Some(totals) => Ok(totals),
            None => Ok(self.refresh_totals(&[days]).await?.remove(0)),
        }
    }

    /// The articles with counts in these days, those that sell most, for a file.
    pub(super) async fn every_article(
        &self,
        range: &FiguresRange,
    ) -> Result<TotalsRows, StoreError> {
        Ok(self.article_totals(range, MAX_EXPORTED).await?.articles)
    }

    /// Computes and caches the totals of these periods, reading subscriptions once for all of them.
    async fn refresh_totals(&self, all: &[u16]) -> Result<Vec<Arc<Totals>>, StoreError> {
        let mut products = self.figures_of_products(all).await?;
        let months = revenue::months(self.today());
        let bounds = revenue::bounds(&months, &self.publication().zone);
        let spans = self.store.paid_spans(&bounds).await?;
        let changes = self.store.price_changes(&bounds).await?;
        let mut computed = Vec::new();
        for days in all {
            let articles = self.article_totals(&self.fixed_range(*days), MAX_ARTICLES).await?;
            let (spans, months) = (spans.clone(), months.clone());
            let price_changes = changes.clone();
            let products = products.remove(0);
            let totals = Arc::new(Totals { products, spans, price_changes, months, ..articles });
            self.totals.insert(*days, &totals);
            computed.push(totals);
        }
        Ok(computed)
    }

    /// The totals of at most `most` articles, and of all sections and authors; without products. The counts of an archive are read
    /// in parts, so that no more than those of one part and of the articles that are returned are in memory.
    async fn article_totals(
        &self,
        range: &FiguresRange,
        most: usize,
    ) -> Result<Totals, StoreError> {
        let mut found = FoundTotals::default();
        let last = self.store.last_article().await?.map_or(0, |last| last.0);
        for first in (0..=last).step_by(PART) {
            let part = ArticleId(first)..=ArticleId(first.saturating_add(PART_END).min(last));
            let now = self.store.by_article_within(&range.now, part.clone()).await?;
            let before = self.store.by_article_within(&range.before, part).await?;
            found.add(&self.snapshot(), now, before);
            found.keep(most);
        }
        Ok(found.totals(&self.snapshot()))
    }

    /// The figures of all products in each of these periods. Subscriptions are read in batches, so that they never fill
    /// the memory.
    async fn figures_of_products(
        &self,
        all: &[u16],
    ) -> Result<Vec<Vec<ProductFigures>>, StoreError> {
        let each: Vec<Vec<Range<Timestamp>>> =
            all.iter().map(|days| self.instants(*days)).collect();
        let instants = each.concat();
        let mut totals = ProductTotals::default();
        let mut after = AccountId(0);
        loop {
            let batch = self.store.subscriptions_of_accounts_after(after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.account;
            let ids: Vec<SubscriptionId> = batch.iter().map(|of| of.id).collect();
            let transitions = self.store.transitions_of(&ids).await?;
            totals.add(product_figures(&batch, &transitions, &instants));
        }
        let lengths: Vec<usize> = each.iter().map(Vec::len).collect();
        Ok(totals.split(&lengths))
    }

    fn fixed_range(&self, days: u16) -> FiguresRange {
        let (now, before) = periods(self.today(), days);
        FiguresRange { now, before, fixed: Some(days) }
    }

    /// The period, the one before, and the parts of both.
    fn instants(&self, days: u16) -> Vec<Range<Timestamp>> {
        let (now, before) = periods(self.today(), days);
        let zone = self.publication().zone;
        let parts = parts(&now).into_iter().chain(parts(&before));
        let all = [now, before].into_iter().chain(parts);
        all.map(|days| instants(&days, &zone)).collect()
    }

    /// Computes the totals of all periods.
    ///
    /// # Errors
    ///
    /// If the database fails. The last totals stay.
    pub async fn refresh_figures(&self) -> Result<(), StoreError> {
        self.refresh_totals(&PERIODS).await?;
        Ok(())
    }
}
