//! Planning: the list of articles with its filters, changes of several articles at once, and the calendar.

use http::StatusCode;
use jiff::SignedDuration;
use masthead_access::ArticleId;
use masthead_circulation::{
    Account, Assignment, Mandate, State, Subscription, SubscriptionId, staff::Role,
};
use masthead_editorial::Status;
use masthead_store::{Assigned, Attribution};

use super::{CONFIG, TestDesk, email, leads_to, readers::subscribe, support_actions::held, text};

const BODY: &str = "authors=Ada+Quill&body=%3Cp%3EIt+stands.%3C/p%3E";

impl TestDesk {
    /// Begins an article in Town with this headline. Returns its number.
    async fn written(&self, cookie: &str, headline: &str) -> u32 {
        let form = format!("section=town&headline={headline}&{BODY}");
        let answer = self.post("/desk/articles", cookie, &form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        leads_to(&answer).rsplit('/').next().and_then(|n| n.parse().ok()).expect("a number")
    }

    pub async fn publishes(&self, cookie: &str, number: u32, form: &str) {
        let path = format!("/desk/articles/{number}/publication");
        let answer = self.post(&path, cookie, form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", text(answer).await);
    }

    pub async fn page(&self, cookie: &str, path: &str) -> String {
        let answer = self.get(path, cookie).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        text(answer).await.replace("&#x2f;", "/")
    }

    async fn entry(&self, number: u32) -> masthead_store::StoryEntry {
        let entries = self.store.story_entries(&[ArticleId(number)]).await.expect("asked");
        entries.into_iter().next().expect("a story")
    }

    /// Makes an article due.
    async fn due(&self, by: &Account, number: u32, deadline: &str) {
        let seen = self.entry(number).await.assignment();
        let deadline = Some(deadline.parse().expect("a time"));
        let wanted = Assignment { deadline, ..seen.clone() };
        let attribution = Attribution { by: by.id, at: self.now() };
        let id = ArticleId(number);
        let assigned = self.store.assign(id, &seen, &wanted, attribution).await.expect("asked");
        assert_eq!(assigned, Assigned::Done);
    }
}

#[tokio::test]
async fn the_list_is_filtered_and_its_filter_can_be_saved() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let (_, bo) = desk.staff("bo@example.org", Role::Editor).await;
    desk.written(&eve, "Tides").await;
    let form = format!("headline=Ferries&section=sport&kind=opinion&tier=free&{BODY}");
    desk.post("/desk/articles", &eve, &form).await;
    for (query, finds) in [
        ("section=town", "Tides"),
        ("section=sport", "Ferries"),
        ("kind=opinion", "Ferries"),
        ("kind=article", "Tides"),
        ("access=free", "Ferries"),
        ("access=default", "Tides"),
        ("q=tid", "Tides"),
    ] {
        let page = desk.page(&eve, &format!("/desk/articles?{query}")).await;
        for headline in ["Tides", "Ferries"] {
            let row = format!("\">{headline}</a>");
            assert_eq!(page.contains(&row), headline == finds, "{query} {headline}: {page}");
        }
    }
    // The clock is at 2027-01-15.
    let on_day = desk.page(&eve, "/desk/articles?from=2027-01-15&until=2027-01-15").await;
    assert!(on_day.contains(">Tides</a>"), "{on_day}");
    let before = desk.page(&eve, "/desk/articles?until=2027-01-14").await;
    assert!(!before.contains(">Tides</a>") && before.contains("No article matches"), "{before}");
    let wrong = desk.page(&eve, "/desk/articles?from=soon").await;
    assert!(wrong.contains("“soon” is not a date"), "{wrong}");
    let sorted = desk.page(&eve, "/desk/articles?sort=headline").await;
    assert!(sorted.find(">Ferries<") < sorted.find(">Tides<"), "{sorted}");
    assert!(sorted.contains("aria-sort=\"ascending\""), "{sorted}");

    let filters = "/desk/articles/filters";
    let saved =
        desk.post(filters, &eve, "do=save&name=Free+sport&back=section=sport%26access=free");
    let saved = saved.await;
    assert_eq!(leads_to(&saved), "/desk/articles?section=sport&access=free&told=filter-saved");
    let page = desk.page(&eve, "/desk/articles").await;
    assert!(page.contains("?section=sport&amp;access=free\">Free sport</a>"), "{page}");
    assert!(!desk.page(&bo, "/desk/articles").await.contains("Free sport"));
    let unnamed = desk.post(filters, &eve, "do=save&name=+&back=section=sport").await;
    assert!(desk.page(&eve, leads_to(&unnamed)).await.contains("enter a name first"));
    desk.post(filters, &bo, "do=delete&name=Free+sport").await;
    assert!(desk.page(&eve, "/desk/articles").await.contains("Free sport"));
    desk.post(filters, &eve, "do=delete&name=Free+sport").await;
    assert!(!desk.page(&eve, "/desk/articles").await.contains("Free sport"));
}

#[tokio::test]
async fn the_pages_of_a_long_list_follow_each_other() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    for number in 0..53 {
        let form = format!("headline=Number+{number:02}");
        desk.post("/desk/articles", &eve, &form).await;
    }
    let first = desk.page(&eve, "/desk/articles?sort=headline").await;
    assert_eq!(first.matches("<tr>").count(), 51, "fifty rows and the heading");
    assert!(first.contains(">Number 49<") && !first.contains(">Number 50<"), "{first}");
    assert!(!first.contains("rel=\"prev\""));
    let next = first.split("rel=\"next\"").next().expect("a link");
    let next = next.rsplit("href=\"").next().expect("a link").trim_end_matches(['"', ' ']);
    let second = desk.page(&eve, &next.replace("&amp;", "&")).await;
    assert!(second.contains(">Number 50<") && !second.contains(">Number 49<"), "{second}");
    assert!(!second.contains("rel=\"next\""));
    let back = second.split("rel=\"prev\"").next().expect("a link");
    let back = back.rsplit("href=\"").next().expect("a link").trim_end_matches(['"', ' ']);
    let again = desk.page(&eve, &back.replace("&amp;", "&")).await;
    assert!(again.contains(">Number 00<") && again.contains(">Number 49<"), "{again}");
}

