//! The weekly email of figures: each Monday at seven, in the publication's time zone, about the week before.

use std::cmp::Reverse;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday, time},
    tz::TimeZone,
};
use masthead_audience::{CountedEvent, Figures};
use masthead_circulation::{Money, money::add_by_currency, staff::Permission};
use masthead_mail::emails::{self, WeeklyFigure, WeeklyFiguresContext, WeeklyList};
use masthead_store::{FiguresRecipient, PaidSpans, StoreError};

use super::{
    data::FiguresData,
    range::FiguresRange,
    rates::percent,
    revenue::bounds,
    totals::{TotalsRow, TotalsRows},
};
use crate::{state::DeskState, words::DeskWords};

/// The hour at which it is sent.
const HOUR: i8 = 7;
/// Articles in each list.
const MAX_LISTED: usize = 5;

/// What an email says, in no language.
struct WeeklyReport {
    monday: Date,
    now: Figures,
    before: Figures,
    articles: TotalsRows,
    /// Subscriptions that were ever paid, by the beginning of the week before, of the week, and its end.
    spans: Vec<PaidSpans>,
}

impl DeskState {
    /// Sends the weekly email of figures to those who have not got it, once it is due.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn send_weekly_figures(&self) -> Result<(), StoreError> {
        let (now, zone) = (self.now(), self.publication().zone);
        let Some((monday, due)) = last_due(now, &zone) else { return Ok(()) };
        let recipients = self.store.figures_recipients(due).await?;
        if recipients.is_empty() {
            return Ok(());
        }
        let Some(report) = self.weekly_report(monday, &zone).await? else { return Ok(()) };
        for recipient in recipients {
            let context = self.weekly_email(&report, &recipient);
            match emails::weekly_figures(&recipient.account, &context) {
                Ok(email) => {
                    let times = (due, now);
                    if self.store.send_weekly_figures(&recipient, &email, times).await? {
                        self.outbox_wakeup.notify_one();
                    }
                }
                Err(error) => tracing::error!(%error, "weekly-figures: rendering failed"),
            }
        }
        Ok(())
    }

    /// The figures of the week before a Monday. Returns `None` at the end of time.
    async fn weekly_report(
        &self,
        monday: Date,
        zone: &TimeZone,
    ) -> Result<Option<WeeklyReport>, StoreError> {
        let day = |back: i64| monday.checked_sub(back.days()).ok();
        let (Some(first), Some(last)) = (day(7), day(1)) else { return Ok(None) };
        let (Some(first_before), Some(last_before)) = (day(14), day(8)) else { return Ok(None) };
        let range =
            FiguresRange { now: first..=last, before: first_before..=last_before, fixed: None };
        let data = FiguresData::load(self, &range).await?;
        let articles = self.every_article(&range).await?;
        let spans = self.store.paid_spans(&bounds(&[first_before, first, monday], zone)).await?;
        Ok(Some(WeeklyReport { monday, now: data.now, before: data.before, articles, spans }))
    }

    fn weekly_email(
        &self,
        report: &WeeklyReport,
        recipient: &FiguresRecipient,
    ) -> WeeklyFiguresContext {
        let ours = || DeskWords::in_language(self.settings().locale.tag());
        let words = DeskWords::in_language(&recipient.language).or_else(ours).unwrap_or_default();
        let publication = self.publication();
        WeeklyFiguresContext {
            publication: publication.name.clone(),
            link: format!("{}/desk/figures?days=7", publication.address),
            settings_link: format!("{}/desk/notifications/settings", publication.address),
            ..in_words(report, recipient.role.may(Permission::EditSettings), words)
        }
    }
}

/// The Monday at or before a time on which an email was due, and when. Before seven that is the Monday of the week before.
fn last_due(now: Timestamp, zone: &TimeZone) -> Option<(Date, Timestamp)> {
    let today = now.to_zoned_datetime(zone.clone()).date();
    let back = i64::from(today.weekday().since(Weekday::Monday));
    let monday = today.checked_sub(back.days()).ok()?;
    let due = |monday: Date| {
        let at = monday.to_datetime(time(HOUR, 0, 0, 0));
        Some((monday, at.to_zoned_datetime(zone.clone()).ok()?.timestamp()))
    };
    match due(monday)? {
        (_, at) if at > now => due(monday.checked_sub(7.days()).ok()?),
        this => Some(this),
    }
}

