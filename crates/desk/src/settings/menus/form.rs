//! The form of the menus. Each menu is a list of rows; in the footer, some rows are the headings of groups.

use std::fmt::Display;

use masthead_editorial::{
    Menus,
    menus::{FooterGroup, InvalidMenu, MenuLink, MenuTarget},
    paths,
    redirect::local_target,
};
use masthead_settings::SettingsPart;
use serde::Serialize;

use crate::{
    form::{Button, Fields},
    settings::save::FormFault,
    state::DeskState,
    words::DeskWords,
};

/// The characters of the form.
pub(super) const MAX_FORM: usize = 20_000;
/// More rows than a menu can have.
const MAX_ROWS: usize = Menus::MAX_LINKS + Menus::MAX_GROUPS + 1;
/// The names of the menus in the names of fields.
const NAVIGATION: &str = "n";
const FOOTER: &str = "f";

/// See the module's documentation.
pub(crate) struct MenusForm {
    /// The version that was on the page.
    pub version: String,
    pub navigation: Vec<MenuRow>,
    pub footer: Vec<MenuRow>,
}

/// A link, or the heading of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct MenuRow {
    /// Whether it is a heading, which is its label.
    pub is_group: bool,
    /// Where it leads, as it is entered.
    pub to: String,
    /// Its words; empty for the name of what it leads to.
    pub label: String,
    /// Whether readers see it.
    pub shown: bool,
}

impl MenuRow {
    fn of(MenuLink { target, label, hidden }: &MenuLink) -> Self {
        let (to, label) = (target.to_string(), label.clone());
        Self { is_group: false, to, label, shown: !hidden }
    }

    fn new_link(to: String) -> Self {
        Self { to, shown: true, ..Self::default() }
    }

    fn heading(text: &str) -> Self {
        Self { is_group: true, label: text.to_owned(), ..Self::default() }
    }
}

impl MenusForm {
    /// What is in force. What the site makes is listed link by link, so that it can be moved.
    pub fn in_force(desk: &DeskState) -> Self {
        // The version first, so that the form never names a newer one than it shows.
        let version = desk.settings_version(SettingsPart::Menus).to_string();
        let snapshot = desk.snapshot();
        let publication = &snapshot.publication;
        let set = &publication.menus.navigation;
        let navigation = if set.is_empty() {
            let sections = publication.sections.iter();
            let sections = sections.map(|section| MenuRow::new_link(paths::section(&section.slug)));
            let others = MenuRow::of(&MenuLink::to(MenuTarget::OtherSections));
            sections.chain([others]).collect()
        } else {
            set.iter().map(MenuRow::of).collect()
        };
        let groups = snapshot.layout().footer_groups().into_owned();
        let rows = |FooterGroup { heading, links }: &FooterGroup| {
            let links: Vec<MenuRow> = links.iter().map(MenuRow::of).collect();
            [MenuRow::heading(heading)].into_iter().chain(links)
        };
        Self { version, navigation, footer: groups.iter().flat_map(rows).collect() }
    }

    /// The form as it was sent: the rows in the order in which the page had them.
    pub fn sent(fields: &Fields) -> Self {
        let rows = |menu: &str| {
            let row = |row: &String| MenuRow {
                is_group: fields.has(&format!("{menu}-group-{row}")),
                to: fields.text(&format!("{menu}-to-{row}")),
                label: fields.text(&format!("{menu}-label-{row}")),
                shown: fields.has(&format!("{menu}-shown-{row}")),
            };
            order(fields, menu).iter().take(MAX_ROWS).map(row).collect()
        };
        Self { version: fields.text("version"), navigation: rows(NAVIGATION), footer: rows(FOOTER) }
    }

