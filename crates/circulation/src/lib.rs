//! Readers with an account, what they can buy, and what becomes of it.
//!
//! Pure: no I/O, no clock; time and randomness come in as arguments.
//!
//! | module | thought |
//! | --- | --- |
//! | [`account`], [`email`], [`secret`] | who a reader is |
//! | [`sign_in`], [`app`], [`address_move`] | how they and their apps come in, and move |
//! | [`staff`] | who works at the desk, and what they may do |
//! | [`money`], [`length`] | how much, and how long |
//! | [`product`], [`offer`], [`catalogue`] | what is sold |
//! | [`checkout`], [`payment`], [`payment_source`], [`refund`] | how it is paid for, and paid back |
//! | [`terms`] | what was agreed |
//! | [`subscription`], [`state`] | what becomes of it |
//! | [`due`] | what is to be done about it, and when |
//! | [`subscription_email`] | what the reader is told of it |
//! | [`audit`] | who changed it |
//! | [`entitlement`] | what it opens |
//! | [`switching`] | what it costs to change |
//! | [`figures`] | what all of them come to |

#![warn(missing_docs)]

pub mod account;
pub mod address_move;
pub mod app;
pub mod audit;
pub mod catalogue;
pub mod checkout;
pub mod due;
pub mod email;
pub mod entitlement;
pub mod figures;
pub mod interval;
pub mod money;
pub mod offer;
pub mod passkey;
pub mod payment;
pub mod payment_source;
pub mod product;
pub mod refund;
pub mod secret;
pub mod sign_in;
pub mod staff;
pub mod state;
pub mod subscription;
pub mod subscription_email;
pub mod switching;
pub mod terms;

pub use account::{Account, AccountId, Session};
pub use address_move::AddressMove;
pub use audit::{Actor, StaffActor};
pub use catalogue::{Catalogue, CatalogueFault, Place};
pub use checkout::{Checkout, Progress, Purpose};
pub use due::Task;
pub use email::{EmailAddress, InvalidEmail};
pub use interval::{BillingInterval, ParseIntervalError, Unit};
pub use money::{Currency, Money, ParseMoneyError};
pub use offer::{Audience, History, Introduction, Offer};
pub use passkey::Passkey;
pub use payment::{NewPayment, Payment, PaymentStatus, UnusedReason};
pub use payment_source::{MandateTag, PaymentSource, PriceChangeOrder, RenewalOrder};
pub use product::{Channel, Price, Product, UnknownChannel};
pub use refund::Refund;
pub use secret::{Digest, Secret};
pub use state::{Ending, Event, IllegalTransition, State};
pub use subscription::{
    Card, MANUAL, Mandate, NotificationsSent, PaidTime, Subscription, SubscriptionId,
};
pub use subscription_email::SubscriptionEmail;
pub use switching::{Switch, SwitchRefused};
pub use terms::{FirstPeriod, Quote, Terms};
