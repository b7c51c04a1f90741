//! Readers as the newsroom lists them: filtered, counted and found by numbers; their labels, and notes about them.
//!
//! | module | contents |
//! | --- | --- |
//! | `added` | readers whom staff add |
//! | `query` | which readers are asked for |
//! | `list` | reading them, page by page |
//! | `numbers` | finding them by numbers of subscriptions and invoices, and by references of payments |
//! | `labels` | labels, of one reader or many |
//! | `notes` | notes |
//! | `conversion` | what has led to a subscription |

mod added;
mod conversion;
mod labels;
mod list;
mod notes;
mod numbers;
mod query;

pub use self::{
    added::{AddedReader, ReaderAddition, SubscriberAddition},
    conversion::ReaderConversion,
    labels::{LabelChange, LabelPart, LabelledPart},
    list::ReaderEntry,
    notes::ReaderNote,
    query::{ReaderOrder, ReaderQuery, ReaderSelection},
};
