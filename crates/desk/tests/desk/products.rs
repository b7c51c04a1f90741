//! The settings of products and prices.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

const PRINT: &str = "version=0&name=Paper+%26+all&description=On+your+doorstep.&channel=print&channel=web\
    &benefits=The+paper%0A%0AEverything+online&price=&amount=30&every=1+month&price=&amount=300.5&every=1+year";

async fn set(desk: &TestDesk) -> String {
    desk.store.setting("products").await.expect("asked").map(|set| set.text).unwrap_or_default()
}

#[tokio::test]
async fn a_product_is_created_with_its_prices() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let list = text(desk.get("/desk/products", &cy).await).await;
    assert!(list.contains("The Paper online") && list.contains("36 hours"), "{list}");
    let more = text(desk.post("/desk/products/new", &cy, &format!("{PRINT}&do=add")).await).await;
    assert!(more.contains("id=\"amount-2\"") && more.contains("Amount (EUR)"), "{more}");
    let fewer =
        text(desk.post("/desk/products/new", &cy, &format!("{PRINT}&do=out-0")).await).await;
    assert!(fewer.contains("300.5") && !fewer.contains("id=\"amount-1\""), "{fewer}");
    assert_eq!(set(&desk).await, "");

    let saved = desk.post("/desk/products/new", &cy, &format!("{PRINT}&do=save")).await;
    assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, "/desk/products"));
    let expected = "[subscriptions]\ncurrency = \"EUR\"\ngrace = \"36 hours\"\nwithdrawal_days = 14\n\n\
        [[products]]\nslug = \"web\"\nname = \"The Paper online\"\nchannels = [\"web\"]\n\n\
        [[products]]\nslug = \"paper-all\"\nname = \"Paper & all\"\ndescription = \"On your doorstep.\"\n\
        channels = [\"print\", \"web\"]\nbenefits = [\"The paper\", \"Everything online\"]\n\n\
        [[prices]]\nslug = \"monthly\"\nproduct = \"web\"\namount = \"9.00\"\nevery = \"1 month\"\n\n\
        [[prices]]\nslug = \"paper-all-monthly\"\nproduct = \"paper-all\"\namount = \"30.00\"\nevery = \"1 month\"\n\n\
        [[prices]]\nslug = \"paper-all-yearly\"\nproduct = \"paper-all\"\namount = \"300.50\"\nevery = \"1 year\"\n";
    assert_eq!(set(&desk).await, expected);
    let other = PRINT.replace("name=Paper+%26+all", "name=Weekend");
    let behind = desk.post("/desk/products/new", &cy, &format!("{other}&do=save")).await;
    assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(behind).await.contains("Somebody else has changed the products"));

    let grace = desk.post("/desk/products", &cy, "version=1&grace=7+days&do=grace").await;
    assert_eq!(grace.status(), StatusCode::SEE_OTHER);
    assert!(set(&desk).await.contains("grace = \"7 days\""));
    let days = "version=2&withdrawal_days=30&do=withdrawal";
    let days = desk.post("/desk/products", &cy, days).await;
    assert_eq!(days.status(), StatusCode::SEE_OTHER);
    assert!(set(&desk).await.contains("withdrawal_days = 30"));
    let fold = "version=3&fold_addresses=yes&do=mailboxes";
    assert_eq!(desk.post("/desk/products", &cy, fold).await.status(), StatusCode::SEE_OTHER);
    assert!(set(&desk).await.contains("fold_addresses = true"));
    let page = text(desk.get("/desk/products", &cy).await).await;
    assert!(page.contains("name=\"fold_addresses\" value=\"yes\" checked"), "{page}");
    let cancelling = "version=4&cancel_at_once=yes&do=cancelling";
    assert_eq!(desk.post("/desk/products", &cy, cancelling).await.status(), StatusCode::SEE_OTHER);
    assert!(set(&desk).await.contains("cancel_at_once = true"));
    let file = desk.post("/desk/products", &cy, "version=5&do=file").await;
    assert_eq!(file.status(), StatusCode::SEE_OTHER);
    assert_eq!(set(&desk).await, "");
}

