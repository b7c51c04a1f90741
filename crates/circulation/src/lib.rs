//! Accounts, and what they subscribe to: the rules, without any I/O.
//!
//! The crate is pure: no I/O and no clock. Time and randomness are arguments.
//!
//! | module | contents |
//! | --- | --- |
//! | [`account`], [`session`], [`email`], [`secret`] | accounts, what acts for them, their addresses, secrets |
//! | [`sign_in`], [`app`], [`passkey`], [`address_move`] | signing in by mail, app or passkey; changing the address |
//! | [`staff`] | roles and permissions at the desk |
//! | [`money`], [`interval`] | amounts and billing intervals |
//! | [`last_day()`] | the last day of what has an end |
//! | [`product`], [`offer`], [`catalogue`] | what is for sale |
//! | [`tax`] | the tax that prices include |
//! | `price_comparison` | what a price comes to in a month, and what it saves |
//! | [`checkout`], [`payment`], [`payment_source`], [`refund`], [`processor_refund`] | paying and paying back |
//! | [`terms`], [`delivery`] | what a reader agreed to, and where papers are delivered |
//! | [`subscription`], [`state`] | a subscription and its states |
//! | [`reader_status`] | what readers are filtered by |
//! | [`due`] | what is due for a subscription, and when |
//! | [`subscription_email`] | the emails about a subscription |
//! | [`cancelling`], [`withdrawal`], [`ending_request`] | how readers end a subscription |
//! | [`audit`] | who changed a subscription |
//! | [`audit_log`] | what staff have changed |
//! | [`entitlement`] | what a subscription gives access to |
//! | [`switching`], [`collected`] | changing to another price, and what was collected and not refunded |
//! | [`reading`] | what readers save and follow |
//! | [`figures`] | statistics over all subscriptions |

#![warn(missing_docs)]

pub mod account;
pub mod address_move;
pub mod app;
pub mod assignment;
pub mod audit;
pub mod audit_log;
pub mod cancelling;
pub mod catalogue;
pub mod charge;
pub mod checkout;
pub mod collected;
pub mod delivery;
pub mod dispute;
pub mod due;
pub mod email;
pub mod ending_request;
pub mod entitlement;
pub mod figures;
pub mod interval;
pub mod last_day;
pub mod mention;
mod missed_periods;
pub mod money;
pub mod notification;
pub mod offer;
pub mod passkey;
pub mod payment;
pub mod payment_source;
mod price_comparison;
pub mod processor_refund;
pub mod product;
pub mod reader_status;
pub mod reading;
pub mod refund;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod staff;
pub mod state;
pub mod subscription;
pub mod subscription_email;
pub mod switching;
pub mod tax;
pub mod terms;
pub mod withdrawal;

pub use account::{Account, AccountId};
pub use address_move::AddressMove;
pub use assignment::{Assignment, InvalidAssignment};
pub use audit::{Actor, StaffActor};
pub use audit_log::{AuditAction, AuditChange, AuditKind, DeskAuditEntry};
pub use cancelling::CancellationEffect;
pub use catalogue::{Catalogue, CatalogueEntry, CatalogueError, CatalogueErrorKind};
pub use charge::Charge;
pub use checkout::{Checkout, Progress, Purpose};
pub use collected::CollectedPayment;
pub use delivery::{DeliveryAddress, InvalidDeliveryAddress};
pub use dispute::{Dispute, DisputeStatus};
pub use due::DueAction;
pub use email::{EmailAddress, InvalidEmail};
pub use ending_request::{EndingKind, EndingRequest};
pub use interval::{BillingInterval, ParseIntervalError, Unit};
pub use last_day::{end_of_day, last_day};
pub use money::{Currency, Money, ParseMoneyError};
pub use notification::{NotificationChoice, NotificationEvent};
pub use offer::{History, Introduction, Offer, OfferAudience};
pub use passkey::Passkey;
pub use payment::{NewPayment, Payment, PaymentNumber, PaymentStatus, UnusedReason};
pub use payment_source::{MandateTag, PaymentSource, PriceChangeOrder, RenewalOrder};
pub use processor_refund::{ProcessorRefund, RefundMark, RefundOrigin};
pub use product::{Channel, ParseChannelError, Price, Product};
pub use reader_status::ReaderStatus;
pub use refund::{Refund, RefundStatus};
pub use secret::{Digest, Secret};
pub use session::{DeskSession, Session, SessionKind};
pub use state::{Ending, Event, IllegalTransition, State};
pub use subscription::{
    Card, MANUAL, Mandate, NotificationsSent, PaidTime, Subscription, SubscriptionId,
};
pub use subscription_email::SubscriptionEmail;
pub use switching::{AgreedChange, Switch, SwitchRefused};
pub use tax::{ParseTaxRateError, TaxRate, TaxedAmount};
pub use terms::{FirstPeriod, Quote, Terms};
pub use withdrawal::{Withdrawal, WithdrawalPeriod, WithdrawalWay};
