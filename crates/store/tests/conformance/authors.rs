//! Authors, topics and redirects at the desk.

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, AuditAction,
    reading::{FollowKind, Followed},
};
use masthead_editorial::{Author, Piece, Redirect, RedirectStatus, Topic};
use masthead_store::{
    Attribution, AuditQuery, AuthorWrite, Location, RedirectFault, RedirectImport, RedirectWrite,
    SeenTopic, Store, TopicWrite,
};

use crate::{
    open,
    pieces::{article, piece},
};

on_both_engines!(
    an_author_is_changed_by_who_has_seen_the_latest_version,
    a_new_address_takes_articles_and_readers_along,
    merging_moves_articles_and_readers_once,
    only_authors_without_articles_are_deleted,
    an_account_writes_as_one_author,
    topics_are_renamed_and_merged_by_who_has_seen_them,
    a_topic_that_kept_its_slug_is_found_by_its_name,
    redirects_never_go_round_and_are_changed_by_who_has_seen_them,
    redirects_that_a_new_address_replaces_are_in_the_audit_log,
    many_redirects_are_stored_whole_or_not_at_all,
);

fn by() -> Attribution {
    Attribution { by: AccountId(1), at: Timestamp::UNIX_EPOCH }
}

fn named(slug: &str, name: &str) -> Author {
    Author { slug: slug.into(), name: name.into(), ..Author::default() }
}

async fn version(store: &Store, slug: &str) -> i64 {
    store.author_record(slug).await.expect("read").expect("an author").version
}

async fn account(store: &Store, at: &str) -> AccountId {
    let email = at.parse().expect("an address");
    store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered").0.id
}

async fn delete_account(store: &Store, id: AccountId) {
    let account = store.accounts(&[id]).await.expect("read").remove(0);
    assert!(store.delete_account(&account, Timestamp::UNIX_EPOCH).await.expect("deleted"));
}

async fn authors_of(store: &Store, slug: &str) -> Vec<String> {
    let piece = store.piece(slug).await.expect("read").expect("a piece");
    piece.authors.into_iter().map(|author| format!("{} {}", author.slug, author.name)).collect()
}

async fn an_author_is_changed_by_who_has_seen_the_latest_version(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    article(&store, "ferry").await;
    let seen = version(&store, "ada").await;
    let ada = Author { role: "Editor".into(), ..named("ada", "Ada Quill") };
    let changed = store.change_author(Some(("ada", seen)), &ada, None, None, by()).await;
    assert_eq!(changed.expect("changed"), AuthorWrite::Done);
    assert_eq!(authors_of(&store, "ferry").await, ["ada Ada Quill"]);
    let late =
        store.change_author(Some(("ada", seen)), &named("ada", "Other"), None, None, by()).await;
    assert_eq!(late.expect("asked"), AuthorWrite::Behind);
    let stored = store.author_record("ada").await.expect("read").expect("an author");
    assert_eq!(stored.author, ada);
    let taken = store.change_author(None, &named("ada", "Another Ada"), None, None, by()).await;
    assert_eq!(taken.expect("asked"), AuthorWrite::SlugTaken);
    let log = store.audit_log(&AuditQuery::default(), 1).await.expect("read").remove(0);
    assert_eq!((log.action, log.about.as_str()), (AuditAction::SavedAuthor, "Ada Quill"));
    let role = log.changes.iter().find(|change| change.key == "role").expect("the role");
    assert_eq!(role.after.as_deref(), Some("Editor"));
    let name = log.changes.iter().find(|change| change.key == "name").expect("the name");
    assert_eq!(name.before.as_deref(), Some("Ada"));
    // The former name means the author as they are now.
    article(&store, "another").await;
    assert_eq!(authors_of(&store, "another").await, ["ada Ada Quill"]);
}

