//! `/desk/products`: all products, their order, the grace period, and the days to withdraw from a contract.

use std::sync::Arc;

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
        list::{ListForm, SettingsList, move_up},
        meter::form::parse_age,
        page::SettingsContent,
        save::{FormFault, SettingsForm, save},
    },
    staff::CurrentStaff,
    state::DeskState,
};

/// The content of the page.
#[derive(Default, Serialize)]
pub(super) struct ProductList {
    products: Vec<ProductRow>,
    grace: String,
    withdrawal_days: u16,
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
    reaches: String,
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
        "grace" => match parse_age(&fields.text("grace")) {
            Some(grace) => {
                range.grace = grace;
                range.settings().into()
            }
            None => {
                let grace = fields.text("grace");
                let fault = format!("“{grace}” is no length of time. Write one such as 14 days.");
                return form.show(&desk, &staff, Some(FormFault::of_form(fault))).await;
            }
        },
        "withdrawal" => {
            let days = fields.text("withdrawal_days").parse().ok();
            let Some(period) = days.and_then(WithdrawalPeriod::new) else {
                let (min, max) = (WithdrawalPeriod::MIN_DAYS, WithdrawalPeriod::MAX_DAYS);
                let fault = format!("Enter a number of days from {min} to {max}.");
                return form.show(&desk, &staff, Some(FormFault::of_form(fault))).await;
            };
            range.withdrawal = period;
            range.settings().into()
        }
        "file" => PartChange::LeaveToFile(SettingsPart::Products),
        _ => return form.show(&desk, &staff, None).await,
    };
    save(&desk, &staff, form, base, change).await
}

impl SettingsList for ProductList {
    const ADDRESS: &'static str = "/desk/products";

    async fn load(desk: &DeskState) -> Result<Self, StoreError> {
        let range = ProductRange::in_force(desk);
        let words = pairs(desk.snapshot().prices());
        let rows = range.products.iter().enumerate();
        Ok(Self {
            products: rows
                .map(|(index, product)| row(product, &range.prices, &words, index == 0))
                .collect(),
            grace: format_age(range.grace),
            withdrawal_days: range.withdrawal.days(),
        })
    }
}

/// `words` are all prices by slug, each beginning with the name of its product.
fn row(
    product: &Product,
    prices: &[Price],
    words: &[(String, String)],
    is_first: bool,
) -> ProductRow {
    let in_words = |price: &Price| {
        let (_, words) = words.iter().find(|(slug, _)| *slug == price.slug)?;
        let start = format!("{}, ", product.name);
        Some(words.strip_prefix(&start).unwrap_or(words).to_owned())
    };
    let prices = prices.iter().filter(|price| price.product == product.slug);
    let reaches = product.channels.iter().map(|channel| channel_in_words(*channel));
    ProductRow {
        to: format!("/desk/products/{}", product.slug),
        slug: product.slug.clone(),
        name: product.name.clone(),
        reaches: reaches.collect::<Vec<_>>().join(", "),
        prices: prices.filter_map(in_words).collect(),
        is_first,
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
