//! What is done for a reader.

use http::StatusCode;
use masthead_circulation::{Account, staff::Role};

use super::{House, email, leads_to, readers::subscribe, text};

/// A desk with somebody of support at it, and a reader.
async fn desk() -> (House, String, Account) {
    let house = House::open().await;
    let (_, sue) = house.staff("sue@example.org", Role::Support).await;
    house.reader("rea@example.org").await;
    let rea = house.store.account_at(&email("rea@example.org")).await.expect("asked");
    (house, sue, rea.expect("an account"))
}

#[tokio::test]
async fn every_deed_is_done_with_its_reason() {
    let (house, sue, rea) = desk().await;
    let page = format!("/desk/readers/{}", rea.id.0);
    let gifts = text(house.get(&page, &sue).await).await;
    assert!(
        gifts.contains("Give a subscription") && gifts.contains("The Paper online, £8 a month")
    );
    let deeds = [
        ("/meter", "reason=+She+read+by+mistake+"),
        ("/subscription", "price=web&until=2027-02-28&reason=Sorry"),
        ("/subscription", "price=web&until=&reason=A+friend"),
    ];
    for (to, form) in deeds {
        let answer = house.post(&format!("{page}{to}"), &sue, form).await;
        assert_eq!((answer.status(), leads_to(&answer)), (StatusCode::SEE_OTHER, &*page), "{form}");
    }
    subscribe(&house, rea.id).await;
    let with_one = text(house.get(&page, &sue).await).await;
    assert!(with_one.contains("Cancel S-1") && !with_one.contains("Give a subscription"));
    house.post(&format!("{page}/subscriptions/1/cancellation"), &sue, "reason=By+phone").await;
    let longer = format!("{page}/subscriptions/1/extension");
    let undated = house.post(&longer, &sue, "reason=Ill&until=").await;
    assert!(text(undated).await.contains("Choose the last day of the trial."));
    house.post(&longer, &sue, "reason=Ill&until=2027-02-28").await;
    house.post(&format!("{page}/payments/3/refund"), &sue, "reason=Sorry&amount=+4.50+").await;
    let sue = house.store.account_at(&email("sue@example.org")).await.expect("asked");
    let sue = sue.expect("works here").id.0;
    assert_eq!(
        house.deeds.all(),
        [
            format!("rea@example.org reset for {sue}: She read by mistake"),
            "web for rea@example.org until Some(2027-03-01T00:00:00Z): Sorry".to_owned(),
            "web for rea@example.org until None: A friend".to_owned(),
            "S-1 cancelled: By phone".to_owned(),
            "S-1 lasts until 2027-03-01T00:00:00Z: Ill".to_owned(),
            "4.50 of payment 3 paid back to rea@example.org: Sorry".to_owned(),
        ]
    );
}

#[tokio::test]
async fn nothing_is_done_without_a_reason_or_for_another_reader() {
    let (house, sue, rea) = desk().await;
    house.reader("other@example.org").await;
    let other = house.store.account_at(&email("other@example.org")).await.expect("asked");
    subscribe(&house, other.expect("an account").id).await;
    let page = format!("/desk/readers/{}", rea.id.0);
    let long = format!("reason={}", "a".repeat(501));
    let cases = [
        ("/meter", "reason=+", "Write why"),
        ("/meter", "", "Write why"),
        ("/meter", &*long, "500 characters or fewer"),
        ("/subscriptions/1/cancellation", "reason=x", "no subscription S-1"),
        ("/subscriptions/1/extension", "reason=x&until=2027-03-01", "no subscription S-1"),
        ("/subscriptions/9/cancellation", "reason=x", "no subscription S-9"),
        ("/subscription", "price=none&reason=Kept", "there is no such price"),
        ("/subscription", "price=web&until=tomorrow&reason=Kept", "as year, month and day"),
        ("/subscription", "price=web&until=2020-01-01&reason=Kept", "That day has passed"),
    ];
    for (to, form, fault) in cases {
        let answer = house.post(&format!("{page}{to}"), &sue, form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{to} {form}");
        let page = text(answer).await;
        assert!(page.contains(fault), "{fault}: {page}");
        if form.contains("Kept") {
            assert!(page.contains("value=\"Kept\""), "what was typed stays");
        }
    }
    let broken = house.post(&format!("{page}/subscription"), &sue, "price=broken&reason=x").await;
    assert_eq!(broken.status(), StatusCode::SERVICE_UNAVAILABLE);
    for nobody in ["/desk/readers/4000/meter", "/desk/readers/x/meter"] {
        let answer = house.post(nobody, &sue, "reason=x").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(house.deeds.all(), [""; 0]);
}
