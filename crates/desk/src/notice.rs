//! Notices: pages that say one thing and lead somewhere from there.
//!
//! To add one: add a variant with its words, and its status in [`Notice::status`]. A test asks every variant for its
//! words.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use masthead_web::form::FormError;
use serde::Serialize;
use strum::EnumProperty as _;

/// See the module's documentation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumProperty, strum_macros::VariantArray,
)]
pub(crate) enum Notice {
    /// A form was sent from another site.
    #[strum(props(
        heading = "Nothing was changed",
        text = "This was sent from a page that is not ours. If you did it, do it again from the desk.",
        to = "/desk",
        link = "To the desk"
    ))]
    ForeignForm,
    /// Somebody is signed in who is not on the staff.
    #[strum(props(
        heading = "The desk is for staff",
        text = "You are signed in as a reader. If you work here, ask an owner to invite you, or sign in \
                with the address that was invited.",
        to = "/",
        link = "To the front page"
    ))]
    NotStaff,
    /// A form was sent without a session, or with one that is too old.
    #[strum(props(
        heading = "Please sign in again",
        text = "You have been signed out, did nothing at the desk for two hours, or signed in more than 16 hours ago. Nothing was changed. Sign \
                in in another tab, come back here, and send it once more.",
        to = "/sign-in?from=/desk&again=true",
        link = "Sign in"
    ))]
    SignInAgain,
    /// Something was sent before a second factor was shown, and cannot be kept meanwhile.
    #[strum(props(
        heading = "Confirm that it is you",
        text = "The desk asks for your second factor first, and nothing was saved yet. Show it in another tab, come back \
                here, and save once more.",
        to = "/desk/second-factor",
        link = "Show your second factor"
    ))]
    ConfirmFirst,
    /// The same before a second factor was set up that the role needs.
    #[strum(props(
        heading = "Your role needs a second factor",
        text = "Nothing was saved yet. Set a second factor up in another tab, come back here, and save once more.",
        to = "/desk/security",
        link = "Set up a second factor"
    ))]
    SetUpFirst,
    /// The role does not include this page.
    #[strum(props(
        heading = "This is for others",
        text = "What you do here does not include this page. An owner can change that.",
        to = "/desk",
        link = "To the desk"
    ))]
    NotPermitted,
    /// An invitation was used, withdrawn, or has expired.
    #[strum(props(
        heading = "This invitation is over",
        text = "Each can be used once, within seven days, and was perhaps taken back. Ask the sender for \
                another. If you have used it, sign in.",
        to = "/sign-in?from=/desk",
        link = "Sign in"
    ))]
    InvitationOver,
    /// A form has more bytes than are accepted.
    #[strum(props(
        heading = "Nothing was changed",
        text = "That is more than can be sent at once. Go back, make it shorter, and send it again.",
        to = "/desk",
        link = "To the desk"
    ))]
    FormTooLarge,
    /// A form did not arrive in time.
    #[strum(props(
        heading = "Nothing was changed",
        text = "The form took too long to arrive. Go back, check your connection, and send it again.",
        to = "/desk",
        link = "To the desk"
    ))]
    FormTooSlow,
    /// A form could not be parsed.
    #[strum(props(
        heading = "Nothing was changed",
        text = "The form did not arrive whole. Go back, and send it again.",
        to = "/desk",
        link = "To the desk"
    ))]
    UnreadableForm,
    /// No account has this number.
    #[strum(props(
        heading = "There is no such reader",
        text = "Perhaps they have deleted their account. Look for them by their address.",
        to = "/desk/readers",
        link = "Find a reader"
    ))]
    NoReader,
    /// No payment has this number.
    #[strum(props(
        heading = "There is no such payment",
        text = "Look for it on its reader’s page.",
        to = "/desk/readers",
        link = "Find a reader"
    ))]
    NoPayment,
    /// No article has this number.
    #[strum(props(
        heading = "There is no such article",
        text = "Look for it in the list of articles; the spike has a list of its own there.",
        to = "/desk/articles",
        link = "To the articles"
    ))]
    NoArticle,
    /// The article belongs to another author.
    #[strum(props(
        heading = "This is somebody else’s article",
        text = "Authors write in their own. Ask an editor to take up what you would like to see changed.",
        to = "/desk/articles",
        link = "To your articles"
    ))]
    NotYourArticle,
    /// There is no such moment or placement.
    #[strum(props(
        heading = "There is no such message",
        text = "Choose the moment and the place from the list.",
        to = "/desk/messages",
        link = "To the messages"
    ))]
    NoMessage,
    /// A message that is to be previewed is not valid.
    #[strum(props(
        heading = "Something in the message is wrong",
        text = "The page of the message says what.",
        to = "/desk/messages",
        link = "To the messages"
    ))]
    InvalidMessage,
    /// There is no product at this address.
    #[strum(props(
        heading = "There is no such product",
        text = "Somebody may have taken it out. Choose from the list.",
        to = "/desk/products",
        link = "To the products"
    ))]
    NoProduct,
    /// There is no offer at this address.
    #[strum(props(
        heading = "There is no such offer",
        text = "Somebody may have taken it out. Choose from the list.",
        to = "/desk/offers",
        link = "To the offers"
    ))]
    NoOffer,
    /// There is no front at this address.
    #[strum(props(
        heading = "There is no such front",
        text = "Choose the home page, or a section that has articles.",
        to = "/desk/fronts",
        link = "To the fronts"
    ))]
    NoFront,
    /// There is nothing to preview.
    #[strum(props(
        heading = "There is nothing to see",
        text = "There is no such article, or no such reader. Ask again.",
        to = "/desk/why",
        link = "Ask again"
    ))]
    NothingToSee,
    /// The database, or something else that the desk needs, does not answer.
    #[strum(props(
        heading = "That did not work",
        text = "The database does not answer, and nothing was changed. Try again in a minute; the log of \
                the server says why.",
        to = "/desk",
        link = "To the desk"
    ))]
    Failed,
}

