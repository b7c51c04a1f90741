//! `/desk/offers`: what a subscription costs at first, who may take the offer, and until when.

mod form;
pub(crate) mod list;
pub(crate) mod offer;

use crate::words::DeskWords;

/// Who may take an offer: the name in the form and the settings, and what staff read.
fn audiences(words: DeskWords) -> [(&'static str, &'static str); 4] {
    [
        ("new", words.text("audience_new")),
        ("lapsed", words.text("audience_lapsed")),
        ("everyone", words.text("audience_everyone")),
        ("code", words.text("audience_code")),
    ]
}

/// The address of the page of an offer.
fn address(slug: &str) -> String {
    format!("/desk/offers/{slug}")
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::list::samples::render(rendered);
        super::offer::samples::render(rendered);
    }
}
