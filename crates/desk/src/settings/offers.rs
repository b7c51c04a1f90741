//! `/desk/offers`: what a subscription costs at first, who may take the offer, and until when.

mod form;
pub(crate) mod list;
pub(crate) mod offer;

/// Who may take an offer: the name in the form and the settings, and words.
const AUDIENCES: [(&str, &str); 4] = [
    ("new", "Readers who never had a subscription"),
    ("lapsed", "Readers who had one, and have none now"),
    ("everyone", "All who have none now"),
    ("code", "Those of them who know a code"),
];

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
