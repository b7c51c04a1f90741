//! Finding articles by the words in them.
//!
//! An index beside the database, in a directory of its own, made from the database and made anew wherever it is
//! missing, broken, or of another kind. Of each article it knows what everybody may see, and the whole text; readers
//! search the first alone, so that nobody can find out by searching what stands behind a wall.

#![warn(missing_docs)]

mod analyzer;
mod index;
mod question;

pub use index::{Change, Found, Hit, Index, Known, SearchError, Text, Who};
