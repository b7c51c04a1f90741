//! The weekly email of figures: each Monday at seven, in the publication's time zone, about the week before.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday, time},
    tz::TimeZone,
};
use masthead_audience::{CountedEvent, Figures};
use masthead_circulation::{Digest, Money, staff::Permission};
use masthead_mail::emails::{self, WeeklyFigure, WeeklyFiguresContext, WeeklyList};
use masthead_store::{
    Days, FiguresRecipient, FiguresWeek, PaidSpans, PriceChanges, RateLimit, StoreError,
};

use super::{
    data::figures_of,
    rates::percent,
    revenue::{bounds, monthly},
};
use crate::{state::DeskState, words::DeskWords};

/// The hour at which it is sent.
const HOUR: i8 = 7;
/// Articles in each list.
const MAX_LISTED: usize = 5;
/// Articles that are looked at for a list: some may be withdrawn.
const MAX_READ: u64 = 50;
/// One server computes the figures. If it is killed, another does after this time.
const ONE_SERVER: RateLimit = RateLimit { times: 1, within: SignedDuration::from_mins(5) };
/// After how long an email is tried again that could not be written.
const RETRY: SignedDuration = SignedDuration::from_hours(6);

/// What an email says, in no language.
struct WeeklyReport {
    monday: Date,
    now: Figures,
    before: Figures,
    /// The most read articles, with their reads.
    read: Vec<(String, u64)>,
    /// Those that led to the most subscriptions and trials, and to how many.
    sold: Vec<(String, u64)>,
    /// Subscriptions that were ever paid, by the beginning of the week before, of the week, and its end.
    spans: Vec<PaidSpans>,
    /// The changes of their prices, by the same bounds.
    price_changes: Vec<PriceChanges>,
}

