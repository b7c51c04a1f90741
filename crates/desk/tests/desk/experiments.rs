//! Experiments.

use http::StatusCode;
use masthead_access::Arm;
use masthead_audience::{
    CountedEvent, CounterBatch, EventTime, Goal, ReaderGroup, Sketch, Subject,
};
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

const BANNER: &str = "/desk/messages/meter.left/banner";

#[tokio::test]
async fn an_experiment_begins_with_a_text_or_an_allowance() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let none = text(desk.get("/desk/experiments", &cy).await).await;
    assert!(none.contains("Free articles without an account, instead of 3"), "{none}");
    let begun =
        desk.post(BANNER, &cy, "version=0&text=Still+%7B%7BnumberArticlesLeft%7D%7D&do=test").await;
    assert_eq!((begun.status(), leads_to(&begun)), (StatusCode::SEE_OTHER, "/desk/experiments"));
    let set = desk.store.setting("experiment").await.expect("asked").expect("set").text;
    assert!(
        set.starts_with(
            "[experiment]\nnumber = 1\n\n[experiment.message]\nmoment = \"meter.left\""
        ),
        "{set}"
    );
    assert_eq!(desk.store.setting("messages").await.expect("asked"), None);

    let second = desk.post("/desk/experiments", &cy, "do=begin&allowance=2").await;
    assert!(text(second).await.contains("test is running already"));
    let stopped = desk.post("/desk/experiments", &cy, "do=stop").await;
    assert_eq!(stopped.status(), StatusCode::SEE_OTHER);
    let allowed = desk.post("/desk/experiments", &cy, "do=begin&allowance=2").await;
    assert_eq!(allowed.status(), StatusCode::SEE_OTHER);
    let set = desk.store.setting("experiment").await.expect("asked").expect("set").text;
    assert_eq!(set, "[experiment]\nnumber = 3\nanonymous = \"2\"\n");
    let meter = text(desk.get("/desk/meter", &cy).await).await;
    assert!(meter.contains("An A/B test is running") && meter.contains("/desk/experiments"));
    for (wish, fault) in
        [("allowance=3", "the current number"), ("allowance=few", "a whole number")]
    {
        let answer = desk.post("/desk/experiments", &cy, &format!("do=begin&{wish}")).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wish}");
        assert!(text(answer).await.contains(fault), "{wish}");
    }
    let wrong = desk.post(BANNER, &cy, "version=0&text=%7B%7Bnope%7D%7D&do=test").await;
    assert!(text(wrong).await.contains("there is no value"));
}

#[tokio::test]
async fn results_of_an_experiment_come_with_their_significance() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
        desk.post("/desk/experiments", &cy, "do=begin&allowance=2").await;
        let day = desk.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        let mut batch = CounterBatch::default();
        for (arm, goal, times) in [
            (Arm::A, Goal::Registered, 10),
            (Arm::B, Goal::Registered, 40),
            (Arm::A, Goal::Subscribed, 3),
            (Arm::B, Goal::Subscribed, 2),
        ] {
            batch.counts.insert(
                (
                    EventTime { day, hour: 0 },
                    CountedEvent::Treatment(arm, goal),
                    Subject::Experiment(1),
                ),
                times,
            );
            // Those of another experiment.
            batch.counts.insert(
                (
                    EventTime { day, hour: 0 },
                    CountedEvent::Treatment(arm, goal),
                    Subject::Experiment(9),
                ),
                1000,
            );
        }
        for (arm, readers) in [(Arm::A, 400), (Arm::B, 410)] {
            let mut sketch = Sketch::default();
            (0..readers).for_each(|reader| sketch.add(reader));
            batch.uniques.insert((day, ReaderGroup::treatment(arm, 1)), sketch);
        }
        desk.store.add_to_audience(&batch).await.expect("added");
        let page = text(desk.get("/desk/experiments", &cy).await).await;
        for said in [
            "Free articles for readers without an account",
            "B is ahead by 30, and you can trust that",
            "A is ahead by 1, which may be chance",
            "2.50%",
        ] {
            assert!(page.contains(said), "no {said} in {page}");
        }
        let stopped = desk.post("/desk/experiments", &cy, "do=adopt").await;
        assert_eq!(stopped.status(), StatusCode::SEE_OTHER);
        let meter = desk.store.setting("meter").await.expect("asked").expect("set").text;
        assert!(meter.contains("anonymous = \"2\""), "{meter}");
        let page = text(desk.get("/desk/experiments", &cy).await).await;
        assert!(page.contains("Earlier tests") && page.contains("B is ahead by 30"), "{page}");
        assert!(page.contains("Start an A&#x2f;B test"));
    }
}
