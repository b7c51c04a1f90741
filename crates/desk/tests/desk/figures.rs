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

use super::{CONFIG, TestDesk, text};

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
            "25.0% of the previous step",
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
    for said in ["<html lang=\"de\">", "Conversion-Trichter", "1.540", "16,7\u{a0}%", "2 statt 3"] {
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
