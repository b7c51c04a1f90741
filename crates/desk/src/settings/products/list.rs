//! `/desk/products`: all products, their order, the grace period, the days to withdraw from a contract, the tax, who counts as one reader,
//! and when a cancellation without signing in takes effect.

use std::{fmt::Display, sync::Arc};

use axum::extract::State;
use masthead_circulation::{Price, Product, WithdrawalPeriod};
use masthead_settings::{PartChange, SettingsPart, duration::format_age};
use masthead_store::StoreError;
use serde::Serialize;

use super::{channel_in_words, range::ProductRange};
use crate::{
    error::Handled,
    form::{Button, Fields, StaffForm},
    in_force::pairs,
    settings::{
        entry,
        list::{ListForm, SettingsList, move_up},
        meter::form::parse_age,
        page::SettingsContent,
        save::{FormFault, SettingsForm, save},
    },
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The content of the page.
#[derive(Default, Serialize)]
pub(super) struct ProductList {
    products: Vec<ProductRow>,
    grace: String,
    withdrawal_days: u16,
    tax_rate: String,
    folds_addresses: bool,
    cancels_at_once: bool,
}

impl SettingsContent for ProductList {
    const TEMPLATE: &'static str = "products.html";
    const PART: SettingsPart = SettingsPart::Products;
}

#[derive(Default, Serialize)]
struct ProductRow {
    to: String,
    slug: String,
    name: String,
    channels: String,
    prices: Vec<String>,
    is_first: bool,
    recommended: bool,
}

/// `GET /desk/products`
pub(crate) async fn list(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    ListForm::<ProductList>::page(&desk, &staff).await
}

/// `POST /desk/products`: every button of the list.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Products);
    let form = ListForm::<ProductList>::sent(&fields);
    let mut range = ProductRange::in_force(&desk);
    let Button { action, target } = fields.button();
    let change: PartChange = match action.as_str() {
        "up" => {
            move_up(&mut range.products, |product| product.slug == target);
            range.settings().into()
        }
        "grace" => match parse_age(&fields.text("grace"), staff.words) {
            Some(grace) => {
                range.grace = grace;
                range.settings().into()
            }
            None => {
                let fault = staff.words.fill("age_fault", &[("text", &fields.text("grace"))]);
                return form.show(&desk, &staff, Some(FormFault::at("grace", fault))).await;
            }
        },
        "withdrawal" => {
            let days = fields.text("withdrawal_days").parse().ok();
            let Some(period) = days.and_then(WithdrawalPeriod::new) else {
                return form.show(&desk, &staff, Some(withdrawal_fault(staff.words))).await;
            };
            range.withdrawal = period;
            range.settings().into()
        }
        "tax" => match entry::tax(&fields.text("tax_rate"), staff.words) {
            Ok(rate) => {
                range.tax = rate;
                range.settings().into()
            }
            Err(fault) => {
                return form.show(&desk, &staff, Some(FormFault::at("tax-rate", fault))).await;
            }
        },
        "mailboxes" => {
            range.folds_addresses = fields.text("fold_addresses") == "yes";
            range.settings().into()
        }
        "cancelling" => {
            range.cancels_at_once = fields.text("cancel_at_once") == "yes";
            range.settings().into()
        }
        "file" => PartChange::LeaveToFile(SettingsPart::Products),
        _ => return form.show(&desk, &staff, None).await,
    };
    save(&desk, &staff, form, base, change).await
}

fn withdrawal_fault(words: DeskWords) -> FormFault {
    let (min, max) = (WithdrawalPeriod::MIN_DAYS, WithdrawalPeriod::MAX_DAYS);
    let range: [(&str, &dyn Display); 2] = [("min", &min), ("max", &max)];
    FormFault::at("withdrawal-days", words.fill("products_withdrawal_fault", &range))
}

impl SettingsList for ProductList {
    const ADDRESS: &'static str = "/desk/products";

    async fn load(desk: &DeskState, words: DeskWords) -> Result<Self, StoreError> {
        let range = ProductRange::in_force(desk);
        let prices = pairs(desk.snapshot().prices());
        let rows = range.products.iter().enumerate();
        Ok(Self {
            products: rows
                .map(|(index, product)| ProductRow {
                    is_first: index == 0,
                    ..row(product, &range.prices, &prices, words)
                })
                .collect(),
            grace: entry::length_in_words(&format_age(range.grace), words),
            withdrawal_days: range.withdrawal.days(),
            tax_rate: entry::tax_in_words(range.tax, words),
            folds_addresses: range.folds_addresses,
            cancels_at_once: range.cancels_at_once,
        })
    }
}

/// `costs` are all prices by slug, each beginning with the name of its product.
fn row(
    product: &Product,
    prices: &[Price],
    costs: &[(String, String)],
    words: DeskWords,
) -> ProductRow {
    let in_words = |price: &Price| {
        let (_, cost) = costs.iter().find(|(slug, _)| *slug == price.slug)?;
        let start = format!("{}, ", product.name);
        Some(cost.strip_prefix(&start).unwrap_or(cost).to_owned())
    };
    let prices = prices.iter().filter(|price| price.product == product.slug);
    let channels = product.channels.iter().map(|channel| channel_in_words(*channel, words));
    ProductRow {
        to: format!("/desk/products/{}", product.slug),
        slug: product.slug.clone(),
        name: product.name.clone(),
        channels: channels.collect::<Vec<_>>().join(", "),
        prices: prices.filter_map(in_words).collect(),
        is_first: false,
        recommended: product.recommended,
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::settings::page::SettingsPage;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<ProductList> {
        fn samples() -> Vec<Self> {
            let row = ProductRow { prices: vec!["9.00 EUR".into(); 2], ..ProductRow::default() };
            let products = vec![row, ProductRow::default()];
            vec![Self::default(), Self::sample(ProductList { products, ..ProductList::default() })]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<ProductList>>();
    }
}
