//! Notices: pages that say one thing and lead somewhere from there.
//!
//! To add one: add a variant, its heading and text to `words/*/notices.toml`, and its status in [`Notice::status`]. A test
//! asks every variant for its words.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use masthead_web::form::FormError;
use serde::Serialize;
use strum::EnumProperty as _;

use crate::words::DeskWords;

/// See the module's documentation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumProperty, strum_macros::VariantArray,
)]
pub(crate) enum Notice {
    /// A form was sent from another site.
    #[strum(props(name = "notice_foreign_form", to = "/desk", link = "notice_to_home"))]
    ForeignForm,
    /// Somebody is signed in who is not on the staff.
    #[strum(props(name = "notice_not_staff", to = "/", link = "notice_to_site"))]
    NotStaff,
    /// A form was sent without a session, or with one that is too old.
    #[strum(props(
        name = "notice_sign_in_again",
        to = "/sign-in?from=/desk&again=true",
        link = "notice_to_sign_in"
    ))]
    SignInAgain,
    /// Something was sent before a second factor was shown, and cannot be kept meanwhile.
    #[strum(props(
        name = "notice_confirm_first",
        to = "/desk/second-factor",
        link = "notice_to_confirm"
    ))]
    ConfirmFirst,
    /// The same before a second factor was set up that the role needs.
    #[strum(props(name = "notice_set_up_first", to = "/desk/security", link = "notice_to_set_up"))]
    SetUpFirst,
    /// The role does not include this page.
    #[strum(props(name = "notice_not_permitted", to = "/desk", link = "notice_to_home"))]
    NotPermitted,
    /// An invitation was used, withdrawn, or has expired.
    #[strum(props(
        name = "notice_invitation_over",
        to = "/sign-in?from=/desk",
        link = "notice_to_sign_in"
    ))]
    InvitationOver,
    /// A form has more bytes than are accepted.
    #[strum(props(name = "notice_form_too_large", to = "/desk", link = "notice_to_home"))]
    FormTooLarge,
    /// A form did not arrive in time.
    #[strum(props(name = "notice_form_too_slow", to = "/desk", link = "notice_to_home"))]
    FormTooSlow,
    /// A form could not be parsed.
    #[strum(props(name = "notice_unreadable_form", to = "/desk", link = "notice_to_home"))]
    UnreadableForm,
    /// No account has this number.
    #[strum(props(name = "notice_no_reader", to = "/desk/readers", link = "notice_to_readers"))]
    NoReader,
    /// No payment has this number.
    #[strum(props(name = "notice_no_payment", to = "/desk/readers", link = "notice_to_readers"))]
    NoPayment,
    /// No article has this number.
    #[strum(props(name = "notice_no_article", to = "/desk/articles", link = "notice_to_articles"))]
    NoArticle,
    /// No author has this slug.
    #[strum(props(name = "notice_no_author", to = "/desk/authors", link = "notice_to_authors"))]
    NoAuthor,
    /// No published article has a topic with this slug.
    #[strum(props(name = "notice_no_topic", to = "/desk/topics", link = "notice_to_topics"))]
    NoTopic,
    /// There is no such picture in the library.
    #[strum(props(name = "notice_no_picture", to = "/desk/pictures", link = "notice_to_pictures"))]
    NoPicture,
    /// The article belongs to another author.
    #[strum(props(
        name = "notice_not_your_article",
        to = "/desk/articles",
        link = "notice_to_articles"
    ))]
    NotYourArticle,
    /// There is no such moment or placement.
    #[strum(props(name = "notice_no_message", to = "/desk/messages", link = "notice_to_messages"))]
    NoMessage,
    /// A message that is to be previewed is not valid.
    #[strum(props(
        name = "notice_invalid_message",
        to = "/desk/messages",
        link = "notice_to_messages"
    ))]
    InvalidMessage,
    /// There is no product at this address.
    #[strum(props(name = "notice_no_product", to = "/desk/products", link = "notice_to_products"))]
    NoProduct,
    /// There is no offer at this address.
    #[strum(props(name = "notice_no_offer", to = "/desk/offers", link = "notice_to_offers"))]
    NoOffer,
    /// There is no front at this address.
    #[strum(props(name = "notice_no_front", to = "/desk/fronts", link = "notice_to_fronts"))]
    NoFront,
    /// An earlier version of settings cannot be used again.
    #[strum(props(name = "notice_not_restored", to = "/desk", link = "notice_to_home"))]
    NotRestored,
    /// There is nothing to preview.
    #[strum(props(name = "notice_nothing_to_see", to = "/desk/why", link = "notice_to_preview"))]
    NothingToSee,
    /// The server works on as many texts as it can at once.
    #[strum(props(name = "notice_busy", to = "/desk", link = "notice_to_home"))]
    Busy,
    /// Working on a text took longer than it may.
    #[strum(props(name = "notice_text_too_long", to = "/desk", link = "notice_to_home"))]
    TextTooLong,
    /// The database, or something else that the desk needs, does not answer.
    #[strum(props(name = "notice_failed", to = "/desk", link = "notice_to_home"))]
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
            Self::InvalidMessage | Self::NotRestored | Self::TextTooLong => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::NoReader
            | Self::NoPayment
            | Self::NoArticle
            | Self::NoAuthor
            | Self::NoTopic
            | Self::NoPicture
            | Self::NoMessage
            | Self::NoProduct
            | Self::NoOffer
            | Self::NoFront
            | Self::NothingToSee => StatusCode::NOT_FOUND,
            Self::Busy | Self::Failed => StatusCode::SERVICE_UNAVAILABLE,
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
    pub fn for_script(self, words: DeskWords, status: StatusCode) -> Response {
        let NoticeWords { heading, text, to, link } = self.words(words);
        let fault = format!("{heading}. {text}");
        let is_final = self.is_final();
        (status, Json(ScriptNotice { fault, address: to, link, is_final })).into_response()
    }

    /// What the page says.
    pub fn words(self, words: DeskWords) -> NoticeWords {
        let name = self.get_str("name").unwrap_or_default();
        NoticeWords {
            heading: words.text(&format!("{name}_heading")),
            text: words.text(&format!("{name}_text")),
            to: self.get_str("to").unwrap_or_default(),
            link: words.text(self.get_str("link").unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn every_notice_has_words_and_leads_somewhere() {
        let all = Notice::VARIANTS.iter().copied();
        for (notice, words) in all.flat_map(|n| DeskWords::all().map(move |words| (n, words))) {
            let NoticeWords { heading, text, to, link } = notice.words(words);
            assert!(!heading.is_empty() && !text.is_empty() && !link.is_empty(), "{notice:?}");
            assert!(to.starts_with('/'), "{notice:?}");
            let is_ours = matches!(notice, Notice::Busy | Notice::Failed);
            assert!(notice.status().is_client_error() || is_ours, "{notice:?}");
        }
    }
}
