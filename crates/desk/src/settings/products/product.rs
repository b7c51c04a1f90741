//! `/desk/products/{slug}`: one product.

use std::sync::Arc;

use axum::extract::{Path, State};
use masthead_circulation::Channel;
use masthead_settings::SettingsPart;
use serde::Serialize;

use super::{
    channel_in_words,
    form::{NEW, ProductForm},
    list::ProductList,
    range::ProductRange,
};
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    notice::Notice,
    settings::{
        entry,
        list::SettingsList as _,
        page::{SettingsContent, SettingsPage},
        save::{FormFault, SettingsForm, save},
    },
    staff::CurrentStaff,
    state::DeskState,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct ProductContent {
    is_new: bool,
    form: ProductForm,
    /// Name in the form, and words.
    channels: Vec<(&'static str, &'static str)>,
    /// The currency of all prices; empty if it can still be chosen.
    currency: String,
    /// The tax rate of products that have none of their own; may be empty.
    usual_tax: String,
}

impl SettingsContent for ProductContent {
    const TEMPLATE: &'static str = "product.html";
    const PART: SettingsPart = SettingsPart::Products;
    const MAIN_FIELD: &'static str = "name";
}

/// `GET /desk/products/{slug}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
) -> Handled {
    let version = desk.settings_version(SettingsPart::Products).to_string();
    let range = ProductRange::in_force(&desk);
    let form = match range.products.iter().find(|product| product.slug == slug) {
        Some(product) => ProductForm::of(product, &range.prices, staff.words),
        None if slug == NEW => ProductForm::new(staff.words),
        None => return Err(Notice::NoProduct.into()),
    };
    let form = ProductForm { version, ..form };
    form.show(&desk, &staff, None).await
}

/// `POST /desk/products/{slug}`: every button of a product's form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Products);
    let mut range = ProductRange::in_force(&desk);
    let known = range.products.iter().position(|product| product.slug == slug);
    if known.is_none() && slug != NEW {
        return Err(Notice::NoProduct.into());
    }
    let mut form = ProductForm::sent(&slug, &fields);
    let button = fields.button();
    match (button.action.as_str(), known) {
        ("save", _) => {
            if let Err(fault) = range.put(&form, &desk.catalogue(), staff.words) {
                return form.show(&desk, &staff, Some(fault)).await;
            }
        }
        ("remove", Some(index)) => {
            range.products.remove(index);
            range.prices.retain(|price| price.product != slug);
        }
        _ => {
            form.rearrange(&button, staff.words);
            return form.show(&desk, &staff, None).await;
        }
    }
    save(&desk, &staff, form, base, range.settings()).await
}

impl SettingsForm for ProductForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        ProductList::ADDRESS.to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (version, words) = (self.version.clone(), staff.words);
        let ProductRange { currency, tax, .. } = ProductRange::in_force(desk);
        let content = ProductContent {
            is_new: self.slug == NEW,
            form: self,
            channels: Channel::all()
                .map(|channel| (channel.name(), channel_in_words(channel, words)))
                .collect(),
            currency: currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
            usual_tax: entry::tax_in_words(tax, words),
        };
        Ok(desk.page(staff, &SettingsPage::load(desk, words, content, &version, fault).await?))
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<ProductContent> {
        fn samples() -> Vec<Self> {
            let full = ProductContent {
                form: ProductForm::new(crate::words::DeskWords::default()),
                channels: vec![("web", "Website")],
                currency: "EUR".into(),
                usual_tax: "19".into(),
                ..ProductContent::default()
            };
            let new = ProductContent { is_new: true, ..ProductContent::default() };
            Self::samples_of_entry(new, full)
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<ProductContent>>();
    }
}