/// What the email says. Only those who may change settings get figures of subscriptions, as on the page.
fn in_words(report: &WeeklyReport, with_revenue: bool, words: DeskWords) -> WeeklyFiguresContext {
    let week = report.monday.checked_sub(7.days()).unwrap_or(report.monday);
    let mut figures = audience(&report.now, &report.before, words);
    if with_revenue {
        figures.extend(revenue(&report.spans, words));
    }
    WeeklyFiguresContext {
        lang: words.tag().to_owned(),
        subject: words.fill("weekly_subject", &[("date", &words.day(week))]),
        figures,
        before: words.text("weekly_before").to_owned(),
        lists: lists(&report.articles, words),
        button: words.text("weekly_button").to_owned(),
        settings: words.text("notify_settings_hint").to_owned(),
        ..WeeklyFiguresContext::default()
    }
}

fn figure(name: &'static str, value: String, before: String, words: DeskWords) -> WeeklyFigure {
    WeeklyFigure { name: words.text(name).to_owned(), value, before }
}

fn audience(now: &Figures, before: &Figures, words: DeskWords) -> Vec<WeeklyFigure> {
    let number = |name, of: fn(&Figures) -> u64| {
        figure(name, words.number(of(now)), words.number(of(before)), words)
    };
    vec![
        number("figures_reads", |of| of.counts.reads()),
        number("figures_walls", |of| of.counts.walls()),
        figure(
            "figures_conversion",
            percent(now.conversion(), words),
            percent(before.conversion(), words),
            words,
        ),
    ]
}

/// New and ended subscriptions, and what all of them cost in a month.
fn revenue(spans: &[PaidSpans], words: DeskWords) -> Vec<WeeklyFigure> {
    let count = |is_counted: &dyn Fn(&PaidSpans) -> bool| {
        words.number(spans.iter().filter(|span| is_counted(span)).map(|span| span.count).sum())
    };
    let monthly = |bound: usize| {
        let mut sums: Vec<Money> = Vec::new();
        for span in spans.iter().filter(|span| goes_on_at(span, bound)) {
            add_by_currency(&mut sums, [span.monthly]);
        }
        let texts: Vec<String> = sums.into_iter().map(|sum| words.money(sum)).collect();
        if texts.is_empty() { "–".to_owned() } else { texts.join(" + ") }
    };
    let started = |part: usize| count(&|span| span.started == part);
    let ended = |part: usize| count(&|span| span.ended == Some(part));
    vec![
        figure("weekly_started", started(2), started(1), words),
        figure("weekly_ended", ended(2), ended(1), words),
        figure("weekly_mrr", monthly(2), monthly(1), words),
    ]
}

/// Whether subscriptions go on at a bound: they began before it, and did not end before it.
fn goes_on_at(span: &PaidSpans, bound: usize) -> bool {
    span.started <= bound && span.ended.is_none_or(|ended| ended > bound)
}

fn lists(articles: &TotalsRows, words: DeskWords) -> Vec<WeeklyList> {
    let sold = |row: &TotalsRow| {
        row.counts.of(CountedEvent::Bought) + row.counts.of(CountedEvent::TrialBegun)
    };
    let reads = |row: &TotalsRow| row.counts.reads();
    let all = [
        list("weekly_most_read", articles, reads, words),
        list("weekly_most_sold", articles, sold, words),
    ];
    all.into_iter().filter(|list| !list.rows.is_empty()).collect()
}

