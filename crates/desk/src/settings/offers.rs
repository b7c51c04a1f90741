//! `/desk/offers`: what a subscription costs at first, who may take the offer, and until when.

mod form;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use http::StatusCode;
use jiff::Timestamp;
use masthead_circulation::{Offer, OfferAudience};
use masthead_settings::{AudienceKind, PartChange, PartSettings, SettingsPart};
use serde::Serialize;

use self::form::{NEW, OfferForm};
use super::{
    history::SettingsHistory,
    save::{FormFault, SettingsForm, save},
};
use crate::{
    error::{DeskError, Handled},
    form::{Button, Fields, StaffForm, form_status},
    http::{framed_page, with_query},
    in_force::pairs,
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

/// Who may take an offer: the name in the form and the settings, and words.
const AUDIENCES: [(&str, &str); 4] = [
    ("new", "Readers who never had a subscription"),
    ("lapsed", "Readers who had one, and have none now"),
    ("everyone", "All who have none now"),
    ("code", "Those of them who know a code"),
];

#[derive(Default, Serialize)]
struct OffersPage {
    offers: Vec<OfferLine>,
    /// Whether anything is sold.
    sells: bool,
    #[serde(flatten)]
    history: SettingsHistory,
    fault: String,
}

#[derive(Default, Serialize)]
struct OfferLine {
    to: String,
    slug: String,
    name: String,
    cost: String,
    audience: &'static str,
    status: String,
    is_first: bool,
}

#[derive(Default, Serialize)]
struct OfferPage {
    slug: String,
    is_new: bool,
    form: OfferForm,
    version: i32,
    /// Slug and words.
    prices: Vec<(String, String)>,
    audiences: Vec<(&'static str, &'static str)>,
    currency: String,
    /// The address of the preview; empty if the form is not valid.
    preview: String,
    /// The field in which something is wrong.
    at: String,
    fault: String,
}

impl Page for OffersPage {
    const TEMPLATE: &'static str = "offers.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

impl Page for OfferPage {
    const TEMPLATE: &'static str = "offer.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// The form of the list: the order, and back to the file.
#[derive(Default)]
struct OffersForm {
    version: String,
}

/// The form of an offer, with its slug in the address.
struct OfferAt {
    slug: String,
    form: OfferForm,
}

/// `GET /desk/offers`
pub(crate) async fn list(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    OffersForm::default().show(&desk, &staff, None).await
}

/// `POST /desk/offers`: every button of the list.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let form = OffersForm { version: fields.text("version") };
    let mut offers = desk.catalogue().offers().to_vec();
    let Button { action, target } = fields.button();
    let change: PartChange = match action.as_str() {
        "up" => {
            let index = offers.iter().position(|offer| offer.slug == target);
            if let Some(index) = index.filter(|index| *index > 0) {
                offers.swap(index - 1, index);
            }
            PartSettings::Offers(offers.as_slice().into()).into()
        }
        "file" => PartChange::LeaveToFile(SettingsPart::Offers),
        _ => return form.show(&desk, &staff, None).await,
    };
    save(&desk, &staff, form, change).await
}

/// `GET /desk/offers/{slug}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
) -> Handled {
    let catalogue = desk.catalogue();
    let form = match catalogue.offer(&slug) {
        Some(offer) => OfferForm::of(offer),
        None if slug == NEW && !catalogue.is_empty() => OfferForm::new(&catalogue),
        None => return Err(Notice::NoOffer.into()),
    };
    OfferAt { slug, form }.show(&desk, &staff, None).await
}

/// `POST /desk/offers/{slug}`: every button of an offer's form.
pub(crate) async fn change_offer(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
    StaffForm(form): StaffForm<OfferForm>,
) -> Handled {
    let catalogue = desk.catalogue();
    let known = catalogue.offers().iter().position(|offer| offer.slug == slug);
    if known.is_none() && slug != NEW {
        return Err(Notice::NoOffer.into());
    }
    let checked = form.offer(&slug, &catalogue);
    let form = OfferAt { slug, form };
    let mut offers = catalogue.offers().to_vec();
    match (form.form.button.as_str(), known, checked) {
        ("save", known, Ok(offer)) => match known.and_then(|index| offers.get_mut(index)) {
            Some(known) => *known = offer,
            None => offers.push(offer),
        },
        ("remove", Some(index), _) => {
            offers.remove(index);
        }
        (_, _, checked) => return form.show(&desk, &staff, checked.err()).await,
    }
    save(&desk, &staff, form, PartSettings::Offers(offers.as_slice().into())).await
}

/// `GET /desk/offers/{slug}/page`: the site's offers as they would be.
pub(crate) async fn preview(
    State(desk): State<Arc<DeskState>>,
    Path(slug): Path<String>,
    Query(form): Query<OfferForm>,
) -> Handled {
    let offer = form.offer(&slug, &desk.catalogue());
    let offer = offer.map_err(|_| DeskError::Invalid(Notice::NoOffer))?;
    let page = desk.snapshot().offers_preview(&offer, desk.now());
    Ok(framed_page(page.map_err(|error| DeskError::failed("offers: render preview", error))?))
}

fn address(slug: &str) -> String {
    format!("/desk/offers/{slug}")
}

impl SettingsForm for OffersForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/offers".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let redemptions = desk.store.redemptions().await?;
        let taken = |offer: &Offer| {
            let taken = redemptions.iter().find(|(slug, _)| *slug == offer.slug);
            taken.map_or(0, |(_, taken)| *taken)
        };
        let catalogue = desk.catalogue();
        let now = desk.now();
        let line = |(index, offer): (usize, &Offer)| OfferLine {
            to: address(&offer.slug),
            slug: offer.slug.clone(),
            name: if offer.name.is_empty() { offer.slug.clone() } else { offer.name.clone() },
            cost: desk.snapshot().offer_cost(offer),
            audience: audience_in_words(&offer.audience),
            status: status_in_words(desk, offer, taken(offer), now),
            is_first: index == 0,
        };
        let page = OffersPage {
            offers: catalogue.offers().iter().enumerate().map(line).collect(),
            sells: !catalogue.is_empty(),
            history: desk.settings_history(SettingsPart::Offers).await?,
            fault: fault.unwrap_or_default().text,
        };
        Ok(desk.page(staff, &page))
    }
}