    /// Adds, moves or removes a row, if this button does that. The footer always begins with a heading, and a heading is removed with
    /// its links.
    pub fn rearrange(&mut self, fields: &Fields, button: &Button) {
        let (menu, row) = button.target.split_once('-').unwrap_or((&button.target, ""));
        let rows = match menu {
            NAVIGATION => &mut self.navigation,
            FOOTER => &mut self.footer,
            _ => return,
        };
        let place = order(fields, menu).iter().position(|known| known == row);
        let place = place.filter(|place| *place < rows.len());
        match (button.action.as_str(), place) {
            ("add", _) if rows.len() < MAX_ROWS => {
                rows.push(MenuRow::new_link(fields.text(&format!("{menu}-new"))));
            }
            ("group", _) if rows.len() < MAX_ROWS => rows.push(MenuRow::heading("")),
            ("up", Some(place)) if place > 0 => swap(rows, place - 1, place),
            ("down", Some(place)) if place + 1 < rows.len() => swap(rows, place, place + 1),
            ("remove", Some(place)) => remove(rows, place),
            _ => {}
        }
    }

    /// The menus of the form. `hosts` are those of the site.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn menus(&self, hosts: &[&str], words: DeskWords) -> Result<Menus, FormFault> {
        let link = |menu: &str, place: usize, row: &MenuRow| {
            let to = local_target(&row.to, hosts);
            MenuLink::new(&to, &row.label, !row.shown)
                .map_err(|invalid| fault(menu, Some(place), &invalid, words))
        };
        let mut navigation = Vec::new();
        for (place, row) in self.navigation.iter().enumerate() {
            navigation.push(link(NAVIGATION, place, row)?);
        }
        let mut footer: Vec<FooterGroup> = Vec::new();
        for (place, row) in self.footer.iter().enumerate() {
            if row.is_group {
                let group = FooterGroup::new(&row.label, Vec::new())
                    .map_err(|invalid| fault(FOOTER, Some(place), &invalid, words))?;
                footer.push(group);
            } else {
                let link = link(FOOTER, place, row)?;
                let group = footer.last_mut().ok_or_else(|| {
                    FormFault::at(field(FOOTER, "to", place), words.text("menus_fault_no_group"))
                })?;
                group.links.push(link);
            }
        }
        let menu =
            if Menus::new(navigation.clone(), Vec::new()).is_err() { NAVIGATION } else { FOOTER };
        Menus::new(navigation, footer).map_err(|invalid| fault(menu, None, &invalid, words))
    }
}

/// The numbers of the rows of a menu, in their order on the page.
fn order(fields: &Fields, menu: &str) -> Vec<String> {
    fields.all(&format!("{menu}-row"))
}

/// Swaps two rows, unless a link would come before the first heading.
fn swap(rows: &mut [MenuRow], one: usize, other: usize) {
    let is_first_heading = one == 0 && rows.first().is_some_and(|row| row.is_group);
    if is_first_heading && rows.get(other).is_some_and(|row| !row.is_group) {
        return;
    }
    rows.swap(one, other);
}

fn remove(rows: &mut Vec<MenuRow>, place: usize) {
    let is_group = rows.get(place).is_some_and(|row| row.is_group);
    let after = rows.iter().skip(place + 1);
    let links = if is_group { after.take_while(|row| !row.is_group).count() } else { 0 };
    rows.drain(place..=place + links);
}

fn field(menu: &str, name: &str, place: usize) -> String {
    format!("{menu}-{name}-{place}")
}

