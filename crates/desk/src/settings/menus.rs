//! `/desk/menus`: the navigation of the site, and the groups of links in its footer.

mod choices;
mod form;
mod rows;

use std::sync::Arc;

use axum::extract::State;
use masthead_editorial::menus::{MenuLink, MenuTarget};
use masthead_publication::layout::Unavailable;
use masthead_settings::{MenusPart, PartSettings, SettingsPart};
use serde::Serialize;

use self::{
    choices::ChoiceGroup,
    form::{MAX_FORM, MenusForm},
    rows::ShownRow,
};
use super::{
    page::{SettingsContent, SettingsPage},
    save::{FormFault, SettingsForm, save_whole},
};
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    redirects::own_hosts,
    staff::CurrentStaff,
    state::DeskState,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct MenusContent {
    navigation: Vec<ShownRow>,
    footer: Vec<ShownRow>,
    /// What can be added.
    choices: Vec<ChoiceGroup>,
    /// Whether the form differs from what is in force.
    is_new: bool,
}

impl SettingsContent for MenusContent {
    const TEMPLATE: &'static str = "menus.html";
    const PART: SettingsPart = SettingsPart::Menus;
}

/// `GET /desk/menus`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    MenusForm::in_force(&desk).show(&desk, &staff, None).await
}

/// `POST /desk/menus`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields, MAX_FORM>,
) -> Handled {
    let (words, button, mut form) = (staff.words, fields.button(), MenusForm::sent(&fields));
    form.rearrange(&fields, &button);
    let publication = desk.settings();
    save_whole(&desk, &staff, (SettingsPart::Menus, &button), form, |form| {
        let menus = form.menus(&own_hosts(&publication), words)?;
        Ok(PartSettings::Menus(MenusPart::from(&menus)))
    })
    .await
}

/// Counts the links that are set to be shown, and lead to what is not published or not for everybody.
pub(crate) fn dead_links(desk: &DeskState) -> usize {
    let snapshot = desk.snapshot();
    let (layout, menus) = (snapshot.layout(), &snapshot.publication.menus);
    let is_dead = |link: &&MenuLink| {
        let found = match link.target {
            MenuTarget::Path(_) | MenuTarget::Outside(_) => layout.destination(&link.target).err(),
            MenuTarget::OtherSections | MenuTarget::OtherPages => None,
        };
        !link.hidden && matches!(found, Some(Unavailable::Absent | Unavailable::Locked))
    };
    let footer = menus.footer.iter().flat_map(|group| &group.links);
    menus.navigation.iter().chain(footer).filter(is_dead).count()
}

impl SettingsForm for MenusForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/menus".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (words, snapshot) = (staff.words, desk.snapshot());
        let layout = snapshot.layout();
        let in_force = Self::in_force(desk);
        let content = MenusContent {
            choices: choices::all(&snapshot, words),
            is_new: (&self.navigation, &self.footer) != (&in_force.navigation, &in_force.footer),
            navigation: rows::shown(self.navigation, &layout, words),
            footer: rows::shown(self.footer, &layout, words),
        };
        let page = SettingsPage::load(desk, words, content, &self.version, fault).await?;
        Ok(desk.page(staff, &page))
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<MenusContent> {
        fn samples() -> Vec<Self> {
            let full = MenusContent {
                navigation: rows::samples(),
                footer: rows::samples(),
                choices: vec![ChoiceGroup::default(), ChoiceGroup::sample()],
                is_new: true,
            };
            vec![
                Self::default(),
                Self { at: "n-to-0".into(), ..Self::sample(full) },
                Self {
                    fault: String::new(),
                    ..Self::sample(MenusContent { is_new: true, ..MenusContent::default() })
                },
            ]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<MenusContent>>();
    }
}
