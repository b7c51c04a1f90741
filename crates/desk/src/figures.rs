//! The dashboard: what readers do, where they are stopped, and what becomes of it. A figure more is a [`Tile`](glance) or
//! a picture with a [`Table`] behind it.

mod chart;
mod conversions;
mod daily;
mod funnel;
mod period;
mod referrers;
mod subscriptions;
mod table;
mod tiles;
mod totals;
mod walls;
mod what_if;

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use jiff::civil::Date;
use masthead_audience::{Counts, Figures, ReaderGroup, UniqueReaders};
use masthead_circulation::staff::Permission;
use masthead_store::{Days, StoreError};
use serde::{Deserialize, Serialize};

pub(crate) use self::totals::Kept;
use self::{
    chart::{Bars, Ranks, Trend, bars, trend},
    conversions::{Titles, of_rows},
    funnel::{Stage, way},
    period::{PERIODS, parts, periods},
    referrers::referrers,
    subscriptions::{Subscriptions, subscriptions},
    table::Table,
    tiles::Tile,
    totals::Sums,
    walls::walls,
    what_if::{Supposed, suppose},
};
use crate::{Desk, auth::Inside, pages};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    days: String,
    /// Another allowance, for those without an account.
    allowance: String,
    /// The table that is wanted as CSV.
    of: String,
}

impl Asked {
    fn days(&self) -> u16 {
        let asked = self.days.parse().ok();
        PERIODS.into_iter().map(|(days, _)| days).find(|days| asked == Some(*days)).unwrap_or(30)
    }
}

/// Everything that the page is made of.
struct Known {
    now: Figures,
    before: Figures,
    by_day: Vec<(Date, Counts)>,
    /// The days of the period before.
    earlier: Vec<(Date, Counts)>,
    /// Of each part of the period, how many of a hundred readers met a wall.
    stopped: Vec<Option<f64>>,
    /// The same in the period before.
    stopped_before: Vec<Option<f64>>,
    /// The first day of each part.
    days: Vec<Date>,
    sums: Arc<Sums>,
}

#[derive(Serialize)]
struct Shown {
    days: u16,
    periods: Vec<(u16, &'static str)>,
    from: String,
    to: String,
    tiles: Vec<Tile>,
    reading: Bars,
    stopping: Trend,
    by_day: Table,
    by_part: Table,
    way: Vec<Stage>,
    steps: Table,
    /// What came of walls: by their reason, by article, by section, and by author.
    came_of: Vec<(Ranks, Table)>,
    /// Where readers come from.
    referrers: (Ranks, Table),
    /// For those who steer alone.
    subscriptions: Option<Subscriptions>,
    what_if: Option<Supposed>,
    is_empty: bool,
}

pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(asked): Query<Asked>,
) -> Response {
    let made = async {
        let days = asked.days();
        let known = know(&desk, days).await?;
        let what_if = suppose(&desk, &asked.allowance).await?;
        let steers = insider.staff.role.may(Permission::Steer);
        let subscriptions = steers.then(|| subscribed(&desk, &known));
        let shown = shown(days, &known);
        let came_of = shown.came_of.into_iter();
        let came_of = came_of.map(|(picture, table)| (picture, table.short())).collect();
        Ok::<_, StoreError>(Shown { came_of, subscriptions, what_if, ..shown })
    };
    match made.await {
        Ok(shown) => desk.page(StatusCode::OK, Some(&insider), "figures.html", &shown),
        Err(error) => desk.failed(&error),
    }
}

/// One of the page's tables, whole, as CSV (RFC 4180).
pub(crate) async fn csv(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(asked): Query<Asked>,
) -> Response {
    let steers = insider.staff.role.may(Permission::Steer);
    let table = match table(&desk, &asked, steers).await {
        Ok(Some(table)) => table,
        Ok(None) => return masthead_web::form::see_other("/desk/figures", &[]),
        Err(error) => return desk.failed(&error),
    };
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let mut answer = pages::answer(StatusCode::OK, kind, pages::NO_STORE, table.csv());
    let name = format!("attachment; filename=\"{}-{}-days.csv\"", table.slug, asked.days());
    if let Ok(name) = HeaderValue::try_from(name) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    answer
}

