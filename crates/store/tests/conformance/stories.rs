//! Stories.

use jiff::{SignedDuration, Timestamp};
use masthead_access::ArticleId;
use masthead_circulation::{AccountId, staff::Role};
use masthead_editorial::{
    Piece, Section, Status,
    draft::{Draft, Embargoed, PublishDetails, WorkflowState},
    import::{Changes, ImportEntry, KeptPiece},
};
use masthead_store::{
    Attribution, Deleted, FilterAddition, LastSave, Location, Saved, SavedFilter, Store,
    StoryChange, StoryCursor, StoryFilter, StoryOrder, StoryQuery, Written,
};

use crate::races::at_once;

on_both_engines!(
    a_story_is_written_published_and_changed,
    unseen_changes_are_never_overwritten,
    an_embargo_is_kept_whichever_is_written_first,
    saves_within_ten_minutes_share_a_revision,
    an_import_keeps_the_draft_as_a_revision,
    an_import_leaves_out_what_is_under_embargo_and_goes_on,
    stories_are_found_by_filter_section_words_and_writer,
    stories_are_found_by_author_type_access_and_date,
    pages_of_the_list_follow_each_other_in_every_order,
    a_filter_is_saved_under_its_name,
    a_first_slug_that_is_in_use_gets_a_number,
    presence_ends_when_a_writer_leaves,
    only_a_draft_in_which_nothing_was_ever_written_is_deleted,
    a_story_that_is_begun_again_is_found,
    of_many_first_saves_at_once_one_begins_the_story,
    an_import_loses_no_draft_that_is_saved_meanwhile,
);

const ADA: AccountId = AccountId(1);
const BO: AccountId = AccountId(2);

/// A new database with the accounts of two writers.
async fn open(location: &Location) -> Store {
    let store = crate::open(location).await;
    for (id, address) in [(ADA, "ada@example.org"), (BO, "bo@example.org")] {
        let email = address.parse().expect("an address");
        let (account, _) = store.register(&email, at(0)).await.expect("registered");
        assert_eq!(account.id, id);
    }
    store
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + 60 * minutes).expect("an instant")
}

fn saved_by(by: AccountId, minutes: i64) -> Attribution {
    Attribution { by, at: at(minutes) }
}

fn sections() -> [Section; 1] {
    [Section { slug: "harbour".into(), name: "Harbour".into() }]
}

fn draft(headline: &str) -> Draft {
    Draft {
        headline: headline.into(),
        section: "harbour".into(),
        authors: vec!["Ada Quill".into()],
        body: "<p>It left.</p>".into(),
        ..Draft::default()
    }
}

fn piece(draft: &Draft, minutes: i64, before: Option<&Piece>) -> Piece {
    let how =
        PublishDetails { slug: draft.desired_slug(), published: at(minutes), correction: None };
    draft.publish(how, &sections(), before)
}

async fn begin(store: &Store, headline: &str) -> ArticleId {
    let slug = format!("draft-{headline}");
    store
        .begin_story(&slug, &draft(headline), saved_by(ADA, 0))
        .await
        .expect("asked")
        .expect("begun")
}

async fn publish(store: &Store, id: ArticleId, minutes: i64) -> i64 {
    let story = store.story(id).await.expect("asked").expect("a story");
    let piece = piece(&story.draft, minutes, None);
    let (version, attribution) = (story.entry.version, saved_by(ADA, minutes));
    let change = StoryChange::Published;
    match store.publish_story(id, version, piece, change, attribution).await.expect("asked") {
        Written::Done(version) => version,
        other => panic!("{other:?}"),
    }
}

