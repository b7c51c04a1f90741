//! Ids as rows hold them. The types of the other crates know no database, so a row holds them in
//! [`Key`], which is stored as an integer of 31 bits: both engines count up from 1.

use std::fmt::Debug;

use masthead_access::ArticleId;
use masthead_circulation::{AccountId, PaymentNumber, SubscriptionId};
use sea_orm::{
    ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};

/// A newtype around a positive number.
pub trait Id: Copy + Debug + PartialEq + Eq + Send + Sync + 'static {
    /// The id with this number.
    fn new(number: u32) -> Self;
    /// Its number.
    fn number(self) -> u32;
}

/// The number of a revision of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevisionNumber(pub u32);

/// The number of a post of live coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LivePostNumber(pub u32);

/// The number of a thread of comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadNumber(pub u32);

/// An id in a row or in a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key<T>(pub T);

/// The id of an account.
pub type AccountKey = Key<AccountId>;
/// The id of an article or a page.
pub type PieceKey = Key<ArticleId>;
/// The id of a subscription.
pub type SubscriptionKey = Key<SubscriptionId>;
/// The number of a revision.
pub type RevisionKey = Key<RevisionNumber>;
/// The number of a post of live coverage.
pub type LivePostKey = Key<LivePostNumber>;
/// The number of a thread of comments.
pub type ThreadKey = Key<ThreadNumber>;
/// The number of a payment.
pub type PaymentKey = Key<PaymentNumber>;

/// Makes newtypes around a number ids.
macro_rules! ids {
    ($($id:ident),* $(,)?) => {
        $(impl Id for $id {
            fn new(number: u32) -> Self {
                Self(number)
            }

            fn number(self) -> u32 {
                self.0
            }
        })*
    };
}

ids!(
    AccountId,
    ArticleId,
    LivePostNumber,
    PaymentNumber,
    RevisionNumber,
    SubscriptionId,
    ThreadNumber
);

impl<T: Id> Default for Key<T> {
    /// The number 0, which comes before all that are given.
    fn default() -> Self {
        Self(T::new(0))
    }
}

impl<T: Id> From<Key<T>> for Value {
    /// A number of more than 31 bits is compared with the column as it is, and so equals none.
    fn from(key: Key<T>) -> Self {
        Self::BigInt(Some(i64::from(key.0.number())))
    }
}

impl<T: Id> Nullable for Key<T> {
    fn null() -> Value {
        Value::BigInt(None)
    }
}

impl<T: Id> ValueType for Key<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        match value {
            Value::Int(Some(number)) => read(i64::from(number)).map_err(|_| ValueTypeErr),
            Value::BigInt(Some(number)) => read(number).map_err(|_| ValueTypeErr),
            _ => Err(ValueTypeErr),
        }
    }

    fn type_name() -> String {
        "Key".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Int
    }

    fn column_type() -> ColumnType {
        ColumnType::Integer
    }
}

impl<T: Id> TryGetable for Key<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let number = i32::try_get_by(row, index)?;
        read(i64::from(number)).map_err(TryGetError::DbErr)
    }
}

impl<T: Id> TryFromU64 for Key<T> {
    fn try_from_u64(number: u64) -> Result<Self, DbErr> {
        <i64 as TryFrom<u64>>::try_from(number).map_err(|_| invalid(number)).and_then(read)
    }
}

fn read<T: Id>(number: i64) -> Result<Key<T>, DbErr> {
    <u32 as TryFrom<i64>>::try_from(number)
        .map(|number| Key(T::new(number)))
        .map_err(|_| invalid(number))
}

fn invalid(number: impl std::fmt::Display) -> DbErr {
    DbErr::Type(format!("{number} is not an id"))
}
