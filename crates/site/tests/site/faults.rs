//! What is wrong with a form: the title of the page begins with it, the focus is on a list of it, and each entry leads to its field.

use crate::{
    newspaper::{Newspaper, Reply},
    shop::{ada, buy, number, paper, sells},
};

fn check(what: &str, reply: &Reply, fields: &[&str]) {
    let page = reply.text();
    assert!(page.contains("<title>Error: "), "{what}: {page}");
    let main = page.split("<main").nth(1).and_then(|rest| rest.split("</main>").next());
    let main = main.expect("a page");
    assert_eq!(main.matches(" autofocus").count(), 1, "{what}: {main}");
    let focused = main.split(" autofocus").next().unwrap_or_default().rsplit('<').next();
    let focused = focused.unwrap_or_default();
    assert!(focused.contains("role=\"alert\"") && focused.contains("tabindex=\"-1\""), "{what}");
    for field in fields {
        assert!(main.contains(&format!("href=\"#{field}\"")), "{what}, {field}: {main}");
        assert_eq!(main.matches(&format!(" id=\"{field}\"")).count(), 1, "{what}, {field}: {main}");
    }
    let links = main.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next());
    for link in links {
        assert!(main.contains(&format!(" id=\"{link}\"")), "{what}: {link} leads nowhere");
    }
}

#[tokio::test]
async fn forms_of_readers_who_are_not_signed_in_say_what_is_wrong() {
    let paper = paper().await;
    let mut stranger = paper.browser();
    for (path, form, field) in [
        ("/register", "email=nonsense", "email"),
        ("/sign-in", "email=nonsense", "email"),
        ("/checkout/winter/sign-in", "email=nonsense", "email"),
        ("/cancel", "email=nonsense", "email"),
        ("/withdraw", "email=nonsense&name=", "name"),
        ("/withdraw", "email=nonsense&name=Ada", "email"),
    ] {
        check(path, &stranger.post(path, form).await, &[field]);
    }
    check("a code", &stranger.get("/offers?code=MANY").await, &["code"]);
    check("a search", &stranger.get("/search?q=a&from=nonsense").await, &[]);
    for fine in ["/register", "/sign-in", "/cancel", "/withdraw", "/offers", "/search", "/account"]
    {
        let page = stranger.get(fine).await.text();
        assert!(!page.contains("Error: ") && !page.contains(" autofocus"), "{fine}: {page}");
    }
}

#[tokio::test]
async fn forms_of_readers_who_are_signed_in_say_what_is_wrong() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    let no_name = "from=/&delivery_name=&delivery_lines=3+Quay+Street%0D%0ATidewater";
    check("checkout", &ada.post("/checkout/paper-monthly", no_name).await, &["delivery-name"]);
    check("app", &ada.get("/sign-in/app?code=XXXX-XXXX").await, &["code"]);
    let address = ada.post("/account/address", "email=nonsense").await;
    check("address", &address, &["new-email"]);
    assert!(address.text().contains("value=\"nonsense\""), "{}", address.text());
    buy(&mut ada, "web-monthly", "good", "/").await;
    let id = number(&paper).await;
    let switch = format!("/account/subscriptions/{id}/price");
    let lines = format!("delivery-{id}-paper-monthly-lines");
    let form = "price=paper-monthly&today=900&delivery_name=Ada&delivery_lines=Quay";
    check("plan", &ada.post(&switch, form).await, &[&lines]);
    let withdrawal = ada.post("/account/withdrawal", &format!("name=&subscription-{id}=yes")).await;
    check("withdrawal", &withdrawal, &["name"]);
    let page = ada.get("/account").await.text();
    assert!(!page.contains("Error: ") && !page.contains(" autofocus"), "{page}");
}
