//! Every address of the desk that takes a form leaves an entry in the audit log, or says here why it does not.

use std::collections::BTreeSet;

use http::{Method, Request, StatusCode, header};
use jiff::SignedDuration;
use masthead_circulation::{
    Account, AuditChange, AuditKind, Subscription, SubscriptionId, staff::Role,
};
use masthead_desk::routes::addresses;
use masthead_store::AuditQuery;

use crate::{
    TestDesk,
    article_imports::export,
    debts_and_disputes::{debtor, disputed},
    email, embeds, leads_to,
    logo::DRAWING,
    pictures::added_file,
    reader_list::sell,
    readers::subscribe,
    second_factor::{code, form_of_codes},
    support_actions::{held, late_payment},
    text,
};

/// Addresses that take a form and change nothing that is not in the log, and why.
const EXCEPTIONS: [(&str, &str); 11] = [
    ("/desk/articles/filters", "it saves a filter of a list, which only its owner sees"),
    ("/desk/imports", "it stores an archive to look at; starting or deleting it leaves an entry"),
    (
        "/desk/imports/{key}/pictures",
        "it stores a picture for an import, which leaves entries, and nobody sees it before",
    ),
    ("/desk/language", "it sets the language in which one person sees the desk"),
    ("/desk/notifications", "it marks as read what one person was told"),
    ("/desk/notifications/settings", "it says what one person wants to be told"),
    ("/desk/payment-processor", "without a processor it checks nothing; a check leaves an entry"),
    (
        "/desk/readers/import",
        "it stores a file to look at; starting or deleting it leaves an entry",
    ),
    (
        "/desk/readers/jobs/{number}/resumption",
        "it has work go on that was given up, which leaves an entry at its end",
    ),
    ("/desk/second-factor", "it signs somebody in, which is no change"),
    (
        "/desk/security/authenticator",
        "it begins to set up an app, which protects nothing until it is confirmed",
    ),
];

/// A desk whose changes are compared with its log.
struct Watched {
    desk: TestDesk,
    owner: Account,
    cookie: String,
    /// The patterns that have left an entry.
    covered: BTreeSet<&'static str>,
}

impl Watched {
    async fn open() -> Self {
        let desk = TestDesk::open().await;
        let (owner, cookie) = desk.staff("olu@example.org", Role::Owner).await;
        Self { desk, owner, cookie, covered: BTreeSet::new() }
    }

    async fn latest(&self) -> i32 {
        let log = self.desk.store.audit_log(&AuditQuery::default(), 1).await.expect("read");
        log.first().map_or(0, |entry| entry.number)
    }

    /// Sends a form as the owner, which must be accepted and leave an entry.
    async fn leaves(&mut self, pattern: &'static str, path: &str, form: &str) {
        assert!(addresses().iter().any(|(known, _)| *known == pattern), "{pattern}");
        let before = self.latest().await;
        let answer = self.desk.post(path, &self.cookie, form).await;
        let status = answer.status();
        let accepted = status == StatusCode::SEE_OTHER || status.is_success();
        assert!(accepted, "{path} {form}: {status} {}", text(answer).await);
        assert!(self.latest().await > before, "{path} leaves no entry");
        self.covered.insert(pattern);
    }

    /// Signs the owner in again.
    async fn sign_in(&mut self) {
        self.cookie = self.desk.reader("olu@example.org").await;
    }
}

#[tokio::test]
async fn every_change_at_the_desk_leaves_an_entry() {
    let mut watched = Watched::open().await;
    newsroom(&mut watched).await;
    settings(&mut watched).await;
    readers(&mut watched).await;
    lists_of_readers(&mut watched).await;
    payments(&mut watched).await;
    people(&mut watched).await;
    let exceptions = EXCEPTIONS.map(|(pattern, _)| pattern);
    let missing: Vec<&str> = posts(&watched)
        .await
        .into_iter()
        .filter(|pattern| !watched.covered.contains(pattern) && !exceptions.contains(pattern))
        .collect();
    assert_eq!(missing, [""; 0], "these take a form and are not tested to leave an entry");
}

