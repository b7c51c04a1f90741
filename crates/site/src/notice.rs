//! Notices: pages that say one thing and lead on from there.
//!
//! To add one: add a variant, its row in [`Notice::row`] and its name in [`Notice::ALL`], which the compiler asks for,
//! and write `<key>_title` and `<key>_text` in `themes/default/words.toml` and its translations. Tests compare
//! them.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use masthead_web::form::encode_query;
#[cfg(test)]
use strum::EnumCount as _;

use crate::response;

/// See the module's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(strum_macros::EnumCount))]
pub(crate) enum Notice {
    /// A form was sent from another site, or could not be read.
    UnreadableForm,
    /// The address does not take this method.
    MethodNotAllowed,
    /// Emails were requested too often, from this network or for this address.
    TooManyEmails,
    /// Codes of offers were tried too often from this network.
    TooManyCodes,
    /// Searches were made too often from this network.
    TooManySearches,
    /// Checkouts were begun too often, from this network or by this account.
    TooManyCheckouts,
    /// This account has downloaded everything about it too often.
    TooManyExports,
    /// A link or code to sign in with was used or has expired.
    SignInExpired,
    /// A form that was kept during a sign-in has expired, or belongs to another account.
    FormExpired,
    /// A link to sign in with was followed on a device that did not request it.
    OtherDevice,
    /// The reader or their provider refused to sign them in.
    ProviderDenied,
    /// The provider does not answer.
    ProviderUnreachable,
    /// What the provider answered is not valid.
    ProviderInvalid,
    /// The provider has not verified the reader's email address.
    ProviderUnverified,
    /// An app was signed in.
    AppAdmitted,
    /// An app was refused.
    AppRefused,
    /// Both addresses of an account were asked to confirm its change.
    AddressChangeSent,
    /// One of the two has confirmed.
    AddressChangeHalfConfirmed,
    /// The account has its new address.
    AddressChanged,
    /// A link that confirms a change of address was used or has expired.
    AddressChangeExpired,
    /// The new address belongs to another account.
    AddressTaken,
    /// The reader has saved as many articles as an account can.
    SavedListFull,
    /// The reader follows as many topics and authors as an account can.
    FollowingFull,
    /// The reader has signed out.
    SignedOut,
    /// The account is the last owner at the desk and cannot be deleted.
    LastOwner,
    /// The account was deleted.
    AccountDeleted,
    /// The account could not be deleted.
    AccountNotDeleted,
    /// The offer or price is not sold, or not to this reader.
    OfferOver,
    /// Nothing is sold, because there is no payment processor.
    NothingSold,
    /// The reader has a subscription already.
    AlreadySubscribed,
    /// A checkout could not be begun; nothing was collected.
    CheckoutNotBegun,
    /// The payment processor does not answer; nothing was collected.
    PaymentsUnavailable,
    /// There is no such checkout, or it belongs to another account.
    NoCheckout,
    /// The time to pay has passed.
    CheckoutExpired,
    /// An order by invoice was not accepted, because the reader has left an invoice unpaid.
    InvoiceRefused,
    /// The checkout is not paid yet.
    NotPaidYet,
    /// A price change is not collected yet.
    PriceChangePending,
    /// The processor has not said whether the checkout was paid.
    CheckoutUnanswered,
    /// A checkout is paid, and what was bought is delivered in a moment.
    CheckoutUndelivered,
    /// The processor has not said whether a price change was collected.
    PriceChangeUnanswered,
    /// A subscription cannot be changed to this price.
    PriceChangeImpossible,
    /// A price change costs something else than the reader was shown.
    PriceChangeCostsMore,
    /// The bank refused to pay for a price change.
    PriceChangeRefused,
    /// The server's clock has jumped, so no price change is worked out for some minutes.
    PriceChangeWaits,
    /// A price change was paid for and could not be made.
    PriceChangeUnused,
    /// An email was sent to the address of which a subscription is to be cancelled, if there is one.
    CancellationSent,
    /// A cancellation that takes effect at once was received. The same is said if there is nothing to cancel.
    CancellationReceived,
    /// The link that confirms a cancellation has expired.
    CancellationExpired,
    /// The link that confirms a cancellation was used before.
    CancellationUsed,
    /// No subscription can be cancelled any more.
    NothingToCancel,
    /// An email was sent to the address of which a contract is to be withdrawn from, if there is one.
    WithdrawalSent,
    /// The link that confirms a withdrawal has expired.
    WithdrawalExpired,
    /// The link that confirms a withdrawal was used before.
    WithdrawalUsed,
    /// There is no contract that can be withdrawn from any more.
    NothingToWithdraw,
    /// What the clock of the demonstration is for.
    DemoClock,
    /// The clock of the demonstration does not go back.
    PastDay,
}

