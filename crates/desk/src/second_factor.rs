//! `/desk/second-factor` and `/desk/security`: showing a second factor, and setting one up.
//!
//! Staff show a passkey, a code of an authenticator app (RFC 6238), or a recovery code. Which roles need one, owners say at
//! `/desk/people`.

pub(crate) mod authenticator;
mod code;
pub(crate) mod entry;
pub(crate) mod security;

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::entry::samples::render(rendered);
        super::security::samples::render(rendered);
        super::authenticator::samples::render(rendered);
    }
}