async fn a_story_is_written_published_and_changed(location: &Location) {
    let store = open(location).await;
    let id = begin(&store, "Ferry").await;
    assert!(store.changes_since(0, None, 10).await.expect("asked").is_empty());
    let story = store.story(id).await.expect("asked").expect("a story");
    assert_eq!((story.entry.status, story.entry.work), (Status::Draft, WorkflowState::Writing));
    assert_eq!(
        (story.entry.writers, story.entry.saved),
        (vec![ADA], Some(LastSave { by: Some(ADA), at: at(0) }))
    );
    let version = publish(&store, id, 1).await;

    let read = store.piece("ferry").await.expect("asked").expect("published");
    assert_eq!(read.address(), "/harbour/ferry");
    assert!(read.former_addresses.is_empty(), "{:?}", read.former_addresses);
    assert_eq!(store.changes_since(0, None, 10).await.expect("asked").len(), 1);
    let story = store.story(id).await.expect("asked").expect("a story");
    assert_eq!((story.entry.status, story.entry.work), (Status::Published, WorkflowState::None));
    assert_eq!(story.draft, Draft { slug: "ferry".into(), ..draft("Ferry") });

    let better = Draft { body: "<p>It stayed.</p>".into(), ..story.draft };
    let written = store.save_draft(id, version, &better, saved_by(BO, 20)).await.expect("asked");
    assert_eq!(written, Written::Done(version + 1));
    assert_eq!(store.piece("ferry").await.expect("asked"), Some(read));
    let story = store.story(id).await.expect("asked").expect("a story");
    assert_eq!((story.entry.status, story.entry.work), (Status::Published, WorkflowState::Writing));
    assert_eq!(story.draft, better);
    let changes: Vec<_> = store
        .revisions(id, 9)
        .await
        .expect("asked")
        .into_iter()
        .map(|r| (r.change, r.by))
        .collect();
    // What an article begins with is its first revision.
    let (by_ada, by_bo) = (Some(ADA), Some(BO));
    let expected = [
        (StoryChange::Saved, by_bo),
        (StoryChange::Published, by_ada),
        (StoryChange::Saved, by_ada),
    ];
    assert_eq!(changes, expected);
}

async fn an_embargo_is_kept_whichever_is_written_first(location: &Location) {
    // The embargo and the schedule are written at the same time, by two servers.
    let store = open(location).await;
    for round in 0..10 {
        let slug = format!("race-{round}");
        let first = Draft { slug: slug.clone(), ..draft("Race") };
        let id = store
            .begin_story(&slug, &first, saved_by(ADA, 0))
            .await
            .expect("asked")
            .expect("begun");
        let scheduled = piece(&first, 10_000_000, None);
        let embargoed = Draft { embargo: Some(at(20_000_000)), ..first };
        let other = store.clone();
        let (saved, written) =
            tokio::join!(async { store.save(&scheduled, Timestamp::now()).await }, async {
                other.save_draft(id, 1, &embargoed, saved_by(BO, 1)).await
            },);
        let is_embargoed = matches!(written, Ok(Written::Done(_)));
        assert_ne!(is_embargoed, saved.is_ok(), "{saved:?} {written:?}");
    }
}

async fn unseen_changes_are_never_overwritten(location: &Location) {
    let store = open(location).await;
    let id = begin(&store, "Ferry").await;
    let mine = Draft { body: "<p>Mine.</p>".into(), ..draft("Ferry") };
    let theirs = Draft { body: "<p>Theirs.</p>".into(), ..draft("Ferry") };
    let done = store.save_draft(id, 1, &theirs, saved_by(BO, 1)).await.expect("asked");
    assert_eq!(done, Written::Done(2));
    let behind = store.save_draft(id, 1, &mine, saved_by(ADA, 1)).await.expect("asked");
    assert_eq!(behind, Written::Behind);
    let (late, change) = (piece(&mine, 1, None), StoryChange::Published);
    let behind = store.publish_story(id, 1, late, change, saved_by(ADA, 1)).await.expect("asked");
    assert_eq!(behind, Written::Behind);
    let (review, sent) = (WorkflowState::Review, StoryChange::Sent);
    let behind = store.set_work(id, 1, review, sent, saved_by(ADA, 1)).await.expect("asked");
    assert_eq!(behind, Written::Behind);
    assert_eq!(store.story(id).await.expect("asked").expect("a story").draft, theirs);
    store.save_conflict_copy(id, &mine, saved_by(ADA, 1)).await.expect("kept");
    let revisions = store.revisions(id, 9).await.expect("asked");
    assert_eq!(revisions[0].change, StoryChange::Aside);
    let aside = store.revision_of(id, revisions[0].number).await.expect("asked").expect("kept");
    assert_eq!(aside.draft, mine);
    assert_eq!(store.revision_of(ArticleId(99), revisions[0].number).await.expect("asked"), None);
}