#[tokio::test]
async fn products_can_have_the_usual_tax_or_their_own() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let wrong = desk.post("/desk/products", &cy, "version=0&tax_rate=lots&do=tax").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(wrong).await.contains("“lots” isn’t a tax rate."));
    let usual = desk.post("/desk/products", &cy, "version=0&tax_rate=19&do=tax").await;
    assert_eq!(usual.status(), StatusCode::SEE_OTHER);
    let own = format!("{PRINT}&tax_rate=5.5&do=save").replace("version=0", "version=1");
    let saved = desk.post("/desk/products/new", &cy, &own).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER, "{}", text(saved).await);
    let stored = set(&desk).await;
    assert!(stored.contains("withdrawal_days = 14\ntax_rate = \"19\"\n"), "{stored}");
    assert!(stored.contains("name = \"Paper & all\"") && stored.contains("tax_rate = \"5.5\""));
    let page = text(desk.get("/desk/products/paper-all", &cy).await).await;
    assert!(page.contains(r#"name="tax_rate" value="5.5""#) && page.contains("usual rate, 19%"));
    let none = desk.post("/desk/products", &cy, "version=2&tax_rate=&do=tax").await;
    assert_eq!(none.status(), StatusCode::SEE_OTHER);
    assert!(!set(&desk).await.contains("\"19\""));
}

#[tokio::test]
async fn one_product_can_be_recommended() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let print = format!("{PRINT}&recommended=yes&do=save");
    let saved = desk.post("/desk/products/new", &cy, &print).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    assert_eq!(set(&desk).await.matches("recommended = true").count(), 1);
    let page = text(desk.get("/desk/products/paper-all", &cy).await).await;
    let ticked = page.split("id=\"recommended\"").nth(1).and_then(|rest| rest.split('>').next());
    assert!(ticked.is_some_and(|tag| tag.contains("checked")), "{page}");
    assert!(text(desk.get("/desk/products", &cy).await).await.contains("Recommended ·"));

    let web = "version=1&name=Online&channel=web&price=monthly&amount=9&every=1+month&do=save";
    let second = desk.post("/desk/products/web", &cy, &format!("{web}&recommended=yes")).await;
    assert_eq!(second.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let said = text(second).await;
    assert!(said.contains("“Paper &amp; all” is recommended already."), "{said}");
    let other = desk.post("/desk/products/web", &cy, web).await;
    assert_eq!(other.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_price_keeps_its_slug_when_it_changes() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let form = "version=0&name=Online&channel=web&price=monthly&amount=11&every=4+weeks&price=&amount=3&every=1+week&do=save";
    assert_eq!(desk.post("/desk/products/web", &cy, form).await.status(), StatusCode::SEE_OTHER);
    let said = set(&desk).await;
    let monthly = "slug = \"monthly\"\nproduct = \"web\"\namount = \"11.00\"\nevery = \"4 weeks\"";
    assert!(said.contains(monthly) && said.contains("slug = \"web-weekly\""), "{said}");
}

#[tokio::test]
async fn mistakes_in_a_product_are_explained() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let rest = "channel=web&price=&amount=9&every=1+month";
    for (slug, form, fault) in [
        ("new", format!("name=&{rest}"), "Enter a name."),
        ("new", format!("name=Web&{rest}"), "There is a product with this name already."),
        ("new", format!("name=New&{rest}"), "letters that can be used in a URL"),
        ("new", "name=Print".to_owned(), "Choose at least one channel"),
        ("new", "name=Print&channel=smoke".to_owned(), "Choose at least one channel"),
        (
            "new",
            format!("name=Print&{rest}&price=&amount=x&every=1+year"),
            "“x” is not an amount of EUR",
        ),
        ("new", format!("name=Print&{rest}&price=&amount=0&every=1+year"), "must be more than 0"),
        (
            "new",
            format!("name=Print&{rest}&price=&amount=5&every=often"),
            "is not a length of time",
        ),
        // An offer refers to the price that would be removed.
        ("web", "name=Web&channel=web".to_owned(), "the price “monthly”"),
    ] {
        let (path, form) = (format!("/desk/products/{slug}"), format!("version=0&{form}&do=save"));
        let answer = desk.post(&path, &cy, &form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let said = text(answer).await;
        assert!(said.contains(fault), "{form}: {said}");
    }
    let lost = desk.post("/desk/products/gone", &cy, "do=save").await;
    assert_eq!(lost.status(), StatusCode::NOT_FOUND);
    let grace = desk.post("/desk/products", &cy, "version=0&grace=soon&do=grace").await;
    assert!(text(grace).await.contains("“soon” is not a length of time."));
    let few = "version=0&withdrawal_days=13&do=withdrawal";
    let few = text(desk.post("/desk/products", &cy, few).await).await;
    assert!(few.contains("Enter a number of days from 14 to 366."), "{few}");
    assert_eq!(set(&desk).await, "");
}