/// The addresses that take a form, which they say themselves.
async fn posts(watched: &Watched) -> Vec<&'static str> {
    let mut posts = Vec::new();
    for (pattern, _) in addresses() {
        let path = pattern.replace("{number}", "4000").replace(['{', '}'], "");
        let request = Request::builder()
            .method(Method::PUT)
            .uri(path)
            .header(header::COOKIE, &watched.cookie)
            .header("sec-fetch-site", "same-origin");
        let answer = watched.desk.send(request, "".into()).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{pattern}");
        if answer.headers()[header::ALLOW].to_str().expect("text").contains("POST") {
            posts.push(pattern);
        }
    }
    assert!(posts.len() > 30, "{posts:?}");
    posts
}

async fn newsroom(watched: &mut Watched) {
    const FORM: &str =
        "section=town&headline=The+bridge&authors=Ada+Quill&body=%3Cp%3EIt+stands.%3C/p%3E";
    let story = "/desk/articles/1";
    let at = |path: &str| format!("{story}{path}");
    watched.leaves("/desk/articles", "/desk/articles", "").await;
    watched.leaves("/desk/articles/{number}", story, &format!("version=1&{FORM}")).await;
    // Another writer keeps a copy beside it.
    watched.leaves("/desk/articles/{number}", story, "version=1&aside=yes&headline=Mine").await;
    let to_owner = "seen=1;0;0&offered=1&writer=1&deadline=2027-01-20+18:00";
    let assignment = "/desk/articles/{number}/assignment";
    watched.leaves(assignment, &at("/assignment"), to_owner).await;
    watched.leaves("/desk/articles/{number}/review", &at("/review"), "version=2").await;
    let start = "/desk/articles/{number}/review-start";
    watched.leaves(start, &at("/review-start"), "").await;
    let form = "version=3&reason=Too+long";
    watched.leaves("/desk/articles/{number}/return", &at("/return"), form).await;
    watched.leaves("/desk/articles/{number}/archive", &at("/archive"), "version=4").await;
    watched.leaves("/desk/articles/{number}/restore", &at("/restore"), "version=5").await;
    // The picture of a card is stored as one that was uploaded.
    let embed = embeds::site("A video", "/picture.png").await;
    watched.leaves("/desk/embeds", "/desk/embeds", &format!("url={embed}")).await;
    let publication = "/desk/articles/{number}/publication";
    watched.leaves(publication, &at("/publication"), "version=6&when=now").await;
    live_coverage(watched).await;
    watched.leaves("/desk/articles/{number}", story, &format!("version=7&{FORM}&kicker=New")).await;
    watched.leaves("/desk/articles/{number}/discard", &at("/discard"), "version=8").await;
    let revisions = watched.desk.store.revisions(masthead_access::ArticleId(1), 99).await;
    let first = revisions.expect("read").pop().expect("a revision").number.0;
    let restored = format!("version=9&revision={first}");
    let restoration = "/desk/articles/{number}/restoration";
    watched.leaves(restoration, &at("/restoration"), &restored).await;
    watched.leaves("/desk/articles/{number}/withdrawal", &at("/withdrawal"), "version=10").await;
    watched.leaves("/desk/articles", "/desk/articles", "").await;
    let deletion = "/desk/articles/{number}/deletion";
    watched.leaves(deletion, "/desk/articles/2/deletion", "version=1").await;
    watched.leaves("/desk/articles", "/desk/articles", "headline=Tides").await;
    let selection = "/desk/articles/selection";
    watched.leaves(selection, selection, "do=archive&story=3-1").await;
    watched.leaves("/desk/articles", "/desk/articles", FORM).await;
    let publication = "/desk/articles/{number}/publication";
    let later = "version=1&when=at&at=2027-01-20+07:00";
    watched.leaves(publication, "/desk/articles/4/publication", later).await;
    let moved = "number=4&kind=scheduled&seen=2&at=2027-01-21+07:00";
    watched.leaves("/desk/calendar/move", "/desk/calendar/move", moved).await;
    watched.leaves("/desk/articles", "/desk/articles", "headline=Tides").await;
    let review = "/desk/articles/{number}/review";
    watched.leaves(review, "/desk/articles/5/review", "version=1").await;
    let withdrawal = "/desk/articles/{number}/submission-withdrawal";
    watched.leaves(withdrawal, "/desk/articles/5/submission-withdrawal", "version=2").await;
    let comments = "/desk/articles/{number}/comments";
    watched.leaves(comments, "/desk/articles/5/comments", "text=True%3F").await;
    let replies = "/desk/articles/{number}/comments/{key}/replies";
    watched.leaves(replies, "/desk/articles/5/comments/1/replies", "text=Yes").await;
    let resolution = "/desk/articles/{number}/comments/{key}/resolution";
    watched.leaves(resolution, "/desk/articles/5/comments/1/resolution", "do=resolve").await;
    let gif = "GIF89a\x01\0\x01\0";
    let before = watched.latest().await;
    let rest: &[u8] = b"\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let request = Request::post("/desk/pictures")
        .header(header::COOKIE, &watched.cookie)
        .header("sec-fetch-site", "same-origin");
    let body = [gif.as_bytes(), rest].concat();
    let answer = watched.desk.send(request, body.into()).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert!(watched.latest().await > before, "a picture leaves no entry");
    watched.covered.insert("/desk/pictures");
    let page = text(watched.desk.get("/desk/pictures", &watched.cookie).await).await;
    let page = page.replace("&#x2f;", "/");
    let stem = page.split("href=\"/desk/pictures/").nth(1).and_then(|rest| rest.split('"').next());
    let path = format!("/desk/pictures/{}", stem.expect("a picture"));
    watched.leaves("/desk/pictures/{key}", &path, "version=1&credit=Ada").await;
    let before = watched.latest().await;
    let stem = path.rsplit('/').next().expect("a stem");
    let file = added_file(&watched.desk, &watched.cookie, stem).await;
    assert!(watched.latest().await > before, "a file of a picture leaves no entry");
    watched.covered.insert("/desk/pictures/{key}/files");
    watched.leaves("/desk/pictures/{key}/files/{file}", &file, "version=2").await;
    let withholding = format!("{path}/files/{stem}/withholding");
    let pattern = "/desk/pictures/{key}/files/{file}/withholding";
    watched.leaves(pattern, &withholding, "version=3&withheld=yes").await;
    let (crops, square) = (format!("{path}/crops"), "left-square=0&top-square=0&width-square=50");
    let form = format!("version=4&own-square=on&{square}");
    watched.leaves("/desk/pictures/{key}/crops", &crops, &form).await;
}

