//! Subscribing at the wall, and managing the subscription.

use crate::{
    account::look,
    visitor::{Visitor, own_demonstration},
};

const LOCKED: &str = "/harbour/what-pilots-know-about-fog";

/// Registers with an address, from a page that requires it, and returns there.
async fn sign_in(visitor: &Visitor, email: &str, back: &str) {
    visitor.write("#email", email).await;
    visitor.follow("form[action$='/sign-in'] button", "/sign-in/sent").await;
    let email: String = visitor
        .ask(&format!("fetch('/demo/outbox.json').then((r) => r.json()).then((all) => all.find((l) => l.to === '{email}').href)"))
        .await;
    visitor.go(&email).await.follow("a[href*='/sign-in/with/']", back).await;
}

/// The kinds of the emails so far, the latest first.
async fn emails(visitor: &Visitor) -> Vec<String> {
    visitor
        .ask("fetch('/demo/outbox.json').then((r) => r.json()).then((all) => all.map((l) => l.kind))")
        .await
}

/// Sets the demonstration's date, which returns to the page.
async fn go_to_day(visitor: &Visitor, days: u32, path: &str) {
    visitor
        .ask::<bool>(&format!(
            "(() => {{ const day = document.querySelector('#demo-day'); const then = new Date(day.value); \
             then.setUTCDate(then.getUTCDate() + {days}); day.value = then.toISOString().slice(0, 10); return true }})()"
        ))
        .await;
    visitor.follow("form.demo button", path).await;
}

