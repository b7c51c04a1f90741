//! Loading what the page of figures is computed from.

use std::sync::Arc;

use jiff::civil::Date;
use masthead_audience::{Counts, Figures, ReaderGroup, UniqueReaders};
use masthead_store::{Days, StoreError};

use super::{period::parts, range::FiguresRange, totals::Totals};
use crate::state::DeskState;

/// Everything that the page is computed from.
pub(super) struct FiguresData {
    pub now: Figures,
    pub before: Figures,
    pub by_day: Vec<(Date, Counts)>,
    /// The days of the period before.
    pub by_day_before: Vec<(Date, Counts)>,
    /// The first day of each part of the period.
    pub days: Vec<Date>,
    /// The stop rate of each part.
    pub stop_rates: Vec<Option<f64>>,
    /// The same in the period before.
    pub stop_rates_before: Vec<Option<f64>>,
    pub totals: Arc<Totals>,
}

impl FiguresData {
    /// Loads the figures of some days and of as many before.
    pub async fn load(desk: &DeskState, range: &FiguresRange) -> Result<Self, StoreError> {
        let FiguresRange { now, before, .. } = range;
        let by_day = desk.store.by_day(now).await?;
        let by_day_before = desk.store.by_day(before).await?;
        let (parts, parts_before) = (parts(now), parts(before));
        let (uniques, stop_rates) = uniques_of(desk, &parts).await?;
        let (uniques_before, stop_rates_before) = uniques_of(desk, &parts_before).await?;
        Ok(Self {
            now: Figures { counts: sum(&by_day), uniques },
            before: Figures { counts: sum(&by_day_before), uniques: uniques_before },
            stop_rates,
            stop_rates_before,
            days: parts.iter().map(|part| *part.start()).collect(),
            totals: desk.totals(range).await?,
            by_day,
            by_day_before,
        })
    }
}

/// The figures of some days, without those of articles and subscriptions.
pub(super) async fn figures_of(desk: &DeskState, days: &Days) -> Result<Figures, StoreError> {
    let by_day = desk.store.by_day(days).await?;
    let (uniques, _) = uniques_of(desk, &parts(days)).await?;
    Ok(Figures { counts: sum(&by_day), uniques })
}

/// The unique readers of all these parts together, and the stop rate of each.
async fn uniques_of(
    desk: &DeskState,
    parts: &[Days],
) -> Result<(UniqueReaders, Vec<Option<f64>>), StoreError> {
    let each =
        desk.store.uniques_of_parts(parts, &[ReaderGroup::Readers, ReaderGroup::Walled]).await?;
    let mut all = UniqueReaders::default();
    for uniques in &each {
        all.add_all(uniques);
    }
    Ok((all, each.iter().map(UniqueReaders::stop_rate).collect()))
}

fn sum(days: &[(Date, Counts)]) -> Counts {
    days.iter().fold(Counts::default(), |mut all, (_, counts)| {
        all.add_all(counts);
        all
    })
}
