//! Planning: the calendar, other times for what is scheduled, what is due or was returned, and the library of pictures.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{AccountId, Assignment, staff::Role};
use masthead_editorial::{
    Author, Picture, Section, SlugScript,
    draft::{Draft, PublishDetails, WorkflowState},
};
use masthead_store::{
    Assigned, Attribution, Deleted, Location, NewPicture, PictureCursor, PictureFacts,
    PictureQuery, PictureWrite, Rescheduled, Store, StoryChange, Written,
};

use crate::{races::at_once, staff::joined};

on_both_engines!(
    the_calendar_has_what_is_published_embargoed_or_due,
    of_two_moves_at_once_one_is_behind,
    what_was_returned_is_listed_until_it_is_submitted_again,
    a_deletion_never_loses_words_that_are_saved_at_the_same_time,
    pictures_are_added_once_and_keep_what_is_noted,
    an_upload_names_a_picture_that_was_found_before_it_was_recorded,
);

const ADA: AccountId = AccountId(1);

pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + 60 * minutes).expect("an instant")
}

pub(crate) fn by_ada(minutes: i64) -> Attribution {
    Attribution { by: ADA, at: at(minutes) }
}

pub(crate) async fn open(location: &Location) -> Store {
    let store = crate::open(location).await;
    let account = joined(&store, "ada@example.org", Role::Editor).await;
    assert_eq!(account.id, ADA);
    store
}

pub(crate) fn draft(headline: &str) -> Draft {
    Draft {
        headline: headline.into(),
        section: "harbour".into(),
        body: "<p>It left.</p>".into(),
        ..Draft::default()
    }
}

pub(crate) async fn begin(store: &Store, draft: &Draft) -> ArticleId {
    let slug = format!("draft-{}", draft.headline);
    store.begin_story(&slug, draft, by_ada(0)).await.expect("asked").expect("begun")
}

/// Schedules or publishes a story that was just begun.
pub(crate) async fn publish(store: &Store, id: ArticleId, minutes: i64) {
    let story = store.story(id).await.expect("asked").expect("a story");
    let sections = [Section { slug: "harbour".into(), name: "Harbour".into() }];
    let published = at(minutes);
    let how = PublishDetails {
        slug: story.draft.desired_slug(SlugScript::Latin),
        published,
        correction: None,
        slugs: SlugScript::Latin,
    };
    let piece = story.draft.publish(how, &sections, None);
    let (version, change) = (story.entry.version, StoryChange::Scheduled);
    let written = store.publish_story(id, version, piece, change, by_ada(1)).await.expect("asked");
    assert_eq!(written, Written::Done(version + 1));
}

async fn due(store: &Store, id: ArticleId, minutes: i64) {
    let seen = store.story(id).await.expect("asked").expect("a story").entry.assignment();
    let wanted = Assignment { deadline: Some(at(minutes)), ..seen.clone() };
    let assigned = store.assign(id, &seen, &wanted, by_ada(1)).await.expect("asked");
    assert_eq!(assigned, Assigned::Done);
}

async fn the_calendar_has_what_is_published_embargoed_or_due(location: &Location) {
    let store = open(location).await;
    let scheduled = begin(&store, &draft("Scheduled")).await;
    publish(&store, scheduled, 100).await;
    let embargo = Some(at(110));
    let embargoed = begin(&store, &Draft { embargo, ..draft("Embargoed") }).await;
    let late = begin(&store, &draft("Late")).await;
    due(&store, late, 120).await;
    // It has everything, and is listed once.
    due(&store, scheduled, 105).await;
    let found = async |from, until, writer| {
        let found = store.calendar((at(from), at(until)), writer, at(0)).await;
        let found = found.expect("asked");
        assert!(!found.is_cut);
        let found = found.entries;
        let mut ids: Vec<u32> = found.into_iter().map(|entry| entry.id.0).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(found(100, 121, None).await, [scheduled.0, embargoed.0, late.0]);
    assert_eq!(found(100, 121, Some(ADA)).await.len(), 3);
    assert!(found(100, 121, Some(AccountId(9))).await.is_empty());
    assert_eq!(found(101, 110, None).await, [scheduled.0], "its deadline");
    assert_eq!(found(111, 121, None).await, [late.0]);
    assert!(found(121, 999, None).await.is_empty());
    let mine = store.due_stories(ADA, at(121), 9).await.expect("asked");
    assert_eq!(mine.iter().map(|entry| entry.id).collect::<Vec<_>>(), [late], "others are done");
    assert!(store.due_stories(ADA, at(120), 9).await.expect("asked").is_empty());
    assert!(store.due_stories(AccountId(9), at(121), 9).await.expect("asked").is_empty());
}

async fn of_two_moves_at_once_one_is_behind(location: &Location) {
    let store = open(location).await;
    let id = begin(&store, &draft("Ferry")).await;
    publish(&store, id, 1000).await;
    for round in 0..5 {
        let version = store.story(id).await.expect("asked").expect("a story").entry.version;
        let moves = |number: u16| {
            let store = store.clone();
            let to = at(2000 + 10 * round + i64::from(number));
            async move { store.reschedule_story(id, version, to, by_ada(2), || at(2)).await }
        };
        let results: Vec<_> = at_once(2, moves).await;
        assert!(results.contains(&Rescheduled::Done), "{results:?}");
        assert!(results.contains(&Rescheduled::Behind), "{results:?}");
    }
    let version = store.story(id).await.expect("asked").expect("a story").entry.version;
    // Once readers have it, it stays.
    // It goes out while the change waits for the row.
    let asked = std::sync::atomic::AtomicU32::new(0);
    let clock = || match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => at(3),
        _ => at(5000),
    };
    let late = store.reschedule_story(id, version, at(9000), by_ada(3), clock).await;
    assert_eq!(late.expect("asked"), Rescheduled::NotScheduled);
    let out = store.reschedule_story(id, version, at(9000), by_ada(5000), || at(5000)).await;
    let out = out.expect("asked");
    assert_eq!(out, Rescheduled::NotScheduled);
}

