//! The figures.

use http::StatusCode;
use jiff::SignedDuration;
use masthead_access::{ArticleId, WallReason};
use masthead_audience::{
    CountedEvent, CounterBatch, EventTime, ReaderGroup, Referrer, Sketch, Subject,
};
use masthead_circulation::{
    AccountId, Channel, Ending, Mandate, Money, State, Subscription, SubscriptionId, Terms,
    staff::Role,
};

use super::{CONFIG, TestDesk, leads_to, reader_list::sell, text};

async fn count(desk: &TestDesk) {
    desk.publish_articles().await;
    let day = desk.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let mut batch = CounterBatch::default();
    for (counted, times) in [
        (CountedEvent::MeteredRead, 1500),
        (CountedEvent::Wall(WallReason::Register), 40),
        (CountedEvent::Registered, 4),
        (CountedEvent::OffersSeen, 10),
        (CountedEvent::CheckoutBegun, 2),
        (CountedEvent::ReadFrom(Referrer::Search), 1500),
        (CountedEvent::WallFrom(Referrer::Search), 40),
        (CountedEvent::Bought, 1),
    ] {
        batch
            .counts
            .insert((EventTime { day, hour: 0 }, counted, Subject::Article(ArticleId(1))), times);
    }
    let sketch = |readers: std::ops::Range<u128>| {
        let mut sketch = Sketch::default();
        readers.for_each(|reader| sketch.add(reader));
        sketch
    };
    batch.uniques.insert((day, ReaderGroup::Readers), sketch(0..100));
    batch.uniques.insert((day, ReaderGroup::Walled), sketch(0..6));
    for (articles, readers) in [(3, 20), (4, 6)] {
        batch.uniques.insert(
            (day, ReaderGroup::Reached { registered: false, articles }),
            sketch(0..readers),
        );
    }
    desk.store.add_to_audience(&batch).await.expect("added");
}

#[tokio::test]
async fn figures_come_with_what_they_mean() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    count(&desk).await;
    for days in ["", "?days=7", "?days=365", "?days=nonsense"] {
        let page = text(desk.get(&format!("/desk/figures{days}"), &cy).await).await;
        for said in [
            "<p class=\"value\">6.0%</p>",
            "Goal: 5 to 7% (Local Media Association)",
            "Typical: 0.5 to 2% (Press+)",
            "<p class=\"value\">16.7%</p>",
            "<p class=\"value\">10.0%</p>",
            "1,540",
            "6 readers without an account have asked for more than 3 metered articles.",
            "20 have asked for more than 2.",
            "With a limit of 2, 14 more readers would have seen a paywall.",
            "The &lt;bridge&gt;",
            "0.6% of opened articles",
            "Paid: 1, trials: 0, registrations: 4. Paywall views: 40 (12.5% converted). Previous period: 0.",
            "Stop rate (%)",
            "Reads: 1,500, paywall views: 40 (2.6%). Previous period, both: 0.",
        ] {
            assert!(page.contains(said), "{days}: no {said} in {page}");
        }
    }
    let lower = text(desk.get("/desk/figures?allowance=0", &cy).await).await;
    assert!(lower.contains("asked for more than 0"), "{lower}");
}

#[tokio::test]
async fn every_table_can_be_downloaded() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    count(&desk).await;
    let answer = desk.get("/desk/figures.csv?days=7&of=articles", &eve).await;
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let csv = text(answer).await;
    assert_eq!(
        csv,
        "Article,Reads,Paywall views,Registrations,Offer views,Trials,Subscriptions,Registration rate (%),Trials and subscriptions (% of paywall views),\"Registrations, previous period\",\"Trials and subscriptions, previous period\"\n\
         The <bridge>,1500,40,4,10,0,1,10.000,2.500,0,0\n"
    );
    let days = text(desk.get("/desk/figures.csv?days=30&of=days", &eve).await).await;
    assert_eq!(days.lines().count(), 31);
    let stops = text(desk.get("/desk/figures.csv?days=365&of=stops", &eve).await).await;
    assert_eq!(stops.lines().count(), 54);
    assert!(stops.lines().any(|line| line.ends_with(",6.000,")), "{stops}");
    for of in ["walls", "sections", "authors", "steps", "referrers"] {
        let answer = desk.get(&format!("/desk/figures.csv?of={of}"), &eve).await;
        assert_eq!(answer.status(), StatusCode::OK, "{of}");
        let csv = text(answer).await;
        let heads = csv.lines().next().expect("headings");
        assert!(heads.split(',').all(|head| !head.is_empty()), "{of}: {heads}");
    }
    let none = desk.get("/desk/figures.csv?of=nothing", &eve).await;
    assert_eq!(none.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn figures_are_in_the_language_of_who_reads_them() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    count(&desk).await;
    let cookie = format!("{cy}; masthead-language=de");
    let page = text(desk.get("/desk/figures", &cookie).await).await;
    for said in ["<html lang=\"de\">", "Conversion-Trichter", "1.540", "16,7 %", "2 statt 3"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let csv = text(desk.get("/desk/figures.csv?days=7&of=walls", &cookie).await).await;
    assert!(csv.starts_with("Art,Paywall-Kontakte,"), "{csv}");
    assert!(csv.contains("\nRegistrierungsschranke,40,"), "{csv}");
}

#[tokio::test]
async fn a_new_publication_has_no_figures() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Owner).await;
    let page = text(desk.get("/desk/figures", &cy).await).await;
    assert!(page.contains("There are no reads in this period yet."));
}

