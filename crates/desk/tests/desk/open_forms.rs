//! Forms that are open while the publication moves to another time zone: a time means what it meant on the page.

use http::StatusCode;
use masthead_access::ArticleId;
use masthead_circulation::staff::Role;

use super::{CONFIG, TestDesk, text};

const BODY: &str = "section=town&authors=Ada+Quill&body=%3Cp%3EIt+stands.%3C/p%3E";

impl TestDesk {
    async fn article_headed(&self, cookie: &str, headline: &str) -> u32 {
        let form = format!("headline={headline}&{BODY}");
        let answer = self.post("/desk/articles", cookie, &form).await;
        let to = super::leads_to(&answer).to_owned();
        to.rsplit('/').next().and_then(|number| number.parse().ok()).expect("a number")
    }

    async fn move_to_tokyo(&self) {
        let tokyo = CONFIG.replace("zone = \"UTC\"", "zone = \"Asia/Tokyo\"");
        self.configure(&tokyo).await.expect("configured");
    }

    /// Sends a form from a page that was opened in UTC, and says so.
    async fn sends(&self, path: &str, cookie: &str, form: &str) {
        let answer = self.post(path, cookie, &format!("{form}&time_zone=UTC")).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}: {}", text(answer).await);
    }

    /// Whether the page sends its time zone back.
    async fn names_zone(&self, path: &str, cookie: &str, zone: &str) {
        let page = text(self.get(path, cookie).await).await.replace("&#x2f;", "/");
        assert!(page.contains(&format!("name=\"time_zone\" value=\"{zone}\"")), "{path}: {page}");
    }

    async fn published_at(&self, number: u32) -> String {
        let entries = self.store.story_entries(&[ArticleId(number)]).await.expect("asked");
        entries[0].published.expect("a time").to_string()
    }
}

/// The clock is at 2027-01-15 08:00.
#[tokio::test]
async fn articles_are_published_and_dated_as_the_page_said() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let (later, out) =
        (desk.article_headed(&eve, "Later").await, desk.article_headed(&eve, "Out").await);
    let page = |number: u32| format!("/desk/articles/{number}/publication");
    desk.names_zone(&page(later), &eve, "UTC").await;
    desk.sends(&page(out), &eve, "version=1&when=now").await;
    let before = desk.published_at(out).await;
    desk.move_to_tokyo().await;
    desk.names_zone(&page(later), &eve, "Asia/Tokyo").await;
    desk.sends(&page(later), &eve, "version=1&when=at&at=2027-01-20+07:00").await;
    assert_eq!(desk.published_at(later).await, "2027-01-20T07:00:00Z");
    // A correction that does not touch the date, and one that does.
    desk.sends(&page(out), &eve, "version=2&published=2027-01-15+08:00").await;
    assert_eq!(desk.published_at(out).await, before);
    desk.sends(&page(out), &eve, "version=3&published=2027-01-15+07:30").await;
    assert_eq!(desk.published_at(out).await, "2027-01-15T07:30:00Z");
    // What is wrong is said in the zone of the form, which it is sent in again.
    let wrong = "version=4&published=2027-01-15+09:00&time_zone=UTC";
    let answer = text(desk.post(&page(out), &eve, wrong).await).await;
    assert!(answer.contains("name=\"time_zone\" value=\"UTC\""), "{answer}");
}

#[tokio::test]
async fn deadlines_and_the_calendar_mean_what_the_page_said() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let number = desk.article_headed(&eve, "Later").await;
    let article = format!("/desk/articles/{number}");
    desk.sends(&format!("{article}/publication"), &eve, "version=1&when=at&at=2027-01-20+07:00")
        .await;
    desk.names_zone("/desk/calendar?view=week&date=2027-01-20", &eve, "UTC").await;
    let page = text(desk.get(&article, &eve).await).await;
    let seen = page.split("name=\"seen\" form=\"assignment-form\" value=\"").nth(1);
    let seen = seen.and_then(|rest| rest.split('"').next()).expect("an assignment").to_owned();
    let zone = "name=\"time_zone\" form=\"assignment-form\" value=\"UTC\"";
    assert!(page.contains(zone), "{page}");
    desk.move_to_tokyo().await;
    let assignment = format!("seen={seen}&deadline=2027-01-19+18:00");
    desk.sends(&format!("{article}/assignment"), &eve, &assignment).await;
    let entry = async || {
        let entries = desk.store.story_entries(&[ArticleId(number)]).await.expect("asked");
        entries.into_iter().next().expect("a story")
    };
    let due = entry().await.deadline.expect("a deadline");
    assert_eq!(due.to_string(), "2027-01-19T18:00:00Z");
    let (moved, seen) = ("/desk/calendar/move", entry().await.version);
    let form = format!("number={number}&kind=scheduled&seen={seen}&at=2027-01-21+07:00");
    desk.sends(moved, &eve, &form).await;
    assert_eq!(desk.published_at(number).await, "2027-01-21T07:00:00Z");
    let form =
        format!("number={number}&kind=deadline&seen={}&at=2027-01-19+17:00", due.as_second());
    desk.sends(moved, &eve, &form).await;
    assert_eq!(entry().await.deadline.expect("one").to_string(), "2027-01-19T17:00:00Z");
}

#[tokio::test]
async fn breaking_news_ends_when_the_page_said() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    desk.names_zone("/desk/breaking", &eve, "UTC").await;
    desk.move_to_tokyo().await;
    let form = "version=0&text=Bridge+closed&until=2027-01-15+12:00&do=save";
    desk.sends("/desk/breaking", &eve, form).await;
    let news = desk.live.peek().publication.breaking.clone().expect("in force");
    assert_eq!(news.until.to_string(), "2027-01-15T12:00:00Z");
}