#[tokio::test]
async fn several_articles_are_changed_at_once_and_the_others_are_named() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let draft = desk.written(&ada, "Draft").await;
    let out = desk.written(&eve, "Out").await;
    let changed = desk.written(&eve, "Changed").await;
    desk.publishes(&eve, out, "version=1&when=now").await;
    desk.publishes(&eve, changed, "version=1&when=now").await;
    let edit = format!("version=2&section=town&headline=Changed+again&slug=changed&{BODY}");
    desk.post(&format!("/desk/articles/{changed}"), &eve, &edit).await;

    let selection = "/desk/articles/selection";
    let all = format!("story={draft}-1&story={out}-2&story={changed}-3&back=list=");
    let moved = desk.post(selection, &eve, &format!("do=section&section=sport&{all}")).await;
    let told = format!("told=changed-2&left={changed}.changes");
    assert!(leads_to(&moved).ends_with(&told), "{}", leads_to(&moved));
    let page = desk.page(&eve, leads_to(&moved)).await;
    assert!(page.contains("2 articles were changed.") && page.contains("1 article was left"));
    assert!(page.contains("Changed again</a>: it has changes that aren’t published"), "{page}");
    assert_eq!(desk.entry(draft).await.section, "sport");
    let piece = desk.store.piece("out").await.expect("asked").expect("a piece");
    assert_eq!((piece.address(), piece.status), ("/sport/out".to_owned(), Status::Published));
    assert_eq!(piece.former_addresses, ["/town/out"]);
    assert_eq!(
        desk.store.piece("changed").await.expect("asked").expect("one").address(),
        "/town/changed"
    );

    // The versions are those of before, so nothing is overwritten that nobody has seen.
    let stale = desk.post(selection, &eve, &format!("do=topic&topic=Tides&{all}")).await;
    let told = format!("told=changed-0&left={draft}.behind-{out}.behind-{changed}.changes");
    assert!(leads_to(&stale).ends_with(&told), "{}", leads_to(&stale));
    let fresh = format!("do=topic&topic=Tides&story={draft}-2&story={out}-3");
    assert!(leads_to(&desk.post(selection, &eve, &fresh).await).ends_with("told=changed-2"));
    let piece = desk.store.piece("out").await.expect("asked").expect("a piece");
    assert_eq!(piece.topics[0].name, "Tides");
    let access = format!("do=access&access=subscribers&story={out}-4&story={draft}-3");
    let by_author = desk.post(selection, &ada, &access).await;
    let told = format!("told=changed-1&left={out}.gone");
    assert!(leads_to(&by_author).ends_with(&told), "{}", leads_to(&by_author));
    assert_eq!(desk.entry(draft).await.tier, "subscribers");
    for nothing in
        ["do=section&section=nowhere", "do=topic&topic=+", "do=access&access=gold", "do=x"]
    {
        let answer = desk.post(selection, &eve, &format!("{nothing}&story={draft}-4")).await;
        assert!(leads_to(&answer).ends_with("told=incomplete"), "{nothing}");
    }
    let archive = format!("do=archive&story={out}-4&story={draft}-4");
    let archived = desk.post(selection, &eve, &archive).await;
    let told = format!("told=archived-1&left={out}.published");
    assert!(leads_to(&archived).ends_with(&told), "{}", leads_to(&archived));
}