/// Where a notice leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Home,
    Account,
    Cancel,
    CancelAgain,
    Withdraw,
    WithdrawAgain,
    Saved,
    Following,
    Offers,
    SignIn,
    Register,
}

impl Destination {
    /// The path.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Account => "/account",
            Self::Cancel | Self::CancelAgain => "/cancel",
            Self::Withdraw | Self::WithdrawAgain => "/withdraw",
            Self::Saved => "/account/saved",
            Self::Following => "/account/following",
            Self::Offers => "/offers",
            Self::SignIn => "/sign-in",
            Self::Register => "/register",
        }
    }

    /// The address of the page, from which the reader gets back to a path, and whether that page leads there.
    pub(crate) fn address(self, from: &str) -> (String, bool) {
        let keeps = match self {
            Self::Offers | Self::SignIn | Self::Register => from != "/",
            Self::Home
            | Self::Account
            | Self::Cancel
            | Self::CancelAgain
            | Self::Withdraw
            | Self::WithdrawAgain
            | Self::Saved
            | Self::Following => false,
        };
        if keeps {
            (format!("{}?from={}", self.path(), encode_query(from)), true)
        } else {
            (self.path().to_owned(), false)
        }
    }

    /// The name of the word on the link.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Account => "account",
            Self::Cancel => "cancel_page",
            Self::CancelAgain => "mail_no_cancellation_button",
            Self::Withdraw => "withdraw_here",
            Self::WithdrawAgain => "mail_no_withdrawal_button",
            Self::Saved => "saved",
            Self::Following => "following",
            Self::Offers => "offers",
            Self::SignIn => "sign_in",
            Self::Register => "register",
        }
    }
}

/// What there is to know about a notice.
pub(crate) struct Row {
    /// The prefix of its words' names in the theme.
    pub(crate) key: &'static str,
    /// The status of the response.
    pub(crate) status: StatusCode,
    /// Where it leads.
    pub(crate) leads_to: Destination,
}

const fn row(key: &'static str, status: StatusCode, leads_to: Destination) -> Row {
    Row { key, status, leads_to }
}

