//! The page of all figures, and its tables as CSV.

use std::sync::Arc;

use axum::extract::{Query, State};
use jiff::civil::Date;
use masthead_audience::Counts;
use masthead_circulation::{AuditAction, AuditChange, staff::Permission};
use masthead_store::StoreError;
use serde::{Deserialize, Serialize};

use super::{
    chart::{
        bars::{Bars, bars},
        ranks::Ranks,
        trend::{Trend, trend},
    },
    conversions::{TableTitles, conversions},
    daily,
    data::FiguresData,
    funnel::{self, FunnelStage, stages},
    period::{self, PERIODS},
    range::{FiguresRange, RangeForm},
    rates::percent,
    referrers::referrers,
    revenue::revenue,
    subscriptions::{SubscriptionFigures, subscriptions},
    table::Table,
    tiles::{Tile, tiles},
    totals::Totals,
    walls::walls,
    what_if::{WhatIfFigures, what_if},
};
use crate::{
    csv_part::CSV,
    error::Handled,
    http::{download, see_other},
    in_force::pairs,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

const ARTICLES: TableTitles =
    TableTitles { slug: "articles", name: "figures_articles", head: "figures_article" };
const SECTIONS: TableTitles =
    TableTitles { slug: "sections", name: "figures_sections", head: "section" };
const AUTHORS: TableTitles =
    TableTitles { slug: "authors", name: "figures_authors", head: "figures_author" };

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct FiguresQuery {
    #[serde(flatten)]
    range: RangeForm,
    /// Another allowance for readers without an account.
    allowance: String,
    /// The table that is wanted as CSV.
    of: String,
}

#[derive(Default, Serialize)]
struct FiguresPage {
    /// The fixed period that is shown; 0 if the days were chosen freely.
    days: u16,
    /// The days in the query of an address.
    range: String,
    form: RangeForm,
    fault: &'static str,
    /// Days and label.
    periods: Vec<(u16, String)>,
    from: String,
    to: String,
    tiles: Vec<Tile>,
    reading: Bars,
    stopping: Trend,
    by_day: Table,
    by_part: Table,
    funnel: Vec<FunnelStage>,
    steps: Table,
    /// What came of walls: by reason, article, section and author.
    conversions: Vec<(Ranks, Table)>,
    referrers: (Ranks, Table),
    /// Only for those who may change settings.
    subscriptions: Option<SubscriptionFigures>,
    what_if: Option<WhatIfFigures>,
    is_empty: bool,
}

impl Page for FiguresPage {
    const TEMPLATE: &'static str = "figures.html";
}

/// `GET /desk/figures`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<FiguresQuery>,
) -> Handled {
    let words = staff.words;
    let (range, fault) = query.range.range(desk.today());
    let data = FiguresData::load(&desk, &range).await?;
    let conversions = conversion_tables(&data, words).into_iter();
    let page = FiguresPage {
        conversions: conversions.map(|(chart, table)| (chart, table.short())).collect(),
        // Those of other days would have to read every subscription.
        subscriptions: (staff.may(Permission::EditSettings) && range.fixed.is_some())
            .then(|| subscription_figures(&desk, &data, words)),
        what_if: what_if(&desk, &query.allowance, words).await?,
        form: query.range,
        fault: fault.map(|fault| words.text(fault.word())).unwrap_or_default(),
        ..audience_figures(&range, &data, words)
    };
    Ok(desk.page(&staff, &page))
}

/// `GET /desk/figures.csv`: one of the page's tables with all its rows.
pub(crate) async fn csv(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<FiguresQuery>,
) -> Handled {
    let Some(table) = table(&desk, &query, &staff).await? else {
        return Ok(see_other("/desk/figures"));
    };
    let (range, _) = query.range.range(desk.today());
    let facts = vec![
        AuditChange::fact("table", table.slug),
        AuditChange::fact("from", range.now.start()),
        AuditChange::fact("to", range.now.end()),
    ];
    let by = Some(staff.account.id);
    desk.store.record_action(AuditAction::Exported, "figures", facts, by, desk.now()).await?;
    Ok(download(&format!("{}-{}.csv", table.slug, range.file()), CSV, table.csv()))
}

