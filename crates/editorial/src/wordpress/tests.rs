//! Tests of the import from WordPress.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

const EXPORT: &str = include_str!("../../tests/small.wxr.xml");

fn entries(text: &str) -> Vec<ImportEntry> {
    entries_in(text, SlugScript::Latin)
}

fn entries_in(text: &str, slugs: SlugScript) -> Vec<ImportEntry> {
    let export = WxrExport::open(text, slugs).expect("an export");
    let zone = TimeZone::get("Europe/Lisbon").expect("a zone");
    let find = |src: &str| {
        src.ends_with("ferry.jpg").then(|| StoredPicture {
            src: "/media/f.jpg".into(),
            width: 8,
            height: 6,
        })
    };
    export.entries(&zone, &find).collect::<Result<_, _>>().expect("read")
}

fn pieces(text: &str) -> Vec<Piece> {
    entries(text).into_iter().filter_map(|entry| entry.result.ok()).collect()
}

#[test]
fn posts_and_pages_are_imported() {
    let pieces = pieces(EXPORT);
    let slugs: Vec<_> = pieces.iter().map(|piece| piece.slug.as_str()).collect();
    assert_eq!(slugs, ["the-last-ferry", "about-us", "a-draft", "unnamed-thoughts-on-rope"]);
    let ferry = &pieces[0];
    assert_eq!(ferry.headline, "The last & only ferry");
    assert_eq!(ferry.section.as_ref().map(|section| section.name.as_str()), Some("Harbour"));
    assert_eq!(ferry.topics.len(), 2);
    assert_eq!(ferry.authors[0].name, "Ada Quill");
    assert_eq!(ferry.picture.as_ref().map(|picture| picture.alt.as_str()), Some("A ferry"));
    assert_eq!(ferry.former_addresses, ["/?p=7", "/2026/03/the-last-ferry/"]);
    assert_eq!(ferry.published, "2026-03-01T09:30:00Z".parse().ok());
}

#[test]
fn classic_text_gets_paragraphs_and_loses_scripts() {
    let ferry = &pieces(EXPORT)[0];
    assert_eq!(
        ferry.body,
        "<p>It sailed at <strong>noon</strong>.<br>\nNobody waved.</p>\n<figure><img src=\"/media/f.jpg\" alt=\"Deck\" loading=\"lazy\" decoding=\"async\" width=\"8\" height=\"6\"><figcaption>On deck</figcaption></figure>\n<p>The end.</p>"
    );
}

#[test]
fn drafts_and_protected_pieces_become_drafts() {
    let pieces = pieces(EXPORT);
    assert_eq!(pieces[2].status, Status::Draft);
    assert_eq!(pieces[3].status, Status::Draft);
    assert_eq!(pieces[1].kind, Kind::Page);
}

#[test]
fn a_broken_item_is_reported_and_the_rest_is_imported() {
    let broken = EXPORT.replacen("<title>About us</title>", "<title>About us</titel>", 1);
    let entries = entries(&broken);
    let failed: Vec<_> = entries.iter().filter_map(|entry| entry.result.as_ref().err()).collect();
    assert!(failed.iter().any(|left| left.why.contains("line 41")), "{failed:?}");
    assert_eq!(pieces(&broken).len(), 3);
}

#[test]
fn an_item_that_is_too_large_is_left_out_and_the_rest_is_imported() {
    let long = format!("<content:encoded>{}</content:encoded>", "word ".repeat(2_000_000));
    let entries = entries(&export_of(&[&long, "<title>Fine</title>"]));
    let left_out = entries[0].result.as_ref().expect_err("too large");
    assert!(left_out.why.contains("more than 8 MB"), "{left_out:?}");
    assert!(entries[1].result.is_ok());
}

#[test]
fn a_file_that_is_not_an_export_is_refused() {
    let refused =
        |text: &str| WxrExport::open(text, SlugScript::Latin).err().map(|error| error.to_string());
    assert!(refused("<html></html>").is_some_and(|why| why.contains("WordPress")));
    assert!(refused("").is_some());
}

