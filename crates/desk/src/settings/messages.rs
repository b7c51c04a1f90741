//! `/desk/messages`: the messages for each moment and placement, with a preview.

pub(crate) mod descriptions;
mod faults;
pub(crate) mod file;
mod form;
pub(crate) mod list;
mod lookup;
pub(crate) mod page;

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::list::samples::render(rendered);
        super::page::samples::render(rendered);
    }
}
