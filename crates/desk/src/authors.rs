//! Authors: their pages on the site, who of the staff writes under which name, and merging two into one.

mod form;
pub(crate) mod list;
pub(crate) mod page;

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::list::samples::render(rendered);
        super::page::samples::render(rendered);
    }
}
