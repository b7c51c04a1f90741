//! `/desk/products`: what there is to subscribe to, what it includes, and what it costs.

mod form;
mod range;

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use masthead_circulation::{Channel, Price, Product};
use masthead_settings::{PartChange, SettingsPart, duration::format_age};
use serde::Serialize;

use self::{
    form::{NEW, ProductForm},
    range::ProductRange,
};
use super::{
    history::SettingsHistory,
    meter::form::parse_age,
    save::{FormFault, SettingsForm, save},
};
use crate::{
    error::Handled,
    form::{Button, Fields, StaffForm, form_status},
    in_force::pairs,
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

#[derive(Default, Serialize)]
struct ProductsPage {
    products: Vec<ProductLine>,
    grace: String,
    #[serde(flatten)]
    history: SettingsHistory,
    fault: String,
}

#[derive(Default, Serialize)]
struct ProductLine {
    to: String,
    slug: String,
    name: String,
    reaches: String,
    prices: Vec<String>,
    is_first: bool,
}

#[derive(Default, Serialize)]
struct ProductPage {
    is_new: bool,
    form: ProductForm,
    /// Name in the form, and words.
    channels: Vec<(&'static str, &'static str)>,
    /// The currency of all prices; empty if it can still be chosen.
    currency: String,
    /// The field in which something is wrong.
    at: String,
    fault: String,
}

impl Page for ProductsPage {
    const TEMPLATE: &'static str = "products.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

impl Page for ProductPage {
    const TEMPLATE: &'static str = "product.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/products`
pub(crate) async fn list(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    ProductsForm::default().show(&desk, &staff, None).await
}

/// The form of the list: the order, the grace period, and back to the file.
#[derive(Default)]
struct ProductsForm {
    version: String,
}

/// `POST /desk/products`: every button of the list.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let form = ProductsForm { version: fields.text("version") };
    let mut range = ProductRange::in_force(&desk);
    let Button { action, target } = fields.button();
    let change: PartChange = match action.as_str() {
        "up" => {
            let index = range.products.iter().position(|product| product.slug == target);
            if let Some(index) = index.filter(|index| *index > 0) {
                range.products.swap(index - 1, index);
            }
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
        "file" => PartChange::LeaveToFile(SettingsPart::Products),
        _ => return form.show(&desk, &staff, None).await,
    };
    save(&desk, &staff, form, change).await
}

/// `GET /desk/products/{slug}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
) -> Handled {
    let range = ProductRange::in_force(&desk);
    let form = match range.products.iter().find(|product| product.slug == slug) {
        Some(product) => ProductForm::of(product, &range.prices),
        None if slug == NEW => ProductForm::new(),
        None => return Err(Notice::NoProduct.into()),
    };
    form.show(&desk, &staff, None).await
}

/// `POST /desk/products/{slug}`: every button of a product's form.
pub(crate) async fn change_product(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let mut range = ProductRange::in_force(&desk);
    let known = range.products.iter().position(|product| product.slug == slug);
    if known.is_none() && slug != NEW {
        return Err(Notice::NoProduct.into());
    }
    let mut form = ProductForm::sent(&slug, &fields);
    let button = fields.button();
    match (button.action.as_str(), known) {
        ("save", _) => {
            if let Err(fault) = range.put(&form, &desk.catalogue()) {
                return form.show(&desk, &staff, Some(fault)).await;
            }
        }
        ("remove", Some(index)) => {
            range.products.remove(index);
            range.prices.retain(|price| price.product != slug);
        }
        _ => {
            form.rearrange(&button);
            return form.show(&desk, &staff, None).await;
        }
    }
    save(&desk, &staff, form, range.settings()).await
}

impl SettingsForm for ProductsForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/products".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let range = ProductRange::in_force(desk);
        let words = pairs(desk.snapshot().prices());
        let lines = range.products.iter().enumerate();
        let page = ProductsPage {
            products: lines
                .map(|(index, product)| line(product, &range.prices, &words, index == 0))
                .collect(),
            grace: format_age(range.grace),
            history: desk.settings_history(SettingsPart::Products).await?,
            fault: fault.unwrap_or_default().text,
        };
        Ok(desk.page(staff, &page))
    }
}

/// `words` are all prices by slug, each beginning with the name of its product.
fn line(
    product: &Product,
    prices: &[Price],
    words: &[(String, String)],
    is_first: bool,
) -> ProductLine {
    let in_words = |price: &Price| {
        let (_, words) = words.iter().find(|(slug, _)| *slug == price.slug)?;
        let start = format!("{}, ", product.name);
        Some(words.strip_prefix(&start).unwrap_or(words).to_owned())
    };
    let prices = prices.iter().filter(|price| price.product == product.slug);
    let reaches = product.channels.iter().map(|channel| channel_in_words(*channel));
    ProductLine {
        to: format!("/desk/products/{}", product.slug),
        slug: product.slug.clone(),
        name: product.name.clone(),
        reaches: reaches.collect::<Vec<_>>().join(", "),
        prices: prices.filter_map(in_words).collect(),
        is_first,
    }
}

impl SettingsForm for ProductForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/products".to_owned()
    }

    async fn show(
        mut self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        if self.version.is_empty() {
            self.version = desk.settings_version(SettingsPart::Products).to_string();
        }
        let FormFault { field, text } = fault.unwrap_or_default();
        let currency = ProductRange::in_force(desk).currency;
        let page = ProductPage {
            is_new: self.slug == NEW,
            form: self,
            channels: Channel::ALL
                .map(|channel| (channel.name(), channel_in_words(channel)))
                .to_vec(),
            currency: currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
            // A fault of the whole form is shown at its first field.
            at: if field.is_empty() { "name".to_owned() } else { field },
            fault: text,
        };
        Ok(desk.page(staff, &page))
    }
}

fn channel_in_words(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "the site",
        Channel::App => "the apps",
        Channel::Print => "the printed paper",
        Channel::Newsletters => "newsletters",
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ProductsPage {
        fn samples() -> Vec<Self> {
            let line = ProductLine { prices: vec!["9.00 EUR".into(); 2], ..ProductLine::default() };
            let full = Self {
                products: vec![line, ProductLine::default()],
                history: SettingsHistory {
                    set_here: true,
                    history: vec!["Ada set it.".into()],
                    ..SettingsHistory::default()
                },
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    impl Samples for ProductPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                form: ProductForm::new(),
                channels: vec![("web", "the site")],
                currency: "EUR".into(),
                at: "name".into(),
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), Self { is_new: true, ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ProductsPage>().page::<ProductPage>();
    }
}