/// The table that is asked for; none where there is none, or not for everybody.
async fn table(desk: &Desk, asked: &Asked, steers: bool) -> Result<Option<Table>, StoreError> {
    let days = asked.days();
    if asked.of == ARTICLES.0 {
        return Ok(Some(of_rows(ARTICLES, &desk.every_article(days).await?).1));
    }
    let known = know(desk, days).await?;
    let shown = shown(days, &known);
    let mut all = vec![shown.by_day, shown.by_part, shown.steps, shown.referrers.1];
    all.extend(shown.came_of.into_iter().map(|(_, table)| table));
    if steers {
        let subscriptions = subscribed(desk, &known);
        all.extend([subscriptions.by_part, subscriptions.by_product]);
    }
    Ok(all.into_iter().find(|table| table.slug == asked.of))
}

async fn know(desk: &Desk, days: u16) -> Result<Known, StoreError> {
    let store = &desk.on.store;
    let (now, before) = periods(today(desk), days);
    let by_day = store.by_day(&now).await?;
    let earlier = store.by_day(&before).await?;
    let (parts, earlier_parts) = (parts(&now), parts(&before));
    let (uniques, stopped) = uniques(desk, &parts).await?;
    let (crowds_before, stopped_before) = self::uniques(desk, &earlier_parts).await?;
    Ok(Known {
        now: Figures { counts: sum(&by_day), uniques },
        before: Figures { counts: sum(&earlier), uniques: crowds_before },
        stopped,
        stopped_before,
        days: parts.iter().map(|part| *part.start()).collect(),
        sums: desk.sums(days).await?,
        by_day,
        earlier,
    })
}

/// Who was there in these parts together, and in each of them the stop rate.
async fn uniques(
    desk: &Desk,
    parts: &[Days],
) -> Result<(UniqueReaders, Vec<Option<f64>>), StoreError> {
    let wanted = [ReaderGroup::Readers, ReaderGroup::Walled];
    let each = desk.on.store.crowds_of(parts, &wanted).await?;
    let mut all = UniqueReaders::default();
    for uniques in &each {
        all.add_all(uniques);
    }
    Ok((all, each.iter().map(UniqueReaders::stop_rate).collect()))
}

fn today(desk: &Desk) -> Date {
    desk.now().to_zoned_datetime(desk.imprint().zone).date()
}

fn sum(days: &[(Date, Counts)]) -> Counts {
    days.iter().fold(Counts::default(), |mut all, (_, counts)| {
        all.add_all(counts);
        all
    })
}

fn shown(days: u16, known: &Known) -> Shown {
    let day = |date: &Date| date.strftime("%-d %B %Y").to_string();
    let (now, before) = (&known.now.counts, &known.before.counts);
    Shown {
        days,
        periods: PERIODS.to_vec(),
        from: known.by_day.first().map(|(date, _)| day(date)).unwrap_or_default(),
        to: known.by_day.last().map(|(date, _)| day(date)).unwrap_or_default(),
        tiles: tiles::tiles(&known.now, &known.before),
        reading: bars(&known.by_day, &known.earlier),
        stopping: trend(&known.days, &known.stopped, &known.stopped_before, percent),
        by_day: daily::by_day(&known.by_day, &known.earlier),
        by_part: daily::stops(&known.days, &known.stopped, &known.stopped_before),
        way: way(now, before),
        steps: funnel::table(now, before),
        came_of: came_of(known).into(),
        referrers: referrers(now, before),
        what_if: None,
        subscriptions: None,
        is_empty: *now == Counts::default(),
    }
}

fn subscribed(desk: &Desk, known: &Known) -> Subscriptions {
    let showroom = &desk.on.showroom;
    let write = |money| showroom.money(money);
    subscriptions(&known.sums.products, &known.days, &showroom.products(), write)
}

const ARTICLES: Titles = ("articles", "Articles that sell", "Article");
const SECTIONS: Titles = ("sections", "Sections", "Section");
const AUTHORS: Titles = ("authors", "Authors", "Author");

/// What came of walls, in pictures and tables.
fn came_of(known: &Known) -> [(Ranks, Table); 4] {
    let sums = &known.sums;
    [
        walls(&known.now.counts, &known.before.counts),
        of_rows(ARTICLES, &sums.articles),
        of_rows(SECTIONS, &sums.sections),
        of_rows(AUTHORS, &sums.authors),
    ]
}

fn percent(of: Option<f64>) -> String {
    of.map_or("–".to_owned(), |percent| format!("{percent:.1} %"))
}

fn rate(of: Option<f64>) -> String {
    of.map_or("–".to_owned(), |rate| format!("{rate:.1}"))
}