async fn a_new_address_takes_articles_and_readers_along(location: &Location) {
    let store = open(location).await;
    let reader = account(&store, "rea@example.org").await;
    article(&store, "ferry").await;
    let followed = Followed { kind: FollowKind::Author, slug: "ada".into() };
    store.follow(reader, &followed, 10, Timestamp::UNIX_EPOCH).await.expect("followed");
    let before = store.revision().await.expect("a revision");
    let moved = named("ada-quill", "Ada Quill");
    let seen = version(&store, "ada").await;
    let changed = store.change_author(Some(("ada", seen)), &moved, None, None, by()).await;
    assert_eq!(changed.expect("changed"), AuthorWrite::Done);
    assert_eq!(authors_of(&store, "ferry").await, ["ada-quill Ada Quill"]);
    let after = store.changes_since(before, None, 10).await.expect("read");
    assert_eq!(after.len(), 1, "servers read the article again");
    assert_eq!(store.authors_since(before).await.expect("read"), std::slice::from_ref(&moved));
    let redirect = store.redirect("/author/ada").await.expect("read").expect("a redirect");
    assert_eq!(redirect.redirect.target, "/author/ada-quill");
    let following = store.followed_by(reader).await.expect("read");
    assert_eq!(following[0].followed.slug, "ada-quill");
    // Manuscripts and drafts that have the former name lead to the author.
    article(&store, "another").await;
    assert_eq!(authors_of(&store, "another").await, ["ada-quill Ada Quill"]);
    // And back again: the address is a page, and leads nowhere else.
    let seen = version(&store, "ada-quill").await;
    let back = named("ada", "Ada");
    let changed = store.change_author(Some(("ada-quill", seen)), &back, None, None, by()).await;
    assert_eq!(changed.expect("changed"), AuthorWrite::Done);
    assert_eq!(store.redirect("/author/ada").await.expect("read"), None);
    let redirect = store.redirect("/author/ada-quill").await.expect("read").expect("a redirect");
    assert_eq!(redirect.redirect.target, "/author/ada");
    assert_eq!(authors_of(&store, "ferry").await, ["ada Ada"]);
}

async fn merging_moves_articles_and_readers_once(location: &Location) {
    let store = open(location).await;
    let reader = account(&store, "rea@example.org").await;
    let both = vec![named("ada", "Ada"), named("ben", "Ben")];
    let shared = Piece { authors: both, ..piece("shared") };
    store.save(&shared, Timestamp::UNIX_EPOCH).await.expect("saved");
    article(&store, "ferry").await;
    for slug in ["ada", "ben"] {
        let followed = Followed { kind: FollowKind::Author, slug: slug.into() };
        store.follow(reader, &followed, 10, Timestamp::UNIX_EPOCH).await.expect("followed");
    }
    let seen = version(&store, "ada").await;
    assert_eq!(
        store.merge_authors("ada", seen, "ada", None, by()).await.expect("asked"),
        AuthorWrite::Behind
    );
    let parallel = [0, 1].map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.merge_authors("ada", seen, "ben", None, by()).await })
    });
    let mut results = Vec::new();
    for merged in parallel {
        results.push(merged.await.expect("finished").expect("merged"));
    }
    results.sort_by_key(|result| *result != AuthorWrite::Done);
    assert_eq!(results, [AuthorWrite::Done, AuthorWrite::Behind]);
    assert_eq!(authors_of(&store, "shared").await, ["ben Ben"]);
    assert_eq!(authors_of(&store, "ferry").await, ["ben Ben"]);
    assert_eq!(store.followed_by(reader).await.expect("read").len(), 1);
    assert!(store.author_record("ada").await.expect("read").is_none());
    let listed = store.author_records().await.expect("read");
    assert_eq!(listed.len(), 1, "{listed:?}");
    let log = store.audit_log(&AuditQuery::default(), 1).await.expect("read").remove(0);
    assert_eq!(log.action, AuditAction::MergedAuthors);
    assert!(log.changes.iter().any(|c| c.key == "articles" && c.after.as_deref() == Some("2")));
}

async fn only_authors_without_articles_are_deleted(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    article(&store, "ferry").await;
    let seen = version(&store, "ada").await;
    let kept = store.delete_author("ada", seen, by()).await.expect("asked");
    assert_eq!(kept, AuthorWrite::HasArticles);
    let new = store.change_author(None, &named("rope", "Rope"), None, None, by()).await;
    assert_eq!(new.expect("added"), AuthorWrite::Done);
    // The topic of the article has the same slug.
    let seen = version(&store, "rope").await;
    assert_eq!(store.delete_author("rope", seen, by()).await.expect("asked"), AuthorWrite::Done);
    assert!(store.author_record("rope").await.expect("read").is_none());
}

async fn an_account_writes_as_one_author(location: &Location) {
    let store = open(location).await;
    let ed = account(&store, "ed@example.org").await;
    let one = named("one", "One");
    store.change_author(None, &one, Some(ed), None, by()).await.expect("added");
    assert_eq!(store.author_of(ed).await.expect("read"), Some(one));
    let other = store.change_author(None, &named("two", "Two"), Some(ed), None, by()).await;
    assert_eq!(other.expect("asked"), AuthorWrite::AccountTaken("One".into()));
    delete_account(&store, ed).await;
    let left = store.author_record("one").await.expect("read").expect("an author");
    assert_eq!(left.account, None);
}

