//! The pages of readers in every language that the theme speaks.

use crate::{
    appearance::{axe, complaints},
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

/// Publishes an article at `/news/SLUG`.
fn publish(workshop: &Workshop, slug: &str, tier: &str) {
    let paragraph = "It sails at noon, and nobody knows when it comes back.\n\n".repeat(12);
    let text = format!(
        "---\nheadline: The {slug}\ndeck: Everybody talks about it.\nslug: {slug}\nsection: news\ntier: {tier}\n\
         topics: [Boats]\nauthors: [The desk]\n---\n\n{paragraph}"
    );
    let file = format!("{slug}.md");
    workshop.write(&file, &text);
    workshop.does(&["publish", &file]);
}
