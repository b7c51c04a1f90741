//! Writing, publishing and withdrawing articles.

use axum::response::Response;
use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use masthead_circulation::staff::Role;
use masthead_editorial::Status;
use masthead_store::StoryChange;

use super::{CONFIG, TestDesk, leads_to, text};

const FORM: &str =
    "section=town&headline=The+bridge&authors=Ada+Quill,+Bo&body=%3Cp%3EIt+stands.%3C/p%3E";

impl TestDesk {
    /// Begins a story for the owner of this cookie. Returns its address.
    async fn begun(&self, cookie: &str) -> String {
        let answer = self.post("/desk/articles", cookie, "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        leads_to(&answer).to_owned()
    }

    /// Sends the form of a story as the editor's script does.
    async fn save(&self, story: &str, cookie: &str, form: &str) -> (StatusCode, String) {
        let request = Request::post(story)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.send(request, form.to_owned().into()).await;
        (answer.status(), text(answer).await)
    }

    async fn done(&self, path: &str, cookie: &str, form: &str) {
        let answer = self.post(path, cookie, form).await;
        let status = answer.status();
        assert_eq!(status, StatusCode::SEE_OTHER, "{path} {form}: {}", text(answer).await);
    }
}

async fn refused(answer: Response, because: &str) {
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let said = text(answer).await;
    assert!(said.contains(because), "{said}");
}

#[tokio::test]
async fn authors_edit_only_their_own_articles() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, bo) = desk.staff("bo@example.org", Role::Author).await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = desk.begun(&ada).await;
    desk.done(&story, &ada, &format!("version=1&{FORM}")).await;
    for path in ["", "/latest", "/preview", "/preview/page", "/revisions"] {
        let path = format!("{story}{path}");
        assert_eq!(desk.get(&path, &ada).await.status(), StatusCode::OK, "{path}");
        assert_eq!(desk.get(&path, &eve).await.status(), StatusCode::OK, "{path}");
        assert_eq!(desk.get(&path, &bo).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    for action in ["", "/review", "/archive", "/restore", "/discard", "/restoration"] {
        let answer = desk.post(&format!("{story}{action}"), &bo, "version=2").await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{action}");
    }
    assert!(text(desk.get("/desk/articles", &ada).await).await.contains("The bridge"));
    assert!(text(desk.get("/desk/articles", &eve).await).await.contains("The bridge"));
    assert!(!text(desk.get("/desk/articles", &bo).await).await.contains("The bridge"));
    assert_eq!(desk.get("/desk/articles/77", &eve).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(desk.get("/desk/articles/x", &eve).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_design_is_chosen_and_reaches_readers() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = desk.begun(&eve).await;
    desk.done(&story, &eve, &format!("version=1&design=long-read&{FORM}")).await;
    let page = text(desk.get(&story, &eve).await).await;
    assert!(page.contains("<option value=\"long-read\" selected>Long read</option>"), "{page}");
    desk.done(&format!("{story}/publication"), &eve, "version=2&when=now").await;
    let piece = desk.store.piece("the-bridge").await.expect("asked").expect("a piece");
    assert_eq!(piece.design, Some(masthead_editorial::Design::LongRead));
    // A word that is none is kept in the draft, and cannot be published.
    desk.done(&story, &eve, &format!("version=3&design=longread&{FORM}")).await;
    let answer = desk.post(&format!("{story}/publication"), &eve, "version=4&when=now").await;
    refused(answer, "There is no design “longread”.").await;
}

#[tokio::test]
async fn saved_text_contains_no_scripts() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let story = desk.begun(&ada).await;
    let body = "%3Cp+onclick=x%3EHi%3Cscript%3Ealert(1)%3C/script%3E%3C/p%3E\
                %3Cimg+src=x+onerror=y%3E%3Csvg+onload=z%3E";
    let (status, _) = desk.save(&story, &ada, &format!("version=1&headline=A&body={body}")).await;
    assert_eq!(status, StatusCode::OK);
    let page = text(desk.get(&story, &ada).await).await;
    assert!(page.contains("&lt;p&gt;Hi&lt;&#x2f;p&gt;"), "{page}");
    for bad in ["onclick", "alert(1)", "onerror", "onload"] {
        assert!(!page.contains(bad), "{bad}");
    }
}

#[tokio::test]
async fn a_writer_with_an_old_version_gets_the_latest() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Editor).await;
    let (_, bo) = desk.staff("bo@example.org", Role::Editor).await;
    let story = desk.begun(&ada).await;
    let (status, said) = desk.save(&story, &ada, &format!("version=1&{FORM}")).await;
    let update = r#"{"version":2,"saved":"08:00","summary":"Draft","number":1}"#;
    assert_eq!((status, said.as_str()), (StatusCode::OK, update));
    // The same content is not a new version, and the time is that of the last save.
    desk.wait(SignedDuration::from_mins(5));
    let (_, said) = desk.save(&story, &ada, &format!("version=2&{FORM}")).await;
    assert_eq!(said, update);
    let (status, said) = desk.save(&story, &bo, "version=1&headline=Mine").await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(said.contains(r#""headline":"The bridge""#) && said.contains("ada@example.org"));
    let (status, _) = desk.save(&story, &bo, "version=1&aside=yes&headline=Mine").await;
    assert_eq!(status, StatusCode::OK);

    // Without the script, what was sent is kept as a revision, and the latest version is shown.
    refused(desk.post(&story, &bo, "version=1&headline=Older").await, "The bridge").await;
    let revisions = text(desk.get(&format!("{story}/revisions"), &bo).await).await;
    assert_eq!(revisions.matches("kept as a separate version").count(), 2);
    let latest = text(desk.get(&format!("{story}/latest?version=2"), &bo).await).await;
    assert_eq!(latest, r#"{"version":2}"#);
    let latest = text(desk.get(&format!("{story}/latest?version=1"), &ada).await).await;
    assert!(latest.contains(r#""others":["bo@example.org"]"#), "{latest}");
    assert!(latest.contains(r#""headline":"The bridge""#), "{latest}");
    // Actions need the latest version too.
    refused(desk.post(&format!("{story}/review"), &bo, "version=1").await, "decide again").await;
}

#[tokio::test]
async fn a_story_goes_to_an_editor_and_to_readers() {
    let desk = TestDesk::open().await;
    let (ada_is, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = desk.begun(&ada).await;
    let publication = format!("{story}/publication");
    assert!(text(desk.get("/desk", &ada).await).await.contains("Your drafts"));
    refused(desk.post(&format!("{story}/review"), &ada, "version=1").await, "Nothing is written")
        .await;
    desk.done(&story, &ada, "version=1&deck=Soon").await;
    desk.done(&format!("{story}/review"), &ada, "version=2").await;
    assert!(
        text(desk.get("/desk", &eve).await).await.contains("<h2 id=\"waiting\">In review</h2>")
    );
    assert_eq!(desk.get(&publication, &ada).await.status(), StatusCode::FORBIDDEN);
    let page = text(desk.get(&publication, &eve).await).await;
    for remedy in ["Write a headline.", "Choose a section.", "Write the text."] {
        assert!(page.contains(remedy), "{remedy}");
    }
    refused(desk.post(&publication, &eve, "version=3&when=now").await, "still has to be done")
        .await;
    refused(desk.post(&format!("{story}/return"), &eve, "version=3").await, "Write what has to")
        .await;
    desk.done(&format!("{story}/return"), &eve, "version=3&reason=Add+a+headline.").await;
    desk.done(&story, &ada, &format!("version=4&{FORM}&sponsor=The+Ropeworks")).await;
    refused(desk.post(&publication, &eve, "version=5&when=now").await, "Write the disclosure")
        .await;
    desk.done(&story, &ada, &format!("version=5&{FORM}")).await;
    refused(
        desk.post(&publication, &eve, "version=6&when=at&at=soon").await,
        "is not a date and time",
    )
    .await;
    desk.done(&publication, &eve, "version=6&when=now").await;

    let piece = desk.store.piece("the-bridge").await.expect("asked").expect("published");
    assert_eq!((piece.status, piece.published), (Status::Published, Some(desk.now())));
    assert_eq!(piece.authors.len(), 2);
    // Readers are told about a correction.
    desk.wait(SignedDuration::from_hours(1));
    desk.done(&story, &ada, &format!("version=7&{FORM}&deck=It+does.&slug=the-bridge")).await;
    refused(desk.post(&publication, &eve, "version=8&note=open").await, "Write what was wrong")
        .await;
    desk.done(&publication, &eve, "version=8&note=open&correction=It+was+wrong.").await;
    let corrected = desk.store.piece("the-bridge").await.expect("asked").expect("published");
    assert_eq!(corrected.corrections[0].text, "It was wrong.");
    assert_eq!(corrected.published, piece.published);

    desk.done(&format!("{story}/withdrawal"), &eve, "version=9").await;
    let gone = desk.store.piece("the-bridge").await.expect("asked").expect("there");
    assert_eq!(gone.status, Status::Withdrawn);
    desk.done(&publication, &eve, "version=10&when=now").await;
    let back = desk.store.piece("the-bridge").await.expect("asked").expect("there");
    assert_eq!((back.status, back.published), (Status::Published, piece.published));
    let revisions = desk.store.revisions(masthead_access::ArticleId(1), 20).await.expect("asked");
    let by_ada = revisions.iter().filter(|revision| revision.by == Some(ada_is.id)).count();
    assert_eq!((revisions.len(), by_ada), (9, 4), "{revisions:?}");
    assert_eq!(revisions[0].change, StoryChange::Published);
}

/// An editor that was opened in London goes on saving while the publication moves to Tokyo.
#[tokio::test]
async fn an_open_editor_keeps_its_embargo_when_the_time_zone_changes() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = desk.begun(&eve).await;
    let form = format!("{FORM}&embargo=2027-01-20+07:00&time_zone=UTC");
    desk.done(&story, &eve, &format!("version=1&{form}")).await;
    assert!(text(desk.get(&story, &eve).await).await.contains("name=\"time_zone\" value=\"UTC\""));
    desk.configure(&CONFIG.replace("zone = \"UTC\"", "zone = \"Asia/Tokyo\"")).await.expect("read");
    desk.done(&story, &eve, &format!("version=2&{form}&deck=Later")).await;
    let page = text(desk.get(&story, &eve).await).await;
    assert!(page.contains("value=\"2027-01-20 16:00\""), "the same moment in Tokyo: {page}");
    assert!(page.contains("name=\"time_zone\" value=\"Asia&#x2f;Tokyo\""), "{page}");
}

#[tokio::test]
async fn nothing_is_published_before_its_embargo() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = desk.begun(&eve).await;
    let publication = format!("{story}/publication");
    // The time is 2027-01-15 08:00.
    let (_, said) =
        desk.save(&story, &eve, &format!("version=1&{FORM}&embargo=2027-02-31+07:00")).await;
    assert!(said.contains("The embargo was not saved."), "{said}");
    desk.done(&story, &eve, &format!("version=2&{FORM}&embargo=2027-01-20T07:00")).await;
    assert!(
        text(desk.get("/desk/articles", &eve).await).await.contains("embargoed until 20 January")
    );
    let under = "under embargo until 20 January 2027, 07:00";
    refused(desk.post(&publication, &eve, "version=3&when=now").await, under).await;
    refused(desk.post(&publication, &eve, "version=3&when=at&at=2027-01-20+06:59").await, under)
        .await;
    desk.done(&publication, &eve, "version=3&when=at&at=2027-01-20+07:00").await;
    let piece = desk.store.piece("the-bridge").await.expect("asked").expect("there");
    assert_eq!(piece.published.expect("a time").to_string(), "2027-01-20T07:00:00Z");
    let scheduled = text(desk.get("/desk/articles?list=scheduled", &eve).await).await;
    assert!(scheduled.contains("Scheduled 20 Jan, 07:00"), "{scheduled}");
}

#[tokio::test]
async fn a_time_that_has_passed_is_pointed_out_before_anything_is_published() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = desk.begun(&eve).await;
    desk.done(&story, &eve, &format!("version=1&{FORM}")).await;
    let publication = format!("{story}/publication");
    let past = "version=2&when=at&at=2027-01-14+07:00";
    refused(desk.post(&publication, &eve, past).await, "That time has passed").await;
    assert!(desk.store.piece("the-bridge").await.expect("asked").is_none());
    desk.done(&publication, &eve, &format!("{past}&past=2027-01-14+07:00")).await;
    let piece = desk.store.piece("the-bridge").await.expect("asked").expect("there");
    assert_eq!(piece.published.expect("a time").to_string(), "2027-01-14T07:00:00Z");
}

#[tokio::test]
async fn a_time_or_a_note_that_contradicts_the_choice_is_refused_and_nothing_is_published() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = desk.begun(&eve).await;
    desk.done(&story, &eve, &format!("version=1&{FORM}")).await;
    let publication = format!("{story}/publication");
    let at_field = "id=\"at-mistake\" role=\"alert\">Nothing was published: you entered a day";
    let now = "version=2&when=now&at=2027-01-20+07:00";
    refused(desk.post(&publication, &eve, now).await, at_field).await;
    assert!(desk.store.piece("the-bridge").await.expect("asked").is_none());
    // A time for which it is scheduled already is the one that the form had.
    desk.done(&publication, &eve, "version=2&when=at&at=2027-01-20+07:00").await;
    let other = "version=3&when=now&at=2027-01-20+08:00";
    refused(desk.post(&publication, &eve, other).await, at_field).await;
    let answer = desk.post(&publication, &eve, "version=3&when=now&at=2027-01-20+07:00").await;
    let told = leads_to(&answer).to_owned();
    assert_eq!(told, format!("{story}?told=published"));
    let page = text(desk.get(&told, &eve).await).await;
    assert!(page.contains("Readers have the article.") && page.contains("View the article"));
    let published = desk.store.piece("the-bridge").await.expect("asked").expect("there");
    assert_eq!(published.published, Some(desk.now()));

    desk.done(&story, &eve, &format!("version=4&{FORM}&slug=the-bridge&deck=It+does.")).await;
    let at_field = "id=\"correction-mistake\" role=\"alert\">Nothing was published: you wrote";
    let quiet = "version=5&note=&correction=It+was+wrong.";
    refused(desk.post(&publication, &eve, quiet).await, at_field).await;
    let before = desk.store.piece("the-bridge").await.expect("asked").expect("there");
    assert!(before.deck.is_empty() && before.corrections.is_empty());
}

#[tokio::test]
async fn a_form_that_is_too_long_is_reported() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let long = format!("version=0&do={}", "x".repeat(400_000));
    let answer = desk.post("/desk/sections", &eve, &long).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(answer).await.contains("The form is too large, so nothing of it was read."));
}

#[tokio::test]
async fn an_embargo_after_the_scheduled_time_is_refused_and_the_words_are_kept() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
        let story = desk.begun(&eve).await;
        desk.done(&story, &eve, &format!("version=1&{FORM}&embargo=2027-01-20T07:00")).await;
        desk.done(&story, &eve, &format!("version=2&{FORM}")).await;
        let publication = format!("{story}/publication");
        desk.done(&publication, &eve, "version=3&when=at&at=2027-01-17+07:00").await;
        // The first revision has the embargo in it.
        let first = desk.store.revisions(masthead_access::ArticleId(1), 9).await.expect("asked");
        let embargoed = first.iter().find(|revision| revision.draft.embargo.is_some());

        let embargo = "slug=the-bridge&deck=New&embargo=2027-01-20T07:00";
        let (status, said) = desk.save(&story, &eve, &format!("version=4&{FORM}&{embargo}")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            said.contains("The embargo was not saved: this article is scheduled for 17 January"),
            "{said}"
        );
        let form = format!("version=5&{FORM}&{embargo}");
        refused(desk.post(&story, &eve, &form).await, "The embargo was not saved").await;
        let kept = desk.store.story(masthead_access::ArticleId(1)).await.expect("asked");
        let kept = kept.expect("a story");
        assert_eq!((kept.draft.deck.as_str(), kept.draft.embargo), ("New", None));
        if let Some(revision) = embargoed {
            let form = format!("version={}&revision={}", kept.entry.version, revision.number.0);
            let answer = desk.post(&format!("{story}/restoration"), &eve, &form).await;
            refused(answer, "The embargo was not saved").await;
        }
        // Once readers have it, an embargo is on the changes.
        desk.wait(SignedDuration::from_hours(48));
        let (_, zoe) = desk.staff("zoe@example.org", Role::Editor).await;
        let version = kept.entry.version;
        desk.done(&story, &zoe, &format!("version={version}&{FORM}&{embargo}")).await;
        let form = format!("version={}&when=now", version + 1);
        refused(desk.post(&publication, &zoe, &form).await, "under embargo until 20 January").await;
        // Nor does the command line break it.
        let piece = desk.store.piece("the-bridge").await.expect("asked").expect("published");
        let changed = masthead_editorial::Piece { deck: "Other".into(), ..piece };
        let broken = desk
            .store
            .save(&changed, jiff::Timestamp::now())
            .await
            .expect_err("refused")
            .to_string();
        assert!(broken.contains("under embargo until 2027-01-20T07:00:00Z"), "{broken}");
    }
}

