//! Whom a comment mentions, and who is told of it.

use masthead_circulation::{AccountId, NotificationEvent, mention::mentioned};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    Attribution, Store, StoreError,
    ids::{AccountKey, Key, PieceKey, ThreadKey},
    notifications::{NewNotification, tell, those_who_may_open},
    records::{account, comment, staff, story},
    stories::writers_of,
};

/// Whom a comment mentions.
pub(super) enum Mentions {
    /// People who may open the article.
    Allowed(Vec<AccountId>),
    /// Also somebody with this name, who may not.
    MayNotOpen(String),
}

impl Store {
    /// Returns the names of those who may open an article, for mentions.
    #[tracing::instrument(skip_all)]
    pub async fn mentionable(
        &self,
        article: masthead_access::ArticleId,
    ) -> Result<Vec<(AccountId, String)>, StoreError> {
        let allowed = those_who_may_open(&self.database, Key(article), None).await?;
        let ids: Vec<AccountId> = allowed.into_iter().map(|own| own.0).collect();
        names_of(&self.database, &ids).await
    }
}

/// Finds whom a comment mentions, among everybody who works here. Of people with the same name those who may open the article are
/// meant.
pub(super) async fn mentions(
    from: &impl ConnectionTrait,
    piece: PieceKey,
    text: &str,
) -> Result<Mentions, StoreError> {
    if !text.contains('@') {
        return Ok(Mentions::Allowed(Vec::new()));
    }
    let rows = staff::Entity::find().all(from).await?;
    let ids: Vec<AccountId> = rows.iter().map(|row| row.account.0).collect();
    let names = names_of(from, &ids).await?;
    let mut named = mentioned(text, &names);
    let allowed = those_who_may_open(from, piece, Some(&named)).await?;
    let may_open = |id: &AccountId| allowed.iter().any(|(known, _)| known == id);
    let name_of = |id: &AccountId| names.iter().find(|known| known.0 == *id).map(|known| &known.1);
    let refused = named.iter().find(|id| {
        let is_meant = named.iter().any(|other| may_open(other) && name_of(other) == name_of(id));
        !may_open(id) && !is_meant
    });
    if let Some(name) = refused.and_then(name_of) {
        return Ok(Mentions::MayNotOpen(name.clone()));
    }
    named.retain(may_open);
    Ok(Mentions::Allowed(named))
}

/// The names of accounts, or their addresses if they have none.
async fn names_of(
    from: &impl ConnectionTrait,
    ids: &[AccountId],
) -> Result<Vec<(AccountId, String)>, StoreError> {
    let rows: Vec<(AccountKey, String, String)> = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::Name, account::Column::Email])
        .filter(account::Column::Id.is_in(ids.iter().copied().map(Key)))
        .into_tuple()
        .all(from)
        .await?;
    let mut names: Vec<(AccountId, String)> = rows
        .into_iter()
        .map(|(id, name, email)| (id.0, if name.is_empty() { email } else { name }))
        .collect();
    names.sort_by(|one, other| one.1.cmp(&other.1).then(one.0.0.cmp(&other.0.0)));
    Ok(names)
}

/// Tells those whom a comment mentions, and of the others the article's writers, its responsible editor, and those who have
/// written in the thread.
pub(super) async fn tell_of(
    to: &impl ConnectionTrait,
    (piece, thread): (PieceKey, ThreadKey),
    (text, mentioned): (&str, Vec<AccountId>),
    Attribution { by, at }: Attribution,
) -> Result<(), StoreError> {
    let new = |event| NewNotification {
        thread: Some(thread),
        ..NewNotification::new(event, piece, Some(by), at).saying(text)
    };
    let others: Vec<AccountId> = concerned(to, piece, thread).await?;
    let others = others.into_iter().filter(|account| !mentioned.contains(account));
    tell(to, others, &new(NotificationEvent::Commented)).await?;
    tell(to, mentioned, &new(NotificationEvent::Mentioned)).await
}

async fn concerned(
    from: &impl ConnectionTrait,
    piece: PieceKey,
    thread: ThreadKey,
) -> Result<Vec<AccountId>, StoreError> {
    let mut concerned = writers_of(from, [piece]).await?.remove(&piece).unwrap_or_default();
    let entry = story::Entity::find_by_id(piece).one(from).await?;
    concerned.extend(entry.and_then(|entry| entry.editor_account).map(|key| key.0));
    let written: Vec<Option<AccountKey>> = comment::Entity::find()
        .select_only()
        .column(comment::Column::WrittenBy)
        .distinct()
        .filter(comment::Column::Thread.eq(thread))
        .into_tuple()
        .all(from)
        .await?;
    concerned.extend(written.into_iter().flatten().map(|key| key.0));
    Ok(concerned)
}
