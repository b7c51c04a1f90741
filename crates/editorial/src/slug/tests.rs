use super::*;

const OWN: SlugScript = SlugScript::OwnScript;

#[test]
fn slugs_are_short_ascii_words() {
    assert_eq!(slugify("The Harbour’s Last Ferry, Again!"), "the-harbours-last-ferry-again");
    assert_eq!(slugify("Ünïcode & 東京"), "unicode-dong-jing");
    assert_eq!(slugify("3 months for £3"), "3-months-for-3");
    assert_eq!(slugify("…"), "");
    let long = slugify(&"words and more ".repeat(20));
    assert!(long.len() <= MAX_LENGTH && !long.ends_with('-'), "{long}");
}

#[test]
fn slugs_in_their_own_script_have_the_letters_of_the_name() {
    for (name, slug) in [
        ("The Harbour’s Last Ferry, Again!", "the-harbours-last-ferry-again"),
        ("3 months for £3", "3-months-for-3"),
        ("Größe & Straße", "größe-straße"),
        ("Ünïcode & 東京", "ünïcode-東京"),
        ("東京、オリンピック「延期」", "東京-オリンピック-延期"),
        ("ＴＯＫＹＯ２０２０ ｶﾞｽ", "tokyo2020-ガス"),
        ("Последний паром", "последний-паром"),
        ("آخر عبّارة في الميناء", "آخر-عبّارة-في-الميناء"),
        ("می\u{200c}خواهم", "میخواهم"),
        ("น้ำท่วม", "น้ำท่วม"),
        ("山﨑", "山﨑"),
        ("o\u{200b}\u{308}l", "öl"),
        ("o’\u{308}l", "öl"),
        ("O\u{ff07}\u{308}l", "öl"),
        ("हिन्दी में", "हिन्दी-में"),
        ("Jo\u{308}rg", "jörg"),
        ("ΟΔΟΣ", "οδος"),
        ("\u{301}a\u{202e}b\u{200b}c", "abc"),
        ("☃", "snowman"),
        ("…", ""),
    ] {
        assert_eq!(OWN.slugify(name), slug, "{name}");
        assert!(slug.is_empty() || is_slug(slug), "{slug}");
    }
}

#[test]
fn slugs_are_cut_by_the_length_of_their_address() {
    for name in ["東京都".repeat(40), "последний паром ".repeat(20), "e\u{328}\u{301}".repeat(90)]
    {
        let slug = OWN.slugify(&name);
        assert!(encoded_length(&slug) <= MAX_ENCODED && encoded_length(&slug) > 100, "{slug}");
        assert!(is_slug(&slug) && !slug.ends_with('-'), "{slug}");
    }
    assert!(!is_slug(&"東".repeat(27)));
}

#[test]
fn slugs_of_the_site_are_reserved() {
    for slug in ["author", "topic", "withdraw", "following", "sitemap", "search", "healthz"] {
        assert!(is_reserved(slug), "{slug}");
    }
    // With Cyrillic letters.
    for slug in ["ѕеаrсһ", "ассоunt", "dеѕk", "торіс"] {
        assert!(is_reserved(slug), "{slug}");
    }
    assert!(!is_reserved("town") && !is_reserved("searching") && !is_reserved("тема"));
}

#[test]
fn is_slug_accepts_only_slugs() {
    assert!(is_slug("the-last-ferry") && is_slug("東京-2"));
    for text in [
        "The last ferry",
        "a/b",
        "Ö",
        "o\u{308}",
        "東京/大阪",
        "東 京",
        "-東",
        "東-",
        "東--京",
        "東\u{200b}",
        "a\u{202e}ü",
        "Ａ",
        "ｿ",
        "\u{301}ü",
        "ü.",
        "ü%",
    ] {
        assert!(!is_slug(text), "{text}");
    }
}

#[test]
fn latin_slugs_are_those_that_are_accepted_without_the_setting() {
    assert!(SlugScript::Latin.accepts("tokyo") && OWN.accepts("tokyo") && OWN.accepts("東京"));
    assert!(!SlugScript::Latin.accepts("東京"));
}

#[test]
fn a_slug_is_of_its_name_in_either_script() {
    assert!(is_of_name("ol", "Öl") && is_of_name("öl", "Öl") && is_of_name("li-ming", "黎明"));
    assert!(!is_of_name("ol-2", "Öl") && !is_of_name("", "…"));
    assert!(is_in_other_letters("xin-wen", "新聞") && is_in_other_letters("öl", "ol"));
    assert!(!is_in_other_letters("ol", "ol") && !is_in_other_letters("ol", "sport"));
}