#[tokio::test]
async fn the_calendar_shows_what_is_published_scheduled_embargoed_and_due() {
    let desk = TestDesk::open().await;
    // The clocks of Berlin are an hour ahead of the times below.
    let berlin = CONFIG.replacen("zone = \"UTC\"", "zone = \"Europe/Berlin\"", 1);
    desk.configure(&berlin).await.expect("configured");
    let (olu, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let out = desk.written(&eve, "Out").await;
    let later = desk.written(&eve, "Later").await;
    let due = desk.written(&ada, "Due").await;
    desk.publishes(&eve, out, "version=1&when=now").await;
    desk.publishes(&eve, later, "version=1&when=at&at=2027-01-20+00:30").await;
    let form = format!("version=1&section=town&headline=Due&embargo=2027-01-22+09:00&{BODY}");
    desk.post(&format!("/desk/articles/{due}"), &ada, &form).await;
    desk.due(&olu, due, "2027-01-21T16:00:00Z").await;

    let month = desk.page(&eve, "/desk/calendar?view=month&date=2027-01-01").await;
    for expected in
        ["January 2027", "Published", "Scheduled", "Embargo ends", "Due", "Europe/Berlin"]
    {
        assert!(month.contains(expected), "{expected}: {month}");
    }
    let day = async |cookie: &str, date: &str| {
        desk.page(cookie, &format!("/desk/calendar?view=day&date={date}")).await
    };
    // Half past midnight in Berlin is still the day before in UTC.
    let twentieth = day(&eve, "2027-01-20").await;
    assert!(twentieth.contains("<time>00:30</time> Scheduled"), "{twentieth}");
    assert!(!day(&eve, "2027-01-19").await.contains(">Later<"));
    assert!(day(&eve, "2027-01-21").await.contains("<time>17:00</time> Due"));
    // Authors see their own, and move nothing.
    let own = desk.page(&ada, "/desk/calendar?view=week&date=2027-01-20").await;
    assert!(
        own.contains(">Due<")
            && !own.contains(">Later<")
            && !own.contains("<form method=\"post\" action=\"/desk/calendar"),
        "{own}"
    );
}

#[tokio::test]
async fn what_is_scheduled_or_due_moves_and_nothing_else() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (olu, eve) = desk.staff("eve@example.org", Role::Editor).await;
        let later = desk.written(&eve, "Later").await;
        desk.publishes(&eve, later, "version=1&when=at&at=2027-01-20+07:00").await;
        let moves = async |form: &str| {
            let form = format!("back=view=week%26date=2027-01-20&number={later}&{form}");
            let answer = desk.post("/desk/calendar/move", &eve, &form).await;
            (answer.status(), leads_to_or_empty(&answer), text(answer).await)
        };
        let (status, to, _) = moves("kind=scheduled&seen=2&at=2027-01-25+08:30").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert_eq!(to, format!("/desk/calendar?view=week&date=2027-01-20&told=moved-{later}"));
        // Another week does not show what was moved.
        let said = text(desk.get(&to, &eve).await).await;
        assert!(said.contains("The new time was saved."), "{said}");
        let shown = to.replace("-20&", "-25&");
        let said = text(desk.get(&shown, &eve).await).await;
        assert!(said.contains("“Later” was moved to 25 January 2027, 08:30"), "{said}");
        let published = async || desk.entry(later).await.published.expect("a time").to_string();
        assert_eq!(published().await, "2027-01-25T08:30:00Z");
        // Somebody else has moved it meanwhile.
        let (status, _, said) = moves("kind=scheduled&seen=2&at=2027-01-26+08:30").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(said.contains("somebody has changed it"), "{said}");
        let (_, _, said) = moves("kind=scheduled&seen=3&at=2027-01-10+08:30").await;
        assert!(
            said.contains("Publish “Later” now?") && said.contains("Publish article now"),
            "{said}"
        );
        let (_, _, said) = moves("kind=scheduled&seen=3&at=soon").await;
        assert!(said.contains("“soon” is not a date and time"), "{said}");
        assert_eq!(published().await, "2027-01-25T08:30:00Z");

        desk.due(&olu, later, "2027-01-22T09:00:00Z").await;
        let seen = desk.entry(later).await.deadline.expect("a time").as_second();
        let (status, ..) = moves(&format!("kind=deadline&seen={seen}&at=2027-01-23+10:00")).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let (_, _, said) = moves(&format!("kind=deadline&seen={seen}&at=2027-01-24+10:00")).await;
        assert!(said.contains("somebody has changed it"), "{said}");
        let due = desk.entry(later).await.deadline.expect("a time").to_string();
        assert_eq!(due, "2027-01-23T10:00:00Z");
        // A draft of it, with an embargo, stays when it moves, and the embargo holds.
        let form = format!(
            "version=3&section=town&headline=New&slug=later&embargo=2027-01-25+08:00&{BODY}"
        );
        desk.post(&format!("/desk/articles/{later}"), &eve, &form).await;
        let (_, _, said) = moves("kind=scheduled&seen=4&at=2027-01-24+07:00").await;
        assert!(said.contains("it’s under embargo until 25 January 2027, 08:00"), "{said}");
        let (status, ..) = moves("kind=scheduled&seen=4&at=2027-01-26+07:00").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let story = desk.store.story(ArticleId(later)).await.expect("asked").expect("a story");
        assert_eq!((&*story.draft.headline, &*story.piece.headline), ("New", "Later"));
        // What readers have does not move.
        desk.wait(SignedDuration::from_hours(24 * 30));
        let eve = desk.reader("eve@example.org").await;
        let form = format!("number={later}&kind=scheduled&seen=5&at=2027-03-26+07:00");
        let said = text(desk.post("/desk/calendar/move", &eve, &form).await).await;
        assert!(said.contains("it isn’t scheduled any more"), "{said}");
    }
}