#[tokio::test]
async fn an_embargo_that_is_refused_leaves_the_one_before() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
        let story = desk.begun(&eve).await;
        desk.done(&story, &eve, &format!("version=1&{FORM}")).await;
        let publication = format!("{story}/publication");
        desk.done(&publication, &eve, "version=2&when=at&at=2027-01-18+07:00").await;
        let form = |version: i64, embargo: &str| {
            format!("version={version}&{FORM}&slug=the-bridge&deck=New&embargo={embargo}")
        };
        desk.done(&story, &eve, &form(3, "2027-01-17T07:00")).await;
        let kept = async || {
            let story = desk.store.story(masthead_access::ArticleId(1)).await.expect("asked");
            story.expect("a story").draft.embargo.map(|at| at.to_string())
        };
        let late = desk.post(&story, &eve, &form(4, "2027-01-20T07:00")).await;
        refused(late, "The embargo was not saved").await;
        assert_eq!(kept().await.as_deref(), Some("2027-01-17T07:00:00Z"));
        let version = desk.store.story(masthead_access::ArticleId(1)).await.expect("asked");
        let version = version.expect("a story").entry.version;
        let mistyped = desk.post(&story, &eve, &form(version, "2027-02-31T07:00")).await;
        refused(mistyped, "The embargo was not saved").await;
        assert_eq!(kept().await.as_deref(), Some("2027-01-17T07:00:00Z"));
    }
}