/// An export of items with these elements. Each has an id, from 1 on, and what posts need that is not among them.
fn export_of(items: &[&str]) -> String {
    let mut text = String::from(
        "<rss xmlns:wp=\"w\"><channel><link>https://small.example</link>\
        <wp:author><wp:author_login>ada</wp:author_login><wp:author_display_name>Ada Quill</wp:author_display_name></wp:author>\
        <wp:author><wp:author_login>li1</wp:author_login><wp:author_display_name>李明</wp:author_display_name></wp:author>\
        <wp:author><wp:author_login>li2</wp:author_login><wp:author_display_name>黎明</wp:author_display_name></wp:author>\
        <wp:author><wp:author_login>john</wp:author_login><wp:author_display_name>John Smith</wp:author_display_name></wp:author>\
        <wp:author><wp:author_login>john2</wp:author_login><wp:author_display_name>John Smith</wp:author_display_name></wp:author>",
    );
    for (number, item) in items.iter().enumerate() {
        let default = |element: &str, value: &str| {
            let is_given = item.contains(&format!("<{element}>"));
            if is_given { String::new() } else { format!("<{element}>{value}</{element}>") }
        };
        let given = [
            default("title", &format!("Piece {}", number + 1)),
            default("wp:status", "publish"),
            default("wp:post_type", "post"),
            default("wp:post_date_gmt", "2026-01-01 00:00:00"),
        ];
        text.push_str(&format!(
            "<item><wp:post_id>{}</wp:post_id>{}{item}</item>\n",
            number + 1,
            given.concat()
        ));
    }
    text + "</channel></rss>"
}