async fn saves_within_ten_minutes_share_a_revision(location: &Location) {
    let store = open(location).await;
    let id = begin(&store, "Ferry").await;
    for (version, (by, minutes)) in
        [(ADA, 0), (ADA, 5), (BO, 6), (ADA, 7), (ADA, 30)].into_iter().enumerate()
    {
        let version = 1 + i64::try_from(version).expect("few");
        let draft = Draft { body: format!("<p>{version}</p>"), ..draft("Ferry") };
        let written =
            store.save_draft(id, version, &draft, saved_by(by, minutes)).await.expect("asked");
        assert_eq!(written, Written::Done(version + 1));
    }
    let revisions = store.revisions(id, 9).await.expect("asked");
    assert_eq!(revisions.len(), 4);
    let first = store.revision_of(id, revisions[3].number).await.expect("asked").expect("there");
    assert_eq!(first.draft.body, "<p>2</p>");
    let version = 6;
    let restored = store.restore(id, version, &first.draft, saved_by(BO, 31)).await.expect("asked");
    assert_eq!(restored, Written::Done(7));
    assert_eq!(store.story(id).await.expect("asked").expect("a story").draft.body, "<p>2</p>");
}

async fn an_import_keeps_the_draft_as_a_revision(location: &Location) {
    let store = open(location).await;
    let first = piece(&draft("Ferry"), 0, None);
    store.save(&first, Timestamp::now()).await.expect("saved");
    let id = store.stories(&all(), at(1)).await.expect("asked")[0].id;
    let open = Draft { body: "<p>Open.</p>".into(), ..draft("Ferry") };
    store.save_draft(id, 1, &open, saved_by(ADA, 1)).await.expect("asked");
    let revisions = store.revisions(id, 9).await.expect("asked");
    assert_eq!(revisions[1].change, StoryChange::Published);
    assert_eq!(revisions[1].by, None);

    store
        .save(&Piece { body: "<p>Sent in.</p>".into(), ..first }, Timestamp::now())
        .await
        .expect("saved");
    let story = store.story(id).await.expect("asked").expect("a story");
    assert_eq!((story.entry.version, story.entry.work), (3, WorkflowState::None));
    assert_eq!(story.draft.body, "<p>Sent in.</p>");
    let aside = &store.revisions(id, 9).await.expect("asked")[0];
    assert_eq!((aside.change, aside.by), (StoryChange::Aside, Some(ADA)));
}