fn topic(slug: &str, name: &str) -> Topic {
    Topic { slug: slug.into(), name: name.into() }
}

async fn topics_of(store: &Store, slug: &str) -> Vec<Topic> {
    store.piece(slug).await.expect("read").expect("a piece").topics
}

async fn topics_are_renamed_and_merged_by_who_has_seen_them(location: &Location) {
    let store = open(location).await;
    let reader = account(&store, "rea@example.org").await;
    article(&store, "ferry").await;
    let followed = Followed { kind: FollowKind::Topic, slug: "rope".into() };
    store.follow(reader, &followed, 10, Timestamp::UNIX_EPOCH).await.expect("followed");
    let rope = topic("rope", "Rope");
    let seen = SeenTopic { topic: &rope, description: "", version: 0 };
    let ropes = topic("ropes", "Ropes");
    let parallel = async || store.change_topic(seen, &ropes, "Of hemp.", None, by()).await;
    let (one, other) = tokio::join!(parallel(), parallel());
    let mut results = [one.expect("asked"), other.expect("asked")];
    results.sort_by_key(|result| *result != TopicWrite::Done);
    assert_eq!(results, [TopicWrite::Done, TopicWrite::Behind]);
    assert_eq!(topics_of(&store, "ferry").await, std::slice::from_ref(&ropes));
    let stored = store.topic_record("ropes").await.expect("read").expect("a topic");
    assert_eq!(stored.description.as_deref(), Some("Of hemp."));
    assert_eq!(store.followed_by(reader).await.expect("read")[0].followed.slug, "ropes");
    // The former name means the topic as it is now.
    article(&store, "another").await;
    assert_eq!(topics_of(&store, "another").await, std::slice::from_ref(&ropes));
    let log = store.audit_log(&AuditQuery::default(), 2).await.expect("read");
    let change = log.iter().find(|entry| entry.action == AuditAction::ChangedTopic);
    let name = change.expect("an entry").changes.iter().find(|change| change.key == "name");
    assert_eq!(name.expect("the name").before.as_deref(), Some("Rope"));
    // All of it is given to another, which no article had before.
    let twine = topic("twine", "Twine");
    let seen = SeenTopic { topic: &ropes, description: "Of hemp.", version: stored.version };
    let merged = store.merge_topics(seen, &twine, None, by()).await.expect("asked");
    assert_eq!(merged, TopicWrite::Done);
    assert_eq!(topics_of(&store, "ferry").await, std::slice::from_ref(&twine));
    article(&store, "third").await;
    assert_eq!(topics_of(&store, "third").await, [twine]);
    let redirect = store.redirect("/topic/rope").await.expect("read").expect("a redirect");
    assert_eq!(redirect.redirect.target, "/topic/twine");
    let again = store.merge_topics(seen, &rope, None, by()).await.expect("asked");
    assert_eq!(again, TopicWrite::Behind);
}

fn redirect(path: &str, target: &str) -> Redirect {
    Redirect::new(path, target, RedirectStatus::default()).expect("a redirect")
}

/// Otherwise an article would have another topic as soon as it is published again, and an access rule would no longer name it.
async fn a_topic_that_kept_its_slug_is_found_by_its_name(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    article(&store, "ferry").await;
    let (rope, hemp) = (topic("rope", "Rope"), topic("rope", "Ropes of hemp"));
    let seen = SeenTopic { topic: &rope, description: "", version: 0 };
    let renamed = store.change_topic(seen, &hemp, "", None, by()).await.expect("asked");
    assert_eq!(renamed, TopicWrite::Done);
    let from_name = topic("ropes-of-hemp", "Ropes of hemp");
    let again = Piece { topics: vec![from_name], ..piece("ferry") };
    store.save(&again, Timestamp::UNIX_EPOCH).await.expect("saved");
    assert_eq!(topics_of(&store, "ferry").await, [hemp]);
}