async fn live_coverage(watched: &mut Watched) {
    const LIVE: &str = "/desk/articles/{number}/live";
    let coverage = "/desk/articles/{number}/live/coverage";
    watched.leaves(coverage, "/desk/articles/1/live/coverage", "do=start").await;
    watched.leaves(LIVE, "/desk/articles/1/live", "text=Water").await;
    let post = "/desk/articles/{number}/live/{key}";
    watched.leaves(post, "/desk/articles/1/live/1", "version=1&text=More+water").await;
    let pin = "/desk/articles/{number}/live/{key}/pin";
    watched.leaves(pin, "/desk/articles/1/live/1/pin", "version=2&do=pin").await;
    watched.leaves(pin, "/desk/articles/1/live/1/pin", "version=3&do=unpin").await;
    let removal = "/desk/articles/{number}/live/{key}/removal";
    watched.leaves(removal, "/desk/articles/1/live/1/removal", "version=4").await;
    watched.leaves(coverage, "/desk/articles/1/live/coverage", "do=end").await;
}

async fn settings(watched: &mut Watched) {
    const OFFER: &str = "&name=Autumn&price=monthly&first=2&lasts=3+months&card=on&for=new&do=save";
    const PRODUCT: &str = "&name=Online&channel=web&price=monthly&amount=11&every=1+month&do=save";
    let message = "/desk/messages/{moment}/{placement}";
    let banner = "/desk/messages/meter.left/banner";
    watched.leaves(message, banner, "version=0&text=Still+some&do=save").await;
    watched.leaves(message, banner, "version=1&text=Other&do=test").await;
    watched.leaves("/desk/experiments", "/desk/experiments", "do=stop").await;
    watched.leaves("/desk/meter", "/desk/meter", super::METER).await;
    let offer = format!("version=0{OFFER}");
    watched.leaves("/desk/offers/{slug}", "/desk/offers/new", &offer).await;
    watched.leaves("/desk/offers", "/desk/offers", "version=1&do=up-autumn").await;
    let product = format!("version=0{PRODUCT}");
    watched.leaves("/desk/products/{slug}", "/desk/products/web", &product).await;
    watched.leaves("/desk/products", "/desk/products", "version=1&grace=7+days&do=grace").await;
    let front = "page=/&version=0&place-0=latest&do=save";
    watched.leaves("/desk/fronts", "/desk/fronts", front).await;
    let until = watched.desk.now() + SignedDuration::from_hours(5);
    let until = until.strftime("%Y-%m-%dT%H:%M");
    let breaking = format!("version=0&text=Bridge+closed&until={until}&do=save");
    watched.leaves("/desk/breaking", "/desk/breaking", &breaking).await;
    content(watched).await;
    let sections = "version=0&slug-0=town&name-0=City&do=save";
    watched.leaves("/desk/sections", "/desk/sections", sections).await;
    let publication = "version=0&name=Post&locale=en&zone=UTC&do=save";
    watched.leaves("/desk/publication", "/desk/publication", publication).await;
    watched.leaves("/desk/email", "/desk/email", "").await;
    let appearance = "version=0&accent=%230b3d91&do=save";
    watched.leaves("/desk/appearance", "/desk/appearance", appearance).await;
    let before = watched.latest().await;
    let uploaded =
        watched.desk.upload_logo(&watched.cookie, (1, "light"), DRAWING.as_bytes()).await;
    assert_eq!(uploaded.status(), StatusCode::SEE_OTHER);
    assert!(watched.latest().await > before, "a logo leaves no entry");
    watched.covered.insert("/desk/appearance/logo");
    let menus = "version=0&n-row=0&n-to-0=/town&n-shown-0=yes&do=save";
    watched.leaves("/desk/menus", "/desk/menus", menus).await;
    let seller = "version=0&seller=Post+Ltd&transfer=IBAN&do=save";
    watched.leaves("/desk/seller", "/desk/seller", seller).await;
    let retention = "version=0&webhook_days=91&hourly_count_days=401&daily_count_days=0\
                     &revision_days=0&audit_days=0&address_days=91&do=save";
    watched.leaves("/desk/retention", "/desk/retention", retention).await;
    let schedule = "version=0&every=day&hour=4&keep=2&do=save";
    watched.leaves("/desk/backups", "/desk/backups", schedule).await;
    let archive = "/desk/imports/{key}/state";
    let page = watched.desk.checked_archive(&watched.cookie, &export(1)).await;
    for change in ["do=start", "do=stop", "do=resume"] {
        watched.leaves(archive, &format!("{page}/state"), change).await;
    }
    let page = watched.desk.checked_archive(&watched.cookie, &export(1)).await;
    watched.leaves(archive, &format!("{page}/state"), "do=delete").await;
    watched.leaves("/desk/backups/new", "/desk/backups/new", "").await;
    watched.desk.state.run_backups().await.expect("made");
    let deletion = "/desk/backups/{number}/deletion";
    watched.leaves(deletion, "/desk/backups/1/deletion", "").await;
    for (pattern, part) in [
        ("/desk/history/appearance", "appearance"),
        ("/desk/history/menus", "menus"),
        ("/desk/history/seller", "seller"),
        ("/desk/history/retention", "retention"),
        ("/desk/history/backups", "backups"),
        ("/desk/history/publication", "publication"),
        ("/desk/history/meter", "meter"),
        ("/desk/history/sections", "sections"),
        ("/desk/history/fronts", "fronts"),
        ("/desk/history/products", "products"),
        ("/desk/history/offers", "offers"),
        ("/desk/history/messages", "messages"),
    ] {
        let versions = watched.desk.store.settings(part, 20).await.expect("read");
        let latest = versions[0].version;
        let wanted = versions.iter().find(|version| !version.text.is_empty()).expect("one");
        let form = format!("version={latest}&wanted={}", wanted.version);
        watched.leaves(pattern, pattern, &form).await;
    }
}

