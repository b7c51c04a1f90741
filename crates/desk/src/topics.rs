//! Topics: what is said about them, their names, and merging two into one. A topic exists once a published article has it.

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