async fn redirects_never_go_round_and_are_changed_by_who_has_seen_them(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    let one = redirect("/a", "/b?x=1");
    let add = async |new: &Redirect| store.change_redirect(None, new, by()).await.expect("asked");
    assert_eq!(add(&one).await, RedirectWrite::Done);
    assert_eq!(add(&one).await, RedirectWrite::Taken);
    assert_eq!(add(&redirect("/b", "/c")).await, RedirectWrite::Done);
    let circle = RedirectWrite::Refused(RedirectFault::Loop);
    assert_eq!(add(&redirect("/c", "/a/")).await, circle);
    // Readers are also led from capital letters to small ones, and from any query to none.
    assert_eq!(add(&redirect("/c", "/A#top")).await, circle);
    assert_eq!(add(&redirect("/c", "/%61?y=2")).await, circle);
    assert_eq!(add(&redirect("/d", "/D?z=1")).await, circle);
    let known = store.redirect("/a").await.expect("read").expect("a redirect");
    let moved = redirect("/A", "https://example.org/");
    let at = Some(("/a", known.version));
    let done = store.change_redirect(at, &moved, by()).await.expect("asked");
    assert_eq!(done, RedirectWrite::Done);
    let late = store.change_redirect(at, &moved, by()).await.expect("asked");
    assert_eq!(late, RedirectWrite::Behind);
    let since = store.redirects_since(known.version).await.expect("read");
    let mut since: Vec<_> = since.iter().map(|u| (u.path.as_str(), u.redirect.is_some())).collect();
    since.sort_unstable();
    assert_eq!(since, [("/A", true), ("/a", false), ("/b", true)]);
    let known = store.redirect("/A").await.expect("read").expect("a redirect");
    assert_eq!(
        store.delete_redirect("/A", known.version, by()).await.expect("asked"),
        RedirectWrite::Done
    );
    assert_eq!(store.count_redirects().await.expect("counted"), 1);
    let log = store.audit_log(&AuditQuery::default(), 1).await.expect("read").remove(0);
    assert_eq!(log.changes[0].before.as_deref(), Some("/A"));
    // A deleted address can be used again.
    assert_eq!(add(&redirect("/A", "/d")).await, RedirectWrite::Done);
}

async fn redirects_that_a_new_address_replaces_are_in_the_audit_log(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    article(&store, "ferry").await;
    let by_hand = [
        redirect("/author/ada", "/about"),
        redirect("/author/ada-quill", "/contact"),
        redirect("/people/ada", "/author/ada"),
        redirect("/people/bob", "/author/bob"),
    ];
    store.import_redirects(&by_hand, by()).await.expect("stored");
    let moved = named("ada-quill", "Ada Quill");
    let seen = version(&store, "ada").await;
    let changed = store.change_author(Some(("ada", seen)), &moved, None, None, by()).await;
    assert_eq!(changed.expect("changed"), AuthorWrite::Done);
    let log = store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    let mut noted: Vec<(String, Option<String>, Option<String>)> = log
        .iter()
        .filter(|entry| entry.action == AuditAction::ChangedRedirects && !entry.about.is_empty())
        .map(|entry| {
            let to = entry.changes.iter().find(|change| change.key == "to").expect("a target");
            (entry.about.clone(), to.before.clone(), to.after.clone())
        })
        .collect();
    noted.sort();
    let row = |about: &str, before: &str, after: Option<&str>| {
        (about.to_owned(), Some(before.to_owned()), after.map(str::to_owned))
    };
    let expected = [
        row("/author/ada", "/about", Some("/author/ada-quill")),
        row("/author/ada-quill", "/contact", None),
        row("/people/ada", "/author/ada", Some("/author/ada-quill")),
    ];
    assert_eq!(noted, expected);
}

async fn many_redirects_are_stored_whole_or_not_at_all(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    let good = [redirect("/a", "/b"), redirect("/c", "/d")];
    let done = store.import_redirects(&good, by()).await.expect("asked");
    assert_eq!(done, RedirectImport::Done { added: 2, changed: 0 });
    let bad = [redirect("/c", "/e"), redirect("/e", "/c")];
    let refused = store.import_redirects(&bad, by()).await.expect("asked");
    assert_eq!(refused, RedirectImport::Refused(0, RedirectFault::Loop));
    let again = [redirect("/c", "/f"), redirect("/a", "/b")];
    let done = store.import_redirects(&again, by()).await.expect("asked");
    assert_eq!(done, RedirectImport::Done { added: 0, changed: 1 });
    let all = store.redirects("F", "", 10).await.expect("read");
    assert_eq!(all.len(), 1, "found by its target: {all:?}");
    assert_eq!(all[0].redirect.target, "/f");
}
