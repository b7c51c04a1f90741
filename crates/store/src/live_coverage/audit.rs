//! What the audit log says of live coverage. It has the texts before and after: a post has no revisions.

use masthead_circulation::{AuditAction, AuditChange};
use sea_orm::ConnectionTrait;

use super::LiveAuthor;
use crate::{
    StoreError,
    audit_log::{AuditRecord, record},
    ids::PieceKey,
    records::live_post,
};

/// Records what was done to the live coverage of the article with this headline.
pub(super) async fn record_live(
    to: &impl ConnectionTrait,
    id: PieceKey,
    (headline, action): (&str, AuditAction),
    author: LiveAuthor,
    changes: Vec<AuditChange>,
) -> Result<(), StoreError> {
    let entry = AuditRecord {
        about: headline,
        piece: Some(id),
        changes,
        ..AuditRecord::new(author.by, author.at, action)
    };
    record(to, entry).await
}

/// The number of a post.
pub(super) fn post_fact(post: &live_post::Model) -> AuditChange {
    AuditChange::fact("post", post.id.0.0)
}

/// The texts of a post that were changed; a missing post has none.
pub(super) fn post_changes(
    before: Option<&live_post::Model>,
    after: Option<&live_post::Model>,
) -> Vec<AuditChange> {
    let text = |post: Option<&live_post::Model>, of: fn(&live_post::Model) -> &str| {
        post.map(of).unwrap_or_default().to_owned()
    };
    let headline: fn(&live_post::Model) -> &str = |post| &post.headline;
    let source: fn(&live_post::Model) -> &str = |post| &post.source;
    [("headline", headline), ("text", source)]
        .into_iter()
        .filter_map(|(key, of)| AuditChange::between(key, &text(before, of), &text(after, of)))
        .collect()
}
