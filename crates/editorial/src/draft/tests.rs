//! Tests of drafts.

use super::*;
use crate::{appearance::Appearance, clean::StoredPicture, piece::Correction};

fn sections() -> Vec<Section> {
    vec![Section { slug: "harbour".into(), name: "Harbour".into() }]
}

fn draft() -> Draft {
    Draft {
        section: "harbour".into(),
        headline: "The last ferry".into(),
        authors: vec!["Ada Quill".into(), "Bo".into()],
        body: "<p>It left.</p>".into(),
        ..Draft::default()
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn published() -> Piece {
    let how = PublishDetails {
        slug: "the-last-ferry".into(),
        published: at("2026-11-24T07:00:00Z"),
        correction: None,
        slugs: SlugScript::Latin,
    };
    draft().publish(how, &sections(), None)
}

fn parts(draft: &Draft, before: Option<&Piece>) -> Vec<&'static str> {
    draft
        .obstacles(&sections(), before, SlugScript::Latin)
        .into_iter()
        .map(|obstacle| obstacle.part)
        .collect()
}

#[test]
fn missing_fields_are_reported() {
    assert_eq!(parts(&Draft::default(), None), ["headline", "section", "body"]);
    assert!(parts(&draft(), None).is_empty());
    let page = Draft { kind: "page".into(), section: String::new(), ..draft() };
    assert!(parts(&page, None).is_empty());
    let reserved = Draft { headline: "Account".into(), ..page };
    assert_eq!(parts(&reserved, None), ["slug"]);
    let paid = Draft { sponsor: "The Ropeworks".into(), ..draft() };
    assert_eq!(parts(&paid, None), ["disclosure"]);
    let odd =
        Draft { design: "gold".into(), tier: "gold".into(), slug: "The Ferry".into(), ..draft() };
    assert_eq!(parts(&odd, None), ["design", "tier", "slug"]);
}

#[test]
fn a_picture_needs_a_description_unless_already_published() {
    let body = r#"<p>A</p><figure><img src="/media/1.jpg" alt=" "></figure>"#;
    let silent = Draft { body: body.into(), ..draft() };
    assert_eq!(parts(&silent, None), ["body"]);
    let before = Piece { body: body.into(), ..published() };
    assert!(parts(&silent, Some(&before)).is_empty());
    let card =
        r#"<figure class="embed"><a href="/a"><img src="/media/1.jpg" alt="">A</a></figure>"#;
    assert!(parts(&Draft { body: card.into(), ..draft() }, None).is_empty());
}

#[test]
fn pictures_of_a_long_text_are_looked_for_once_and_limited() {
    let before = Piece { body: "<p>A /media/a.jpg</p>".repeat(100_000), ..published() };
    let silent = r#"<img src="/media/1.jpg" alt="">"#.repeat(12_000);
    let draft = Draft { body: format!("<p>A</p>{silent}"), ..draft() };
    let began = std::time::Instant::now();
    assert_eq!(parts(&draft, Some(&before)), ["body"]);
    // Looking through the text for each picture takes more than a minute.
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    let many: String = (0..=MAX_PICTURES).map(|n| format!("<p>/media/{n}.jpg</p>")).collect();
    let draft = Draft { body: many.clone(), ..draft };
    let obstacles = draft.obstacles(&sections(), None, SlugScript::Latin);
    assert_eq!(obstacles.len(), 1, "{obstacles:?}");
    assert_eq!(obstacles[0].kind, ObstacleKind::TooManyPictures);
    assert!(parts(&draft, Some(&Piece { body: many, ..published() })).is_empty());
}

#[test]
fn tracked_changes_are_accepted_first_unless_already_published() {
    let body = "<p>The <del>old</del><ins>new</ins> bridge.</p>";
    let tracked = Draft { body: body.into(), ..draft() };
    let obstacles = tracked.obstacles(&sections(), None, SlugScript::Latin);
    assert_eq!(obstacles.len(), 1, "{obstacles:?}");
    assert_eq!(obstacles[0].part, "body");
    assert_eq!(obstacles[0].kind, ObstacleKind::TrackedChanges(2));
    let before = Piece { body: body.into(), ..published() };
    assert!(parts(&tracked, Some(&before)).is_empty());
}

#[test]
fn a_draft_is_blank_until_words_or_a_picture_are_in_it() {
    let settings = Draft {
        authors: vec!["Ada".into()],
        section: "town".into(),
        tier: "free".into(),
        ..Draft::default()
    };
    assert!(settings.is_blank());
    for written in [
        Draft { headline: "A".into(), ..Draft::default() },
        Draft { body: "<p>A</p>".into(), ..Draft::default() },
        Draft { topics: vec!["Tides".into()], ..Draft::default() },
        Draft { picture: Some(Picture::default()), ..Draft::default() },
    ] {
        assert!(!written.is_blank(), "{written:?}");
    }
}

#[test]
fn a_piece_in_a_removed_section_can_still_be_corrected() {
    let old = Section { slug: "docks".into(), name: "Docks".into() };
    let before = Piece { section: Some(old.clone()), ..published() };
    let draft = Draft::of(&before);
    assert!(parts(&draft, Some(&before)).is_empty());
    assert_eq!(parts(&draft, None), ["section"]);
    let how = PublishDetails {
        slug: "x".into(),
        published: Timestamp::UNIX_EPOCH,
        correction: None,
        slugs: SlugScript::Latin,
    };
    assert_eq!(draft.publish(how, &sections(), Some(&before)).section, Some(old));
}

#[test]
fn a_piece_is_published_in_a_whole_second_as_lists_have_it() {
    let now = at("2026-11-27T08:37:00.383666606Z");
    let how = PublishDetails {
        slug: "a".into(),
        published: now,
        correction: None,
        slugs: SlugScript::Latin,
    };
    let piece = draft().publish(how, &sections(), None);
    assert_eq!(piece.published, Some(at("2026-11-27T08:37:00Z")));
}

#[test]
fn an_unchanged_draft_publishes_the_same_piece() {
    let before = Piece {
        former_addresses: vec!["/?p=7".into()],
        canonical: Some("https://elsewhere.example/ferry".into()),
        appearance: Appearance { search_title: "Ferry times".into(), ..Appearance::default() },
        corrections: vec![Correction { date: jiff::civil::date(2026, 11, 24), text: "A".into() }],
        ..published()
    };
    let how = PublishDetails {
        slug: before.slug.clone(),
        published: before.published.expect("published"),
        correction: None,
        slugs: SlugScript::Latin,
    };
    assert_eq!(Draft::of(&before).publish(how, &sections(), Some(&before)), before);
}

#[test]
fn a_cleaned_draft_is_safe_and_loses_no_word() {
    let find = |src: &str| {
        (src == "/media/1.jpg").then(|| StoredPicture { src: src.into(), width: 4, height: 3 })
    };
    let picture =
        Picture { src: "/media/1.jpg".into(), alt: " A\nboat ".into(), ..Picture::default() };
    let foreign = Picture { src: "https://t.example/p.gif".into(), ..Picture::default() };
    let kept = Draft {
        headline: " The\n last\u{7} ferry ".into(),
        authors: vec![" Ada ".into(), "Ada".into(), "…".into()],
        body: "<p onclick=x>It <script>x</script>left.".into(),
        picture: Some(picture),
        ..Draft::default()
    }
    .cleaned(&find);
    assert_eq!(kept.headline, "The last ferry");
    assert_eq!(kept.authors, ["Ada"]);
    assert_eq!(kept.body, "<p>It left.</p>");
    let picture = kept.picture.expect("a picture");
    assert_eq!((picture.alt.as_str(), picture.width), ("A boat", 4));
    let without = Draft { picture: Some(foreign), ..Draft::default() }.cleaned(&find);
    assert_eq!(without.picture, None);
}

#[test]
fn only_text_that_readers_could_have_read_is_updated() {
    let before = published();
    let changed = Piece { body: "<p>It stayed.</p>".into(), ..before.clone() };
    let soon = at("2026-11-24T07:05:00Z");
    let later = at("2026-11-24T09:00:00Z");
    assert_eq!(updated(&changed, &before, soon), None);
    assert_eq!(updated(&changed, &before, later), Some(later));
    assert_eq!(updated(&before.clone(), &before, later), None);
}

#[test]
fn a_draft_of_an_earlier_version_keeps_the_canonical_address_of_its_piece() {
    let canonical = Some("https://elsewhere.example/ferry".to_owned());
    let before = Piece { canonical: canonical.clone(), ..published() };
    let stored: Draft = serde_saphyr::from_str("headline: The ferry").expect("a draft");
    assert_eq!(stored.with_canonical_of(&before).canonical, canonical);
    // One that was removed since stays so.
    let removed = Draft { canonical: None, ..Draft::of(&before) };
    assert_eq!(removed.with_canonical_of(&before).canonical, None);
}

#[test]
fn pictures_of_cards_need_no_alt_text() {
    let picture = "<img src=\"/media/a.jpg\" alt=\"\">";
    let card = format!(
        "<figure class=\"embed\"><a href=\"https://youtu.be/1\">{picture}<strong>A</strong></a></figure>"
    );
    assert!(parts(&Draft { body: format!("<p>A</p>{card}"), ..draft() }, None).is_empty());
    let other = Draft { body: format!("<p>A</p>{card}<figure>{picture}</figure>"), ..draft() };
    assert_eq!(parts(&other, None), ["body"]);
}

#[test]
fn an_old_canonical_address_does_not_keep_an_article_from_being_corrected() {
    let canonical = Some("elsewhere.example/ferry".to_owned());
    let before = Piece { canonical: canonical.clone(), ..published() };
    let same = Draft { canonical, ..draft() };
    assert!(parts(&same, Some(&before)).is_empty());
    assert_eq!(parts(&same, None), ["canonical"]);
    let other = Draft { canonical: Some("elsewhere".to_owned()), ..draft() };
    assert_eq!(parts(&other, Some(&before)), ["canonical"]);
}