async fn content(watched: &mut Watched) {
    let author = "/desk/authors/{slug}";
    watched.leaves(author, "/desk/authors/new", "name=Nell+Tidewater&do=save").await;
    let topic = "/desk/topics/{slug}";
    let form = "version=0&was=Tides&name=The+tides&slug=tides&do=save";
    watched.desk.publish_articles().await;
    watched.leaves(topic, "/desk/topics/tides", form).await;
    let redirects = "/desk/redirects";
    watched.leaves(redirects, redirects, "path=/old&target=/new&status=308&do=save").await;
    watched.leaves(redirects, redirects, "file=/older,/new&do=import").await;
}

async fn readers(watched: &mut Watched) {
    watched.desk.reader("rea@example.org").await;
    let rea = watched.desk.store.account_at(&email("rea@example.org")).await.expect("asked");
    let rea = rea.expect("an account");
    let page = format!("/desk/readers/{}", rea.id.0);
    let at = |path: &str| format!("{page}{path}");
    watched.leaves("/desk/readers/{number}/meter", &at("/meter"), "reason=x").await;
    let given = "/desk/readers/{number}/subscription";
    watched.leaves(given, &at("/subscription"), "price=monthly&until=&reason=x").await;
    let cancel = format!("/subscriptions/{}/cancellation", held(&watched.desk, &rea).await.id.0);
    let pattern = "/desk/readers/{number}/subscriptions/{key}/cancellation";
    watched.leaves(pattern, &at(&cancel), "reason=x").await;

    watched.desk.reader("ill@example.org").await;
    let ill = watched.desk.store.account_at(&email("ill@example.org")).await.expect("asked");
    let ill = ill.expect("an account");
    subscribe(&watched.desk, ill.id).await;
    let ends = watched.desk.now() + SignedDuration::from_hours(1);
    let state = masthead_circulation::State::Trial { ends, renews: false };
    let trial =
        Subscription { state, id: SubscriptionId::UNSTORED, ..held(&watched.desk, &ill).await };
    watched.desk.store.import_subscriptions(&[(trial, None)]).await.expect("taken in");
    let id = held(&watched.desk, &ill).await.id.0;
    let extension = format!("/desk/readers/{}/subscriptions/{id}/extension", ill.id.0);
    let pattern = "/desk/readers/{number}/subscriptions/{key}/extension";
    watched.leaves(pattern, &extension, "reason=Ill&until=2027-02-28").await;

    let (owing, debts) = debtor(&watched.desk, "owe@example.org").await;
    let forgive = format!("/desk/readers/{}/debts/{}/forgiveness", owing.id.0, debts[0]);
    let pattern = "/desk/readers/{number}/debts/{key}/forgiveness";
    watched.leaves(pattern, &forgive, "reason=Goodwill").await;

    let (taken, _) = disputed(&watched.desk, "dis@example.org").await;
    let id = held(&watched.desk, &taken).await.id.0;
    let end = format!("/desk/readers/{}/subscriptions/{id}/termination", taken.id.0);
    let pattern = "/desk/readers/{number}/subscriptions/{key}/termination";
    watched.leaves(pattern, &end, "reason=Charged+back").await;
}

