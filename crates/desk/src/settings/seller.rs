//! `/desk/seller`: who sells, as invoices name them, how invoices are paid, and which tax is in prices.

mod form;

use std::sync::Arc;

use axum::extract::State;
use masthead_publication::Publication;
use masthead_settings::{PartSettings, SellerPart, SettingsPart};
use serde::Serialize;

use self::form::{MAX_FORM, MAX_LINES, SellerForm};
use super::{
    entry,
    page::{SettingsContent, SettingsPage},
    save::{FormFault, SettingsForm, save_whole},
};
use crate::{
    error::Handled,
    form::{Button, StaffForm},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct SellerContent {
    form: SellerForm,
    /// What invoices name if there is no seller.
    name: String,
    address: String,
    tax: TaxFacts,
    /// Whether the account is removed only by somebody who has seen what follows.
    asks: bool,
    /// Whether readers can pay with a card.
    takes_cards: bool,
    max_lines: usize,
}

/// The tax in prices, which is set elsewhere.
#[derive(Default, Serialize)]
struct TaxFacts {
    /// The rate in percent of products that have none of their own; may be empty.
    rate: String,
    /// Products with a rate of their own: name and rate in percent.
    products: Vec<(String, String)>,
    /// Whether the processor works out the tax.
    by_processor: bool,
    /// Whether both do.
    is_double: bool,
}

impl SettingsContent for SellerContent {
    const TEMPLATE: &'static str = "seller.html";
    const PART: SettingsPart = SettingsPart::Seller;
}

/// `GET /desk/seller`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    SellerForm::in_force(&desk).show(&desk, &staff, None).await
}

/// `POST /desk/seller`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<SellerForm, MAX_FORM>,
) -> Handled {
    let (words, button) = (staff.words, Button::named(&form.button));
    if removes_account(&desk, &form, &button) && !form.agrees() {
        let by_invoice = desk.store.count_paid_by_invoice().await?;
        if by_invoice > 0 {
            let fault = FormFault::at("agreed", words.count("seller_fault_invoices", by_invoice));
            return form.show(&desk, &staff, Some(fault)).await;
        }
    }
    save_whole(&desk, &staff, (SettingsPart::Seller, &button), form, |form| {
        let payments = form.settings(words)?;
        Ok(PartSettings::Seller(SellerPart { payments }))
    })
    .await
}

/// Whether invoices may then say no more to which account they are paid. The file may name none.
fn removes_account(desk: &DeskState, form: &SellerForm, button: &Button) -> bool {
    let is_set = !desk.settings().transfer.is_empty();
    is_set
        && (button.action == "file" || button.action == "save" && form.transfer.trim().is_empty())
}

impl TaxFacts {
    fn of(publication: &Publication, words: DeskWords) -> Self {
        let products =
            publication.catalogue.products().iter().filter(|product| product.tax.is_some());
        let rate = |tax| entry::tax_in_words(tax, words);
        Self {
            rate: rate(publication.catalogue.tax()),
            products: products.map(|product| (product.name.clone(), rate(product.tax))).collect(),
            by_processor: publication.includes_tax,
            is_double: publication.has_two_taxes(),
        }
    }
}

impl SettingsForm for SellerForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/seller".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (words, in_force) = (staff.words, desk.settings());
        let version = self.version.clone();
        let content = SellerContent {
            asks: fault.as_ref().is_some_and(|fault| fault.field == "agreed"),
            form: self,
            name: in_force.name.clone(),
            address: in_force.address.clone(),
            tax: TaxFacts::of(&in_force, words),
            takes_cards: in_force.sales.takes_cards(),
            max_lines: MAX_LINES,
        };
        Ok(desk.page(staff, &SettingsPage::load(desk, words, content, &version, fault).await?))
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<SellerContent> {
        fn samples() -> Vec<Self> {
            let tax = TaxFacts {
                rate: "20".into(),
                products: vec![("Print".into(), "0".into())],
                by_processor: true,
                is_double: true,
            };
            let form = SellerForm { transfer: "IBAN".into(), ..SellerForm::default() };
            let (takes_cards, asks) = (true, true);
            let full = SellerContent { form, tax, asks, takes_cards, ..SellerContent::default() };
            let by_processor = TaxFacts { by_processor: true, ..TaxFacts::default() };
            let stripe = SellerContent { tax: by_processor, ..SellerContent::default() };
            vec![
                Self::default(),
                Self { at: "seller".into(), ..Self::sample(full) },
                Self { content: stripe, ..Self::default() },
            ]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<SellerContent>>();
    }
}