/// The table that is asked for. Returns `None` if there is no such table, or not for this role.
async fn table(
    desk: &DeskState,
    query: &FiguresQuery,
    staff: &CurrentStaff,
) -> Result<Option<Table>, StoreError> {
    let (words, (range, _)) = (staff.words, query.range.range(desk.today()));
    if query.of == ARTICLES.slug {
        return Ok(Some(conversions(ARTICLES, &desk.every_article(&range).await?, words).1));
    }
    let data = FiguresData::load(desk, &range).await?;
    let page = audience_figures(&range, &data, words);
    let mut all = vec![page.by_day, page.by_part, page.steps, page.referrers.1];
    all.extend(conversion_tables(&data, words).map(|(_, table)| table));
    if staff.may(Permission::EditSettings) && range.fixed.is_some() {
        let subscriptions = subscription_figures(desk, &data, words);
        all.extend([subscriptions.by_part, subscriptions.by_product]);
        all.extend([subscriptions.revenue.by_month, subscriptions.revenue.by_cohort]);
    }
    Ok(all.into_iter().find(|table| table.slug == query.of))
}

/// The part of the page that everybody sees who may see figures.
fn audience_figures(range: &FiguresRange, data: &FiguresData, words: DeskWords) -> FiguresPage {
    let day =
        |day: Option<&(Date, Counts)>| day.map(|(date, _)| words.day(*date)).unwrap_or_default();
    let (now, before) = (&data.now.counts, &data.before.counts);
    FiguresPage {
        days: range.fixed.unwrap_or_default(),
        range: range.query(),
        periods: periods(words),
        from: day(data.by_day.first()),
        to: day(data.by_day.last()),
        tiles: tiles(&data.now, &data.before, words),
        reading: bars(&data.by_day, &data.by_day_before, words),
        stopping: trend(&data.days, &data.stop_rates, &data.stop_rates_before, words, percent),
        by_day: daily::by_day(&data.by_day, &data.by_day_before, words),
        by_part: daily::stops(&data.days, &data.stop_rates, &data.stop_rates_before, words),
        funnel: stages(now, before, words),
        steps: funnel::table(now, before, words),
        referrers: referrers(now, before, words),
        is_empty: *now == Counts::default(),
        ..FiguresPage::default()
    }
}

/// The periods to choose from, with their labels.
pub(super) fn periods(words: DeskWords) -> Vec<(u16, String)> {
    PERIODS.map(|days| (days, period::label(days, words))).into()
}

/// What came of walls, as charts and tables.
fn conversion_tables(data: &FiguresData, words: DeskWords) -> [(Ranks, Table); 4] {
    let totals = &data.totals;
    [
        walls(&data.now.counts, &data.before.counts, words),
        conversions(ARTICLES, &totals.articles, words),
        conversions(SECTIONS, &totals.sections, words),
        conversions(AUTHORS, &totals.authors, words),
    ]
}

fn subscription_figures(
    desk: &DeskState,
    data: &FiguresData,
    words: DeskWords,
) -> SubscriptionFigures {
    let names = pairs(desk.snapshot().products());
    let Totals { products, spans, price_changes, months, .. } = &*data.totals;
    let mut figures = subscriptions(products, &data.days, &names, words);
    figures.revenue = revenue(spans, price_changes, months, words);
    figures
}

#[cfg(test)]
pub(crate) mod samples {
    use jiff::civil::date;
    use masthead_audience::{CountedEvent, Figures};

    use super::*;
    use crate::{
        figures::{
            revenue::RevenueFigures,
            totals::{TotalsRow, TotalsRows},
        },
        templates::tests::{Rendered, Samples},
    };

    impl Samples for FiguresPage {
        fn samples() -> Vec<Self> {
            let mut counts = Counts::default();
            counts.add(CountedEvent::MeteredRead, 3);
            counts.add(CountedEvent::Bought, 1);
            let day = date(2026, 11, 24);
            let days = [(day, counts.clone())];
            let row = |to: &str| TotalsRow {
                name: "The bridge".into(),
                to: to.into(),
                counts: counts.clone(),
                before: counts.clone(),
            };
            let rows = TotalsRows { rows: vec![row("/town/bridge"), row("")], cut: true };
            let words = DeskWords::default();
            let mut subscriptions = subscriptions(&[], &[day], &[], words);
            subscriptions.by_product.row("Gold");
            subscriptions.revenue = RevenueFigures::sample(words);
            let full = Self {
                periods: periods(words),
                tiles: tiles(&Figures::default(), &Figures::default(), words),
                reading: bars(&days, &days, words),
                stopping: trend(&[day], &[Some(1.0)], &[None], words, percent),
                by_day: daily::by_day(&days, &days, words),
                funnel: stages(&counts, &counts, words),
                conversions: vec![conversions(ARTICLES, &rows, words)],
                referrers: conversions(SECTIONS, &rows, words),
                subscriptions: Some(subscriptions),
                what_if: Some(WhatIfFigures::sample()),
                ..Self::default()
            };
            let none_sold = Some(SubscriptionFigures::default());
            vec![
                Self::default(),
                Self { subscriptions: none_sold, is_empty: true, ..Self::default() },
                full,
            ]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<FiguresPage>();
    }
}