async fn lists_of_readers(watched: &mut Watched) {
    let added = "/desk/readers/new";
    watched.leaves(added, added, "email=nell%40example.org&name=Nell").await;
    let nell = watched.desk.store.account_at(&email("nell@example.org")).await.expect("asked");
    let nell = nell.expect("an account");
    let at = |path: &str| format!("/desk/readers/{}{path}", nell.id.0);
    let labels = "/desk/readers/{number}/labels";
    watched.leaves(labels, &at("/labels"), "label=club&do=add").await;
    let file = b"email\nfay@example.org\n";
    let uploaded = watched.desk.upload_readers(&watched.cookie, file).await;
    let import = "/desk/readers/imports/{key}";
    for change in ["do=start", "do=stop", "do=resume"] {
        watched.leaves(import, leads_to(&uploaded), change).await;
    }
    let uploaded = watched.desk.upload_readers(&watched.cookie, file).await;
    watched.leaves(import, leads_to(&uploaded), "do=delete").await;
    let several = "/desk/readers/selection";
    let form = format!("scope=chosen&reader={}&new_label=club&do=unlabel", nell.id.0);
    watched.leaves(several, several, &form).await;
    watched.leaves("/desk/readers/{number}/notes", &at("/notes"), "note=Call").await;
    let note = watched.desk.store.notes_about(nell.id).await.expect("read")[0].number;
    let deletion = "/desk/readers/{number}/notes/{key}/deletion";
    watched.leaves(deletion, &at(&format!("/notes/{note}/deletion")), "").await;
    let given = "/desk/readers/{number}/subscription";
    watched.leaves(given, &at("/subscription"), "price=monthly&until=&reason=x").await;
    let id = held(&watched.desk, &nell).await.id.0;
    let end = "/desk/readers/{number}/subscriptions/{key}/end";
    watched.leaves(end, &at(&format!("/subscriptions/{id}/end")), "reason=x").await;
    let open = sell(&watched.desk, &nell, ("former", 2000), true).await;
    let (id, period) = (open.id.0, open.begun.as_second());
    let paid = "/desk/readers/{number}/subscriptions/{key}/payment";
    let form = format!("received=2027-01-15&period={period}");
    watched.leaves(paid, &at(&format!("/subscriptions/{id}/payment")), &form).await;
    let price = "/desk/readers/{number}/subscriptions/{key}/price";
    let path = at(&format!("/subscriptions/{id}/price"));
    watched.leaves(price, &path, "choice=monthly:0&reason=x").await;
    let path = at(&format!("/subscriptions/{id}/withdrawal"));
    let sent = watched.desk.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let form = format!("sent={sent}&name=Nell+Example&reason=Letter");
    let withdrawal = "/desk/readers/{number}/subscriptions/{key}/withdrawal";
    watched.leaves(withdrawal, &path, &form).await;
}

