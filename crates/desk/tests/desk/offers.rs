//! The settings of offers.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

const GOOD: &str = "version=0&name=Autumn+%26+rain&price=monthly&first=9&lasts=3+months&card=on&for=code&codes=WET%0ALEAF&ends=2027-11-30&limit=200";

#[tokio::test]
async fn an_offer_is_previewed_before_it_is_saved() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let list = text(desk.get("/desk/offers", &cy).await).await;
    for words in ["Spring", "for 2 months", "Ended 30 April 2026"] {
        assert!(list.contains(words), "{words}: {list}");
    }
    let new = text(desk.get("/desk/offers/new", &cy).await).await;
    assert!(new.contains("The Paper online, €9") && !new.contains("iframe"));
    let look = text(desk.post("/desk/offers/new", &cy, &format!("{GOOD}&do=look")).await).await;
    assert!(look.contains(">Preview</h2>"), "{look}");
    let seen = desk
        .get(&format!("/desk/offers/new/page?{}", GOOD.trim_start_matches("version=0&")), &cy)
        .await;
    let seen = text(seen).await;
    assert!(seen.contains("Autumn &amp; rain") && seen.contains("for 3 months"), "{seen}");
    assert_eq!(desk.store.setting("offers").await.expect("asked"), None);

    let saved = desk.post("/desk/offers/new", &cy, &format!("{GOOD}&do=save")).await;
    assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, "/desk/offers"));
    let set = desk.store.setting("offers").await.expect("asked").expect("set").text;
    let autumn = "[[offers]]\nslug = \"autumn-rain\"\nname = \"Autumn & rain\"\nprice = \"monthly\"\nfirst = \"9.00\"\nlasts = \"3 months\"\ncard = true\nfor = \"code\"\ncodes = [\"WET\", \"LEAF\"]\nends = \"2027-11-30\"\nlimit = 200\n";
    assert!(set.starts_with("[[offers]]\nslug = \"spring\"") && set.ends_with(autumn), "{set}");
    let other = GOOD.replace("Autumn+%26+rain", "Winter");
    let behind = desk.post("/desk/offers/new", &cy, &format!("{other}&do=save")).await;
    assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(behind).await.contains("Somebody else has changed the offers"));

    let removed = desk.post("/desk/offers/spring", &cy, "version=1&do=remove").await;
    assert_eq!(removed.status(), StatusCode::SEE_OTHER);
    let set = desk.store.setting("offers").await.expect("asked").expect("set").text;
    assert_eq!(set, autumn);
    let file = desk.post("/desk/offers", &cy, "version=2&do=file").await;
    assert_eq!(file.status(), StatusCode::SEE_OTHER);
    assert_eq!(desk.store.setting("offers").await.expect("asked").expect("set").text, "");
}

#[tokio::test]
async fn a_mistake_in_an_offer_is_marked_at_its_field() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    for (from, to, fault) in [
        ("name=Autumn+%26+rain", "name=+", "Enter a name"),
        ("name=Autumn+%26+rain", "name=Spring", "is already used by another"),
        ("name=Autumn+%26+rain", "name=Monthly", "is already used by another"),
        ("price=monthly", "price=gold", "Choose what it renews as"),
        ("first=9", "first=nine", "is not an amount of EUR"),
        ("first=9", "first=-1", "is not an amount of EUR"),
        ("lasts=3+months", "lasts=long", "is not a length of time"),
        ("card=on&", "", "Only a trial can do without a card"),
        ("for=code", "for=new", "they aren’t for this audience"),
        ("codes=WET%0ALEAF", "codes=", "Enter at least one promo code"),
        ("ends=2027-11-30", "ends=30.11.2027", "2027-03-31"),
        ("limit=200", "limit=0", "a whole number"),
    ] {
        let wish = format!("{}&do=save", GOOD.replace(from, to));
        let answer = desk.post("/desk/offers/new", &cy, &wish).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{to}");
        let said = text(answer).await;
        assert!(said.contains(fault), "{to}: {said}");
        assert!(!said.contains("iframe"), "{to}");
    }
    // All of them at once.
    let form = GOOD.replace("name=Autumn+%26+rain", "name=").replace("first=9", "first=5.005");
    let said = text(desk.post("/desk/offers/new", &cy, &format!("{form}&do=save")).await).await;
    for fault in ["Enter a name", "is not an amount of EUR"] {
        assert!(said.contains(fault), "{fault}: {said}");
    }
    assert_eq!(desk.get("/desk/offers/nothing", &cy).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_keeps_the_version_that_it_was_made_from() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let saved = desk.post("/desk/offers/new", &cy, &format!("{GOOD}&do=save")).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    // Somebody else has the form open since before.
    let mine = GOOD.replace("Autumn+%26+rain", "Spring");
    let seen = "name=\"version\" value=\"0\"";
    for button in ["look", "save"] {
        let answer = desk.post("/desk/offers/spring", &cy, &format!("{mine}&do={button}")).await;
        let page = text(answer).await;
        assert!(page.contains(seen), "{button}: {page}");
    }
    let message = "version=0&text=Mine&do=";
    let banner = "/desk/messages/meter.left/banner";
    desk.post(banner, &cy, &format!("{message}save")).await;
    for button in ["look", "save"] {
        let page = text(desk.post(banner, &cy, &format!("{message}{button}")).await).await;
        assert!(page.contains(seen), "{button}: {page}");
    }
}

#[tokio::test]
async fn an_introduction_that_is_dearer_than_the_price_is_pointed_out_once() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let dear = GOOD.replace("first=9", "first=100");
    let asked = desk.post("/desk/offers/new", &cy, &format!("{dear}&do=save")).await;
    assert_eq!(asked.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let asked = text(asked).await;
    assert!(asked.contains("more than the price for the same time"), "{asked}");
    assert!(asked.contains("There is a problem") && asked.contains("href=\"#first\""), "{asked}");
    assert!(asked.contains("value=\"100 3 months monthly\""), "{asked}");
    assert_eq!(desk.store.setting("offers").await.expect("asked"), None);
    // Another amount is asked about again.
    let other =
        format!("{}&sure=100+3+months+monthly&do=save", GOOD.replace("first=9", "first=99"));
    let asked = desk.post("/desk/offers/new", &cy, &other).await;
    assert_eq!(asked.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let sure = format!("{dear}&sure=100+3+months+monthly&do=save");
    let saved = desk.post("/desk/offers/new", &cy, &sure).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
}
