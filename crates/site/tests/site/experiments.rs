//! Something is tried on half of the readers.

use masthead_access::{
    Allowance, Arm, ArticleId, Experiment, Treatment, WallReason,
    message::{Message, MessageDraft, Moment, Placement},
};
use masthead_audience::{CountedEvent, FunnelStep, Goal, ReaderGroup};

use crate::{
    newspaper::{Browser, Newspaper},
    post::sign_in,
    shop,
};

const READERS: usize = 24;

fn words(text: &str) -> Treatment {
    let draft = MessageDraft {
        title: "",
        text,
        narrow: None,
        benefits: Vec::new(),
        actions: Vec::new(),
        offer: None,
    };
    let message = Message::check(Moment::MeterLeft, Placement::Banner, &draft).expect("a message");
    Treatment::Message(Box::new(message))
}

/// The site, where this is tried from now on.
async fn begin(
    paper: &Newspaper,
    mut publication: masthead_publication::Publication,
    number: u32,
    treatment: Treatment,
) {
    publication.experiment = Some(Experiment { number, treatment });
    paper.republish(publication).await.expect("republished");
}

#[tokio::test]
async fn half_of_the_readers_are_told_something_else_and_each_stays_on_their_side() {
    let paper = Newspaper::new().await;
    paper.publish_metered("ab").await;
    begin(&paper, crate::newspaper::publication(), 7, words("Only {{numberArticlesLeft}} now!"))
        .await;
    let mut readers: Vec<Browser> = (0..READERS).map(|_| paper.browser()).collect();
    let mut in_b = 0;
    for reader in &mut readers {
        let first = reader.get("/news/a").await.text().contains("Only 2 now!");
        let second = reader.get("/news/b").await.text().contains("Only 1 now!");
        assert_eq!(first, second, "a reader changed sides");
        in_b += usize::from(first);
    }
    assert!((4..=20).contains(&in_b), "{in_b} of {READERS}");
    paper.site.counters.write().await.expect("written");
    let day = paper.site.snapshot().day();
    let sides = Arm::ALL.map(|arm| ReaderGroup::treatment(arm, 7));
    let uniques = paper.store.uniques(&(day..=day), &sides).await.expect("asked");
    let counted = sides.map(|side| usize::try_from(uniques.count(side)).expect("few"));
    assert_eq!(counted, [READERS - in_b, in_b]);
}

#[tokio::test]
async fn half_of_the_readers_may_read_less_and_the_page_about_the_meter_says_so() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let mut publication = crate::newspaper::publication();
    shop::sells(&mut publication);
    begin(&paper, publication, 3, Treatment::Anonymous(Allowance::Articles(1))).await;
    let mut stopped = 0_u64;
    for _ in 0..READERS {
        let mut reader = paper.browser();
        reader.access("/news/a").await;
        let second = reader.access("/news/b").await;
        let is_stopped = second.starts_with("wall");
        assert!(is_stopped || second == "metered;left=1", "{second}");
        // Coming back opens no other door.
        assert_eq!(reader.access("/news/c").await.starts_with("wall"), is_stopped);
        stopped += u64::from(is_stopped);
        reader.get("/offers?from=/news/b").await;
    }
    assert!((4..=20).contains(&stopped), "{stopped} of {READERS}");
    paper.site.counters.write().await.expect("written");
    let day = paper.site.snapshot().day();
    let counts = paper.store.by_day(&(day..=day)).await.expect("asked").remove(0).1;
    let came = CountedEvent::After(Some(WallReason::Register), FunnelStep::OffersSeen);
    assert_eq!(counts.of(came), stopped, "to the offers from the wall of their side");
    let about = paper.browser().get("/how-the-meter-works").await.text();
    assert!(about.contains("on some devices it’s currently 1"), "{about}");
}

#[tokio::test]
async fn what_readers_do_is_counted_for_their_side() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("ab").await;
        let mut publication = crate::newspaper::publication();
        shop::sells(&mut publication);
        begin(&paper, publication, 5, words("Only {{numberArticlesLeft}} now!")).await;
        let mut expected = [0_u64; 2];
        for number in 0..6 {
            let mut reader = paper.browser();
            let in_b = reader.get("/news/a").await.text().contains("Only 2 now!");
            expected[usize::from(in_b)] += 1;
            sign_in(&paper, &mut reader, &format!("reader-{number}@example.org"), "/news/a").await;
            shop::buy(&mut reader, "web-monthly", "good", "/news/a").await;
        }
        // Somebody on no side, for they read nothing, is counted with nobody.
        paper.site.counters.write().await.expect("written");
        let tried = paper.store.experiment_counts(5).await.expect("asked");
        for goal in Goal::ALL {
            let counted = Arm::ALL.map(|arm| tried.of(CountedEvent::Treatment(arm, goal)));
            assert_eq!(counted, expected, "{goal:?}");
        }
        // To articles it did not happen.
        let day = paper.site.snapshot().day();
        let articles = paper.store.by_article(&(day..=day)).await.expect("asked");
        assert_eq!(articles[&ArticleId(1)].of(CountedEvent::Bought), 6);
        // When it is over, nothing more is counted for it.
        begin(
            &paper,
            crate::newspaper::publication(),
            6,
            Treatment::Anonymous(Allowance::Articles(2)),
        )
        .await;
        let mut late = paper.browser();
        late.get("/news/a").await;
        sign_in(&paper, &mut late, "late@example.org", "/news/a").await;
        paper.site.counters.write().await.expect("written");
        let again = paper.store.experiment_counts(5).await.expect("asked");
        assert_eq!(again, tried);
    }
}
