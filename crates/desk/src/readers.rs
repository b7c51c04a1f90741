//! `/desk/readers`: finding readers with an account, and everything that support has to know to help them.

mod entry_fault;
pub(crate) mod in_words;
pub(crate) mod page;
pub(crate) mod payment;
mod payment_row;
pub(crate) mod search;
pub(crate) mod support_actions;

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::page::samples::render(rendered);
        super::payment::samples::render(rendered);
        super::search::samples::render(rendered);
    }
}
