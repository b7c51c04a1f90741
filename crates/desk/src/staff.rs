//! The member of the staff who sends a request.

use axum::extract::FromRequestParts;
use http::request::Parts;
use masthead_circulation::{
    Account, Digest,
    staff::{Permission, Staff},
};
use masthead_media::WorkOwner;

use crate::{error::DeskError, notice::Notice, words::DeskWords};

/// A member of the staff with a session of today. Handlers take it as an argument; `auth::require` has put it there.
#[derive(Clone, Debug)]
pub(crate) struct CurrentStaff {
    pub account: Account,
    pub staff: Staff,
    /// The key of their session.
    pub session: Digest,
    /// Whether the page before was a form that was saved, which this page then says.
    pub has_saved: bool,
    /// The words in their language.
    pub words: DeskWords,
    /// How many notifications they have not read, as far as the header shows it.
    pub unread: u64,
    /// The address of this page, to return to.
    pub here: String,
}

impl CurrentStaff {
    /// Whether their role includes this.
    pub fn may(&self, permission: Permission) -> bool {
        self.staff.role.may(permission)
    }

    /// For whom texts are worked on: each account has one place at a time.
    pub fn work_owner(&self) -> WorkOwner {
        WorkOwner(self.account.id.0)
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentStaff {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, DeskError> {
        parts.extensions.get::<Self>().cloned().ok_or(DeskError::Notice(Notice::SignInAgain))
    }
}
