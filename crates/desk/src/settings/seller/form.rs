//! The form of who sells, and of how invoices are paid.

use std::fmt::Display;

use masthead_access::printable;
use masthead_settings::{SellerSettings, SettingsPart};
use serde::{Deserialize, Serialize};

use crate::{settings::save::FormFault, state::DeskState, words::DeskWords};

/// The most lines of a text. An invoice has one page for all of its lines.
pub(super) const MAX_LINES: usize = 12;
/// The most characters of a line, so that it fits on an invoice.
const MAX_CHARACTERS: usize = 100;
/// The characters of both texts, with what ends each line.
pub(super) const MAX_FORM: usize = 2 * MAX_LINES * (MAX_CHARACTERS + 2);

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SellerForm {
    /// The version that was on the page.
    pub version: String,
    /// Lines of name, address and numbers.
    pub seller: String,
    /// How an invoice is paid, in lines.
    pub transfer: String,
    #[serde(rename = "do", skip_serializing)]
    pub button: String,
}

impl SellerForm {
    /// What is in force.
    pub fn in_force(desk: &DeskState) -> Self {
        // The version first, so that the form never names a newer one than it shows.
        let version = desk.settings_version(SettingsPart::Seller).to_string();
        let settings = desk.settings();
        let (seller, transfer) = (settings.seller.clone(), settings.transfer.clone());
        Self { version, seller, transfer, button: String::new() }
    }

    /// The settings of this form.
    ///
    /// # Errors
    ///
    /// What to correct, in both fields.
    pub fn settings(&self, words: DeskWords) -> Result<SellerSettings, FormFault> {
        let (seller, transfer) = (tidy(&self.seller), tidy(&self.transfer));
        let faults: Vec<FormFault> = [("seller", &seller), ("transfer", &transfer)]
            .into_iter()
            .filter_map(|(field, text)| Some(FormFault::at(field, fault(text, words)?)))
            .collect();
        if faults.is_empty() {
            Ok(SellerSettings { seller, transfer })
        } else {
            Err(FormFault::all(faults))
        }
    }
}

/// The lines without space around them, as browsers on every system send them.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("\n").trim().to_owned()
}

fn fault(text: &str, words: DeskWords) -> Option<String> {
    if printable(text) != text {
        return Some(words.text("seller_fault_characters").to_owned());
    }
    if text.lines().count() > MAX_LINES {
        return Some(words.fill("seller_fault_lines", &[("most", &MAX_LINES)]));
    }
    let long = text.lines().find(|line| line.chars().count() > MAX_CHARACTERS)?;
    let gaps: [(&str, &dyn Display); 2] = [("line", &long), ("most", &MAX_CHARACTERS)];
    Some(words.fill("seller_fault_long", &gaps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_tidied_and_what_no_invoice_can_have_is_refused() {
        let words = DeskWords::default();
        let form = |seller: &str, transfer: &str| SellerForm {
            seller: seller.to_owned(),
            transfer: transfer.to_owned(),
            ..SellerForm::default()
        };
        let set = form(" The Paper Ltd \r\n1 Quay\r\n\r\n", "").settings(words).expect("good");
        assert_eq!((&*set.seller, &*set.transfer), ("The Paper Ltd\n1 Quay", ""));
        let long = "x".repeat(101);
        for (seller, transfer, field) in [
            ("a\u{7}", "", "seller"),
            ("", &*"line\n".repeat(13), "transfer"),
            (&*long, "", "seller"),
        ] {
            let fault = form(seller, transfer).settings(words).expect_err("refused");
            assert_eq!(fault.field, field);
        }
    }
}
