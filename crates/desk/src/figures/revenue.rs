//! Revenue over time, and cohorts: of those who first paid in a month, how many still subscribe later. Both are computed from
//! sums of the database, so that a million subscriptions take no memory.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_circulation::{Currency, Money};
use masthead_store::{PaidSpans, PriceChanges};
use serde::Serialize;

use super::{
    chart::trend::{Trend, trend},
    table::Table,
};
use crate::words::DeskWords;

/// Months that are shown, the present one among them.
const MONTHS: usize = 13;
/// Months that are computed: each is compared with that of the year before.
const COMPUTED: usize = MONTHS + 12;

/// See the module's documentation.
#[derive(Default, Serialize)]
pub(super) struct RevenueFigures {
    /// The code of each currency, with its chart.
    charts: Vec<(&'static str, Trend)>,
    pub by_month: Table,
    cohorts: Vec<Cohort>,
    pub by_cohort: Table,
}

/// Those who first paid in a month.
#[derive(Default, Serialize)]
struct Cohort {
    month: String,
    size: String,
    /// In percent, by months since then.
    kept: Vec<KeptShare>,
    /// A blank for each month that is still to come, by the longest row.
    blanks: Vec<&'static str>,
}

#[derive(Default, Serialize)]
struct KeptShare {
    months: usize,
    share: String,
    /// How deep its colour is, from 0 to 4.
    level: u8,
}

/// The first days of the months that are computed, the present month last.
pub(super) fn months(today: Date) -> Vec<Date> {
    let mut first = today.first_of_month();
    let mut months = vec![first];
    while months.len() < COMPUTED {
        let Ok(before) = first.yesterday() else { break };
        first = before.first_of_month();
        months.push(first);
    }
    months.reverse();
    months
}

/// The instants at which they begin.
pub(super) fn bounds(months: &[Date], zone: &TimeZone) -> Vec<Timestamp> {
    let begin = |day: &Date| {
        day.to_zoned_datetime(zone.clone()).map_or(Timestamp::MAX, |at| at.timestamp())
    };
    months.iter().map(begin).collect()
}

/// The figures of subscriptions between the beginnings of `months`.
pub(super) fn revenue(
    spans: &[PaidSpans],
    changes: &[PriceChanges],
    months: &[Date],
    words: DeskWords,
) -> RevenueFigures {
    let by_currency = monthly(spans, changes, months.len());
    let shown = months.len().saturating_sub(MONTHS);
    let days = months.get(shown..).unwrap_or_default();
    let charts = by_currency.iter().map(|(code, (currency, values))| {
        #[allow(clippy::cast_precision_loss)] // a chart is not that exact
        let whole = |minor: &u64| Some(*minor as f64 / 10_f64.powi(i32::from(currency.digits())));
        let now: Vec<_> = values.iter().skip(shown).map(whole).collect();
        let before: Vec<_> = values.iter().map(whole).take(MONTHS).collect();
        (*code, trend(days, &now, &before, words, number))
    });
    RevenueFigures {
        charts: charts.collect(),
        by_month: by_month(days, shown, &by_currency, words),
        cohorts: cohorts(spans, months, words),
        by_cohort: by_cohort(spans, months, words),
    }
}

fn number(of: Option<f64>, words: DeskWords) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it was an amount
    of.map_or("–".to_owned(), |of| words.number(of.round() as u64))
}

/// By code of the currency: what was paid per month at the end of each month, in minor units.
pub(super) type Monthly = BTreeMap<&'static str, (Currency, Vec<u64>)>;