#[tokio::test]
async fn an_introductory_offer_from_checkout_to_its_end() {
    let (_workshop, server) = own_demonstration();
    let visitor = Visitor::of(&server).await;
    let mut faults = Vec::new();
    visitor.go(LOCKED).await;
    let wall = visitor.text(".message.wall").await;
    assert!(wall.contains("£9 for 3 months") && wall.contains("Then £8 a month."), "{wall}");
    look(&visitor, "wall-offer", &mut faults).await;
    visitor.follow(".message.wall a[href='/offers']", "/offers").await;
    look(&visitor, "offers", &mut faults).await;
    visitor.follow(".offer button", "/checkout/spring-tide").await;
    look(&visitor, "checkout-who", &mut faults).await;
    sign_in(&visitor, "ada@example.org", "/checkout/spring-tide").await;
    look(&visitor, "checkout", &mut faults).await;
    let path: String = {
        visitor
            .page
            .find_element("form[action^='/checkout'] button")
            .await
            .expect("a button")
            .click()
            .await
            .expect("clicked");
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        visitor.ask("location.pathname").await
    };
    assert!(path.ends_with("/sandbox"), "{path}");
    look(&visitor, "sandbox", &mut faults).await;
    visitor
        .page
        .find_element("input[value='declined-later']")
        .await
        .expect("a card")
        .click()
        .await
        .expect("clicked");
    visitor.follow("form.form button", LOCKED).await;
    assert_eq!(visitor.text(".message.wall").await, "");
    assert_eq!(emails(&visitor).await[0], "receipt");

    visitor.go("/account").await;
    look(&visitor, "account-subscribed", &mut faults).await;
    let account = visitor.text("#subscription").await;
    assert!(account.contains("Courier Digital") && account.contains("at £8 a month"), "{account}");
    visitor.follow("a[href^='/account/invoices/']", "/account/invoices/1").await;
    look(&visitor, "invoice", &mut faults).await;

    visitor.go("/account").await;
    visitor.follow("#subscription a[href='/account/withdrawal']", "/account/withdrawal").await;
    look(&visitor, "withdrawal", &mut faults).await;

    // Two clicks to cancel, and one to undo it.
    visitor.go("/account").await;
    let summary = "details:has(form[action$='/cancellation']) summary";
    visitor.page.find_element(summary).await.expect("a way").click().await.expect("clicked");
    visitor.follow("form[action$='/cancellation'] button", "/account").await;
    assert!(visitor.text("#subscription").await.contains("Cancelled."));
    visitor.picture("account-cancelled", true).await;
    visitor.follow("form[action$='/continuation'] button", "/account").await;

    // After three months the card is declined.
    visitor.go(LOCKED).await;
    go_to_day(&visitor, 80, LOCKED).await;
    go_to_day(&visitor, 13, LOCKED).await;
    let notice = visitor.text(".message.inline").await;
    assert!(notice.contains("We haven’t received your last payment."), "{notice}");
    look(&visitor, "grace", &mut faults).await;
    visitor.follow(".message.inline a", "/account").await;
    look(&visitor, "account-grace", &mut faults).await;
    let outbox = emails(&visitor).await;
    assert!(outbox.contains(&"renewal_ahead".to_owned()), "{outbox:?}");
    visitor.go("/demo/outbox").await;
    visitor
        .follow("main a[href^='/demo/outbox/']", &format!("/demo/outbox/{}", outbox.len()))
        .await;
    visitor.picture("mail-payment-failed", false).await;

    // Nobody updates the card.
    visitor.go(LOCKED).await;
    go_to_day(&visitor, 14, LOCKED).await;
    let wall = visitor.text(".message.wall").await;
    assert!(
        wall.contains("Your subscription has ended") && wall.contains("£6 for 2 months"),
        "{wall}"
    );
    look(&visitor, "wall-ended", &mut faults).await;
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_trial_from_beginning_to_end() {
    let (_workshop, server) = own_demonstration();
    let visitor = Visitor::of(&server).await;
    visitor.go("/checkout/trial").await;
    sign_in(&visitor, "bob@example.org", "/checkout/trial").await;
    visitor.follow("form[action^='/checkout'] button", "/").await;
    visitor.go(LOCKED).await;
    assert_eq!(visitor.text(".message.wall").await, "");
    go_to_day(&visitor, 12, LOCKED).await;
    assert!(visitor.text(".message.inline").await.contains("Your trial ends on"));
    go_to_day(&visitor, 3, LOCKED).await;
    let wall = visitor.text(".message.wall").await;
    assert!(wall.contains("Your trial has ended"), "{wall}");
    visitor.picture("wall-trial-ended", true).await;
    let outbox = emails(&visitor).await;
    assert_eq!(outbox, ["trial_ended", "trial_ending", "trial_begun", "sign-in"]);
    visitor.leave().await;
}

#[tokio::test]
async fn a_subscription_is_paid_by_invoice() {
    let (_workshop, server) = own_demonstration();
    let visitor = Visitor::of(&server).await;
    let mut faults = Vec::new();
    visitor.go("/checkout/digital-yearly").await;
    sign_in(&visitor, "cyd@example.org", "/checkout/digital-yearly").await;
    visitor.follow("button[value='invoice']", "/").await;
    visitor.go(LOCKED).await;
    assert_eq!(visitor.text(".message.wall").await, "");
    // Due subscriptions are checked every second.
    for _ in 0..30 {
        if emails(&visitor).await.contains(&"invoice".to_owned()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert_eq!(emails(&visitor).await, ["invoice", "sign-in"]);
    visitor.go("/account").await;
    let account = visitor.text("#subscription").await;
    for said in ["please pay £80 by", "S-1", "account 00000000"] {
        assert!(account.contains(said), "{said}: {account}");
    }
    look(&visitor, "account-invoice", &mut faults).await;
    visitor.go("/demo/outbox").await;
    visitor.follow("main a[href^='/demo/outbox/']", "/demo/outbox/2").await;
    visitor.picture("mail-invoice", false).await;
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Presses the button of a form and waits for the page that it leads to.
async fn press_to(visitor: &Visitor, selector: &str, arrived: &str) {
    visitor.click(selector).await.wait_until(arrived).await;
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_to_an_order_is_said_and_keeps_it() {
    let (_workshop, server) = own_demonstration();
    let visitor = Visitor::of(&server).await;
    let mut faults = Vec::new();
    let order = format!("/checkout/spring-tide?from={LOCKED}");
    visitor.go(&order).await;
    visitor.ask::<bool>("document.querySelector('main form').noValidate = true").await;
    let wrong = "/checkout/spring-tide/sign-in";
    visitor.write("#email", "nonsense").await.follow("main form button", wrong).await;
    // The browser moves the focus by itself, with scripts or without.
    visitor.wait_until("document.activeElement.className === 'faults'").await;
    assert!(visitor.ask::<String>("document.title").await.starts_with("Error: "));
    look(&visitor, "checkout-wrong", &mut faults).await;
    visitor.go(&order).await;
    visitor
        .write("#email", "eve@example.org")
        .await
        .follow("main form button", "/sign-in/sent")
        .await;
    look(&visitor, "sent-order", &mut faults).await;
    visitor.follow("main a[href^='/checkout/spring-tide']", "/checkout/spring-tide").await;
    sign_in(&visitor, "eve@example.org", "/checkout/spring-tide").await;
    press_to(&visitor, "main form button", "location.pathname.endsWith('/sandbox')").await;
    let cancelled =
        "location.pathname.endsWith('/cancelled') && document.readyState === 'complete'";
    press_to(&visitor, "main a[href*='/cancelled']", cancelled).await;
    look(&visitor, "payment-cancelled", &mut faults).await;
    visitor.follow("main a.button", "/checkout/spring-tide").await;
    press_to(&visitor, "main form button", "location.pathname.endsWith('/sandbox')").await;
    visitor.follow("form.form button", LOCKED).await;

    visitor.go("/cancel").await;
    look(&visitor, "cancel-own", &mut faults).await;
    visitor.follow("form[action$='/cancellation'] button", "/account").await;
    visitor.go("/cancel").await;
    look(&visitor, "cancelled-own", &mut faults).await;
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn an_address_that_is_incomplete_or_not_paid_for_is_kept() {
    const ENTERED: &str = "[...document.querySelectorAll('#delivery-name, #delivery-lines')].map((field) => field.value)";
    const ORDER: &str = "/checkout/paper-monthly";
    let (_workshop, server) = own_demonstration();
    let visitor = Visitor::of(&server).await;
    let mut faults = Vec::new();
    visitor.go(ORDER).await;
    sign_in(&visitor, "fay@example.org", ORDER).await;
    visitor.ask::<bool>("document.querySelector('main form').noValidate = true").await;
    visitor.write("#delivery-name", "Fay Marlowe").await.write("#delivery-lines", "1 Quay").await;
    visitor.follow("main form button", ORDER).await;
    visitor.wait_until("document.activeElement.className === 'faults'").await;
    let fault = visitor.text("#delivery-lines-fault").await;
    assert!(fault.contains("on two lines or more"), "{fault}");
    let said: String = visitor
        .ask("document.querySelector('#delivery-lines').getAttribute('aria-describedby')")
        .await;
    assert!(said.contains("delivery-lines-fault"), "the field names its message: {said}");
    assert_eq!(visitor.ask::<Vec<String>>(ENTERED).await, ["Fay Marlowe", "1 Quay"]);
    look(&visitor, "checkout-delivery-wrong", &mut faults).await;

    let complete = "(document.querySelector('#delivery-lines').value = '1 Quay\\nPortholme', true)";
    visitor.ask::<bool>(complete).await;
    press_to(&visitor, "main form button", "location.pathname.endsWith('/sandbox')").await;
    let cancelled =
        "location.pathname.endsWith('/cancelled') && document.readyState === 'complete'";
    press_to(&visitor, "main a[href*='/cancelled']", cancelled).await;
    assert!(visitor.text("main").await.contains("You haven’t been charged"));
    visitor.follow("main a.button", ORDER).await;
    let entered: Vec<String> = visitor.ask(ENTERED).await;
    assert_eq!(entered, ["Fay Marlowe", "1 Quay\nPortholme"]);
    visitor.go("/account").await;
    assert!(visitor.text("#subscription").await.contains("See subscription options"));
    assert_eq!(emails(&visitor).await, ["sign-in"], "nothing was ordered");
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
