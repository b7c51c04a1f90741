//! Why a relay cannot be used, with what to write instead.

use lettre::{address::AddressError, transport::smtp};

/// Why a relay cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The sender is not an address.
    #[error("\"{from}\" is no sender ({reason}); write one such as The Paper <news@paper.example>")]
    From {
        /// As written.
        from: String,
        /// Why not.
        reason: AddressError,
    },
    /// The reply address is not a valid address.
    #[error(
        "reply_to = \"{reply_to}\" is no address ({reason}); write one such as desk@paper.example"
    )]
    ReplyTo {
        /// As written.
        reply_to: String,
        /// Why not.
        reason: AddressError,
    },
    /// The bounce address is not a valid address.
    #[error(
        "bounces = \"{bounces}\" is no address ({reason}); write one such as bounces@paper.example"
    )]
    Bounces {
        /// As written.
        bounces: String,
        /// Why not.
        reason: AddressError,
    },
    /// The address of the relay cannot be read.
    #[error(
        "the relay's address cannot be used ({0}); write one such as smtps://user:password@mail.example or smtp://user:password@mail.example:587?tls=required; in user and password write %23 for #, %2F for /, %3F for ?, %40 for @ and %25 for %, or give the password as MASTHEAD_MAIL_PASSWORD, as it is"
    )]
    Address(smtp::Error),
    /// It is no address of a mail server.
    #[error(
        "the relay's address begins with smtps:// or smtp://; write one such as smtps://user:password@mail.example"
    )]
    Scheme,
    /// Its address says something that is not known.
    #[error(
        "the relay's address has \"{0}\" at its end; write smtps://…, or smtp://…?tls=required for a relay that begins without \
         TLS"
    )]
    Parameter(String),
    /// A character of the user or the password ends that part of the address.
    #[error(
        "the relay's address has a / ? or # before the @; if it is part of the user or the password, write %2F for /, %3F for ? \
         and %23 for #, or give the password as MASTHEAD_MAIL_PASSWORD, as it is"
    )]
    Unencoded,
    /// Mail would travel unencrypted.
    #[error(
        "mail to this relay would not be encrypted; write smtps://… or add ?tls=required to its address"
    )]
    Open,
}
