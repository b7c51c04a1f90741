//! `/desk/redirects`: where readers are led from addresses that have no page.

pub(crate) mod file;
mod form;
mod history;
pub(crate) mod page;

pub(crate) use page::own_hosts;

#[cfg(test)]
pub(crate) mod samples {
    pub(crate) use super::page::samples::render;
}