fn meta(key: &str, value: &str) -> String {
    format!(
        "<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )
}

fn counted(text: &str) -> Vec<String> {
    let mut all = Changes::default();
    for entry in entries(text) {
        entry.changes.iter().for_each(|(what, times)| all.count_times(what, times));
    }
    all.iter().map(|(what, times)| format!("{times} {what}")).collect()
}

fn byline(piece: &Piece) -> Vec<(&str, &str)> {
    piece.authors.iter().map(|author| (author.slug.as_str(), author.name.as_str())).collect()
}

#[test]
fn control_characters_become_spaces_and_are_counted() {
    let text = export_of(&[
        "<title><![CDATA[Harbour\u{b}fees\u{1} rise]]></title><content:encoded>Bu&#x308;rger</content:encoded>",
        "<title>Fine</title>",
    ]);
    let pieces = pieces(&text);
    assert_eq!(pieces[0].headline, "Harbour fees rise");
    assert_eq!(pieces[0].body, "<p>Bürger</p>");
    assert_eq!(
        counted(&text),
        ["1 piece with control characters or split letters, which were corrected"]
    );
}

#[test]
fn every_author_of_a_plugin_is_in_the_byline_in_order() {
    let guest = [
        "<title>Guest</title><wp:post_type>guest-author</wp:post_type><wp:post_name>cap-tessa</wp:post_name>",
        &meta("cap-display_name", "Tessa Amaro"),
        &meta("cap-user_login", "tessa"),
        &meta("cap-job_title", "Columnist"),
        &meta("cap-description", "Writes <b>& reads</b>."),
    ];
    let text = export_of(&[
        "<dc:creator>ada</dc:creator><category domain=\"author\" nicename=\"cap-tessa\">tessa</category>\
         <category domain=\"author\" nicename=\"cap-ada\">ada</category>",
        "<dc:creator>ada</dc:creator><category domain=\"author\" nicename=\"mira-holt\">Mira Holt</category>",
        "<dc:creator>ada</dc:creator>",
        &guest.concat(),
    ]);
    let pieces = pieces(&text);
    assert_eq!(byline(&pieces[0]), [("tessa-amaro", "Tessa Amaro"), ("ada-quill", "Ada Quill")]);
    let tessa = &pieces[0].authors[0];
    assert_eq!(
        (tessa.role.as_str(), tessa.bio.as_str()),
        ("Columnist", "<p>Writes &amp; reads.</p>")
    );
    assert_eq!(byline(&pieces[1]), [("mira-holt", "Mira Holt")]);
    assert_eq!(byline(&pieces[2]), [("ada-quill", "Ada Quill")]);
    assert_eq!(counted(&text), ["1 author who is not listed in the file, named as in the post"]);
}

#[test]
fn authors_with_one_name_are_told_apart_by_their_logins() {
    let by = |login: &str| format!("<dc:creator>{login}</dc:creator>");
    let text = export_of(&[&by("li2"), &by("li1"), &by("john2"), &by("john")]);
    let all: Vec<_> = pieces(&text).iter().flat_map(|piece| piece.authors.clone()).collect();
    let all: Vec<_> =
        all.iter().map(|author| (author.slug.as_str(), author.name.as_str())).collect();
    assert_eq!(
        all,
        [
            ("li-ming", "黎明"),
            ("li-ming", "李明"),
            ("john-smith-2", "John Smith"),
            ("john-smith", "John Smith")
        ]
    );
}

#[test]
fn authors_with_names_alike_in_latin_letters_are_both_in_a_byline() {
    let author = |slug: &str, name: &str| {
        format!("<category domain=\"author\" nicename=\"{slug}\">{name}</category>")
    };
    let both = author("li1", "li1") + &author("li2", "li2") + &author("cap-li2", "li2");
    let pieces = pieces(&export_of(&[&both]));
    assert_eq!(byline(&pieces[0]), [("li-ming", "李明"), ("li-ming", "黎明")]);
}

#[test]
fn slugs_are_in_their_own_script_or_transliterated() {
    let text = export_of(&[
        "<title>港の朝</title><link>https://small.example/2024/03/%e6%b8%af%e3%81%ae%e6%9c%9d/</link>\
         <wp:post_name>%e6%b8%af%e3%81%ae%e6%9c%9d</wp:post_name><dc:creator>li2</dc:creator>\
         <category domain=\"category\" nicename=\"%e7%a4%be%e4%bc%9a\">社会</category>\
         <category domain=\"post_tag\" nicename=\"%d0%bf%d0%be%d1%80%d1%82\">Порт</category>\
         <category domain=\"post_tag\" nicename=\"%c3%b6l\">Öl</category>\
         <category domain=\"post_tag\" nicename=\"ol\">Ol</category>",
        // Cut by the database, in the middle of a letter.
        "<wp:post_name>%e6%b8%af%e3%81</wp:post_name>",
    ]);
    let slugs = |script| {
        let entries = entries_in(&text, script);
        let pieces: Vec<Piece> = entries.into_iter().flat_map(|entry| entry.result).collect();
        let piece = &pieces[0];
        assert!(piece.former_addresses.contains(&"/2024/03/港の朝/".to_owned()));
        let topics: Vec<_> = piece.topics.iter().map(|topic| topic.slug.clone()).collect();
        let author = piece.authors[0].slug.clone();
        (piece.address(), topics.join(" "), author, pieces[1].slug.clone())
    };
    let all = |[address, topics, author, cut]: [&str; 4]| {
        (address.to_owned(), topics.to_owned(), author.to_owned(), cut.to_owned())
    };
    assert_eq!(
        slugs(SlugScript::Latin),
        all(["/she-hui/gang-nozhao", "port ol ol", "li-ming", "gang"])
    );
    let address = "/%E7%A4%BE%E4%BC%9A/%E6%B8%AF%E3%81%AE%E6%9C%9D";
    assert_eq!(slugs(SlugScript::OwnScript), all([address, "порт öl ol", "黎明", "港"]));
}

#[test]
fn reusable_blocks_that_are_not_public_stay_out() {
    let block = "<wp:post_type>wp_block</wp:post_type><content:encoded><![CDATA[<p>Call us.</p>]]></content:encoded>";
    for hidden in [
        "<wp:status>draft</wp:status>",
        "<wp:status>private</wp:status>",
        "<wp:status>trash</wp:status>",
        "<wp:post_password>secret</wp:post_password>",
    ] {
        let text = export_of(&[
            "<content:encoded><![CDATA[<p>Seen.</p><!-- wp:block {\"ref\":2} /-->]]></content:encoded>",
            &format!("{block}{hidden}"),
        ]);
        assert_eq!(pieces(&text)[0].body, "<p>Seen.</p>");
        assert_eq!(counted(&text), ["1 reusable block that is not in the file left out"]);
    }
}

#[test]
fn footnotes_blocks_and_links_within_the_text_are_kept() {
    let note = [
        "<content:encoded><![CDATA[<!-- wp:paragraph --><p>So<sup data-fn=\"a1\" class=\"fn\"><a href=\"#a1\" id=\"a1-link\">1</a></sup>.</p><!-- /wp:paragraph --><!-- wp:footnotes /-->]]></content:encoded>",
        &meta("footnotes", "[{\"content\":\"See it.\",\"id\":\"a1\"}]"),
    ];
    let text = export_of(&[
        &note.concat(),
        "<content:encoded><![CDATA[<!-- wp:block {\"ref\":3} /-->]]></content:encoded>",
        "<wp:post_type>wp_block</wp:post_type><content:encoded><![CDATA[<p>Call us.</p>]]></content:encoded>",
    ]);
    let pieces = pieces(&text);
    let body = &pieces[0].body;
    assert!(body.contains("<sup class=\"footnote\"><a href=\"#fn-a1\" id=\"fnref-a1\""), "{body}");
    assert!(
        body.contains("<ol class=\"footnotes\"><li id=\"fn-a1\">See it. <a href=\"#fnref-a1\""),
        "{body}"
    );
    assert_eq!(pieces[1].body, "<p>Call us.</p>");
    assert!(counted(&text).is_empty(), "{:?}", counted(&text));
}

#[test]
fn what_plugins_say_about_a_piece_is_kept_and_the_rest_counted() {
    let sponsored = [
        "<category domain=\"newspack_spnsrs_tax\" nicename=\"bank\">Harbour Bank</category>",
        "<category domain=\"region\" nicename=\"north\">North</category>",
        &meta("newspack_post_subtitle", "Under the headline"),
        &meta("_yoast_wpseo_metadesc", "For search"),
        &meta("_yoast_wpseo_title", "%%title%%"),
        &meta("_yoast_wpseo_meta-robots-noindex", "1"),
        &meta("_yoast_wpseo_canonical", "https://other.example/a"),
        &meta("_edit_last", "1"),
        &meta("our_own", "x"),
        &meta("_thumbnail_id", "2"),
    ];
    let picture = [
        "<wp:post_type>attachment</wp:post_type><wp:attachment_url>https://small.example/ferry.jpg</wp:attachment_url>",
        &meta("_media_credit", "Mira Holt"),
        &meta("_navis_media_credit_org", "The Agency"),
    ];
    let sponsor = [
        "<wp:post_type>newspack_spnsrs_cpt</wp:post_type><wp:post_name>bank</wp:post_name>",
        &meta("newspack_sponsor_byline_prefix", "Presented by"),
    ];
    let underwritten = [
        "<category domain=\"newspack_spnsrs_tax\" nicename=\"bank\">Harbour Bank</category>",
        &meta("newspack_sponsor_sponsorship_scope", "underwritten"),
    ];
    let text = export_of(&[
        &sponsored.concat(),
        &picture.concat(),
        &sponsor.concat(),
        &underwritten.concat(),
    ]);
    let pieces = pieces(&text);
    let piece = &pieces[0];
    let sponsor = piece.sponsor.as_ref().expect("a sponsor");
    assert_eq!(
        (sponsor.name.as_str(), sponsor.disclosure.as_str()),
        ("Harbour Bank", "Presented by Harbour Bank")
    );
    assert_eq!(piece.deck, "Under the headline");
    assert_eq!(piece.picture.as_ref().expect("a picture").credit, "Mira Holt / The Agency");
    let search = &piece.appearance;
    assert_eq!(
        (search.search_title.as_str(), search.search_description.as_str()),
        ("", "For search")
    );
    assert!(search.noindex);
    assert_eq!(piece.canonical.as_deref(), Some("https://other.example/a"));
    assert_eq!(pieces[1].sponsor, None);
    assert_eq!(
        counted(&text),
        [
            "1 metadata \"our_own\" left out",
            "1 term of the taxonomy \"region\" left out",
            "1 underwriter of a piece left out"
        ]
    );
}

#[test]
fn addresses_that_are_taken_or_in_another_script_are_changed_and_named() {
    let category = |slug: &str, name: &str| {
        format!("<category domain=\"category\" nicename=\"{slug}\">{name}</category>")
    };
    let text = export_of(&[
        &category("media", "Media"),
        &category("%e7%a4%be%e4%bc%9a", "社会"),
        "<wp:post_type>page</wp:post_type><wp:post_name>media-2</wp:post_name><title>About</title>",
        "<wp:post_type>page</wp:post_type><wp:post_name>feed</wp:post_name><title>Feed</title>",
    ]);
    let addresses: Vec<_> = pieces(&text).iter().map(Piece::address).collect();
    assert_eq!(addresses, ["/media-2/piece-1", "/she-hui/piece-2", "/media-2-3", "/feed-4"]);
    assert_eq!(counted(&text).len(), 3, "{:?}", counted(&text));
}

#[test]
fn a_deck_has_neither_shortcodes_nor_tags() {
    let excerpt = |html: &str| format!("<excerpt:encoded><![CDATA[{html}]]></excerpt:encoded>");
    let text = export_of(&[
        &excerpt("[su_quote]The <em>fees</em>[/su_quote] rise &amp; rise"),
        &excerpt("[tip]The fees[/tip] rise"),
    ]);
    let decks: Vec<_> = pieces(&text).into_iter().map(|piece| piece.deck).collect();
    assert_eq!(decks, ["The fees rise & rise", "The fees rise"]);
}

#[test]
fn an_earlier_address_that_another_piece_has_now_leads_to_that() {
    let text = export_of(&[
        &format!("<link>https://small.example/ferries/</link>{}", meta("_wp_old_slug", "harbour")),
        "<link>https://small.example/harbour/</link>",
    ]);
    let former: Vec<_> = pieces(&text).into_iter().map(|piece| piece.former_addresses).collect();
    assert_eq!(former[0], ["/?p=1", "/ferries/"]);
    assert_eq!(former[1], ["/?p=2", "/harbour/"]);
}

#[test]
fn sponsors_and_guests_in_other_scripts_are_found() {
    let post = [
        "<category domain=\"newspack_spnsrs_tax\" nicename=\"%e9%8a%80%e8%a1%8c\">銀行</category>",
        "<category domain=\"author\" nicename=\"cap-%e7%94%b0%e4%b8%ad\">cap-%e7%94%b0%e4%b8%ad</category>",
    ];
    let sponsor = [
        "<wp:post_type>newspack_spnsrs_cpt</wp:post_type><wp:post_name>%e9%8a%80%e8%a1%8c</wp:post_name>",
        &meta("newspack_sponsor_byline_prefix", "Presented by"),
    ];
    let guest = [
        "<wp:post_type>guest-author</wp:post_type><wp:post_name>cap-%e7%94%b0%e4%b8%ad</wp:post_name>",
        &meta("cap-display_name", "田中"),
    ];
    let text = export_of(&[&post.concat(), &sponsor.concat(), &guest.concat()]);
    let piece = &pieces(&text)[0];
    let disclosure = piece.sponsor.as_ref().map(|sponsor| sponsor.disclosure.as_str());
    assert_eq!(disclosure, Some("Presented by 銀行"));
    assert_eq!(byline(piece)[0].1, "田中");
}

#[test]
fn spaces_around_values_do_not_count() {
    let author = "<wp:author><wp:author_id>1\n</wp:author_id><wp:author_login>mira\n</wp:author_login>\
        <wp:author_display_name>\n Mira Holt\n</wp:author_display_name></wp:author><item>";
    let text = export_of(&[
        "<wp:status>\n publish\n</wp:status><wp:post_type>\n post\n</wp:post_type><wp:post_name> ferry\n</wp:post_name>\
         <dc:creator>\n mira\n</dc:creator><wp:post_password/><wp:comment_status/>\
         <category domain=\"category\" nicename=\" harbour \">\n Harbour\n</category>\
         <content:encoded>\n<![CDATA[<p>One]]><![CDATA[ and]]><![CDATA[ two ]] >.</p>]]>\n</content:encoded>",
    ]);
    let pieces = pieces(&text.replacen("<item>", author, 1));
    let piece = &pieces[0];
    assert_eq!((piece.status, piece.address().as_str()), (Status::Published, "/harbour/ferry"));
    assert_eq!(byline(piece), [("mira-holt", "Mira Holt")]);
    assert_eq!(piece.body, "<p>One and two ]] &gt;.</p>");
}

#[test]
fn elements_of_other_namespaces_and_of_comments_say_nothing_about_a_post() {
    let text = export_of(&[
        "<xy:status xmlns:xy=\"http://other.example/\">draft</xy:status><georss:point>45 -71</georss:point>\
         <plugin:field><wp:status>draft</wp:status><title>Of a plugin</title></plugin:field>\
         <wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_content>Great</wp:comment_content>\
         <wp:commentmeta><wp:meta_key>rating</wp:meta_key><wp:meta_value>5</wp:meta_value></wp:commentmeta></wp:comment>\
         <title>The ferry</title><wp:status>publish</wp:status>",
    ]);
    let piece = &pieces(&text)[0];
    assert_eq!((piece.status, piece.headline.as_str()), (Status::Published, "The ferry"));
    assert_eq!(counted(&text), ["1 piece whose comments were left out"]);
}

#[test]
fn items_shown_in_a_text_are_text() {
    let shown = "<content:encoded><![CDATA[<p>Write <code>&lt;item&gt;</code></p><pre><item>b</item></pre>]]></content:encoded>";
    let text = export_of(&[shown, "<title>Second</title>"]);
    assert_eq!(pieces(&text).len(), 2);
}

#[test]
fn times_statuses_and_links_are_read_as_far_as_possible() {
    let text = export_of(&[
        "<wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt><pubDate>Tue, 05 Mar 2024 08:00:00 +0000</pubDate>",
        "<wp:post_date_gmt>0001-01-01 00:00:00</wp:post_date_gmt><pubDate>Mon, 30 Nov -0001 00:00:00 +0000</pubDate>",
        "<wp:post_date_gmt>1889-05-06 06:00:00</wp:post_date_gmt>",
        "<wp:status>pitch</wp:status>",
        &format!("<link>/news/2015/story</link>{}", meta("_wp_old_slug", "stroy")),
    ]);
    let all = entries(&text);
    let published = |number: usize| all[number].result.as_ref().ok().and_then(|p| p.published);
    assert_eq!(published(0), "2024-03-05T08:00:00Z".parse().ok());
    assert!(all[1].result.is_err());
    assert_eq!(published(2), "1889-05-06T06:00:00Z".parse().ok());
    assert_eq!(all[3].result.as_ref().map(|piece| piece.status), Ok(Status::Draft));
    let former = all[4].result.as_ref().map(|piece| piece.former_addresses.clone());
    assert_eq!(
        former,
        Ok(vec!["/?p=5".to_owned(), "/news/2015/story".to_owned(), "/news/2015/stroy".to_owned()])
    );
}

#[test]
fn a_lead_picture_of_another_file_is_counted_and_takes_none_away() {
    let text = export_of(&[&meta("_thumbnail_id", "72"), &meta("_thumbnail_id", "0")]);
    let lacking: Vec<_> = entries(&text).iter().map(ImportEntry::lacks_pictures).collect();
    assert_eq!(lacking, [true, false]);
    assert!(counted(&text)[0].contains("lead picture not in this file"), "{:?}", counted(&text));
}

#[test]
fn pictures_are_looked_for_where_they_may_be() {
    let text = export_of(&[]);
    let export = WxrExport::open(&text, SlugScript::Latin).expect("an export");
    assert_eq!(
        export.picture_paths(
            "https://a.example/wp-content/uploads/2024/Fu%C3%9Fball-300x200.jpg?w=1"
        ),
        ["2024/Fußball-300x200.jpg", "2024/Fu%C3%9Fball-300x200.jpg", "2024/Fußball.jpg"]
    );
    assert_eq!(export.picture_paths("https://a.example/files/2012/a.jpg"), ["2012/a.jpg"]);
    assert!(export.picture_paths("https://b.example/a.jpg").is_empty());
}

#[test]
fn hostile_items_take_linear_time() {
    const SIZE: usize = 400_000;
    let deep = format!("{}{}", "<a>".repeat(SIZE / 7), "</a>".repeat(SIZE / 7));
    let attributes: String = (0..SIZE / 12).map(|number| format!(" a{number}=\"\"")).collect();
    let wide = format!("<a{attributes}></a>");
    let unclosed = "<a>".repeat(SIZE / 3);
    for flood in [deep, wide, unclosed] {
        let text = EXPORT.replacen("<title>About us</title>", &flood, 1);
        let begun = std::time::Instant::now();
        assert!(entries(&text).len() >= 4);
        let took = begun.elapsed();
        assert!(took < std::time::Duration::from_secs(10), "{flood:.20}: {took:?}");
    }
}

/// A file on a disk that fails once it was opened.
struct FailingText(&'static str, AtomicBool);

impl ArchiveText for FailingText {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.1.load(Ordering::Relaxed) {
            return Err(io::Error::other("the disk failed"));
        }
        self.0.read_at(position, buffer)
    }

    fn length(&self) -> u64 {
        self.0.length()
    }
}

#[test]
fn nothing_is_left_out_because_the_disk_fails() {
    let text = FailingText(EXPORT, false.into());
    let export = WxrExport::open(&text, SlugScript::Latin).expect("an export");
    let entry = |number| export.entry(number, &TimeZone::UTC, &|_| None);
    assert!(entry(0).expect("read").is_some());
    text.1.store(true, Ordering::Relaxed);
    assert!(entry(0).is_err());
    assert!(entry(10_000).expect("nothing to read").is_none());
}
