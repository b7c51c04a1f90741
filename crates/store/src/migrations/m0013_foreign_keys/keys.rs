//! Which column refers to what, and what happens to it on deletion.

/// What happens to a row when the row that it refers to is deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OnDelete {
    /// It is deleted too.
    Cascade,
    /// It stays, without the reference.
    SetNull,
}

impl OnDelete {
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
        }
    }
}

/// A column that refers to the primary key of another table.
pub(super) struct Key {
    pub(super) column: &'static str,
    pub(super) parent: &'static str,
    pub(super) referenced_column: &'static str,
    pub(super) on_delete: OnDelete,
}

const fn key(column: &'static str, parent: &'static str, on_delete: OnDelete) -> Key {
    Key { column, parent, referenced_column: "id", on_delete }
}

const ACCOUNT: Key = key("account", "accounts", OnDelete::Cascade);
const KEPT_ACCOUNT: Key = key("account", "accounts", OnDelete::SetNull);
const DONE_BY: Key = key("done_by", "accounts", OnDelete::SetNull);
const PIECE: Key = key("piece", "pieces", OnDelete::Cascade);
const ARTICLE: Key = key("article", "pieces", OnDelete::Cascade);
const PAYMENT: Key = Key {
    column: "payment",
    parent: "payments",
    referenced_column: "number",
    on_delete: OnDelete::Cascade,
};

/// The keys of each table, parents before children. For accounting, payments, refunds and
/// charges stay when an account is deleted. `bulletins.account` has none: a row tells other
/// servers, for ten minutes, that the account is gone.
pub(super) const TABLES: &[(&str, &[Key])] = &[
    ("subscriptions", &[ACCOUNT]),
    ("payments", &[KEPT_ACCOUNT, key("subscription", "subscriptions", OnDelete::SetNull)]),
    ("refunds", &[PAYMENT, KEPT_ACCOUNT, DONE_BY]),
    ("charges", &[KEPT_ACCOUNT]),
    ("checkouts", &[ACCOUNT, key("mends", "subscriptions", OnDelete::Cascade)]),
    ("audit", &[key("subscription", "subscriptions", OnDelete::Cascade), DONE_BY]),
    ("sessions", &[ACCOUNT]),
    ("account_reads", &[ACCOUNT, ARTICLE]),
    ("moves", &[ACCOUNT]),
    ("app_requests", &[ACCOUNT]),
    ("passkeys", &[ACCOUNT]),
    ("identities", &[ACCOUNT]),
    ("staff", &[ACCOUNT]),
    ("invitations", &[key("invited_by", "accounts", OnDelete::SetNull)]),
    ("desk_records", &[DONE_BY]),
    ("steering", &[DONE_BY]),
    ("stories", &[PIECE, key("saved_by", "accounts", OnDelete::SetNull)]),
    ("drafts", &[PIECE]),
    ("revisions", &[PIECE, DONE_BY]),
    ("presence", &[PIECE, ACCOUNT]),
    ("tallies", &[ARTICLE]),
];

/// Columns that had no index: a deletion looks for the rows that refer to what is deleted. Pieces are
/// never deleted, so their columns need none.
pub(super) const INDICES: &[(&str, &str)] = &[
    ("payments", "subscription"),
    ("refunds", "done_by"),
    ("charges", "account"),
    ("checkouts", "mends"),
    ("audit", "done_by"),
    ("app_requests", "account"),
    ("invitations", "invited_by"),
    ("desk_records", "done_by"),
    ("steering", "done_by"),
    ("stories", "saved_by"),
    ("story_writers", "account"),
    ("revisions", "done_by"),
    ("presence", "account"),
];
