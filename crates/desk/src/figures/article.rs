//! `/desk/articles/{number}/figures`: the figures of one article, for those who may see figures and for its authors.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use masthead_access::ArticleId;
use masthead_audience::Counts;
use masthead_circulation::staff::Permission;
use serde::Serialize;

use super::{
    chart::{
        bars::{Bars, bars},
        ranks::Ranks,
    },
    conversions::{COUNTS, counted},
    daily,
    dashboard::periods as choices,
    range::RangeForm,
    sources::{MAX_READ, sources},
    table::Table,
};
use crate::{
    error::Handled, notice::Notice, staff::CurrentStaff, state::DeskState, templates::Page,
    words::DeskWords,
};

/// See the module's documentation.
#[derive(Default, Serialize)]
struct ArticleFiguresPage {
    number: u32,
    headline: String,
    /// The address on the site; empty if it is not published.
    address: String,
    /// The fixed period that is shown; 0 if the days were chosen freely.
    days: u16,
    form: RangeForm,
    fault: &'static str,
    /// Days and label.
    periods: Vec<(u16, String)>,
    from: String,
    to: String,
    totals: Vec<TotalTile>,
    reading: Bars,
    by_day: Table,
    sources: (Ranks, Table),
    websites: Table,
    is_empty: bool,
}

impl Page for ArticleFiguresPage {
    const TEMPLATE: &'static str = "article-figures.html";
}

#[derive(Default, Serialize)]
struct TotalTile {
    name: &'static str,
    value: String,
    before: String,
}

/// The address of the figures of an article.
pub(super) fn figures_address(id: ArticleId) -> String {
    format!("/desk/articles/{}/figures", id.0)
}

/// `GET /desk/articles/{number}/figures`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
    Query(form): Query<RangeForm>,
) -> Handled {
    let id = number.parse().map(ArticleId).map_err(|_| Notice::NoArticle)?;
    let published = desk.snapshot().article(id);
    let story = desk.store.story(id).await?;
    if published.is_none() && story.is_none() {
        return Err(Notice::NoArticle.into());
    }
    let own = story.as_ref().is_some_and(|story| {
        staff.may(Permission::Write) && story.entry.writers.contains(&staff.account.id)
    });
    if !staff.may(Permission::ViewFigures) && !own {
        let may_write = staff.may(Permission::Write);
        return Err(if may_write { Notice::NotYourArticle } else { Notice::NotPermitted }.into());
    }
    let words = staff.words;
    let (range, fault) = form.range(desk.today());
    let by_day = desk.store.of_article(id, &range.now).await?;
    let by_day_before = desk.store.of_article(id, &range.before).await?;
    let (now, before) = (sum(&by_day), sum(&by_day_before));
    let from_now = desk.store.sources_of_article(id, &range.now, MAX_READ).await?;
    let from_before = desk.store.sources_of_article(id, &range.before, 0).await?;
    let (sources, websites) = sources(&from_now, &from_before, words);
    let headline = story.map(|story| story.entry.headline).unwrap_or_default();
    let day = |day: Option<&(Date, Counts)>| day.map(|(of, _)| words.day(*of)).unwrap_or_default();
    let page = ArticleFiguresPage {
        number: id.0,
        address: published.as_ref().map(|of| of.address.clone()).unwrap_or_default(),
        headline: published.map_or(headline, |of| of.headline),
        days: range.fixed.unwrap_or_default(),
        form,
        fault: fault.map(|fault| words.text(fault.word())).unwrap_or_default(),
        periods: choices(words),
        from: day(by_day.first()),
        to: day(by_day.last()),
        totals: totals(&now, &before, words),
        reading: bars(&by_day, &by_day_before, words),
        by_day: daily::by_day(&by_day, &by_day_before, words),
        sources,
        websites,
        is_empty: now == Counts::default(),
    };
    Ok(desk.page(&staff, &page))
}

fn totals(now: &Counts, before: &Counts, words: DeskWords) -> Vec<TotalTile> {
    let each = COUNTS.into_iter().zip(counted(now).into_iter().zip(counted(before)));
    let tile = |(name, (now, before))| TotalTile {
        name: words.text(name),
        value: words.number(now),
        before: words.number(before),
    };
    each.map(tile).collect()
}

fn sum(days: &[(Date, Counts)]) -> Counts {
    days.iter().fold(Counts::default(), |mut all, (_, counts)| {
        all.add_all(counts);
        all
    })
}

#[cfg(test)]
pub(crate) mod samples {
    use jiff::civil::date;

    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ArticleFiguresPage {
        fn samples() -> Vec<Self> {
            let (counts, words) = (Counts::default(), DeskWords::default());
            let days = [(date(2026, 11, 24), counts.clone())];
            let full = Self {
                address: "/town/bridge".into(),
                periods: choices(words),
                totals: totals(&counts, &counts, words),
                reading: bars(&days, &days, words),
                by_day: daily::by_day(&days, &days, words),
                websites: Table::new("websites", "figures_websites", &["figures_website"], words),
                ..Self::default()
            };
            vec![Self { is_empty: true, ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ArticleFiguresPage>();
    }
}