fn leads_to_or_empty(answer: &axum::response::Response) -> String {
    let to = answer.headers().get(http::header::LOCATION);
    to.and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_first_page_says_what_there_is_to_do_and_how_much() {
    let desk = TestDesk::open().await;
    let (olu, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    assert!(desk.page(&ada, "/desk").await.contains("You have nothing to do"));
    let returned = desk.written(&ada, "Returned").await;
    let due = desk.written(&ada, "Late").await;
    for (path, by, version) in [("review", &ada, 1), ("return", &eve, 2)] {
        let path = format!("/desk/articles/{returned}/{path}");
        desk.post(&path, by, &format!("version={version}&reason=Too+long")).await;
    }
    // One that comes back from the archive was not returned.
    let restored = desk.written(&ada, "Restored").await;
    for (path, version) in [("archive", 1), ("restore", 2)] {
        let path = format!("/desk/articles/{restored}/{path}");
        desk.post(&path, &ada, &format!("version={version}")).await;
    }
    desk.due(&olu, due, "2027-01-14T16:00:00Z").await;
    let page = desk.page(&ada, "/desk").await;
    let part = |id: &str| {
        let part = page.split(&format!("<h2 id=\"{id}\">")).nth(1).unwrap_or_default();
        part.split("</ul>").next().unwrap_or_default().to_owned()
    };
    assert!(part("due").contains("Late") && part("due").contains("Overdue since 14 Jan"), "{page}");
    assert!(
        part("returned").contains("Returned") && !part("returned").contains("Restored"),
        "{page}"
    );
    // What was returned is not listed twice.
    assert!(page.contains("<strong>2</strong> Your drafts"), "{page}");
    assert!(!part("drafts").contains("Returned") && part("drafts").contains("Late"), "{page}");

    for number in 0..10 {
        let form = format!("headline=Waiting+{number}");
        let begun = desk.post("/desk/articles", &ada, &form).await;
        desk.post(&format!("{}/review", leads_to(&begun)), &ada, "version=1").await;
    }
    let later = desk.written(&eve, "Tonight").await;
    desk.publishes(&eve, later, "version=1&when=at&at=2027-01-15+20:00").await;
    let tomorrow = desk.written(&eve, "Tomorrow").await;
    desk.publishes(&eve, tomorrow, "version=1&when=at&at=2027-01-16+20:00").await;
    let page = desk.page(&eve, "/desk").await;
    assert!(
        page.contains("<a href=\"/desk/articles?list=review\"><strong>10</strong> In review"),
        "{page}"
    );
    assert!(page.contains("Show all 10 articles") && page.contains("Tonight"), "{page}");
    assert!(!page.contains("Tomorrow"), "{page}");
}

#[tokio::test]
async fn support_sees_failed_payments_and_overdue_invoices() {
    let desk = TestDesk::open().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    for address in ["rea@example.org", "bea@example.org"] {
        desk.reader(address).await;
        let account = desk.store.account_at(&email(address)).await.expect("asked").expect("one");
        subscribe(&desk, account.id).await;
        let held = held(&desk, &account).await;
        let since = desk.now() - SignedDuration::from_hours(1);
        let state =
            State::Grace { since, ends: desk.now() + SignedDuration::from_hours(9), tries: 1 };
        let mandate = if address.starts_with("rea") {
            Mandate { processor: "sandbox".into(), reference: "x".into(), card: None }
        } else {
            Mandate::manual()
        };
        let failed = Subscription { id: SubscriptionId::UNSTORED, state, mandate, ..held };
        desk.store.import_subscriptions(&[(failed, None)]).await.expect("taken in");
    }
    let page = desk.page(&sue, "/desk").await;
    assert!(page.contains("<strong>1</strong> Failed payments"), "{page}");
    assert!(page.contains("<strong>1</strong> Overdue invoices"), "{page}");
}

/// Uploads a picture of one pixel under a name. Returns its stem.
pub async fn uploaded(desk: &TestDesk, cookie: &str, name: &str) -> String {
    const GIF: &[u8] =
        b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let request = http::Request::post(format!("/desk/pictures?name={name}"))
        .header(http::header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin");
    let answer = desk.send(request, GIF.to_vec().into()).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let said = text(answer).await;
    let src = said.split("/media/").nth(1).expect("a source");
    src.split('.').next().expect("a stem").to_owned()
}

#[tokio::test]
async fn pictures_are_found_described_and_say_where_they_are_used() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
        let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
        let stem = uploaded(&desk, &eve, "harbour.gif").await;
        let path = format!("/desk/pictures/{stem}");
        assert!(desk.page(&ada, "/desk/pictures").await.contains("harbour.gif"));
        let facts =
            "alt=Boats&caption=The+harbour&credit=Ada&rights_holder=The+port&rights_note=Once";
        let saved =
            desk.post(&path, &eve, &format!("version=1&file_name=harbour.gif&{facts}")).await;
        assert_eq!(leads_to(&saved), path);
        for word in ["harbour.gif", "boats", "PORT", "once", "ada"] {
            let found = desk.page(&eve, &format!("/desk/pictures?q={word}")).await;
            assert!(found.contains("harbour.gif"), "{word}: {found}");
        }
        assert!(
            desk.page(&eve, "/desk/pictures?q=bridge").await.contains("There are no pictures here")
        );
        let choices = desk.page(&eve, "/desk/pictures/choices?q=boats").await;
        assert!(choices.contains("\"caption\":\"The harbour\""), "{choices}");
        // Nobody overwrites what they have not seen, and what was sent is shown again.
        let stale = desk.post(&path, &ada, "version=1&credit=Bo").await;
        assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let said = text(stale).await;
        assert!(
            said.contains("somebody has changed this picture") && said.contains("value=\"Bo\""),
            "{said}"
        );
        assert!(
            said.contains("<strong>Caption</strong> The harbour"),
            "what the other saved: {said}"
        );
        assert!(said.contains("<strong>Credit</strong> Ada"), "{said}");
        let wrong = text(desk.post(&path, &eve, "version=2&expires=soon").await).await;
        assert!(wrong.contains("“soon” is not a date"), "{wrong}");
        assert_eq!(desk.get("/desk/pictures/none", &eve).await.status(), StatusCode::NOT_FOUND);

        assert!(desk.page(&eve, &path).await.contains("No article uses this picture"));
        let body = format!("%3Cp%3EHi%3C/p%3E%3Cimg+src=%22/media/{stem}.gif%22+alt=%22A%22%3E");
        let form = format!("section=town&headline=Boats&authors=Ada&body={body}");
        desk.post("/desk/articles", &eve, &form).await;
        let used = desk.page(&eve, &path).await;
        assert!(used.contains("<a href=\"/desk/articles/1\">Boats</a>"), "{used}");
        // Authors see that an article of somebody else uses it, and get no link there.
        let used = desk.page(&ada, &path).await;
        assert!(used.contains("Boats") && !used.contains("/desk/articles/1"), "{used}");
    }
}

#[tokio::test]
async fn a_picture_whose_licence_has_ended_is_not_published() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let stem = uploaded(&desk, &eve, "harbour.gif").await;
    let path = format!("/desk/pictures/{stem}");
    // The clock is at 2027-01-15: it may be used today, and not from tomorrow on.
    let facts = "file_name=harbour.gif&alt=Boats&expires=2027-01-15";
    desk.post(&path, &eve, &format!("version=1&{facts}")).await;
    let body = format!("%3Cp%3EHi%3C/p%3E%3Cimg+src=%22/media/{stem}.gif%22+alt=%22A%22%3E");
    for headline in ["Boats", "Ships"] {
        let form = format!("section=town&headline={headline}&authors=Ada&body={body}");
        desk.post("/desk/articles", &eve, &form).await;
    }
    let publication = "/desk/articles/1/publication";
    let later = desk.post(publication, &eve, "version=1&when=at&at=2027-01-16+07:00").await;
    assert_eq!(later.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let said = text(later).await;
    assert!(
        said.contains("The licence of the picture “harbour.gif” ends on 15 January 2027"),
        "{said}"
    );
    desk.publishes(&eve, 1, "version=1&when=at&at=2027-01-15+20:00").await;
    let form = "number=1&kind=scheduled&seen=2&at=2027-01-17+07:00";
    let said = text(desk.post("/desk/calendar/move", &eve, form).await).await;
    assert!(said.contains("a picture whose licence has ended"), "{said}");

    // The licence is shortened after it was scheduled: Today and the picture's page say so.
    let late = "Scheduled after a licence ends";
    assert!(!desk.page(&eve, "/desk").await.contains(late));
    desk.post(&path, &eve, "version=2&file_name=harbour.gif&alt=Boats&expires=2027-01-14").await;
    let today = desk.page(&eve, "/desk").await;
    assert!(today.contains(late) && today.contains("ends on 14 January 2027"), "{today}");
    assert!(desk.page(&eve, &path).await.contains("It goes out after the licence has ended"));
    desk.post(&path, &eve, &format!("version=3&{facts}")).await;
    assert!(!desk.page(&eve, "/desk").await.contains(late));

    desk.publishes(&eve, 2, "version=1&when=now").await;
    let today = desk.page(&eve, "/desk").await;
    assert!(
        today.contains("Picture rights that expire") && today.contains("Until 15 January 2027"),
        "{today}"
    );
    assert!(desk.page(&eve, "/desk/pictures?list=expiring").await.contains("harbour.gif"));
    // What readers have can still be corrected.
    desk.wait(SignedDuration::from_hours(24));
    let eve = desk.reader("eve@example.org").await;
    let form =
        format!("version=2&section=town&headline=Ships+now&slug=ships&authors=Ada&body={body}");
    desk.post("/desk/articles/2", &eve, &form).await;
    desk.publishes(&eve, 2, "version=3").await;
}

#[tokio::test]
async fn a_post_of_live_coverage_has_no_picture_whose_licence_has_ended() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    desk.post("/desk/articles/1/live/coverage", &eve, "do=start").await;
    let stem = uploaded(&desk, &eve, "harbour.gif").await;
    let path = format!("/desk/pictures/{stem}");
    let form = |request: &str, text: &str| {
        format!("request={request}&headline=Gates&text=Open+{text}%0A%0A![A](/media/{stem}.gif)")
    };
    let live = "/desk/articles/1/live";
    desk.post(live, &eve, &form("a", "now")).await;
    assert!(desk.page(&eve, &path).await.contains("The &lt;bridge&gt;"), "it counts as a use");
    desk.post(&path, &eve, "version=1&file_name=harbour.gif&expires=2027-01-14").await;
    let refused = desk.post(live, &eve, &form("b", "again")).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let said = text(refused).await;
    assert!(said.contains("The licence of the picture “harbour.gif” ends on"), "{said}");
    // What readers have can still be corrected.
    let correction = form("", "wide").replace("request=&", "version=1&");
    let corrected = desk.post(&format!("{live}/1"), &eve, &correction).await;
    assert_eq!(corrected.status(), StatusCode::SEE_OTHER, "{}", text(corrected).await);
}