/// The words of a notice, as `notice.html` shows them.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct NoticeWords {
    heading: &'static str,
    text: &'static str,
    /// Where the button leads.
    to: &'static str,
    link: &'static str,
}

/// A notice as a script of the desk reads it.
#[derive(Serialize)]
struct ScriptNotice {
    fault: String,
    /// Where to do something about it.
    address: &'static str,
    link: &'static str,
    /// Whether asking again is no use.
    #[serde(rename = "final")]
    is_final: bool,
}

impl Notice {
    /// The status of the response.
    pub fn status(self) -> StatusCode {
        match self {
            Self::ForeignForm
            | Self::NotStaff
            | Self::NotPermitted
            | Self::NotYourArticle
            | Self::ConfirmFirst
            | Self::SetUpFirst => StatusCode::FORBIDDEN,
            Self::SignInAgain => StatusCode::UNAUTHORIZED,
            Self::InvitationOver => StatusCode::GONE,
            Self::FormTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::FormTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::UnreadableForm => StatusCode::BAD_REQUEST,
            Self::InvalidMessage => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoReader
            | Self::NoPayment
            | Self::NoArticle
            | Self::NoMessage
            | Self::NoProduct
            | Self::NoOffer
            | Self::NoFront
            | Self::NothingToSee => StatusCode::NOT_FOUND,
            Self::Failed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether the sender has no access, or what they work on is gone. Everything else can be put right.
    fn is_final(self) -> bool {
        matches!(self, Self::NotStaff | Self::NotPermitted | Self::NotYourArticle | Self::NoArticle)
    }

    /// What is said about a form that was not accepted.
    pub fn of_form(error: FormError) -> Self {
        match error {
            FormError::CrossSite => Self::ForeignForm,
            FormError::TooLarge => Self::FormTooLarge,
            FormError::TimedOut => Self::FormTooSlow,
            FormError::UnsupportedMediaType | FormError::Malformed => Self::UnreadableForm,
        }
    }

    /// The response to a script of the desk, which shows it where something is written.
    pub fn for_script(self, status: StatusCode) -> Response {
        let NoticeWords { heading, text, to, link } = self.words();
        let fault = format!("{heading}. {text}");
        let is_final = self.is_final();
        (status, Json(ScriptNotice { fault, address: to, link, is_final })).into_response()
    }

    /// What the page says.
    pub fn words(self) -> NoticeWords {
        let word = |name| self.get_str(name).unwrap_or_default();
        NoticeWords {
            heading: word("heading"),
            text: word("text"),
            to: word("to"),
            link: word("link"),
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn every_notice_has_words_and_leads_somewhere() {
        for notice in Notice::VARIANTS.iter().copied() {
            let NoticeWords { heading, text, to, link } = notice.words();
            assert!(!heading.is_empty() && !text.is_empty() && !link.is_empty(), "{notice:?}");
            assert!(to.starts_with('/'), "{notice:?}");
            assert!(notice.status().is_client_error() || notice == Notice::Failed, "{notice:?}");
        }
    }
}
