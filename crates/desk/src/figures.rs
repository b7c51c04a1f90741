//! The dashboard: what readers do, where they are stopped, and what becomes of it.

mod articles;
mod chart;
mod subscriptions;
mod table;

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use jiff::{ToSpan, civil::Date};
use masthead_access::{Allowance, WallReason};
use masthead_audience::{BANDS, Counted, Counts, Crowd, Figures, MOST_REACHED, Step, WhatIf};
use masthead_circulation::{figures::OfProduct, staff::Permission};
use masthead_store::{Days, StoreError};
use serde::{Deserialize, Serialize};

pub(crate) use self::articles::Kept;
use self::{
    articles::Sums,
    chart::{Bars, bars},
    table::Table,
};
use crate::{Desk, gate::Inside, pages, words::whole};

/// The periods that one can look at, in days.
const PERIODS: [(u16, &str); 4] =
    [(7, "7 days"), (30, "30 days"), (91, "13 weeks"), (365, "A year")];
/// The rows of a table on the page; its CSV has all.
const ROWS: usize = 20;

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
    sums: Arc<Sums>,
}

#[derive(Serialize)]
struct Shown {
    days: u16,
    periods: Vec<(u16, &'static str)>,
    from: String,
    to: String,
    tiles: Vec<Tile>,
    chart: Bars,
    steps: Vec<Stage>,
    tables: Vec<Table>,
    /// For those who steer alone.
    subscriptions: Option<Subscriptions>,
    what_if: Option<Supposed>,
    is_empty: bool,
}

/// A figure at a glance.
#[derive(Serialize)]
struct Tile {
    name: &'static str,
    value: String,
    /// How it was in the period before.
    before: String,
    /// What exactly it is.
    definition: &'static str,
    /// What others have published of theirs.
    bands: Vec<String>,
}

/// What the subscriptions come to.
#[derive(Serialize)]
struct Subscriptions {
    tiles: Vec<Tile>,
    /// What is paid a month, in words; empty where nothing is.
    monthly: String,
    table: Table,
}

/// A step on the way from an article to a payment.
#[derive(Serialize)]
struct Stage {
    name: &'static str,
    times: String,
    /// Of those who took the step before, in percent.
    share: String,
    /// How long its bar is, in percent.
    length: u8,
}

/// What another allowance would have done.
#[derive(Serialize)]
struct Supposed {
    since: String,
    allowance: u32,
    choices: Vec<u32>,
    other: u32,
    stopped: String,
    would_be: String,
    more: String,
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
        let subscriptions = steers.then(|| subscribed(&desk, &known.sums.products));
        Ok::<_, StoreError>(Shown { subscriptions, ..shown(days, &known, what_if) })
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
    let known = match know(&desk, asked.days()).await {
        Ok(known) => known,
        Err(error) => return desk.failed(&error),
    };
    let mut all = tables(&known, usize::MAX);
    if insider.staff.role.may(Permission::Steer) {
        all.push(subscribed(&desk, &known.sums.products).table);
    }
    let wanted = all.into_iter().find(|table| table.slug == asked.of);
    let Some(table) = wanted else {
        return masthead_web::form::see("/desk/figures", &[]);
    };
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let mut answer = pages::answer(StatusCode::OK, kind, pages::NO_STORE, table.csv());
    let name = format!("attachment; filename=\"{}-{}-days.csv\"", table.slug, asked.days());
    if let Ok(name) = HeaderValue::try_from(name) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    answer
}

async fn know(desk: &Desk, days: u16) -> Result<Known, StoreError> {
    let store = &desk.on.store;
    let (now, before) = periods(today(desk), days);
    let crowds = [Crowd::Readers, Crowd::Walled];
    let by_day = store.by_day(&now).await?;
    let earlier = store.by_day(&before).await?;
    Ok(Known {
        now: Figures { counts: sum(&by_day), crowds: store.crowds(&now, &crowds).await? },
        before: Figures { counts: sum(&earlier), crowds: store.crowds(&before, &crowds).await? },
        sums: desk.sums(days).await?,
        by_day,
        earlier,
    })
}

/// So many days up to one.
fn period(last: Date, days: u16) -> Days {
    let back = (i64::from(days) - 1).days();
    last.checked_sub(back).unwrap_or(last)..=last
}

/// So many days up to one, and as many before them.
fn periods(last: Date, days: u16) -> (Days, Days) {
    let now = period(last, days);
    let before = period(now.start().yesterday().unwrap_or(*now.start()), days);
    (now, before)
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

fn shown(days: u16, known: &Known, what_if: Option<Supposed>) -> Shown {
    let day = |date: &Date| date.strftime("%-d %B %Y").to_string();
    Shown {
        days,
        periods: PERIODS.to_vec(),
        from: known.by_day.first().map(|(date, _)| day(date)).unwrap_or_default(),
        to: known.by_day.last().map(|(date, _)| day(date)).unwrap_or_default(),
        tiles: tiles(known),
        chart: bars(&known.by_day, &known.earlier),
        steps: steps(&known.now),
        tables: tables(known, ROWS),
        what_if,
        subscriptions: None,
        is_empty: known.now.counts == Counts::default(),
    }
}

fn subscribed(desk: &Desk, products: &[OfProduct]) -> Subscriptions {
    Subscriptions {
        tiles: subscriptions::tiles(products),
        monthly: subscriptions::monthly(products, |money| desk.on.showroom.money(money)),
        table: subscriptions::table(products, &desk.on.showroom.products()),
    }
}

fn tiles(known: &Known) -> Vec<Tile> {
    let bands = |of: &str| {
        let all = BANDS.iter().filter(|band| band.of == of);
        all.map(|band| format!("{} ({})", band.words, band.source)).collect()
    };
    let tile = |name, of: fn(&Figures) -> String, definition, band: &str| Tile {
        name,
        value: of(&known.now),
        before: of(&known.before),
        definition,
        bands: bands(band),
    };
    vec![
        tile(
            "Readers",
            |figures| whole(figures.crowds.count(Crowd::Readers)),
            "Different devices, or accounts where somebody is signed in, that came to an article. Robots that say what \
             they are and your own people are left out. Counted by a sketch that keeps nobody's number, to about 1 %.",
            "",
        ),
        tile(
            "Reads",
            |figures| whole(figures.counts.reads()),
            "Times that a whole text was delivered, whether or not the meter counted it.",
            "",
        ),
        tile(
            "Stop rate",
            |figures| percent(figures.stop_rate()),
            "Of a hundred readers, how many met a wall at least once in the period.",
            "stop rate",
        ),
        tile(
            "Conversion",
            |figures| percent(figures.conversion()),
            "Subscriptions that were paid for, of a hundred readers who met a wall.",
            "conversion",
        ),
        tile(
            "Registrations per 100 walls",
            |figures| rate(figures.counts.per_hundred_walls(Counted::Registered)),
            "New accounts, of a hundred times that a wall was shown.",
            "",
        ),
        tile(
            "Subscriptions per 100 walls",
            |figures| rate(figures.counts.per_hundred_walls(Counted::Bought)),
            "Subscriptions that were paid for, of a hundred times that a wall was shown. Trials without a payment are not \
             in it.",
            "",
        ),
    ]
}

fn steps(figures: &Figures) -> Vec<Stage> {
    let counts = &figures.counts;
    let ends = counts.of(Counted::Bought) + counts.of(Counted::TrialBegun);
    let all = [
        ("An article was opened", counts.reads() + counts.walls()),
        ("A wall stood before it", counts.walls()),
        ("The offers were looked at", counts.of(Counted::OffersSeen)),
        ("Somebody went to pay", counts.of(Counted::CheckoutBegun)),
        ("It was paid, or a trial began", ends),
    ];
    let longest = all.iter().map(|(_, times)| *times).max().unwrap_or_default();
    let mut before = None;
    all.into_iter()
        .map(|(name, times)| {
            let step = Stage {
                name,
                times: whole(times),
                share: before.map(|before| share(times, before)).unwrap_or_default(),
                length: u8::try_from(100 * times / longest.max(1)).unwrap_or(100),
            };
            before = Some(times);
            step
        })
        .collect()
}

fn tables(known: &Known, most: usize) -> Vec<Table> {
    let walls = [
        ("The meter had run out", WallReason::Meter),
        ("An account would have opened it", WallReason::Register),
        ("For subscribers", WallReason::Subscribers),
        ("For holders of a product", WallReason::Product),
        ("The trial had ended", WallReason::TrialEnded),
        ("The subscription had ended", WallReason::SubscriptionEnded),
    ];
    let counts = &known.now.counts;
    let after = |wall| Step::ALL.map(|step| counts.of(Counted::After(wall, step)));
    let mut walls: Vec<_> = walls
        .into_iter()
        .map(|(name, reason)| (name, Some(counts.of(Counted::Wall(reason))), after(Some(reason))))
        .collect();
    walls.push(("No wall stood before them", None, after(None)));
    vec![
        Table::of_days(&known.by_day, &known.earlier),
        Table::of_walls(&walls),
        Table::of_articles("articles", "Articles that sell", "Article", &known.sums.articles, most),
        Table::of_articles("sections", "Sections", "Section", &known.sums.sections, most),
        Table::of_articles("authors", "Authors", "Author", &known.sums.authors, most),
    ]
}

/// What a smaller allowance for those without an account would have done since the meter's window opened.
async fn suppose(desk: &Desk, other: &str) -> Result<Option<Supposed>, StoreError> {
    let (anonymous, _, opened) = desk.on.showroom.meter();
    let Allowance::Articles(allowance) = anonymous else { return Ok(None) };
    if allowance == 0 || allowance >= u32::from(MOST_REACHED) {
        return Ok(None);
    }
    let other = other.parse().ok().filter(|other| *other < allowance).unwrap_or(allowance - 1);
    let wanted: Vec<Crowd> = [allowance, other]
        .into_iter()
        .filter_map(|most| u8::try_from(most + 1).ok())
        .map(|articles| Crowd::Reached { registered: false, articles })
        .collect();
    let crowds = desk.on.store.crowds(&(opened..=today(desk)), &wanted).await?;
    let what_if = WhatIf::new(&crowds, false, allowance, other);
    Ok(what_if.map(|what_if| Supposed {
        since: opened.strftime("%-d %B").to_string(),
        allowance,
        choices: (0..allowance).collect(),
        other,
        stopped: whole(what_if.stopped),
        would_be: whole(what_if.would_be_stopped),
        more: whole(what_if.would_be_stopped.saturating_sub(what_if.stopped)),
    }))
}

fn percent(of: Option<f64>) -> String {
    of.map_or("–".to_owned(), |percent| format!("{percent:.1} %"))
}

fn rate(of: Option<f64>) -> String {
    of.map_or("–".to_owned(), |rate| format!("{rate:.1}"))
}

fn share(part: u64, whole: u64) -> String {
    percent(masthead_audience::percent(part, whole))
}
