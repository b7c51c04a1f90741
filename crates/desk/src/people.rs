//! `/desk/people`: who works here: inviting people, changing their roles, and ending their work.

mod changes;
pub(crate) mod join;
pub(crate) mod page;
pub(crate) mod roles;

pub(crate) use self::changes::{
    appoint, dismiss, end_everyones_sessions, end_sessions_of, invite, require_factor, withdraw,
};

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::join::samples::render(rendered);
        super::page::samples::render(rendered);
    }
}