/// Whether an offer that was `taken` so often can be taken now.
fn status_in_words(desk: &DeskState, offer: &Offer, taken: u32, now: Timestamp) -> String {
    let zone = desk.publication().zone;
    match (offer.ends, offer.limit) {
        (Some(last), _) if !offer.runs(now, &zone) => {
            format!("Over since {}", last.strftime("%-d %B %Y"))
        }
        (_, Some(limit)) if taken >= limit => format!("All {limit} were taken"),
        (None, Some(limit)) => format!("Runs; {taken} of {limit} were taken"),
        (Some(last), None) => format!("Runs through {}", last.strftime("%-d %B %Y")),
        (Some(last), Some(limit)) => {
            format!("Runs through {}; {taken} of {limit} were taken", last.strftime("%-d %B %Y"))
        }
        (None, None) => "Runs".to_owned(),
    }
}

fn audience_in_words(audience: &OfferAudience) -> &'static str {
    let name = AudienceKind::from(audience).name();
    AUDIENCES.iter().find(|(known, _)| *known == name).map_or("", |(_, words)| words)
}

impl SettingsForm for OfferAt {
    fn version(&self) -> &str {
        &self.form.version
    }

    fn saved_address(&self) -> String {
        "/desk/offers".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let Self { slug, form } = self;
        let catalogue = desk.catalogue();
        let FormFault { field, text } = fault.unwrap_or_default();
        let currency = catalogue.prices().first().map(|price| price.amount.currency());
        let page = OfferPage {
            prices: pairs(desk.snapshot().prices()),
            preview: if form.offer(&slug, &catalogue).is_ok() {
                with_query(&format!("{}/page", address(&slug)), &form)
            } else {
                String::new()
            },
            currency: currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
            is_new: slug == NEW,
            audiences: AUDIENCES.to_vec(),
            version: desk.settings_version(SettingsPart::Offers),
            slug,
            form,
            // A fault of the whole form is shown at its first field.
            at: if field.is_empty() { "name".to_owned() } else { field },
            fault: text,
        };
        Ok(desk.page(staff, &page))
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for OffersPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                offers: vec![OfferLine::default()],
                history: SettingsHistory {
                    set_here: true,
                    history: vec!["Ada set it.".into()],
                    ..SettingsHistory::default()
                },
                fault: "Wrong".into(),
                sells: true,
            };
            vec![Self::default(), Self { sells: true, ..Self::default() }, full]
        }
    }

    impl Samples for OfferPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                prices: vec![("web".into(), "The web".into())],
                audiences: AUDIENCES.to_vec(),
                preview: "/desk/offers/new/page".into(),
                at: "name".into(),
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), Self { is_new: true, ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<OffersPage>().page::<OfferPage>();
    }
}
