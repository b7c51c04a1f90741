//! `/desk/offers/{slug}`: one offer.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use masthead_settings::{PartSettings, SettingsPart};
use serde::Serialize;

use super::{
    address, audiences,
    form::{NEW, OfferForm},
    list::OfferList,
};
use crate::{
    error::{DeskError, Handled},
    form::StaffForm,
    http::{framed_page, with_query},
    in_force::pairs,
    notice::Notice,
    settings::{
        list::SettingsList as _,
        page::{SettingsContent, SettingsPage},
        save::{FormFault, SettingsForm, save},
    },
    staff::CurrentStaff,
    state::DeskState,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct OfferContent {
    slug: String,
    is_new: bool,
    form: OfferForm,
    /// Slug, and product and amount.
    prices: Vec<(String, String)>,
    audiences: Vec<(&'static str, &'static str)>,
    currency: String,
    /// The address of the preview; empty if the form is not valid.
    preview: String,
}

impl SettingsContent for OfferContent {
    const TEMPLATE: &'static str = "offer.html";
    const PART: SettingsPart = SettingsPart::Offers;
    const MAIN_FIELD: &'static str = "name";
}

/// The form of an offer, with its slug in the address.
struct OfferAt {
    slug: String,
    form: OfferForm,
}

/// `GET /desk/offers/{slug}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
) -> Handled {
    let version = desk.settings_version(SettingsPart::Offers).to_string();
    let catalogue = desk.catalogue();
    let form = match catalogue.offer(&slug) {
        Some(offer) => OfferForm::of(offer, staff.words),
        None if slug == NEW && !catalogue.is_empty() => OfferForm::new(&catalogue, staff.words),
        None => return Err(Notice::NoOffer.into()),
    };
    let form = OfferForm { version, ..form };
    OfferAt { slug, form }.show(&desk, &staff, None).await
}

/// `POST /desk/offers/{slug}`: every button of an offer's form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
    StaffForm(form): StaffForm<OfferForm>,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Offers);
    let catalogue = desk.catalogue();
    let known = catalogue.offers().iter().position(|offer| offer.slug == slug);
    if known.is_none() && slug != NEW {
        return Err(Notice::NoOffer.into());
    }
    let words = staff.words;
    let checked = form.offer(&slug, &catalogue, words);
    let doubt = checked.as_ref().ok().and_then(|offer| form.doubt(offer, &catalogue, words));
    let form = OfferAt { slug, form };
    let mut offers = catalogue.offers().to_vec();
    match (form.form.button.as_str(), known, checked) {
        ("save", _, Ok(_)) if doubt.is_some() => return form.show(&desk, &staff, doubt).await,
        ("save", known, Ok(offer)) => match known.and_then(|index| offers.get_mut(index)) {
            Some(known) => *known = offer,
            None => offers.push(offer),
        },
        ("remove", Some(index), _) => {
            offers.remove(index);
        }
        (_, _, checked) => return form.show(&desk, &staff, checked.err()).await,
    }
    save(&desk, &staff, form, base, PartSettings::Offers(offers.as_slice().into())).await
}

/// `GET /desk/offers/{slug}/page`: the site's offers as they would be.
pub(crate) async fn preview(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
    Query(form): Query<OfferForm>,
) -> Handled {
    let offer = form.offer(&slug, &desk.catalogue(), staff.words);
    let offer = offer.map_err(|_| DeskError::Invalid(Notice::NoOffer))?;
    let page = desk.snapshot().offers_preview(&offer, desk.now());
    Ok(framed_page(page.map_err(|error| DeskError::failed("offers: render preview", error))?))
}

impl SettingsForm for OfferAt {
    fn version(&self) -> &str {
        &self.form.version
    }

    fn saved_address(&self) -> String {
        OfferList::ADDRESS.to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (Self { slug, form }, words) = (self, staff.words);
        let version = form.version.clone();
        let catalogue = desk.catalogue();
        let currency = catalogue.prices().first().map(|price| price.amount.currency());
        let content = OfferContent {
            prices: pairs(desk.snapshot().prices()),
            preview: if form.offer(&slug, &catalogue, words).is_ok() {
                with_query(&format!("{}/page", address(&slug)), &form)
            } else {
                String::new()
            },
            currency: currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
            is_new: slug == NEW,
            audiences: audiences(words).to_vec(),
            slug,
            form,
        };
        Ok(desk.page(staff, &SettingsPage::load(desk, words, content, &version, fault).await?))
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<OfferContent> {
        fn samples() -> Vec<Self> {
            let full = OfferContent {
                prices: vec![("web".into(), "The web".into())],
                audiences: audiences(crate::words::DeskWords::default()).to_vec(),
                preview: "/desk/offers/new/page".into(),
                ..OfferContent::default()
            };
            let new = OfferContent { is_new: true, ..OfferContent::default() };
            Self::samples_of_entry(new, full)
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<OfferContent>>();
    }
}