impl Notice {
    /// Every notice.
    #[cfg(test)]
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::UnreadableForm,
        Self::MethodNotAllowed,
        Self::TooManyEmails,
        Self::TooManyCodes,
        Self::TooManySearches,
        Self::TooManyCheckouts,
        Self::TooManyExports,
        Self::SignInExpired,
        Self::FormExpired,
        Self::OtherDevice,
        Self::ProviderDenied,
        Self::ProviderUnreachable,
        Self::ProviderInvalid,
        Self::ProviderUnverified,
        Self::AppAdmitted,
        Self::AppRefused,
        Self::AddressChangeSent,
        Self::AddressChangeHalfConfirmed,
        Self::AddressChanged,
        Self::AddressChangeExpired,
        Self::AddressTaken,
        Self::SavedListFull,
        Self::FollowingFull,
        Self::SignedOut,
        Self::LastOwner,
        Self::AccountDeleted,
        Self::AccountNotDeleted,
        Self::OfferOver,
        Self::NothingSold,
        Self::AlreadySubscribed,
        Self::CheckoutNotBegun,
        Self::PaymentsUnavailable,
        Self::NoCheckout,
        Self::CheckoutExpired,
        Self::InvoiceRefused,
        Self::NotPaidYet,
        Self::PriceChangePending,
        Self::CheckoutUnanswered,
        Self::CheckoutUndelivered,
        Self::PriceChangeUnanswered,
        Self::PriceChangeImpossible,
        Self::PriceChangeWaits,
        Self::PriceChangeCostsMore,
        Self::PriceChangeRefused,
        Self::PriceChangeUnused,
        Self::CancellationSent,
        Self::CancellationReceived,
        Self::CancellationExpired,
        Self::CancellationUsed,
        Self::NothingToCancel,
        Self::WithdrawalSent,
        Self::WithdrawalExpired,
        Self::WithdrawalUsed,
        Self::NothingToWithdraw,
        Self::DemoClock,
        Self::PastDay,
    ];

    /// The words' key, the status of the response, and where the notice leads.
    #[rustfmt::skip] // a table
    pub(crate) fn row(self) -> Row {
        use Destination::{
            Account, Cancel, CancelAgain, Following, Home, Offers, Register, Saved, SignIn, Withdraw,
            WithdrawAgain,
        };
        use StatusCode as S;
        match self {
            Self::UnreadableForm => row("fault_form", S::BAD_REQUEST, SignIn),
            Self::MethodNotAllowed => row("fault_method", S::METHOD_NOT_ALLOWED, Home),
            Self::TooManyEmails => row("fault_often", S::TOO_MANY_REQUESTS, SignIn),
            Self::TooManyCodes => row("code_often", S::TOO_MANY_REQUESTS, Offers),
            Self::TooManySearches => row("search_often", S::TOO_MANY_REQUESTS, Home),
            Self::TooManyCheckouts => row("checkout_often", S::TOO_MANY_REQUESTS, Account),
            Self::TooManyExports => row("export_often", S::TOO_MANY_REQUESTS, Account),
            Self::SignInExpired => row("fault_over", S::GONE, SignIn),
            Self::FormExpired => row("form_over", S::GONE, Account),
            Self::OtherDevice => row("fault_device", S::FORBIDDEN, SignIn),
            Self::ProviderDenied => row("openid_denied", S::FORBIDDEN, SignIn),
            Self::ProviderUnreachable => row("openid_silent", S::SERVICE_UNAVAILABLE, SignIn),
            Self::ProviderInvalid => row("openid_refused", S::FORBIDDEN, SignIn),
            Self::ProviderUnverified => row("openid_email", S::FORBIDDEN, Register),
            Self::AppAdmitted => row("app_in", S::OK, Account),
            Self::AppRefused => row("app_out", S::OK, Account),
            Self::AddressChangeSent => row("move_sent", S::OK, Account),
            Self::AddressChangeHalfConfirmed => row("move_half", S::OK, Account),
            Self::AddressChanged => row("move_done", S::OK, Account),
            Self::AddressChangeExpired => row("move_over", S::GONE, Account),
            Self::AddressTaken => row("move_taken", S::CONFLICT, Account),
            Self::SavedListFull => row("saved_full", S::CONFLICT, Saved),
            Self::FollowingFull => row("following_full", S::CONFLICT, Following),
            Self::SignedOut => row("signed_out", S::OK, Home),
            Self::LastOwner => row("fault_last_owner", S::CONFLICT, Account),
            Self::AccountDeleted => row("gone", S::OK, Home),
            Self::AccountNotDeleted => row("gone_failed", S::SERVICE_UNAVAILABLE, Account),
            Self::OfferOver => row("offer_over", S::GONE, Offers),
            Self::NothingSold => row("nothing_sold", S::NOT_FOUND, Home),
            Self::AlreadySubscribed => row("offer_have", S::CONFLICT, Account),
            Self::CheckoutNotBegun => row("checkout_failed", S::SERVICE_UNAVAILABLE, Account),
            Self::PaymentsUnavailable => row("payments_unavailable", S::SERVICE_UNAVAILABLE, Offers),
            Self::NoCheckout => row("checkout_gone", S::NOT_FOUND, Offers),
            Self::CheckoutExpired => row("checkout_over", S::GONE, Offers),
            Self::InvoiceRefused => row("checkout_no_credit", S::CONFLICT, Offers),
            Self::NotPaidYet => row("checkout_waiting", S::OK, Account),
            Self::PriceChangePending => row("checkout_waiting", S::ACCEPTED, Account),
            Self::CheckoutUnanswered => row("checkout_unanswered", S::ACCEPTED, Account),
            Self::CheckoutUndelivered => row("checkout_undelivered", S::ACCEPTED, Account),
            Self::PriceChangeUnanswered => row("checkout_unanswered", S::SERVICE_UNAVAILABLE, Account),
            Self::PriceChangeImpossible => row("switch_gone", S::CONFLICT, Account),
            Self::PriceChangeWaits => row("switch_waits", S::SERVICE_UNAVAILABLE, Account),
            Self::PriceChangeCostsMore => row("switch_changed", S::CONFLICT, Account),
            Self::PriceChangeRefused => row("switch_refused", S::CONFLICT, Account),
            Self::PriceChangeUnused => row("switch_unused", S::CONFLICT, Account),
            Self::CancellationSent => row("cancel_sent", S::OK, CancelAgain),
            Self::CancellationReceived => row("cancel_accepted", S::OK, CancelAgain),
            Self::CancellationExpired => row("cancel_over", S::GONE, Cancel),
            Self::CancellationUsed => row("cancel_used", S::GONE, Cancel),
            Self::NothingToCancel => row("cancel_nothing", S::GONE, Cancel),
            Self::WithdrawalSent => row("withdraw_sent", S::OK, WithdrawAgain),
            Self::WithdrawalExpired => row("withdraw_over", S::GONE, Withdraw),
            Self::WithdrawalUsed => row("withdraw_used", S::GONE, Withdraw),
            Self::NothingToWithdraw => row("withdraw_nothing", S::GONE, Account),
            Self::DemoClock => row("demo_today", S::OK, Home),
            Self::PastDay => row("fault_day", S::UNPROCESSABLE_ENTITY, Home),
        }
    }
}