/// The articles with the highest numbers above zero.
fn list(
    title: &'static str,
    articles: &TotalsRows,
    number: fn(&TotalsRow) -> u64,
    words: DeskWords,
) -> WeeklyList {
    let mut rows: Vec<&TotalsRow> = articles.rows.iter().filter(|row| number(row) > 0).collect();
    rows.sort_by_key(|row| Reverse(number(row)));
    rows.truncate(MAX_LISTED);
    let row = |row: &TotalsRow| (row.name.clone(), words.number(number(row)));
    WeeklyList { title: words.text(title).to_owned(), rows: rows.into_iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use masthead_audience::{Counts, UniqueReaders};
    use masthead_circulation::{Account, AccountId};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn it_is_due_on_mondays_at_seven_in_the_zone_of_the_publication() {
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        let due = |now: &str| last_due(at(now), &berlin).expect("a Monday");
        let monday = (date(2027, 1, 18), at("2027-01-18T06:00:00Z"));
        for now in ["2027-01-18T06:00:00Z", "2027-01-20T12:00:00Z", "2027-01-25T05:59:59Z"] {
            assert_eq!(due(now), monday, "{now}");
        }
        assert_eq!(due("2027-01-18T05:59:59Z").0, date(2027, 1, 11));
        // In summer it is an hour earlier by the clock of the world.
        assert_eq!(due("2027-07-01T12:00:00Z").1, at("2027-06-28T05:00:00Z"));
    }

    fn counts(events: &[(CountedEvent, u64)]) -> Counts {
        let mut counts = Counts::default();
        for (event, times) in events {
            counts.add(*event, *times);
        }
        counts
    }

    fn report() -> WeeklyReport {
        let figures = |reads| Figures {
            counts: counts(&[(CountedEvent::OpenRead, reads)]),
            uniques: UniqueReaders::default(),
        };
        let article = |name: &str, reads, bought| TotalsRow {
            name: name.to_owned(),
            to: String::new(),
            counts: counts(&[(CountedEvent::OpenRead, reads), (CountedEvent::Bought, bought)]),
            before: Counts::default(),
        };
        let rows = vec![article("The bridge", 40, 2), article("The tides", 1200, 0)];
        let span = |started, ended, count, minor| PaidSpans {
            started,
            ended,
            count,
            monthly: Money::of(minor, "EUR".parse().expect("a currency")),
        };
        WeeklyReport {
            monday: date(2027, 1, 18),
            now: figures(1240),
            before: figures(900),
            articles: TotalsRows { rows, cut: false },
            spans: vec![
                span(0, None, 10, 9000),
                span(0, Some(2), 1, 900),
                span(1, None, 2, 1800),
                span(2, None, 3, 2700),
                span(3, None, 9, 9900),
            ],
        }
    }

    fn text(with_revenue: bool, words: DeskWords) -> String {
        let context = WeeklyFiguresContext {
            publication: "The Paper".to_owned(),
            link: "https://paper.example/desk/figures?days=7".to_owned(),
            settings_link: "https://paper.example/desk/notifications/settings".to_owned(),
            ..in_words(&report(), with_revenue, words)
        };
        let to = Account {
            id: AccountId(1),
            email: "ada@example.org".parse().expect("an address"),
            name: String::new(),
            registered: Timestamp::UNIX_EPOCH,
            had_subscription: false,
            debt: None,
        };
        emails::weekly_figures(&to, &context).expect("rendered").body.text
    }

    #[test]
    fn it_reads_like_this_in_english() {
        assert_eq!(
            text(true, DeskWords::default()),
            "The Paper\n\n\
             Figures of the week from 11 January 2027\n\n\
             Reads: 1,240 (week before: 900)\n\
             Paywall views: 0 (week before: 0)\n\
             Conversion rate: – (week before: –)\n\
             New subscriptions: 3 (week before: 2)\n\
             Ended subscriptions: 1 (week before: 0)\n\
             Monthly recurring revenue: €135 (week before: €117)\n\n\
             Most read articles\n\n\
             1. The tides: 1,200\n\
             2. The bridge: 40\n\n\
             Articles that led to subscriptions and trials\n\n\
             1. The bridge: 2\n\n\
             Open analytics:\n\n\
             https://paper.example/desk/figures?days=7\n\n\
             Choose what you’re told about:\n\n\
             https://paper.example/desk/notifications/settings"
        );
    }

    #[test]
    fn it_reads_like_this_in_german_for_those_who_see_no_revenue() {
        assert_eq!(
            text(false, DeskWords::in_language("de").expect("words")),
            "The Paper\n\n\
             Statistik der Woche ab 11. Januar 2027\n\n\
             Abrufe: 1.240 (Vorwoche: 900)\n\
             Paywall-Kontakte: 0 (Vorwoche: 0)\n\
             Conversion-Rate: – (Vorwoche: –)\n\n\
             Meistgelesene Artikel\n\n\
             1. The tides: 1.200\n\
             2. The bridge: 40\n\n\
             Artikel, die zu Abos und Probeabos führten\n\n\
             1. The bridge: 2\n\n\
             Statistik öffnen:\n\n\
             https://paper.example/desk/figures?days=7\n\n\
             Benachrichtigungen wählen:\n\n\
             https://paper.example/desk/notifications/settings"
        );
    }
}
