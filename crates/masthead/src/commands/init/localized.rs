//! What a new `masthead.toml` says in each language: name, tagline, sections and time zone.
//!
//! To add a language: an entry of [`LOCALIZED`]. A language without one gets what the English file says.

use masthead_access::message::Locale;

/// What readers see of a new publication before anything was set.
struct Localized {
    /// As an ISO 639-1 code.
    language: &'static str,
    name: &'static str,
    tagline: &'static str,
    /// The name and the description of the sections news and opinion. Their addresses stay, because the first article names one.
    sections: [(&'static str, &'static str); 2],
    zone: &'static str,
}

/// English first: its texts are those of the file that the others replace.
const LOCALIZED: [Localized; 7] = [
    Localized {
        language: "en",
        name: "My Paper",
        tagline: "News that its readers pay for",
        sections: [
            ("News", "What happened, and what it means."),
            ("Opinion", "What we make of it."),
        ],
        zone: "Europe/London",
    },
    Localized {
        language: "de",
        name: "Meine Zeitung",
        tagline: "Nachrichten, für die ihre Leser bezahlen",
        sections: [
            ("Nachrichten", "Was geschehen ist und was es bedeutet."),
            ("Meinung", "Was wir davon halten."),
        ],
        zone: "Europe/Berlin",
    },
    Localized {
        language: "fr",
        name: "Mon journal",
        tagline: "L’information financée par ses lecteurs",
        sections: [
            ("Actualités", "Ce qui s’est passé, et ce que cela signifie."),
            ("Opinions", "Ce que nous en pensons."),
        ],
        zone: "Europe/Paris",
    },
    Localized {
        language: "es",
        name: "Mi periódico",
        tagline: "Noticias que pagan sus lectores",
        sections: [
            ("Noticias", "Qué ha pasado y qué significa."),
            ("Opinión", "Qué pensamos al respecto."),
        ],
        zone: "Europe/Madrid",
    },
    Localized {
        language: "nl",
        name: "Mijn krant",
        tagline: "Nieuws waar lezers voor betalen",
        sections: [
            ("Nieuws", "Wat er is gebeurd en wat het betekent."),
            ("Opinie", "Wat wij ervan vinden."),
        ],
        zone: "Europe/Amsterdam",
    },
    Localized {
        language: "pl",
        name: "Moja gazeta",
        tagline: "Wiadomości, za które płacą czytelnicy",
        sections: [
            ("Wiadomości", "Co się wydarzyło i co to oznacza."),
            ("Opinie", "Co o tym sądzimy."),
        ],
        zone: "Europe/Warsaw",
    },
    Localized {
        language: "ja",
        name: "私の新聞",
        tagline: "読者が支えるニュース",
        sections: [
            ("ニュース", "何が起き、それが何を意味するのか。"),
            ("オピニオン", "私たちの見方。"),
        ],
        zone: "Asia/Tokyo",
    },
];

/// The time zones of regions (ISO 3166-1) with one zone that is not that of their language.
const ZONES: [(&str, &str); 5] = [
    ("AT", "Europe/Vienna"),
    ("BE", "Europe/Brussels"),
    ("CH", "Europe/Zurich"),
    ("IE", "Europe/Dublin"),
    ("LU", "Europe/Luxembourg"),
];

/// Returns the English configuration in the language of a publication, as far as there are texts.
pub(super) fn configuration(english: &str, locale: &Locale) -> String {
    let own = LOCALIZED.iter().find(|own| own.language == locale.language());
    let own = own.unwrap_or(&LOCALIZED[0]);
    let region = locale.tag().split('-').skip(1).find(|part| part.len() == 2).unwrap_or_default();
    let zone = ZONES.iter().find(|(known, _)| region.eq_ignore_ascii_case(known));
    let zone = zone.map_or(own.zone, |(_, zone)| zone);
    let mut keys = vec![("locale", "en", locale.tag())];
    keys.extend(replacements(&LOCALIZED[0]).into_iter().zip(replacements(own)).map(
        |((key, english), (_, text))| (key, english, if key == "zone" { zone } else { text }),
    ));
    keys.into_iter().fold(english.to_owned(), |file, (key, english, text)| {
        file.replacen(&line(key, english), &line(key, text), 1)
    })
}

/// A line of the file.
fn line(key: &str, value: &str) -> String {
    format!("\n{key} = \"{value}\"\n")
}

/// Keys of the file with their values.
fn replacements(own: &Localized) -> [(&'static str, &'static str); 7] {
    let [(news, about_news), (opinion, about_opinion)] = own.sections;
    [
        ("name", own.name),
        ("tagline", own.tagline),
        ("zone", own.zone),
        ("name", news),
        ("description", about_news),
        ("name", opinion),
        ("description", about_opinion),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::CONFIG;
    use super::*;

    fn in_language(tag: &str) -> String {
        configuration(CONFIG, &Locale::new(tag).expect("a locale"))
    }

    #[test]
    fn a_file_says_everything_in_its_language() {
        assert_eq!(in_language("en"), CONFIG);
        for own in &LOCALIZED {
            let file = in_language(own.language);
            for (key, text) in replacements(own) {
                assert!(file.contains(&line(key, text)), "{}: {key} {text}", own.language);
            }
        }
        for (key, english) in replacements(&LOCALIZED[0]) {
            assert!(!in_language("ja").contains(&line(key, english)), "{key} {english}");
        }
        assert!(in_language("sv").contains("name = \"My Paper\""), "no texts in Swedish");
    }

    #[test]
    fn a_region_with_one_time_zone_has_its_own() {
        for (tag, zone) in [
            ("de", "Europe/Berlin"),
            ("de-AT", "Europe/Vienna"),
            ("fr-CH", "Europe/Zurich"),
            ("en-GB", "Europe/London"),
        ] {
            assert!(in_language(tag).contains(&line("zone", zone)), "{tag}");
        }
        assert!(in_language("de-AT").contains(&line("locale", "de-AT")));
    }
}