async fn an_import_leaves_out_what_is_under_embargo_and_goes_on(location: &Location) {
    let store = open(location).await;
    let entry = |origin: &str, piece: &Piece| ImportEntry {
        origin: origin.into(),
        address: String::new(),
        result: Ok(piece.clone()),
        changes: Changes::default(),
    };
    let ferry = piece(&draft("Ferry"), 0, None);
    let bridge = Piece { slug: "bridge".into(), ..piece(&draft("Bridge"), 0, None) };
    let entries = |ferry: &Piece, bridge: &Piece| [entry("test:1", ferry), entry("test:2", bridge)];
    store.import_pieces(&entries(&ferry, &bridge), at(1)).await.expect("imported");
    let id = store.stories(&all(), at(1)).await.expect("asked");
    let id = id.iter().find(|entry| entry.headline == "Ferry").expect("a story").id;
    let embargoed = Draft { embargo: Some(at(100)), ..draft("Ferry") };
    let written = store.save_draft(id, 1, &embargoed, saved_by(ADA, 2)).await.expect("asked");
    assert_eq!(written, Written::Done(2));

    // What readers have already is no reason to leave anything out.
    let same = store.import_pieces(&entries(&ferry, &bridge), at(3)).await.expect("imported");
    assert!(same.iter().all(|saved| matches!(saved, Ok(Saved::Unchanged(_)))), "{same:?}");
    let new = |piece: &Piece| Piece { body: "<p>New.</p>".into(), ..piece.clone() };
    let changed = entries(&new(&ferry), &new(&bridge));
    let saved = store.import_pieces(&changed, at(99)).await.expect("imported");
    assert_eq!(saved[0], Err(KeptPiece::Embargoed(Embargoed { until: at(100) })));
    assert!(matches!(saved[1], Ok(Saved::Changed(_))), "{saved:?}");
    let body = async |slug: &str| store.piece(slug).await.expect("asked").expect("a piece").body;
    assert_eq!(body(&ferry.slug).await, ferry.body);
    assert_eq!(body("bridge").await, "<p>New.</p>");
    let saved = store.import_pieces(&changed, at(100)).await.expect("imported");
    assert!(matches!(saved[0], Ok(Saved::Changed(_))), "{saved:?}");
}

fn all() -> StoryQuery {
    StoryQuery { most: 50, ..StoryQuery::default() }
}

async fn stories_are_found_by_filter_section_words_and_writer(location: &Location) {
    let store = open(location).await;
    let ferry = begin(&store, "The 100% ferry").await;
    let bridge = begin(&store, "The bridge").await;
    let rope = begin(&store, "Rope").await;
    publish(&store, bridge, 5).await;
    let (review, sent) = (WorkflowState::Review, StoryChange::Sent);
    store.set_work(ferry, 1, review, sent, saved_by(ADA, 2)).await.expect("asked");
    let (archived, put) = (WorkflowState::Archived, StoryChange::Archived);
    store.set_work(rope, 1, archived, put, saved_by(ADA, 2)).await.expect("asked");
    let found = async |wanted: StoryQuery, minutes| {
        let lines = store.stories(&wanted, at(minutes)).await.expect("asked");
        lines.into_iter().map(|line| line.id).collect::<Vec<_>>()
    };
    let on = |filter| StoryQuery { filter, ..all() };
    assert_eq!(found(all(), 4).await, [bridge, ferry]);
    assert_eq!(found(on(StoryFilter::Scheduled), 4).await, [bridge]);
    assert!(found(on(StoryFilter::Published), 4).await.is_empty());
    assert_eq!(found(on(StoryFilter::Published), 5).await, [bridge]);
    assert_eq!(found(on(StoryFilter::Review), 4).await, [ferry]);
    assert_eq!(found(on(StoryFilter::Archived), 4).await, [rope]);
    assert!(found(on(StoryFilter::Writing), 4).await.is_empty());
    let said = |words: &str| StoryQuery { words: words.into(), ..all() };
    assert_eq!(found(said("QUILL the"), 4).await, [bridge, ferry]);
    assert_eq!(found(said("100%"), 4).await, [ferry]);
    assert!(found(said("1_0"), 4).await.is_empty());
    assert_eq!(found(StoryQuery { section: "harbour".into(), ..all() }, 4).await.len(), 2);
    assert!(found(StoryQuery { section: "town".into(), ..all() }, 4).await.is_empty());
    assert_eq!(found(StoryQuery { writer: Some(ADA), ..all() }, 4).await.len(), 2);
    assert!(found(StoryQuery { writer: Some(AccountId(3)), ..all() }, 4).await.is_empty());
}