async fn what_was_returned_is_listed_until_it_is_submitted_again(location: &Location) {
    let store = open(location).await;
    let id = begin(&store, &draft("Ferry")).await;
    let returned = async || {
        let found = store.returned_stories(ADA, 9).await.expect("asked");
        found.into_iter().map(|entry| entry.id).collect::<Vec<_>>()
    };
    let set = async |version, work, change| {
        let written = store.set_work(id, version, work, change, by_ada(version)).await;
        assert_eq!(written.expect("asked"), Written::Done(version + 1));
    };
    assert!(returned().await.is_empty());
    set(1, WorkflowState::Review, StoryChange::Sent).await;
    store.return_story(id, "Too long", by_ada(2)).await.expect("returned");
    assert_eq!(returned().await, [id]);
    store.save_draft(id, 3, &draft("Ferries"), by_ada(3)).await.expect("saved");
    assert_eq!(returned().await, [id], "it is being corrected");
    set(4, WorkflowState::Archived, StoryChange::Archived).await;
    set(5, WorkflowState::Writing, StoryChange::Returned).await;
    assert!(returned().await.is_empty(), "it came back from the archive");
    set(6, WorkflowState::Review, StoryChange::Sent).await;
    assert!(returned().await.is_empty());
}

async fn a_deletion_never_loses_words_that_are_saved_at_the_same_time(location: &Location) {
    let store = open(location).await;
    for round in 0..10 {
        let slug = format!("draft-{round}");
        let begun = store.begin_story(&slug, &Draft::default(), by_ada(0)).await.expect("asked");
        let id = begun.expect("begun");
        let (other, words) = (store.clone(), draft("Words"));
        let (saved, deleted) = tokio::join!(
            async { other.save_draft(id, 1, &words, by_ada(1)).await.expect("asked") },
            async { store.delete_blank_story(id, 1, by_ada(1)).await.expect("asked") },
        );
        let is_there = store.story(id).await.expect("asked").is_some();
        let outcome = (saved, deleted, is_there);
        let is_kept = outcome == (Written::Done(2), Deleted::Behind, true);
        // The writer is told that nothing was saved.
        assert!(is_kept || outcome == (Written::Behind, Deleted::Done, false), "{outcome:?}");
    }
}

async fn an_upload_names_a_picture_that_was_found_before_it_was_recorded(location: &Location) {
    let store = open(location).await;
    let found = NewPicture { name: "e-60x40.jpg".into(), ..NewPicture::default() };
    store.add_found_pictures(std::slice::from_ref(&found), at(1)).await.expect("added");
    let read = async || {
        let found = store.pictures_named(&["e-60x40".to_owned()]).await.expect("asked").remove(0);
        (found.facts, found.by)
    };
    let (facts, _) = read().await;
    let facts = PictureFacts { alt: "Quay".into(), ..facts };
    store.save_picture("e-60x40", 1, &facts, by_ada(2)).await.expect("saved");
    let uploaded = NewPicture { file_name: "Éclair.JPG".into(), ..found.clone() };
    store.add_uploaded_picture(&uploaded, ADA, at(3)).await.expect("added");
    let (named, by) = read().await;
    assert_eq!(
        (named.file_name.as_str(), named.alt.as_str(), by),
        ("Éclair.JPG", "Quay", Some(ADA))
    );
    for words in ["éclair", "quay"] {
        let query = PictureQuery { words: words.into(), most: 9, ..PictureQuery::default() };
        assert_eq!(store.pictures(&query).await.expect("asked").pictures.len(), 1, "{words}");
    }
    // What somebody has noted, and who uploaded it first, stays.
    let grace = joined(&store, "grace@example.org", Role::Author).await;
    let again = NewPicture { file_name: "other.jpg".into(), ..found };
    store.add_uploaded_picture(&again, grace.id, at(4)).await.expect("added");
    assert_eq!(read().await, (named, Some(ADA)));
}

