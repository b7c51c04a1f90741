//! `/desk/audit`: the audit log, which says who changed what.

pub(crate) mod changes;
pub(crate) mod export;
pub(crate) mod page;
mod people;
mod query;
pub(crate) mod words;

#[cfg(test)]
pub(crate) mod samples {
    pub(crate) use super::page::samples::render;
}