/// What to correct in a menu, at the row at this place if it is about one.
fn fault(menu: &str, place: Option<usize>, invalid: &InvalidMenu, words: DeskWords) -> FormFault {
    let fill = |word: &str, gaps: &[(&str, &dyn Display)]| words.fill(word, gaps);
    let (name, text) = match invalid {
        InvalidMenu::Target(text) if text.is_empty() => {
            ("to", words.text("menus_fault_no_address").to_owned())
        }
        InvalidMenu::Target(text) => ("to", fill("menus_fault_address", &[("text", text)])),
        InvalidMenu::LongTarget(text) => {
            let most = MenuTarget::MAX_CHARACTERS;
            ("to", fill("menus_fault_long_address", &[("text", text), ("most", &most)]))
        }
        InvalidMenu::NoLabel(text) => ("label", fill("menus_fault_label", &[("text", text)])),
        InvalidMenu::LongLabel(text) => {
            let most = MenuLink::MAX_CHARACTERS;
            ("label", fill("menus_fault_long_label", &[("text", text), ("most", &most)]))
        }
        InvalidMenu::NoHeading => ("label", words.text("menus_fault_heading").to_owned()),
        InvalidMenu::Twice(text) => ("", fill("menus_fault_twice", &[("text", text)])),
        InvalidMenu::ManyLinks => ("", fill("menus_fault_links", &[("most", &Menus::MAX_LINKS)])),
        InvalidMenu::ManyGroups => {
            ("", fill("menus_fault_groups", &[("most", &Menus::MAX_GROUPS)]))
        }
    };
    match place.filter(|_| !name.is_empty()) {
        Some(place) => FormFault::at(field(menu, name, place), text),
        None => FormFault::at(format!("{menu}-menu"), text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "n-row=0&n-to-0=/town&n-shown-0=yes&n-row=1&n-to-1=https://example.org&n-label-1=Shop&n-shown-1=yes\
        &f-row=7&f-group-7=yes&f-label-7=Help&f-row=3&f-to-3=/about&f-shown-3=yes&f-row=5&f-group-5=yes&f-label-5=More\
        &f-row=4&f-to-4=/feed.xml";

    fn pressed(button: &str) -> MenusForm {
        let fields: Fields =
            serde_urlencoded::from_str(&format!("{FORM}&n-new=/topic/tides&do={button}"))
                .expect("a form");
        let mut form = MenusForm::sent(&fields);
        form.rearrange(&fields, &fields.button());
        form
    }

    fn names(rows: &[MenuRow]) -> String {
        let name = |row: &MenuRow| if row.is_group { row.label.clone() } else { row.to.clone() };
        rows.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_are_in_the_order_of_the_page() {
        let form = pressed("look");
        assert_eq!(names(&form.navigation), "/town https://example.org");
        assert_eq!(names(&form.footer), "Help /about More /feed.xml");
        let menus = form.menus(&[], DeskWords::default()).expect("menus");
        assert_eq!(menus.footer[0].links.len(), 1);
        assert!(menus.footer[1].links[0].hidden && !menus.navigation[0].hidden);
    }

    #[test]
    fn buttons_move_rows_within_and_between_groups() {
        assert_eq!(names(&pressed("up-n-1").navigation), "https://example.org /town");
        assert_eq!(names(&pressed("down-n-0").navigation), "https://example.org /town");
        assert_eq!(names(&pressed("add-n").navigation), "/town https://example.org /topic/tides");
        assert_eq!(names(&pressed("remove-n-0").navigation), "https://example.org");
        assert_eq!(names(&pressed("up-f-4").footer), "Help /about /feed.xml More");
        assert_eq!(names(&pressed("down-f-3").footer), "Help More /about /feed.xml");
        assert_eq!(names(&pressed("remove-f-5").footer), "Help /about");
        assert_eq!(names(&pressed("remove-f-7").footer), "More /feed.xml");
        assert_eq!(names(&pressed("group-f").footer), "Help /about More /feed.xml ");
        for nothing in
            ["up-f-3", "up-n-0", "down-n-1", "down-f-7", "remove-n-9", "up-x-0", "up", "add-x"]
        {
            let form = pressed(nothing);
            assert_eq!(names(&form.navigation), "/town https://example.org", "{nothing}");
            assert_eq!(names(&form.footer), "Help /about More /feed.xml", "{nothing}");
        }
    }

    #[test]
    fn faults_name_their_field() {
        let fault = |form: &str| {
            let fields: Fields = serde_urlencoded::from_str(form).expect("a form");
            let sent = MenusForm::sent(&fields);
            sent.menus(&["paper.example"], DeskWords::default()).map_err(|fault| fault.field)
        };
        assert_eq!(fault("n-row=5&n-to-5=javascript:alert(1)"), Err("n-to-0".into()));
        assert_eq!(fault("n-row=5&n-to-5=https://example.org"), Err("n-label-0".into()));
        assert_eq!(fault("f-row=0&f-group-0=yes"), Err("f-label-0".into()));
        assert_eq!(fault("f-row=0&f-to-0=/about"), Err("f-to-0".into()));
        assert_eq!(fault("n-row=0&n-to-0=/a&n-row=1&n-to-1=/a"), Err("n-menu".into()));
        let own = fault("n-row=0&n-to-0=https://paper.example/about").expect("menus");
        assert_eq!(own.navigation[0].target, MenuTarget::Path("/about".into()));
    }
}