async fn payments(watched: &mut Watched) {
    watched.desk.reader("late@example.org").await;
    let late = watched.desk.store.account_at(&email("late@example.org")).await.expect("asked");
    let late = late.expect("an account");
    let mut paid = Vec::new();
    for source in ["a", "b", "c", "d"] {
        paid.push(late_payment(&watched.desk, &late, source).await.number);
    }
    let of_reader = |number| format!("/desk/readers/{}/payments/{number}", late.id.0);
    let refund = "/desk/readers/{number}/payments/{key}/refund";
    let form = "reason=Late&amount=8.00";
    watched.leaves(refund, &format!("{}/refund", of_reader(paid[0])), form).await;
    let keep = "/desk/readers/{number}/payments/{key}/keep";
    watched.leaves(keep, &format!("{}/keep", of_reader(paid[1])), "reason=Agreed").await;
    assert!(watched.desk.store.delete_account(&late, watched.desk.now()).await.expect("deleted"));
    let query = AuditQuery { kind: Some(AuditKind::Readers), ..AuditQuery::default() };
    let log = watched.desk.store.audit_log(&query, 2).await.expect("read");
    for entry in log {
        assert_eq!((&*entry.about, &*entry.reason), ("", ""), "the reader is gone");
        assert!(entry.changes.contains(&AuditChange::fact("amount", "8.00 GBP")), "{entry:?}");
    }
    let refund = "/desk/payments/{number}/refund";
    watched.leaves(refund, &format!("/desk/payments/{}/refund", paid[2]), form).await;
    let keep = "/desk/payments/{number}/keep";
    watched.leaves(keep, &format!("/desk/payments/{}/keep", paid[3]), "reason=Agreed").await;
}

async fn people(watched: &mut Watched) {
    let invitations = "/desk/people/invitations";
    watched.leaves(invitations, invitations, "email=new@example.org&role=author").await;
    let open = watched.desk.store.invitations().await.expect("read");
    let key = open.iter().find(|open| open.email.is_some()).expect("an invitation").key;
    let withdrawal = "/desk/people/invitations/{key}/withdrawal";
    watched.leaves(withdrawal, &format!("{invitations}/{key}/withdrawal"), "").await;
    let link = watched.desk.link(Some("bob@example.org"), Role::Author).await;
    watched.leaves("/desk/join/{secret}", &link, "name=Bob").await;
    watched.sign_in().await;
    let bob = watched.desk.store.account_at(&email("bob@example.org")).await.expect("asked");
    let person = format!("/desk/people/{}", bob.expect("an account").id.0);
    watched.leaves("/desk/people/{number}/role", &format!("{person}/role"), "role=editor").await;
    let ended = "/desk/people/{number}/sessions/end";
    watched.leaves(ended, &format!("{person}/sessions/end"), "").await;
    watched.leaves("/desk/people/{number}/dismissal", &format!("{person}/dismissal"), "").await;
    let factor = "/desk/people/second-factor";
    watched.leaves(factor, factor, "role=support").await;
    let app = "/desk/security/authenticator";
    watched.desk.post(app, &watched.cookie, "").await;
    let confirmed = format!("code={}", code(&watched.desk, &watched.owner).await);
    let confirmation = "/desk/security/authenticator/confirmation";
    watched.leaves(confirmation, confirmation, &confirmed).await;
    let renewed = "/desk/security/recovery-codes";
    let codes = form_of_codes(&watched.desk, &watched.owner).await;
    watched.leaves(renewed, renewed, &codes).await;
    let removal = "/desk/security/authenticator/removal";
    watched.leaves(removal, removal, "").await;
    let ended = "/desk/people/sessions/end";
    watched.leaves(ended, ended, "").await;
    watched.sign_in().await;
}