async fn stories_are_found_by_author_type_access_and_date(location: &Location) {
    let store = open(location).await;
    let of = |headline: &str, kind: &str, tier: &str, author: &str| Draft {
        kind: kind.into(),
        tier: tier.into(),
        authors: vec!["Bo Reed".into(), author.into()],
        ..draft(headline)
    };
    let mut ids = Vec::new();
    let drafts = [of("A", "", "", "Ärne"), of("B", "opinion", "free", "Ada Quill")];
    for (slug, draft) in ["a", "b"].iter().zip(&drafts) {
        let begun = store.begin_story(slug, draft, saved_by(ADA, 10)).await.expect("asked");
        ids.push(begun.expect("begun"));
    }
    publish(&store, ids[1], 90).await;
    let found = async |wanted: StoryQuery| {
        let lines = store.stories(&wanted, at(100)).await.expect("asked");
        lines.into_iter().map(|line| line.id).collect::<Vec<_>>()
    };
    let by = |author: &str| StoryQuery { author: author.into(), ..all() };
    assert_eq!(found(by("quill")).await, [ids[1]]);
    assert_eq!(found(by("Ärne")).await, [ids[0]]);
    assert_eq!(found(by("bo reed")).await.len(), 2);
    let of_kind = |kind: &str| StoryQuery { kind: Some(kind.into()), ..all() };
    assert_eq!(
        (found(of_kind("")).await, found(of_kind("opinion")).await),
        (vec![ids[0]], vec![ids[1]])
    );
    let with = |tier: &str| StoryQuery { tier: Some(tier.into()), ..all() };
    assert_eq!((found(with("")).await, found(with("free")).await), (vec![ids[0]], vec![ids[1]]));
    let within = |from, until| StoryQuery { from: Some(at(from)), until: Some(at(until)), ..all() };
    // One that was published counts by that time, and others by their last change.
    assert_eq!(found(within(0, 90)).await, [ids[0]]);
    assert_eq!(found(within(90, 91)).await, [ids[1]]);
    let entry = &store.story_entries(&[ids[1]]).await.expect("asked")[0];
    assert_eq!((entry.kind.as_str(), entry.tier.as_str()), ("opinion", "free"));
}

async fn pages_of_the_list_follow_each_other_in_every_order(location: &Location) {
    let store = open(location).await;
    let mut ids = Vec::new();
    // Two have the same headline and time, three are published.
    for (number, headline) in ["delta", "Alpha", "charlie", "Alpha", "Bravo"].iter().enumerate() {
        let slug = format!("s-{number}");
        let own = Draft { slug: slug.clone(), ..draft(headline) };
        let id = store.begin_story(&slug, &own, saved_by(ADA, 7)).await.expect("asked");
        ids.push(id.expect("begun"));
    }
    for number in [0, 2, 3] {
        publish(&store, ids[number], 10 + i64::try_from(number).expect("few")).await;
    }
    for order in [StoryOrder::Changed, StoryOrder::Published, StoryOrder::Headline] {
        for is_ascending in [false, true] {
            let query = StoryQuery { order, is_ascending, most: 9, ..StoryQuery::default() };
            let whole = store.stories(&query, at(100)).await.expect("asked");
            assert_eq!(whole.len(), 5);
            let sorted: Vec<String> = whole.iter().map(|entry| entry.sorted_by(order)).collect();
            let mut expected = sorted.clone();
            expected.sort();
            if !is_ascending {
                expected.reverse();
            }
            if order == StoryOrder::Headline {
                assert_eq!(sorted, expected);
            }
            let (forward, backward) =
                (pages(&store, &query, false).await, pages(&store, &query, true).await);
            let whole: Vec<_> = whole.into_iter().map(|entry| entry.id).collect();
            assert_eq!((&forward, &backward), (&whole, &whole), "{order:?} {is_ascending}");
        }
    }
    let nonsense = StoryCursor { value: "x".into(), id: ids[0], is_before: false };
    let query = StoryQuery { cursor: Some(nonsense), ..all() };
    assert_eq!(store.stories(&query, at(100)).await.expect("asked").len(), 5);
}

