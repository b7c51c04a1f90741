//! The pages of readers in every language that the theme speaks.

use crate::{
    appearance::{axe, complaints},
    desk::invitation,
    visitor::{DESKTOP, PHONE, Visitor},
    workshop::Workshop,
};

/// English is looked at in [`crate::appearance`].
const LANGUAGES: [&str; 6] = ["de", "fr", "es", "nl", "pl", "ja"];
const PAGES: [&str; 12] = [
    "/",
    "/news/ferry",
    "/news/bridge",
    "/offers",
    "/register",
    "/sign-in",
    "/cancel",
    "/withdraw",
    "/search?q=ferry",
    "/how-the-meter-works",
    "/topic/boats",
    "/nowhere",
];

#[tokio::test]
async fn pages_have_no_violations_and_fit_in_every_language() {
    let workshop = Workshop::that_sells();
    publish(&workshop, "ferry", "metered");
    publish(&workshop, "bridge", "subscribers");
    let axe = axe();
    let mut faults = Vec::new();
    let mut spoken = "locale = \"en\"".to_owned();
    for language in LANGUAGES {
        let locale = format!("locale = \"{language}\"");
        workshop.configure(&spoken, &locale);
        spoken = locale;
        let server = workshop.serve();
        let visitor = Visitor::of(&server).await;
        for path in PAGES {
            for (scheme, size) in [("light", PHONE), ("dark", DESKTOP)] {
                visitor.prefer(scheme).await.resize(size).await.go(path).await;
                let at = format!("{language} {path} {}", size.0);
                let too_wide: i64 = visitor
                    .ask("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    .await;
                if too_wide > 0 {
                    faults.push(format!("{at}: {too_wide} pixels too wide"));
                }
                let found = complaints(&visitor, &axe).await;
                faults.extend(found.into_iter().map(|found| format!("{at}: {found}")));
            }
        }
        let said: String = visitor.ask("document.documentElement.lang").await;
        assert_eq!(said, language);
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Words that are longer than a line of a phone, with the languages that make them.
const COMPOUNDS: [(&str, &str); 2] = [
    ("de", "Binnenschifffahrtsgenehmigungsverfahrensbeschleunigungsverordnung"),
    ("fi", "Lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas"),
];

#[tokio::test]
async fn long_words_and_large_text_never_widen_a_page() {
    let workshop = Workshop::that_sells();
    let mut faults = Vec::new();
    let mut spoken = "locale = \"en\"".to_owned();
    for (language, word) in COMPOUNDS {
        let table = format!("| {word} | 1,234 |\n|---|--:|\n| {word} | 5 |\n\n## {word}\n\n");
        write_article(&workshop, language, word, "free", &(table + word));
        let locale = format!("locale = \"{language}\"");
        workshop.configure(&spoken, &locale);
        spoken = locale;
        let server = workshop.serve();
        let visitor = Visitor::of(&server).await;
        visitor.resize((320, 640)).await;
        let article = format!("/news/{language}");
        for path in ["/", article.as_str(), "/topic/boats", "/offers", "/sign-in", "/cancel"] {
            visitor.go(path).await;
            let too_wide: i64 = visitor
                .ask(
                    "(document.documentElement.style.fontSize = '200%') && \
                     document.documentElement.scrollWidth - document.documentElement.clientWidth",
                )
                .await;
            if too_wide > 0 {
                faults.push(format!("{language} {path}: {too_wide} pixels too wide"));
            }
        }
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Publishes an article at `/news/SLUG`.
fn publish(workshop: &Workshop, slug: &str, tier: &str) {
    let paragraph = "It sails at noon, and nobody knows when it comes back.\n\n".repeat(12);
    write_article(workshop, slug, &format!("The {slug}"), tier, &paragraph);
}

fn write_article(workshop: &Workshop, slug: &str, headline: &str, tier: &str, body: &str) {
    let text = format!(
        "---\nheadline: {headline}\ndeck: Everybody talks about it.\nslug: {slug}\nsection: news\ntier: {tier}\n\
         topics: [Boats]\nauthors: [The desk]\n---\n\n{body}\n"
    );
    let file = format!("{slug}.md");
    workshop.write(&file, &text);
    workshop.does(&["publish", &file]);
}

/// Pages of the newsroom, with long German words in navigation, tables, forms and buttons.
const NEWSROOM: [&str; 25] = [
    "/desk",
    "/desk/authors",
    "/desk/authors/new",
    "/desk/redirects",
    "/desk/topics",
    "/desk/pages",
    "/desk/imports",
    "/desk/exports",
    "/desk/articles",
    "/desk/articles/new",
    "/desk/people",
    "/desk/readers",
    "/desk/why",
    "/desk/meter",
    "/desk/offers/new",
    "/desk/figures",
    "/desk/articles/4000",
    "/desk/publication",
    "/desk/appearance",
    "/desk/menus",
    "/desk/seller",
    "/desk/payment-processor",
    "/desk/email",
    "/desk/retention",
    "/desk/backups",
];

#[tokio::test]
async fn the_newsroom_has_no_violations_and_fits_in_german() {
    let workshop = Workshop::that_sells();
    publish(&workshop, "ferry", "metered");
    workshop.configure("locale = \"en\"", "locale = \"de\"");
    let server = workshop.serve();
    let owner = Visitor::of(&server).await;
    let printed = workshop.does(&["staff", "link", "owner"]);
    owner.go(invitation(&printed)).await.write("#email", "ada@example.org").await;
    owner.follow("form button", "/desk").await;
    assert_eq!(owner.ask::<String>("document.documentElement.lang").await, "de");
    let axe = axe();
    let mut faults = Vec::new();
    for path in NEWSROOM {
        for (scheme, size) in [("light", (320, 640)), ("dark", DESKTOP)] {
            owner.prefer(scheme).await.resize(size).await.go(path).await;
            let too_wide: i64 = owner
                .ask("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                .await;
            if too_wide > 0 {
                faults.push(format!("{path} {}: {too_wide} pixels too wide", size.0));
            }
            let found = complaints(&owner, &axe).await;
            faults.extend(found.into_iter().map(|found| format!("{path} {}: {found}", size.0)));
        }
    }
    // The choice at the foot of the page holds for the next pages.
    owner.resize(DESKTOP).await.go("/desk").await;
    owner.ask::<bool>("(document.querySelector('#desk-language').value = 'en', true)").await;
    owner.follow(".foot button", "/desk").await;
    assert_eq!(owner.ask::<String>("document.documentElement.lang").await, "en");
    owner.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