async fn pictures_are_added_once_and_keep_what_is_noted(location: &Location) {
    let store = open(location).await;
    let picture = |name: &str, file_name: &str| NewPicture {
        name: name.into(),
        width: 600,
        height: 400,
        file_name: file_name.into(),
    };
    let first = [picture("a-600x400.jpg", "Boats.JPG"), picture("b-600x400.png", "")];
    for uploaded in &first {
        store.add_uploaded_picture(uploaded, ADA, at(1)).await.expect("added");
    }
    store.add_found_pictures(&[picture("c.svg", "")], at(2)).await.expect("added");
    store.add_found_pictures(&[], at(3)).await.expect("nothing to add");
    // The same again, from another server that finds the files.
    let again = [picture("a-600x400.jpg", ""), picture("c.svg", "")];
    store.add_found_pictures(&again, at(9)).await.expect("added");
    let find = async |query: PictureQuery| store.pictures(&query).await.expect("asked");
    let all = PictureQuery { most: 2, ..PictureQuery::default() };
    let page = find(all.clone()).await;
    let stems = |page: &masthead_store::PicturePage| {
        page.pictures.iter().map(|found| found.stem.clone()).collect::<Vec<_>>()
    };
    assert_eq!((stems(&page), page.has_more), (vec!["c".into(), "b-600x400".into()], true));
    let last = page.pictures.last().expect("one");
    let after = Some(PictureCursor { at: last.at.as_second(), stem: last.stem.clone() });
    let page = find(PictureQuery { after, ..all.clone() }).await;
    assert_eq!((stems(&page), page.has_more), (vec!["a-600x400".to_owned()], false));
    let known = &page.pictures[0];
    assert_eq!(
        (known.facts.file_name.as_str(), known.by, known.at),
        ("Boats.JPG", Some(ADA), at(1))
    );

    let expires = Some("2027-02-01".parse().expect("a date"));
    let facts = PictureFacts { credit: "Ärne 100%".into(), expires, ..known.facts.clone() };
    let save = async |version| store.save_picture("a-600x400", version, &facts, by_ada(4)).await;
    assert_eq!(save(1).await.expect("asked"), PictureWrite::Done);
    assert_eq!(save(1).await.expect("asked"), PictureWrite::Behind);
    let gone = store.save_picture("x", 1, &facts, by_ada(4)).await.expect("asked");
    assert_eq!(gone, PictureWrite::Behind);
    let with = |words: &str| PictureQuery { words: words.into(), ..all.clone() };
    assert_eq!(stems(&find(with("ÄRNE 100%")).await), ["a-600x400"]);
    assert_eq!(stems(&find(with("boats")).await), ["a-600x400"]);
    assert!(find(with("1_0")).await.pictures.is_empty());
    let before = |day: &str| PictureQuery {
        expires_before: Some(day.parse().expect("a date")),
        ..all.clone()
    };
    assert!(find(before("2027-02-01")).await.pictures.is_empty());
    assert_eq!(stems(&find(before("2027-02-02")).await), ["a-600x400"]);

    let used =
        Draft { body: "<img src=\"/media/a-600x400.jpg\" alt=\"A\">".into(), ..draft("Boats") };
    let id = begin(&store, &used).await;
    let uses = store.picture_uses("a-600x400", 9).await.expect("asked");
    assert_eq!(uses.iter().map(|entry| entry.id).collect::<Vec<_>>(), [id]);
    publish(&store, id, 1).await;
    assert_eq!(store.picture_uses("a-600x400", 9).await.expect("asked").len(), 1);
    assert!(store.picture_uses("b-600x400", 9).await.expect("asked").is_empty());
    let portrait = Picture {
        src: "/media/b-600x400.png".into(),
        alt: "Ada Quill".into(),
        caption: String::new(),
        credit: String::new(),
        width: 600,
        height: 400,
        focus: None,
    };
    let (slug, name) = ("ada".into(), "Ada Quill".into());
    let author = Author { slug, name, portrait: Some(portrait), ..Author::default() };
    store.save_author(&author).await.expect("saved");
    assert_eq!(store.authors_with_picture("b-600x400").await.expect("asked"), ["Ada Quill"]);
    assert!(store.authors_with_picture("a-600x400").await.expect("asked").is_empty());
    // What is scheduled is listed with the pictures that readers will get.
    let scheduled = store.scheduled_pictures(at(-100), 9).await.expect("asked");
    let seen: Vec<_> = scheduled.iter().map(|(entry, own)| (entry.id, own.clone())).collect();
    assert_eq!(seen, [(id, vec!["a-600x400".to_owned()])]);
    assert!(store.scheduled_pictures(at(9000), 9).await.expect("asked").is_empty());
}