impl DeskState {
    /// Sends the weekly email of figures to those who have not got it, once it is due. One that fails holds up no other.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn send_weekly_figures(&self) -> Result<(), StoreError> {
        let now = self.now();
        let Some(week) = self.last_figures_week() else { return Ok(()) };
        let recipients = self.store.figures_recipients(week, now).await?;
        if recipients.is_empty() {
            return Ok(());
        }
        let claim = Digest::of(&[b"weekly figures\n", week.monday.to_string().as_bytes()]);
        if !self.store.claim_rate(&claim, ONE_SERVER, now).await? {
            return Ok(());
        }
        let Some(report) = self.weekly_report(week.monday).await? else { return Ok(()) };
        let mut first = Ok(());
        for recipient in recipients {
            first = first.and(self.send_figures_to(&recipient, &report, week).await);
        }
        first
    }

    /// The last week whose email is due.
    pub(crate) fn last_figures_week(&self) -> Option<FiguresWeek> {
        last_due(self.now(), &self.publication().zone)
    }

    async fn send_figures_to(
        &self,
        recipient: &FiguresRecipient,
        report: &WeeklyReport,
        week: FiguresWeek,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let context = self.weekly_email(report, recipient);
        match emails::weekly_figures(&recipient.account, &context) {
            Ok(email) => {
                if self.store.send_weekly_figures(recipient, &email, week, now).await? {
                    self.outbox_wakeup.notify_one();
                }
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "weekly-figures: email not written");
                self.store.defer_weekly_figures(recipient.account.id, now + RETRY).await
            }
        }
    }

    /// The figures of the week before a Monday. Returns `None` at the end of time.
    async fn weekly_report(&self, monday: Date) -> Result<Option<WeeklyReport>, StoreError> {
        let day = |back: i64| monday.checked_sub(back.days()).ok();
        let (Some(first), Some(last)) = (day(7), day(1)) else { return Ok(None) };
        let (Some(first_before), Some(last_before)) = (day(14), day(8)) else { return Ok(None) };
        let days = first..=last;
        let bounds = bounds(&[first_before, first, monday], &self.publication().zone);
        let reads = CountedEvent::ALL.into_iter().filter(|event| event.is_read());
        let sales = [CountedEvent::Bought, CountedEvent::TrialBegun];
        Ok(Some(WeeklyReport {
            monday,
            now: figures_of(self, &days).await?,
            before: figures_of(self, &(first_before..=last_before)).await?,
            read: self.top_articles(&days, &reads.collect::<Vec<_>>()).await?,
            sold: self.top_articles(&days, &sales).await?,
            spans: self.store.paid_spans(&bounds).await?,
            price_changes: self.store.price_changes(&bounds).await?,
        }))
    }

    /// The published articles with the most of these events, and how many.
    async fn top_articles(
        &self,
        days: &Days,
        events: &[CountedEvent],
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let snapshot = self.snapshot();
        let found = self.store.top_articles(days, events, MAX_READ).await?;
        let named = found
            .into_iter()
            .filter_map(|(id, times)| Some((snapshot.article(id)?.headline, times)));
        Ok(named.take(MAX_LISTED).collect())
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

/// The last week whose email is due at a time. Before seven on a Monday that is the one before.
fn last_due(now: Timestamp, zone: &TimeZone) -> Option<FiguresWeek> {
    let today = now.to_zoned_datetime(zone.clone()).date();
    let back = i64::from(today.weekday().since(Weekday::Monday));
    let monday = today.checked_sub(back.days()).ok()?;
    let due = |monday: Date| {
        let at = monday.to_datetime(time(HOUR, 0, 0, 0));
        let due = at.to_zoned_datetime(zone.clone()).ok()?.timestamp();
        Some(FiguresWeek { monday, due })
    };
    match due(monday)? {
        early if early.due > now => due(monday.checked_sub(7.days()).ok()?),
        this => Some(this),
    }
}

/// What the email says. Only those who may change settings get figures of subscriptions, as on the page.
fn in_words(report: &WeeklyReport, with_revenue: bool, words: DeskWords) -> WeeklyFiguresContext {
    let week = report.monday.checked_sub(7.days()).unwrap_or(report.monday);
    let mut figures = audience(&report.now, &report.before, words);
    if with_revenue {
        figures.extend(revenue(report, words));
    }
    WeeklyFiguresContext {
        lang: words.tag().to_owned(),
        subject: words.fill("weekly_subject", &[("date", &words.day(week))]),
        figures,
        before: words.text("weekly_before").to_owned(),
        lists: lists(report, words),
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

/// New and ended subscriptions, and what all of them cost in a month, at the prices of the time.
fn revenue(report: &WeeklyReport, words: DeskWords) -> Vec<WeeklyFigure> {
    let WeeklyReport { spans, price_changes, .. } = report;
    let count = |is_counted: &dyn Fn(&PaidSpans) -> bool| {
        words.number(spans.iter().filter(|span| is_counted(span)).map(|span| span.count).sum())
    };
    let by_currency = monthly(spans, price_changes, 2);
    let monthly = |week: usize| {
        let amounts = by_currency.values().filter_map(|(currency, values)| {
            let minor = values.get(week).copied().filter(|minor| *minor > 0)?;
            Some(words.money(Money::of(minor, *currency)))
        });
        let texts: Vec<String> = amounts.collect();
        if texts.is_empty() { "–".to_owned() } else { texts.join(" + ") }
    };
    let started = |part: usize| count(&|span| span.started == part);
    let ended = |part: usize| count(&|span| span.ended == Some(part));
    vec![
        figure("weekly_started", started(2), started(1), words),
        figure("weekly_ended", ended(2), ended(1), words),
        figure("weekly_mrr", monthly(1), monthly(0), words),
    ]
}

fn lists(report: &WeeklyReport, words: DeskWords) -> Vec<WeeklyList> {
    let all = [("weekly_most_read", &report.read), ("weekly_most_sold", &report.sold)];
    let list = |(title, articles): (&'static str, &Vec<(String, u64)>)| WeeklyList {
        title: words.text(title).to_owned(),
        rows: articles.iter().map(|(name, times)| (name.clone(), words.number(*times))).collect(),
    };
    all.map(list).into_iter().filter(|list| !list.rows.is_empty()).collect()
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
        let monday = FiguresWeek { monday: date(2027, 1, 18), due: at("2027-01-18T06:00:00Z") };
        for now in ["2027-01-18T06:00:00Z", "2027-01-20T12:00:00Z", "2027-01-25T05:59:59Z"] {
            assert_eq!(due(now), monday, "{now}");
        }
        assert_eq!(due("2027-01-18T05:59:59Z").monday, date(2027, 1, 11));
        // In summer it is an hour earlier by the clock of the world.
        assert_eq!(due("2027-07-01T12:00:00Z").due, at("2027-06-28T05:00:00Z"));
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
        let currency = "EUR".parse().expect("a currency");
        let span = |started, ended, count, minor| PaidSpans {
            started,
            ended,
            count,
            monthly: Money::of(minor, currency),
        };
        // One of those that began first was paused in the week: it is in the sums of before.
        let paused =
            PriceChanges { started: 0, ended: None, changed: 2, currency, difference: -900 };
        WeeklyReport {
            monday: date(2027, 1, 18),
            now: figures(1240),
            before: figures(900),
            read: vec![("The tides".to_owned(), 1200), ("The bridge".to_owned(), 40)],
            sold: vec![("The bridge".to_owned(), 2)],
            price_changes: vec![paused],
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
        };
        emails::weekly_figures(&to, &context).expect("rendered").body.text
    }

    #[test]
    fn it_reads_like_this_in_english() {
        assert_eq!(
            text(true, DeskWords::default()),
            "The Paper\n\n\
             Figures of the week from 11\u{a0}January 2027\n\n\
             Reads: 1,240 (week before: 900)\n\
             Paywall views: 0 (week before: 0)\n\
             Conversion rate: – (week before: –)\n\
             New subscriptions: 3 (week before: 2)\n\
             Ended subscriptions: 1 (week before: 0)\n\
             Monthly recurring revenue: €135 (week before: €126)\n\n\
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
             Statistik der Woche ab 11.\u{a0}Januar 2027\n\n\
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
