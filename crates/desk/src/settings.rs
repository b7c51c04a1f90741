//! The pages on which staff change settings.
//!
//! Each part of the settings has a page with a form ([`SettingsForm`]). A handler reads the form, decides what its button
//! means, and hands the new settings to [`save`]; everything after that is the same for all of them.
//!
//! To add a part: add it to [`SettingsPart`], write its form in a module here, and implement [`SettingsForm`] for the form
//! and [`SettingsContent`](page::SettingsContent) for what its page shows.

pub(crate) mod appearance;
pub(crate) mod breaking;
pub(crate) mod entry;
pub(crate) mod experiments;
pub(crate) mod fronts;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod menus;
pub(crate) mod messages;
pub(crate) mod meter;
pub(crate) mod offers;
pub(crate) mod page;
pub(crate) mod products;
pub(crate) mod publication;
pub(crate) mod restore;
pub(crate) mod retention;
pub(crate) mod save;
pub(crate) mod sections;
pub(crate) mod seller;

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::appearance::samples::render(rendered);
        super::breaking::samples::render(rendered);
        super::experiments::samples::render(rendered);
        super::fronts::samples::render(rendered);
        super::menus::samples::render(rendered);
        super::messages::samples::render(rendered);
        super::meter::samples::render(rendered);
        super::offers::samples::render(rendered);
        super::products::samples::render(rendered);
        super::publication::samples::render(rendered);
        super::retention::samples::render(rendered);
        super::seller::samples::render(rendered);
        super::sections::samples::render(rendered);
    }
}