#[tokio::test]
async fn an_archived_story_can_be_restored_and_changes_discarded() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = desk.begun(&eve).await;
    desk.done(&story, &eve, &format!("version=1&{FORM}")).await;
    desk.done(&format!("{story}/archive"), &eve, "version=2").await;
    assert!(!text(desk.get("/desk/articles", &eve).await).await.contains("The bridge"));
    assert!(
        text(desk.get("/desk/articles?list=archived", &eve).await).await.contains("The bridge")
    );
    desk.done(&format!("{story}/restore"), &eve, "version=3").await;
    desk.done(&format!("{story}/publication"), &eve, "version=4&when=now").await;
    // A published article is withdrawn, not archived.
    desk.done(&format!("{story}/archive"), &eve, "version=5").await;
    desk.done(&story, &eve, "version=5&section=town&headline=Worse&body=x").await;
    desk.done(&format!("{story}/discard"), &eve, "version=6").await;
    let page = text(desk.get(&story, &eve).await).await;
    assert!(page.contains("The bridge") && !page.contains("Worse"), "{page}");
    let revisions = text(desk.get(&format!("{story}/revisions"), &eve).await).await;
    let aside = revisions.split("kept as a separate version").next().expect("a part");
    let with =
        aside.rsplit("?with=").next().and_then(|rest| rest.split('"').next()).expect("a number");
    let compared = text(desk.get(&format!("{story}/revisions?with={with}"), &eve).await).await;
    assert!(compared.contains("<del>Worse</del><ins>The bridge</ins>"), "{compared}");
    desk.done(&format!("{story}/restoration"), &eve, &format!("version=7&revision={with}")).await;
    assert!(text(desk.get(&story, &eve).await).await.contains("Worse"));
}

