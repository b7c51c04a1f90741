//! `/desk/offers`: all offers, and their order.

use std::{fmt::Display, sync::Arc};

use axum::extract::State;
use masthead_circulation::{Offer, OfferAudience};
use masthead_settings::{AudienceKind, PartChange, PartSettings, SettingsPart};
use masthead_store::StoreError;
use serde::Serialize;

use super::{address, audiences};
use crate::{
    error::Handled,
    form::{Button, Fields, StaffForm},
    settings::{
        list::{ListForm, SettingsList, move_up},
        page::SettingsContent,
        save::{SettingsForm, save},
    },
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The content of the page.
#[derive(Default, Serialize)]
pub(super) struct OfferList {
    offers: Vec<OfferRow>,
    /// Whether anything is sold.
    sells: bool,
}

impl SettingsContent for OfferList {
    const TEMPLATE: &'static str = "offers.html";
    const PART: SettingsPart = SettingsPart::Offers;
}

#[derive(Default, Serialize)]
struct OfferRow {
    to: String,
    slug: String,
    name: String,
    cost: String,
    audience: &'static str,
    status: String,
    is_first: bool,
}

/// `GET /desk/offers`
pub(crate) async fn list(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    ListForm::<OfferList>::page(&desk, &staff).await
}

/// `POST /desk/offers`: every button of the list.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Offers);
    let form = ListForm::<OfferList>::sent(&fields);
    let mut offers = desk.catalogue().offers().to_vec();
    let Button { action, target } = fields.button();
    let change: PartChange = match action.as_str() {
        "up" => {
            move_up(&mut offers, |offer| offer.slug == target);
            PartSettings::Offers(offers.as_slice().into()).into()
        }
        "file" => PartChange::LeaveToFile(SettingsPart::Offers),
        _ => return form.show(&desk, &staff, None).await,
    };
    save(&desk, &staff, form, base, change).await
}

impl SettingsList for OfferList {
    const ADDRESS: &'static str = "/desk/offers";

    async fn load(desk: &DeskState, words: DeskWords) -> Result<Self, StoreError> {
        let redemptions = desk.store.redemptions().await?;
        let taken = |offer: &Offer| {
            let taken = redemptions.iter().find(|(slug, _)| *slug == offer.slug);
            taken.map_or(0, |(_, taken)| *taken)
        };
        let catalogue = desk.catalogue();
        let (now, zone) = (desk.now(), desk.publication().zone);
        let row = |(index, offer): (usize, &Offer)| OfferRow {
            to: address(&offer.slug),
            slug: offer.slug.clone(),
            name: if offer.name.is_empty() { offer.slug.clone() } else { offer.name.clone() },
            cost: desk.snapshot().offer_cost(offer),
            audience: audience_in_words(&offer.audience, words),
            status: status_in_words(offer, taken(offer), offer.runs(now, &zone), words),
            is_first: index == 0,
        };
        Ok(Self {
            offers: catalogue.offers().iter().enumerate().map(row).collect(),
            sells: !catalogue.is_empty(),
        })
    }
}

/// Whether an offer that was `taken` so often can be taken now. `runs` is whether its last day has not passed.
fn status_in_words(offer: &Offer, taken: u32, runs: bool, words: DeskWords) -> String {
    let date = offer.ends.map(|last| words.day(last)).unwrap_or_default();
    let limit = offer.limit.unwrap_or_default();
    let gaps: [(&str, &dyn Display); 3] = [("date", &date), ("limit", &limit), ("taken", &taken)];
    match (offer.ends, offer.limit) {
        (Some(_), _) if !runs => words.fill("offer_ended", &gaps),
        (_, Some(limit)) if taken >= limit => words.fill("offer_sold_out", &gaps),
        (None, Some(_)) => words.fill("offer_active_taken", &gaps),
        (Some(_), None) => words.fill("offer_active_until", &gaps),
        (Some(_), Some(_)) => words.fill("offer_active_until_taken", &gaps),
        (None, None) => words.text("offer_active").to_owned(),
    }
}

fn audience_in_words(audience: &OfferAudience, words: DeskWords) -> &'static str {
    let name = AudienceKind::from(audience).name();
    audiences(words).into_iter().find(|(known, _)| *known == name).map_or("", |(_, said)| said)
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::settings::page::SettingsPage;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<OfferList> {
        fn samples() -> Vec<Self> {
            let sells = Self {
                content: OfferList { sells: true, ..OfferList::default() },
                ..Self::default()
            };
            let full = OfferList { offers: vec![OfferRow::default()], sells: true };
            vec![Self::default(), sells, Self::sample(full)]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<OfferList>>();
    }
}