impl Notice {
    /// What programs are told, which read no pages.
    pub(crate) fn detail(self) -> &'static str {
        match self.row().status {
            StatusCode::TOO_MANY_REQUESTS => "That was too often; wait a minute.",
            status => status.canonical_reason().unwrap_or_default(),
        }
    }
}

/// What a response says in a few words of plain text, for the layer around its route to say in full.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// The notice to show; `None` for the error page of the response's status.
    pub(crate) notice: Option<Notice>,
    /// What clients of the API are told.
    pub(crate) detail: Cow<'static, str>,
    /// The path that the reader wants to get back to; `/` if none is known. See [`keeping`](crate::error::keeping).
    pub(crate) from: String,
}

impl Pending {
    /// Has a notice that leads to signing in lead from there to the order that the reader comes from, unless it is known better
    /// where they want to get back to.
    pub(crate) fn lead_back_to_order(&mut self, order: String) {
        let leads_to = self.notice.map(|notice| notice.row().leads_to);
        let signs_in = matches!(leads_to, Some(Destination::SignIn | Destination::Register));
        if signs_in && self.from == "/" {
            self.from = order;
        }
    }

    /// The response in plain text, with this in its extensions.
    pub(crate) fn respond(self, status: StatusCode) -> Response {
        let mut response = response::plain(status, format!("{}\n", self.detail));
        if let Some(seconds) = retry_after(status) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// In how many seconds to ask again, for what is refused for a while only.
fn retry_after(status: StatusCode) -> Option<HeaderValue> {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Some(HeaderValue::from_static("60")),
        StatusCode::SERVICE_UNAVAILABLE => Some(HeaderValue::from_static("10")),
        _ => None,
    }
}

impl IntoResponse for Notice {
    fn into_response(self) -> Response {
        let (detail, from) = (self.detail().into(), "/".to_owned());
        Pending { notice: Some(self), detail, from }.respond(self.row().status)
    }
}