#[tokio::test]
async fn support_and_authors_do_not_see_them() {
    let desk = TestDesk::open().await;
    for role in [Role::Support, Role::Author] {
        let (_, cookie) = desk.staff(&format!("{role}@example.org"), role).await;
        let answer = desk.get("/desk/figures", &cookie).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        assert!(!text(desk.get("/desk", &cookie).await).await.contains("/desk/figures"));
    }
}

#[tokio::test]
async fn an_article_has_figures_that_its_authors_see() {
    let desk = TestDesk::open().await;
    let (ann, author) = desk.staff("ann@example.org", Role::Author).await;
    let (_, other) = desk.staff("bob@example.org", Role::Author).await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    count(&desk).await;
    let all = text(desk.get("/desk/figures", &cy).await).await;
    assert!(all.contains("articles&#x2f;1&#x2f;figures"), "{all}");
    let own = desk.post("/desk/articles", &author, "headline=Mine").await;
    let page = format!("{}/figures", leads_to(&own).split('?').next().expect("an address"));
    assert!(ann.id.0 > 0 && page.starts_with("/desk/articles/"), "{page}");
    let empty = text(desk.get(&page, &author).await).await;
    assert!(empty.contains("Analytics: Mine") && empty.contains("no reads in this period"));
    for (cookie, path, status) in [
        (&cy, "/desk/articles/1/figures", StatusCode::OK),
        (&author, "/desk/articles/1/figures", StatusCode::FORBIDDEN),
        (&other, page.as_str(), StatusCode::FORBIDDEN),
        (&sue, page.as_str(), StatusCode::FORBIDDEN),
        (&cy, "/desk/articles/99/figures", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(desk.get(path, cookie).await.status(), status, "{path}");
    }
    let page = text(desk.get("/desk/articles/1/figures?days=7", &cy).await).await;
    for said in ["Analytics: The &lt;bridge&gt;", "<p class=\"value\">1,500</p>", "View article"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn days_can_be_chosen_freely() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    count(&desk).await;
    let chosen = "from=2027-01-14&to=2027-01-15";
    let page = text(desk.get(&format!("/desk/figures?{chosen}"), &cy).await).await;
    assert!(
        page.contains("14 January 2027 to 15 January 2027") && page.contains("1,500"),
        "{page}"
    );
    assert!(page.contains("from=2027-01-14&amp;to=2027-01-15&amp;of=days"), "{page}");
    let csv = text(desk.get(&format!("/desk/figures.csv?{chosen}&of=days"), &cy).await).await;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let before = text(desk.get("/desk/figures?from=2027-01-01&to=2027-01-02", &cy).await).await;
    assert!(before.contains("no reads in this period"), "{before}");
    let wrong = text(desk.get("/desk/figures?from=2027-01-15&to=2027-01-14", &cy).await).await;
    assert!(wrong.contains("Enter them the other way round"), "{wrong}");
    let path = format!("/desk/articles/1/figures?{chosen}");
    let article = text(desk.get(&path, &cy).await).await;
    assert!(article.contains("1,500") && article.contains("14 January 2027"), "{article}");
}

#[tokio::test]
async fn revenue_and_retention_are_shown_by_month() {
    let desk = TestDesk::open().await;
    let (owner, cy) = desk.staff("cy@example.org", Role::Owner).await;
    let ago = |days: i64| desk.now() - SignedDuration::from_hours(24 * days);
    let held = sell(&desk, &owner, ("monthly", 900), false).await;
    // The desk's clock is at 15 January 2027.
    let ended = State::Ended { at: ago(3), why: Ending::Cancelled };
    let id = SubscriptionId::UNSTORED;
    let old = Subscription { id, begun: ago(40), ..held.clone() };
    let left = Subscription { id, begun: ago(40), state: ended, ..held };
    desk.store.import_subscriptions(&[(old, None), (left, None)]).await.expect("imported");
    let page = text(desk.get("/desk/figures", &cy).await).await;
    for said in ["MRR in EUR", "2026-12", "50.0%", "Month 1<"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let revenue = text(desk.get("/desk/figures.csv?of=revenue", &cy).await).await;
    let months: Vec<&str> = revenue.lines().skip(1).take(3).collect();
    assert_eq!(
        months,
        ["2027-01,EUR,18.00,0.00", "2026-12,EUR,18.00,0.00", "2026-11,EUR,0.00,0.00"]
    );
    let cohorts = text(desk.get("/desk/figures.csv?of=cohorts", &cy).await).await;
    let rows: Vec<&str> = cohorts.lines().skip(1).collect();
    assert_eq!(rows, ["2026-12,2,0,2", "2026-12,2,1,1", "2027-01,1,0,1"]);
}

#[tokio::test]
async fn subscriptions_are_summed_for_those_who_change_settings() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let none = text(desk.get("/desk/figures", &cy).await).await;
    assert!(none.contains("There are no subscriptions yet."), "{none}");
    let desk = TestDesk::open_on_postgres().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let gold = Terms {
        product: "gold".to_owned(),
        name: "Gold".to_owned(),
        channels: vec![Channel::Web],
        price: "gold".to_owned(),
        offer: None,
        introduction: None,
        amount: Money::parse("120", "EUR".parse().expect("a currency")).expect("an amount"),
        every: "1 year".parse().expect("a length"),
    };
    let now = desk.now();
    let day = |days: i64| SignedDuration::from_hours(24 * days);
    let subscription = |reader: u32, begun, state| {
        let (id, reader) = (SubscriptionId(0), AccountId(reader));
        let zone = jiff::tz::TimeZone::UTC;
        let new = Subscription::start(id, reader, gold.clone(), Mandate::manual(), begun, &zone);
        (Subscription { state, ..new }, None)
    };
    let goes_on = State::Active { through: now + day(20) };
    let over = State::Ended { at: now - day(3), why: Ending::Cancelled };
    let taken_in = [
        subscription(1, now - day(100), goes_on),
        subscription(2, now - day(90), over),
        subscription(2, now - day(2), goes_on),
    ];
    desk.store.import_subscriptions(&taken_in).await.expect("taken in");
    let sold = CONFIG.find("[[products]]").expect("products");
    let gold = "[[products]]\nslug = \"gold\"\nname = \"Gold\"\nchannels = [\"web\"]\n";
    desk.configure(&format!("{}{gold}", &CONFIG[..sold])).await.expect("in force");
    let page = text(desk.get("/desk/figures", &cy).await).await;
    for said in [
        "Active subscribers",
        "50.0%",
        "<strong>€20</strong>",
        "Gold",
        "Total. New: 0, reactivated: 1, lapsed: 1. The table has all values.",
        "Latest value: 2. Scale from 0 to 2.",
    ] {
        assert!(page.contains(said), "no {said} in {page}");
    }
    let csv = text(desk.get("/desk/figures.csv?of=products", &cy).await).await;
    assert!(csv.contains("\nGold,2,2,0,1,1,0,0,0,0,0,50.000,"), "{csv}");
    let csv = text(desk.get("/desk/figures.csv?days=7&of=movement", &cy).await).await;
    let last = csv.lines().nth(1).expect("a day");
    assert!(csv.lines().count() == 8 && last.ends_with(",2,0,0,0,2"), "{csv}");
    // Editors do not see revenue.
    let page = text(desk.get("/desk/figures", &ed).await).await;
    assert!(
        !page.contains("Active subscribers") && page.contains("Reads and paywall views"),
        "{page}"
    );
    for of in ["products", "movement"] {
        let csv = desk.get(&format!("/desk/figures.csv?of={of}"), &ed).await;
        assert_eq!(csv.status(), StatusCode::SEE_OTHER);
    }
}
