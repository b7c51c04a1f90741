//! Notices: pages that say one thing and lead somewhere from there.
//!
//! To add one: add a variant, its words in [`Notice::words`] and its status in [`Notice::status`]; the compiler asks for
//! both. Add it to [`Notice::ALL`], which a test compares with the last variant.

use http::StatusCode;
use serde::Serialize;

/// See the module's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A form was sent from another site.
    ForeignForm,
    /// Somebody is signed in who is not on the staff.
    NotStaff,
    /// A form was sent without a session, or with one that is too old.
    SignInAgain,
    /// The role does not include this page.
    NotPermitted,
    /// An invitation was used, withdrawn, or has expired.
    InvitationOver,
    /// A form could not be parsed, was too long, or took too long.
    UnreadableForm,
    /// No account has this number.
    NoReader,
    /// No payment has this number.
    NoPayment,
    /// No article has this number.
    NoArticle,
    /// The article belongs to another author.
    NotYourArticle,
    /// There is no such moment or placement.
    NoMessage,
    /// A message that is to be previewed is not valid.
    InvalidMessage,
    /// There is no product at this address.
    NoProduct,
    /// There is no offer at this address.
    NoOffer,
    /// There is no front at this address.
    NoFront,
    /// There is nothing to preview.
    NothingToSee,
    /// The database, or something else that the desk needs, does not answer.
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

const fn words(
    heading: &'static str,
    text: &'static str,
    to: &'static str,
    link: &'static str,
) -> NoticeWords {
    NoticeWords { heading, text, to, link }
}

impl Notice {
    /// Every notice.
    #[cfg(test)]
    pub const ALL: [Self; 17] = [
        Self::ForeignForm,
        Self::NotStaff,
        Self::SignInAgain,
        Self::NotPermitted,
        Self::InvitationOver,
        Self::UnreadableForm,
        Self::NoReader,
        Self::NoPayment,
        Self::NoArticle,
        Self::NotYourArticle,
        Self::NoMessage,
        Self::InvalidMessage,
        Self::NoProduct,
        Self::NoOffer,
        Self::NoFront,
        Self::NothingToSee,
        Self::Failed,
    ];

    /// The status of the response.
    pub fn status(self) -> StatusCode {
        match self {
            Self::ForeignForm | Self::NotStaff | Self::NotPermitted | Self::NotYourArticle => {
                StatusCode::FORBIDDEN
            }
            Self::SignInAgain => StatusCode::UNAUTHORIZED,
            Self::InvitationOver => StatusCode::GONE,
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

    /// What the page says.
    #[allow(clippy::too_many_lines)] // a table
    pub fn words(self) -> NoticeWords {
        match self {
            Self::ForeignForm => words(
                "Nothing was changed",
                "This was sent from a page that is not ours. If you did it, do it again from the desk.",
                "/desk",
                "To the desk",
            ),
            Self::NotStaff => words(
                "The desk is for staff",
                "You are signed in as a reader. If you work here, ask an owner to invite you, or sign in \
                 with the address that was invited.",
                "/",
                "To the front page",
            ),
            Self::SignInAgain => words(
                "Please sign in again",
                "You have been signed out, or signed in more than 16 hours ago. Nothing was changed. Sign \
                 in in another tab, come back here, and send it once more.",
                "/sign-in?from=/desk&again=true",
                "Sign in",
            ),
            Self::NotPermitted => words(
                "This is for others",
                "What you do here does not include this page. An owner can change that.",
                "/desk",
                "To the desk",
            ),
            Self::InvitationOver => words(
                "This invitation is over",
                "Each can be used once, within seven days, and was perhaps taken back. Ask whoever sent it \
                 for another. If you have used it, sign in.",
                "/sign-in?from=/desk",
                "Sign in",
            ),
            Self::UnreadableForm => words(
                "Nothing was changed",
                "The form did not arrive whole. Go back, and send it again.",
                "/desk",
                "To the desk",
            ),
            Self::Failed => words(
                "That did not work",
                "The database does not answer, and nothing was changed. Try again in a minute; the log of \
                 the server says why.",
                "/desk",
                "To the desk",
            ),
            Self::NoReader => words(
                "There is no such reader",
                "Perhaps they have deleted their account. Look for them by their address.",
                "/desk/readers",
                "Find a reader",
            ),
            Self::NoPayment => words(
                "There is no such payment",
                "Look for it on its reader’s page.",
                "/desk/readers",
                "Find a reader",
            ),
            Self::NotYourArticle => words(
                "This is somebody else’s article",
                "Authors write in their own. Ask an editor to take up what you would like to see changed.",
                "/desk/articles",
                "To your articles",
            ),
            Self::NoMessage => words(
                "There is no such message",
                "Choose the moment and the place from the list.",
                "/desk/messages",
                "To the messages",
            ),
            Self::InvalidMessage => words(
                "Something in the message is wrong",
                "The page of the message says what.",
                "/desk/messages",
                "To the messages",
            ),
            Self::NoProduct => words(
                "There is no such product",
                "Somebody may have taken it out. Choose from the list.",
                "/desk/products",
                "To the products",
            ),
            Self::NoOffer => words(
                "There is no such offer",
                "Somebody may have taken it out. Choose from the list.",
                "/desk/offers",
                "To the offers",
            ),
            Self::NoFront => words(
                "There is no such front",
                "Choose the home page, or a section that has articles.",
                "/desk/fronts",
                "To the fronts",
            ),
            Self::NothingToSee => words(
                "There is nothing to see",
                "There is no such article, or no such reader. Ask again.",
                "/desk/why",
                "Ask again",
            ),
            Self::NoArticle => words(
                "There is no such article",
                "Look for it in the list of articles; the spike has a shelf of its own there.",
                "/desk/articles",
                "To the articles",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_has_words_and_leads_somewhere() {
        assert_eq!(Notice::ALL.len(), Notice::Failed as usize + 1, "a notice is missing in ALL");
        for notice in Notice::ALL {
            let NoticeWords { heading, text, to, link } = notice.words();
            assert!(!heading.is_empty() && !text.is_empty() && !link.is_empty(), "{notice:?}");
            assert!(to.starts_with('/'), "{notice:?}");
            assert!(notice.status().is_client_error() || notice == Notice::Failed, "{notice:?}");
        }
    }
}
