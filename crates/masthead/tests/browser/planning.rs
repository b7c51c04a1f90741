//! Planning: the calendar, the list of articles, the library of pictures and the first page, on a phone and a desktop.

use chromiumoxide::cdp::browser_protocol::input::{
    DispatchMouseEventParams, DispatchMouseEventType, MouseButton,
};
use masthead_circulation::staff::Role;

use crate::{
    account::look,
    newsroom::at_the_desk,
    visitor::{DESKTOP, Visitor},
    workshop::Workshop,
};

/// A week that is always to come.
const CALENDAR: &str = "/desk/calendar?view=month&date=2199-06-10";

/// Begins an article and schedules it for 10 June 2199.
const SCHEDULE: &str = "(async () => { \
    const send = (path, form) => fetch(path, { method: 'POST', body: new URLSearchParams(form) }); \
    await send('/desk/articles', 'section=news&headline=The+last+ferry&authors=Bob&body=<p>It+left.</p>'); \
    const done = await send('/desk/articles/1/publication', 'version=1&when=at&at=2199-06-10+07:00'); \
    return done.url.includes('/desk/articles/1?told='); })()";

/// Where the middle of an element is.
async fn middle(visitor: &Visitor, selector: &str) -> (f64, f64) {
    let place = format!(
        "(() => {{ const box = document.querySelector(`{selector}`).getBoundingClientRect(); \
         return [box.x + box.width / 2, box.y + Math.min(box.height / 2, 30)]; }})()"
    );
    let [x, y]: [f64; 2] = visitor.ask(&place).await;
    (x, y)
}

/// Drags from the middle of an element to that of another.
pub async fn drag(visitor: &Visitor, from: &str, to: &str) {
    let (start, end) = (middle(visitor, from).await, middle(visitor, to).await);
    let steps = [
        (DispatchMouseEventType::MousePressed, start),
        (DispatchMouseEventType::MouseMoved, (start.0 + 9.0, start.1)),
        (DispatchMouseEventType::MouseMoved, end),
        (DispatchMouseEventType::MouseReleased, end),
    ];
    for (kind, (x, y)) in steps {
        let event = DispatchMouseEventParams::builder()
            .r#type(kind)
            .x(x)
            .y(y)
            .button(MouseButton::Left)
            .buttons(1)
            .click_count(1)
            .build()
            .expect("an event");
        visitor.page.execute(event).await.expect("sent");
    }
}

#[tokio::test]
async fn a_scheduled_article_is_dragged_to_another_day_and_moved_with_the_keyboard() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    assert!(bob.ask::<bool>(SCHEDULE).await, "it is not scheduled");
    bob.resize(DESKTOP).await.go(CALENDAR).await;
    bob.wait_for("[data-date=\"2199-06-10\"]", "The last ferry").await;
    drag(&bob, "[data-date=\"2199-06-10\"] .when", "[data-date=\"2199-06-12\"]").await;
    let told = "document.querySelector('.done')?.textContent.includes('was moved to') === true";
    bob.wait_until(told).await;
    let moved = bob.text("[data-date=\"2199-06-12\"]").await;
    assert!(moved.contains("07:00") && moved.contains("The last ferry"), "{moved}");
    assert!(!bob.text("[data-date=\"2199-06-10\"]").await.contains("The last ferry"));

    // With the keyboard, to another time. Without a script the form is the same.
    bob.ask::<bool>("(document.querySelector('.move').focus(), true)").await;
    bob.press("Enter")
        .await
        .wait_until("document.querySelector('.moving').matches(':popover-open')")
        .await;
    bob.ask::<bool>("(document.querySelector('.moving [name=at]').select(), document.querySelector('.moving [name=at]').focus(), true)").await;
    bob.go_on("2199-06-20 09:15").await.press("Enter").await;
    let moved = "document.querySelector('[data-date=\"2199-06-20\"]')?.textContent.includes('09:15') === true";
    bob.wait_until(moved).await;
    bob.leave().await;
}

#[tokio::test]
async fn the_pages_for_planning_fit_and_are_accessible() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    assert!(bob.ask::<bool>(SCHEDULE).await, "it is not scheduled");
    for (path, name) in [
        ("/desk", "desk-today"),
        ("/desk/articles", "desk-articles-list"),
        (CALENDAR, "desk-calendar"),
        ("/desk/calendar?view=week&date=2199-06-10", "desk-calendar-week"),
        ("/desk/calendar?view=day&date=2199-06-10", "desk-calendar-day"),
        ("/desk/pictures", "desk-pictures"),
    ] {
        bob.go(path).await;
        look(&bob, name, &mut faults).await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}