/// Spans have present prices; for a month before a change, the difference is taken back. The end of a month is the bound after
/// its beginning, so that other parts of a time can be counted as well.
pub(super) fn monthly(spans: &[PaidSpans], changes: &[PriceChanges], months: usize) -> Monthly {
    let mut all: BTreeMap<&'static str, (Currency, Vec<i128>)> = BTreeMap::new();
    let mut add = |currency: Currency, amount: i128, counts: &dyn Fn(usize) -> bool| {
        let (_, values) = all.entry(currency.code()).or_insert((currency, vec![0; months]));
        let values = values.iter_mut().enumerate().filter(|(month, _)| counts(*month));
        values.for_each(|(_, value)| *value += amount);
    };
    for span in spans {
        add(span.monthly.currency(), span.monthly.minor().into(), &|month| {
            is_paid_at_end(span, month)
        });
    }
    for change in changes {
        let PriceChanges { started, ended, changed, currency, difference } = *change;
        add(currency, -i128::from(difference), &|month| {
            goes_on_at_end(started, ended, month) && changed > month + 1
        });
    }
    let amounts = |values: Vec<i128>| {
        values.into_iter().map(|value| u64::try_from(value.max(0)).unwrap_or(u64::MAX)).collect()
    };
    all.into_iter().map(|(code, (currency, values))| (code, (currency, amounts(values)))).collect()
}

fn is_paid_at_end(span: &PaidSpans, month: usize) -> bool {
    goes_on_at_end(span.started, span.ended, month)
}

/// Whether subscriptions go on at the end of a month. The number of bounds before an instant in month 0 is 1.
fn goes_on_at_end(started: usize, ended: Option<usize>, month: usize) -> bool {
    started <= month + 1 && ended.is_none_or(|ended| ended > month + 1)
}

fn by_month(days: &[Date], shown: usize, all: &Monthly, words: DeskWords) -> Table {
    let heads = ["figures_month", "figures_currency", "figures_mrr_end", "figures_mrr_year_before"];
    let mut table = Table::new("revenue", "figures_mrr_by_month", &heads, words);
    for (index, day) in days.iter().enumerate().rev() {
        for (currency, values) in all.values() {
            let money = |at: Option<usize>| {
                let minor = at.and_then(|at| values.get(at)).copied().unwrap_or_default();
                Money::of(minor, *currency)
            };
            let (now, before) =
                (money(Some(shown + index)), money((shown + index).checked_sub(12)));
            let row = table.row(month_name(*day));
            row.text(currency.code().to_owned(), currency.code().to_owned());
            for amount in [now, before] {
                row.text(words.money(amount), amount.decimal());
            }
        }
    }
    table
}

fn month_name(day: Date) -> String {
    day.strftime("%Y-%m").to_string()
}

/// Of those who first paid in each month, how many there are, and how many go on after so many months.
fn kept(spans: &[PaidSpans], months: &[Date]) -> Vec<(Date, u64, Vec<u64>)> {
    let cohort = |month: usize, day: Date| {
        let own: Vec<&PaidSpans> = spans.iter().filter(|span| span.started == month + 1).collect();
        let size = own.iter().map(|span| span.count).sum();
        let going_on = |end: usize| {
            let still = own.iter().filter(|span| is_paid_at_end(span, end));
            still.map(|span| span.count).sum()
        };
        (day, size, (month..months.len()).map(going_on).collect())
    };
    let shown = months.len().saturating_sub(MONTHS);
    let each = months.iter().enumerate().skip(shown);
    each.map(|(month, day)| cohort(month, *day)).filter(|(_, size, _)| *size > 0).collect()
}

fn cohorts(spans: &[PaidSpans], months: &[Date], words: DeskWords) -> Vec<Cohort> {
    let share = |(month, still): (usize, &u64), size: u64| {
        let share = masthead_audience::percent(*still, size);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 100
        let level = share.map_or(0, |share| (share / 25.0).floor().clamp(0.0, 4.0) as u8);
        KeptShare { months: month, share: super::rates::percent(share, words), level }
    };
    let all = kept(spans, months);
    let longest = all.first().map_or(0, |(_, _, still)| still.len());
    let cohort = |(day, size, still): (Date, u64, Vec<u64>)| Cohort {
        blanks: vec![""; longest - still.len().min(longest)],
        month: month_name(day),
        size: words.number(size),
        kept: still.iter().enumerate().map(|each| share(each, size)).collect(),
    };
    all.into_iter().map(cohort).collect()
}