/// All stories of a list, read in pages of two, forwards from its beginning or backwards from its end.
async fn pages(store: &Store, query: &StoryQuery, is_before: bool) -> Vec<ArticleId> {
    let mut seen = Vec::new();
    let mut query = StoryQuery { most: 2, ..query.clone() };
    if is_before {
        let last =
            store.stories(&StoryQuery { most: 9, ..query.clone() }, at(100)).await.expect("asked");
        let last = last.last().expect("some");
        seen.push(last.id);
        let value = last.sorted_by(query.order);
        query.cursor = Some(StoryCursor { value, id: last.id, is_before });
    }
    loop {
        let page = store.story_page(&query, at(100)).await.expect("asked");
        let ids: Vec<ArticleId> = page.entries.iter().map(|entry| entry.id).collect();
        let (edge, goes_on) = if is_before {
            seen.splice(0..0, ids);
            assert!(page.has_later);
            (page.entries.first(), page.has_earlier)
        } else {
            assert_eq!(page.has_earlier, !seen.is_empty());
            seen.extend(ids);
            (page.entries.last(), page.has_later)
        };
        if !goes_on {
            return seen;
        }
        let edge = edge.expect("a story");
        let value = edge.sorted_by(query.order);
        query.cursor = Some(StoryCursor { value, id: edge.id, is_before });
    }
}

async fn a_filter_is_saved_under_its_name(location: &Location) {
    let store = open(location).await;
    let filter = |name: &str, query: &str| SavedFilter { name: name.into(), query: query.into() };
    for (name, query, expected) in [
        ("Mine", "q=a", FilterAddition::Saved),
        ("Mine", "q=b", FilterAddition::Saved),
        ("Town", "section=town", FilterAddition::Saved),
        ("More", "q=c", FilterAddition::Full),
        ("Mine", "q=d", FilterAddition::Saved),
    ] {
        let saved = store.save_filter(ADA, &filter(name, query), 2).await.expect("asked");
        assert_eq!(saved, expected, "{name} {query}");
    }
    let names = async |account| store.saved_filters(account).await.expect("asked");
    assert_eq!(names(ADA).await, [filter("Mine", "q=d"), filter("Town", "section=town")]);
    assert_eq!(names(BO).await, []);
    store.delete_filter(BO, "Mine").await.expect("asked");
    store.delete_filter(ADA, "Town").await.expect("asked");
    assert_eq!(names(ADA).await, [filter("Mine", "q=d")]);
    // They go with the role.
    let cy = crate::staff::joined(&store, "cy@example.org", Role::Author).await;
    let own = filter("Own", "q=b");
    assert_eq!(store.save_filter(cy.id, &own, 2).await.expect("asked"), FilterAddition::Saved);
    store.dismiss(&cy, None, at(9)).await.expect("dismissed");
    assert_eq!(names(cy.id).await, []);
    let gone = store.save_filter(AccountId(99), &filter("Mine", ""), 2).await.expect("asked");
    assert_eq!(gone, FilterAddition::Full);
}

async fn a_first_slug_that_is_in_use_gets_a_number(location: &Location) {
    let store = open(location).await;
    let (one, other) = (begin(&store, "Ferry").await, {
        let slug = "draft-two";
        store
            .begin_story(slug, &draft("Ferry"), saved_by(ADA, 0))
            .await
            .expect("asked")
            .expect("begun")
    });
    publish(&store, one, 1).await;
    publish(&store, other, 1).await;
    let piece = store.whole_piece(other).await.expect("asked").expect("published").piece;
    assert_eq!(piece.slug, "ferry-2");
}

async fn presence_ends_when_a_writer_leaves(location: &Location) {
    let store = open(location).await;
    let id = begin(&store, "Ferry").await;
    assert!(store.touch_presence(id, ADA, at(0)).await.expect("asked").is_empty());
    assert_eq!(store.touch_presence(id, BO, at(0)).await.expect("asked"), [ADA]);
    let later = at(0) + SignedDuration::from_secs(30);
    assert!(store.touch_presence(id, BO, later).await.expect("asked").is_empty());
}

