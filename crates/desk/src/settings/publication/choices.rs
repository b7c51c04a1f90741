//! The languages and time zones that a publication can choose.
//!
//! To add a language and region, add a row to [`LOCALES`], and its words. Its language must have words in the theme.

use jiff::tz;
use serde::Serialize;

use crate::words::DeskWords;

/// The tag of each language and region whose language has built-in words, and the word for it.
const LOCALES: [(&str, &str); 25] = [
    ("de-DE", "locale_de_de"),
    ("de-AT", "locale_de_at"),
    ("de-CH", "locale_de_ch"),
    ("en-AU", "locale_en_au"),
    ("en-CA", "locale_en_ca"),
    ("en-GB", "locale_en_gb"),
    ("en-IE", "locale_en_ie"),
    ("en-IN", "locale_en_in"),
    ("en-NZ", "locale_en_nz"),
    ("en-ZA", "locale_en_za"),
    ("en-US", "locale_en_us"),
    ("es-AR", "locale_es_ar"),
    ("es-CL", "locale_es_cl"),
    ("es-CO", "locale_es_co"),
    ("es-ES", "locale_es_es"),
    ("es-MX", "locale_es_mx"),
    ("fr-BE", "locale_fr_be"),
    ("fr-CA", "locale_fr_ca"),
    ("fr-CH", "locale_fr_ch"),
    ("fr-FR", "locale_fr_fr"),
    ("ja-JP", "locale_ja_jp"),
    ("nl-BE", "locale_nl_be"),
    ("nl-NL", "locale_nl_nl"),
    ("pl-PL", "locale_pl_pl"),
    ("en", "locale_en"),
];

/// The regions of the world in the names of time zones. Other names are former ones, or stand for no place.
const REGIONS: [&str; 10] = [
    "africa",
    "america",
    "antarctica",
    "arctic",
    "asia",
    "atlantic",
    "australia",
    "europe",
    "indian",
    "pacific",
];

/// The time zones of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct ZoneGroup {
    /// Such as Europe; empty for zones that stand alone.
    pub region: String,
    /// Name and place.
    pub zones: Vec<(String, String)>,
}

/// The tag and label of each language and region, also of the one that is set if it is another.
pub(super) fn locales(set: &str, words: DeskWords) -> Vec<(String, String)> {
    let known = LOCALES.map(|(tag, word)| (tag.to_owned(), words.text(word).to_owned()));
    let mut all = known.to_vec();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    if !set.is_empty() && all.iter().all(|(tag, _)| tag != set) {
        all.insert(0, (set.to_owned(), set.to_owned()));
    }
    all
}

/// The time zones by region, also the one that is set if it is another.
pub(super) fn zones(set: &str) -> Vec<ZoneGroup> {
    let mut names: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
    names.sort();
    let mut groups: Vec<ZoneGroup> = Vec::new();
    for (name, region, place) in names.iter().filter_map(|name| {
        let (region, place) = name.split_once('/')?;
        let is_place = REGIONS.contains(&region.to_ascii_lowercase().as_str());
        is_place.then_some((name, region, place))
    }) {
        if groups.last().is_none_or(|group| group.region != region) {
            groups.push(ZoneGroup { region: region.to_owned(), zones: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.zones.push((name.clone(), place.replace('_', " ")));
        }
    }
    let is_listed =
        |name: &str| groups.iter().flat_map(|group| &group.zones).any(|(it, _)| it == name);
    let mut alone = vec!["UTC"];
    if !set.is_empty() && set != "UTC" && !is_listed(set) {
        alone.push(set);
    }
    let alone = alone.into_iter().map(|name| (name.to_owned(), name.to_owned())).collect();
    groups.insert(0, ZoneGroup { region: String::new(), zones: alone });
    groups
}

#[cfg(test)]
mod tests {
    use masthead_access::message::Locale;

    use super::*;

    #[test]
    fn every_choice_can_be_set_and_what_is_set_is_a_choice() {
        for (tag, _) in locales("pt-BR", DeskWords::default()) {
            assert_eq!(Locale::new(&tag).map(|locale| locale.tag().to_owned()), Ok(tag));
        }
        assert_eq!(locales("pt-BR", DeskWords::default())[0].0, "pt-BR");
        assert_eq!(locales("en-GB", DeskWords::default()).len(), LOCALES.len());
        let groups = zones("Etc/GMT+5");
        let all: Vec<&str> =
            groups.iter().flat_map(|group| &group.zones).map(|(name, _)| name.as_str()).collect();
        assert!(all.len() > 300, "{}", all.len());
        for name in ["UTC", "Etc/GMT+5", "Europe/London", "America/Argentina/Buenos_Aires"] {
            assert!(all.contains(&name), "{name}");
        }
        for name in all {
            assert!(tz::TimeZone::get(name).is_ok(), "{name}");
        }
    }
}