fn by_cohort(spans: &[PaidSpans], months: &[Date], words: DeskWords) -> Table {
    let heads =
        ["figures_cohort", "figures_cohort_size", "figures_cohort_months", "figures_cohort_kept"];
    let mut table = Table::new("cohorts", "figures_cohorts", &heads, words);
    for (day, size, still) in kept(spans, months) {
        for (months, still) in still.into_iter().enumerate() {
            let months = u64::try_from(months).unwrap_or_default();
            table.row(month_name(day)).counts(&[size, months, still]);
        }
    }
    table
}

#[cfg(test)]
impl RevenueFigures {
    pub fn sample(words: DeskWords) -> Self {
        let months = months(jiff::civil::date(2026, 3, 15));
        let monthly = Money::of(900, "EUR".parse().expect("a currency"));
        revenue(&[PaidSpans { started: 24, ended: None, count: 1, monthly }], &[], &months, words)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn span(started: usize, ended: Option<usize>, count: u64, minor: u64) -> PaidSpans {
        let monthly = Money::of(minor, "EUR".parse().expect("a currency"));
        PaidSpans { started, ended, count, monthly }
    }

    #[test]
    fn months_are_those_of_two_years_up_to_now() {
        let months = months(date(2026, 3, 31));
        assert_eq!((months.len(), months[0]), (25, date(2024, 3, 1)));
        assert_eq!(months[24], date(2026, 3, 1));
    }

    #[test]
    fn revenue_and_cohorts_follow_from_spans() {
        let months = months(date(2026, 3, 15));
        // Before the first month, in it, and two in the last but one, of which one ended in the last.
        let spans = [
            span(0, None, 2, 2000),
            span(1, Some(2), 1, 900),
            span(24, None, 1, 800),
            span(24, Some(25), 1, 800),
        ];
        let all = monthly(&spans, &[], months.len());
        let values = &all["EUR"].1;
        assert_eq!((values[0], values[1], values[23], values[24]), (2900, 2000, 3600, 2800));
        let words = DeskWords::default();
        let figures = revenue(&spans, &[], &months, words);
        assert_eq!(figures.cohorts.len(), 1);
        let cohort = &figures.cohorts[0];
        let shares: Vec<&str> = cohort.kept.iter().map(|of| of.share.as_str()).collect();
        assert_eq!((cohort.month.as_str(), cohort.size.as_str()), ("2026-02", "2"));
        assert_eq!(shares, ["100.0%", "50.0%"]);
        let csv = String::from_utf8(figures.by_month.csv()).expect("text");
        assert!(csv.contains("\n2026-03,EUR,28.00,20.00\n"), "{csv}");
        let csv = String::from_utf8(figures.by_cohort.csv()).expect("text");
        assert!(csv.ends_with("2026-02,2,0,2\n2026-02,2,1,1\n"), "{csv}");
    }

    #[test]
    fn months_before_a_change_have_the_price_of_that_time() {
        let change = |started, ended, changed, difference| {
            let currency = "EUR".parse().expect("a currency");
            PriceChanges { started, ended, changed, currency, difference }
        };
        // One that costs 12 instead of 9 since the third month, and one that was free from the second and ended in the fourth.
        let spans = [span(1, None, 1, 1200)];
        let changes = [change(1, None, 3, 300), change(0, Some(4), 2, -500)];
        let all = monthly(&spans, &changes, 4);
        assert_eq!(all["EUR"].1, [1400, 900, 1200, 1200]);
    }

    #[test]
    fn nothing_sold_is_nothing_to_show() {
        let figures = revenue(&[], &[], &months(date(2026, 3, 15)), DeskWords::default());
        assert!(figures.charts.is_empty() && figures.cohorts.is_empty());
    }
}
