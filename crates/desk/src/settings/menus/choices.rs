//! What can be added to a menu.

use masthead_editorial::{menus::MenuTarget, paths};
use masthead_publication::{
    SiteSnapshot,
    layout::{Layout, SITE_PAGES},
};
use serde::Serialize;

use crate::words::DeskWords;

/// Topics to choose from, those with the most articles.
const MAX_TOPICS: usize = 50;

/// Targets of one kind.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ChoiceGroup {
    label: String,
    /// Target and name of each.
    choices: Vec<(String, String)>,
}

/// Everything that can be chosen; other addresses are entered.
pub(super) fn all(snapshot: &SiteSnapshot, words: DeskWords) -> Vec<ChoiceGroup> {
    let (layout, edition) = (snapshot.layout(), &snapshot.edition);
    let at = |path: String| named(path, &layout);
    let sections = snapshot.sections().into_iter().map(|own| (paths::section(&own.slug), own.name));
    let pages = edition.pages().iter().filter_map(|page| at(page.address.to_string()));
    let topics = edition.topics(MAX_TOPICS).into_iter();
    let topics = topics.map(|topic| (paths::topic(&topic.slug), topic.name));
    let site = SITE_PAGES.iter().filter_map(|page| at(page.path.to_owned()));
    let others = [
        (MenuTarget::OtherSections.to_string(), words.text("menus_other_sections").to_owned()),
        (MenuTarget::OtherPages.to_string(), words.text("menus_other_pages").to_owned()),
    ];
    let outside = (String::new(), words.text("menus_outside").to_owned());
    let groups = [
        ("menus_sections", sections.collect::<Vec<_>>()),
        ("menus_pages", pages.collect()),
        ("menus_topics", topics.collect()),
        ("menus_site_pages", site.collect()),
        ("menus_others", others.into_iter().chain([outside]).collect()),
    ];
    let group = |(label, choices)| ChoiceGroup { label: words.text(label).to_owned(), choices };
    groups.map(group).into_iter().filter(|group| !group.choices.is_empty()).collect()
}

/// A path with the name of what is there.
fn named(path: String, layout: &Layout<'_>) -> Option<(String, String)> {
    let name = layout.destination(&MenuTarget::Path(path.clone())).ok()?.name;
    Some((path, name))
}

#[cfg(test)]
impl ChoiceGroup {
    pub(super) fn sample() -> Self {
        Self { label: "Sections".into(), choices: vec![("/town".into(), "Town".into())] }
    }
}
