//! `/desk/readers`: the list of readers with an account, and everything that support has to know to help them.

pub(crate) mod add;
pub(crate) mod annotations;
pub(crate) mod bulk;
pub(crate) mod csv_out;
mod entry_fault;
pub(crate) mod extension;
mod form;
pub(crate) mod import;
pub(crate) mod in_words;
pub(crate) mod job_rows;
mod label;
pub(crate) mod labelling;
pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod payment;
mod payment_row;
pub(crate) mod plan;
mod profile;
pub(crate) mod support_actions;

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::add::samples::render(rendered);
        super::import::samples::render(rendered);
        super::list::samples::render(rendered);
        super::page::samples::render(rendered);
        super::payment::samples::render(rendered);
        super::plan::samples::render(rendered);
    }
}