#[tokio::test]
async fn files_that_are_not_pictures_are_rejected_with_a_reason() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Author).await;
    let send = async |content: Vec<u8>| {
        let request = Request::post("/desk/pictures")
            .header(header::COOKIE, &eve)
            .header("sec-fetch-site", "same-origin");
        let answer = desk.send(request, content.into()).await;
        (answer.status(), text(answer).await)
    };
    let (status, said) = send(b"<svg onload=x>".to_vec()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(said.contains("Save it as PNG"), "{said}");
    let (status, said) = send(vec![0; masthead_media::MAX_BYTES + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(said.contains("at most 30 MB"), "{said}");
    // The smallest possible GIF.
    let gif =
        b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let (status, said) = send(gif.to_vec()).await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    assert!(said.contains(r#""width":1,"height":1"#), "{said}");
}

#[tokio::test]
async fn an_article_is_found_by_its_text() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    desk.publish_articles().await;
    desk.search.refresh().await.expect("indexed");
    let found = text(desk.get("/desk/articles?q=treasure", &eve).await).await;
    assert!(found.contains("The &lt;bridge&gt;"), "{found}");
    let other = text(desk.get("/desk/articles?q=anchors", &eve).await).await;
    assert!(other.contains("No article matches."), "{other}");
    let archived = text(desk.get("/desk/articles?q=treasure&list=archived", &eve).await).await;
    assert!(archived.contains("No article matches."), "{archived}");
}
