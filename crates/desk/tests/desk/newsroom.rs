//! What is written at the desk, and by whom.

use axum::response::Response;
use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use masthead_circulation::staff::Role;
use masthead_editorial::Status;
use masthead_store::StoryChange;

use super::{House, leads_to, text};

const SHEET: &str =
    "section=town&headline=The+bridge&authors=Ada+Quill,+Bo&body=%3Cp%3EIt+stands.%3C/p%3E";

impl House {
    /// A story begun by whoever brings this cookie: where it is written.
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
async fn authors_write_in_their_own() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Author).await;
    let (_, bo) = house.staff("bo@example.org", Role::Author).await;
    let (_, eve) = house.staff("eve@example.org", Role::Editor).await;
    let story = house.begun(&ada).await;
    house.done(&story, &ada, &format!("version=1&{SHEET}")).await;
    for path in ["", "/latest", "/preview", "/preview/page", "/revisions"] {
        let path = format!("{story}{path}");
        assert_eq!(house.get(&path, &ada).await.status(), StatusCode::OK, "{path}");
        assert_eq!(house.get(&path, &eve).await.status(), StatusCode::OK, "{path}");
        assert_eq!(house.get(&path, &bo).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    for deed in ["", "/review", "/spike", "/resumption", "/discard", "/restoration"] {
        let answer = house.post(&format!("{story}{deed}"), &bo, "version=2").await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{deed}");
    }
    assert!(text(house.get("/desk/articles", &ada).await).await.contains("The bridge"));
    assert!(text(house.get("/desk/articles", &eve).await).await.contains("The bridge"));
    assert!(!text(house.get("/desk/articles", &bo).await).await.contains("The bridge"));
    assert_eq!(house.get("/desk/articles/77", &eve).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(house.get("/desk/articles/x", &eve).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nothing_runs_in_what_is_kept() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Author).await;
    let story = house.begun(&ada).await;
    let body = "%3Cp+onclick=x%3EHi%3Cscript%3Ealert(1)%3C/script%3E%3C/p%3E\
                %3Cimg+src=x+onerror=y%3E%3Csvg+onload=z%3E";
    let (status, _) = house.save(&story, &ada, &format!("version=1&headline=A&body={body}")).await;
    assert_eq!(status, StatusCode::OK);
    let page = text(house.get(&story, &ada).await).await;
    assert!(page.contains("&lt;p&gt;Hi&lt;&#x2f;p&gt;"), "{page}");
    for bad in ["onclick", "alert(1)", "onerror", "onload"] {
        assert!(!page.contains(bad), "{bad}");
    }
}

#[tokio::test]
async fn who_is_behind_is_told_what_stands() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Editor).await;
    let (_, bo) = house.staff("bo@example.org", Role::Editor).await;
    let story = house.begun(&ada).await;
    let (status, said) = house.save(&story, &ada, &format!("version=1&{SHEET}")).await;
    assert_eq!((status, said.as_str()), (StatusCode::OK, r#"{"version":2}"#));
    // The same again is no new version.
    let (_, said) = house.save(&story, &ada, &format!("version=2&{SHEET}")).await;
    assert_eq!(said, r#"{"version":2}"#);
    let (status, said) = house.save(&story, &bo, "version=1&headline=Mine").await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(said.contains(r#""headline":"The bridge""#) && said.contains("ada@example.org"));
    let (status, _) = house.save(&story, &bo, "version=1&aside=yes&headline=Mine").await;
    assert_eq!(status, StatusCode::OK);

    // A page without the script keeps what was sent, and shows what stands.
    refused(house.post(&story, &bo, "version=1&headline=Older").await, "The bridge").await;
    let revisions = text(house.get(&format!("{story}/revisions"), &bo).await).await;
    assert_eq!(revisions.matches("it was left aside").count(), 2);
    let latest = text(house.get(&format!("{story}/latest?version=2"), &bo).await).await;
    assert_eq!(latest, r#"{"version":2}"#);
    let latest = text(house.get(&format!("{story}/latest?version=1"), &ada).await).await;
    assert!(latest.contains(r#""others":["bo@example.org"]"#), "{latest}");
    assert!(latest.contains(r#""headline":"The bridge""#), "{latest}");
    // Nor is anything done upon what has changed.
    refused(house.post(&format!("{story}/review"), &bo, "version=1").await, "decide again").await;
}

#[tokio::test]
async fn a_story_goes_to_an_editor_and_to_readers() {
    let house = House::open().await;
    let (ada_is, ada) = house.staff("ada@example.org", Role::Author).await;
    let (_, eve) = house.staff("eve@example.org", Role::Editor).await;
    let story = house.begun(&ada).await;
    let publication = format!("{story}/publication");
    assert!(text(house.get("/desk", &ada).await).await.contains("You are writing"));
    house.done(&format!("{story}/review"), &ada, "version=1").await;
    assert!(text(house.get("/desk", &eve).await).await.contains("Waiting for an editor"));
    assert_eq!(house.get(&publication, &ada).await.status(), StatusCode::FORBIDDEN);
    let page = text(house.get(&publication, &eve).await).await;
    for remedy in ["Write a headline.", "Choose the section", "Write the text."] {
        assert!(page.contains(remedy), "{remedy}");
    }
    refused(house.post(&publication, &eve, "version=2&when=now").await, "still to be done").await;
    house.done(&format!("{story}/return"), &eve, "version=2").await;
    house.done(&story, &ada, &format!("version=3&{SHEET}&sponsor=The+Ropeworks")).await;
    refused(house.post(&publication, &eve, "version=4&when=now").await, "Tell readers who paid")
        .await;
    house.done(&story, &ada, &format!("version=4&{SHEET}")).await;
    refused(house.post(&publication, &eve, "version=5&when=at&at=soon").await, "no day and time")
        .await;
    house.done(&publication, &eve, "version=5&when=now").await;

    let piece = house.store.piece("the-bridge").await.expect("asked").expect("published");
    assert_eq!((piece.status, piece.published), (Status::Published, Some(house.now())));
    assert_eq!(piece.authors.len(), 2);
    // A mistake is mended in the open.
    house.wait(SignedDuration::from_hours(1));
    house.done(&story, &ada, &format!("version=6&{SHEET}&deck=It+does.&slug=the-bridge")).await;
    refused(house.post(&publication, &eve, "version=7&note=open").await, "Write what was wrong")
        .await;
    house.done(&publication, &eve, "version=7&note=open&correction=It+was+wrong.").await;
    let mended = house.store.piece("the-bridge").await.expect("asked").expect("published");
    assert_eq!(mended.corrections[0].text, "It was wrong.");
    assert_eq!(mended.published, piece.published);

    house.done(&format!("{story}/withdrawal"), &eve, "version=8").await;
    let gone = house.store.piece("the-bridge").await.expect("asked").expect("there");
    assert_eq!(gone.status, Status::Withdrawn);
    house.done(&publication, &eve, "version=9&when=now").await;
    let back = house.store.piece("the-bridge").await.expect("asked").expect("there");
    assert_eq!((back.status, back.published), (Status::Published, piece.published));
    let revisions = house.store.revisions(masthead_access::ArticleId(1), 20).await.expect("asked");
    let by_ada = revisions.iter().filter(|revision| revision.by == Some(ada_is.id)).count();
    assert_eq!((revisions.len(), by_ada), (8, 3), "{revisions:?}");
    assert_eq!(revisions[0].change, StoryChange::Published);
}

#[tokio::test]
async fn nobody_publishes_before_the_embargo() {
    let house = House::open().await;
    let (_, eve) = house.staff("eve@example.org", Role::Editor).await;
    let story = house.begun(&eve).await;
    let publication = format!("{story}/publication");
    // The desk's clock stands at 2027-01-15 08:00.
    let (_, said) =
        house.save(&story, &eve, &format!("version=1&{SHEET}&embargo=2027-02-31+07:00")).await;
    assert!(said.contains("The embargo is not kept."), "{said}");
    house.done(&story, &eve, &format!("version=2&{SHEET}&embargo=2027-01-20T07:00")).await;
    assert!(
        text(house.get("/desk/articles", &eve).await).await.contains("embargoed until 20 January")
    );
    let under = "under embargo until 20 January 2027, 07:00";
    refused(house.post(&publication, &eve, "version=3&when=now").await, under).await;
    refused(house.post(&publication, &eve, "version=3&when=at&at=2027-01-20+06:59").await, under)
        .await;
    house.done(&publication, &eve, "version=3&when=at&at=2027-01-20+07:00").await;
    let piece = house.store.piece("the-bridge").await.expect("asked").expect("there");
    assert_eq!(piece.published.expect("a time").to_string(), "2027-01-20T07:00:00Z");
    let scheduled = text(house.get("/desk/articles?shelf=scheduled", &eve).await).await;
    assert!(scheduled.contains("Scheduled 20 Jan, 07:00"), "{scheduled}");
}

#[tokio::test]
async fn a_spiked_story_can_be_taken_up_and_changes_given_up() {
    let house = House::open().await;
    let (_, eve) = house.staff("eve@example.org", Role::Editor).await;
    let story = house.begun(&eve).await;
    house.done(&story, &eve, &format!("version=1&{SHEET}")).await;
    house.done(&format!("{story}/spike"), &eve, "version=2").await;
    assert!(!text(house.get("/desk/articles", &eve).await).await.contains("The bridge"));
    assert!(
        text(house.get("/desk/articles?shelf=spiked", &eve).await).await.contains("The bridge")
    );
    house.done(&format!("{story}/resumption"), &eve, "version=3").await;
    house.done(&format!("{story}/publication"), &eve, "version=4&when=now").await;
    // What readers have is withdrawn and not spiked.
    house.done(&format!("{story}/spike"), &eve, "version=5").await;
    house.done(&story, &eve, "version=5&section=town&headline=Worse&body=x").await;
    house.done(&format!("{story}/discard"), &eve, "version=6").await;
    let page = text(house.get(&story, &eve).await).await;
    assert!(page.contains("The bridge") && !page.contains("Worse"), "{page}");
    let revisions = text(house.get(&format!("{story}/revisions"), &eve).await).await;
    let aside = revisions.split("it was left aside").next().expect("a part");
    let with =
        aside.rsplit("?with=").next().and_then(|rest| rest.split('"').next()).expect("a number");
    let compared = text(house.get(&format!("{story}/revisions?with={with}"), &eve).await).await;
    assert!(compared.contains("<del>Worse</del><ins>The bridge</ins>"), "{compared}");
    house.done(&format!("{story}/restoration"), &eve, &format!("version=7&revision={with}")).await;
    assert!(text(house.get(&story, &eve).await).await.contains("Worse"));
}

#[tokio::test]
async fn what_is_no_picture_is_refused_in_words() {
    let house = House::open().await;
    let (_, eve) = house.staff("eve@example.org", Role::Author).await;
    let send = async |content: Vec<u8>| {
        let request = Request::post("/desk/pictures")
            .header(header::COOKIE, &eve)
            .header("sec-fetch-site", "same-origin");
        let answer = house.send(request, content.into()).await;
        (answer.status(), text(answer).await)
    };
    let (status, said) = send(b"<svg onload=x>".to_vec()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(said.contains("Save it as PNG"), "{said}");
    let (status, said) = send(vec![0; masthead_media::MAX_BYTES + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(said.contains("at most 30 MB"), "{said}");
    // The smallest GIF there is.
    let gif =
        b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let (status, said) = send(gif.to_vec()).await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    assert!(said.contains(r#""width":1,"height":1"#), "{said}");
}

#[tokio::test]
async fn an_article_is_found_by_its_text_as_well() {
    let house = House::open().await;
    let (_, eve) = house.staff("eve@example.org", Role::Editor).await;
    let begun = house.post("/desk/articles", &eve, "").await;
    assert_eq!(leads_to(&begun), "/desk/articles/1");
    let found = text(house.get("/desk/articles?q=treasure", &eve).await).await;
    assert!(found.contains("No headline yet"), "{found}");
    let other = text(house.get("/desk/articles?q=treasures", &eve).await).await;
    assert!(other.contains("Nothing is here that fits."), "{other}");
    let spiked = text(house.get("/desk/articles?q=treasure&shelf=spiked", &eve).await).await;
    assert!(spiked.contains("Nothing is here that fits."), "{spiked}");
}