async fn only_a_draft_in_which_nothing_was_ever_written_is_deleted(location: &Location) {
    let store = open(location).await;
    let by_ada = saved_by(ADA, 0);
    let byline = Draft { authors: vec!["Ada Quill".into()], ..Draft::default() };
    let blank = store.begin_story("draft-1", &byline, by_ada).await.expect("asked").expect("begun");
    let written = store
        .begin_story("draft-2", &draft("The ferry"), by_ada)
        .await
        .expect("asked")
        .expect("begun");
    let delete =
        async |id, version| store.delete_blank_story(id, version, by_ada).await.expect("answered");
    assert_eq!(delete(blank, 7).await, Deleted::Behind);
    assert_eq!(delete(written, 1).await, Deleted::NotBlank);
    // Its words are gone from the draft, and still in a revision.
    store.save_draft(written, 1, &Draft::default(), saved_by(BO, 1)).await.expect("saved");
    assert_eq!(delete(written, 2).await, Deleted::NotBlank);
    assert_eq!(delete(blank, 1).await, Deleted::Done);
    assert_eq!(delete(blank, 1).await, Deleted::Behind);
    assert!(store.story(blank).await.expect("asked").is_none());
    assert!(store.story(written).await.expect("asked").is_some());
}

async fn a_story_that_is_begun_again_is_found(location: &Location) {
    let store = open(location).await;
    let id = store.begin_story("draft-1", &draft("The ferry"), saved_by(ADA, 0)).await;
    let id = id.expect("asked").expect("begun");
    assert_eq!(store.begun_story("draft-1", ADA).await.expect("asked"), Some(id));
    assert_eq!(store.begun_story("draft-1", BO).await.expect("asked"), None);
    assert_eq!(store.begun_story("draft-2", ADA).await.expect("asked"), None);
    // What was written first is in the history.
    let revisions = store.revisions(id, 9).await.expect("asked");
    assert_eq!(revisions.len(), 1);
    assert_eq!(revisions[0].draft.headline, "The ferry");
}

async fn of_many_first_saves_at_once_one_begins_the_story(location: &Location) {
    let store = open(location).await;
    for round in 0..5 {
        let slug = format!("draft-{round}");
        let begin = |number: u16| {
            let (store, slug) = (store.clone(), slug.clone());
            async move {
                let draft = draft(&format!("Ferry {number}"));
                store.begin_story(&slug, &draft, saved_by(ADA, 0)).await
            }
        };
        let begun: Vec<_> = at_once(20, begin).await.into_iter().flatten().collect();
        let [id] = begun[..] else { panic!("{begun:?}") };
        assert_eq!(store.begun_story(&slug, ADA).await.expect("asked"), Some(id));
    }
}

async fn an_import_loses_no_draft_that_is_saved_meanwhile(location: &Location) {
    let store = open(location).await;
    let first = Draft { slug: "ferry".into(), ..draft("Ferry") };
    store.save(&piece(&first, 0, None), Timestamp::now()).await.expect("saved");
    let id = store.stories(&StoryQuery { most: 9, ..StoryQuery::default() }, at(1)).await;
    let id = id.expect("asked")[0].id;
    for round in 0..20 {
        let version = store.story(id).await.expect("asked").expect("there").entry.version;
        // The list of revisions has no texts.
        let mine = Draft { headline: format!("Mine {round}"), ..first.clone() };
        let imported = Draft { body: format!("<p>Imported {round}.</p>"), ..first.clone() };
        let imported = piece(&imported, 0, None);
        let other = store.clone();
        let (saved, written) =
            tokio::join!(async { store.save(&imported, Timestamp::now()).await }, async {
                other.save_draft(id, version, &mine, saved_by(BO, 1)).await
            });
        saved.expect("imported");
        let written = written.expect("asked");
        let story = store.story(id).await.expect("asked").expect("there");
        let revisions = store.revisions(id, 99).await.expect("asked");
        let is_kept = story.draft.headline == mine.headline
            || revisions.iter().any(|revision| revision.draft.headline == mine.headline);
        assert_eq!(is_kept, matches!(written, Written::Done(_)), "{round}: {written:?}");
    }
}
