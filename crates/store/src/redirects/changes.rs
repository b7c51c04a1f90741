//! Changing redirects at the desk.

use masthead_circulation::{AuditAction, AuditChange};
use masthead_editorial::Redirect;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::{MAX_REDIRECTS, StoredRedirect, all, follow, put, remove, stored};
use crate::{
    Attribution, Store, StoreError,
    audit_log::{AuditRecord, record},
    records::redirect as row,
};

/// Why a redirect is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectFault {
    /// Following it would lead back to it.
    Loop,
    /// More redirects would follow it than [`MAX_FOLLOWING`](super::MAX_FOLLOWING).
    TooLong,
    /// There are as many as there may be.
    TooMany,
}

/// The result of changing a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectWrite {
    /// It is done.
    Done,
    /// Nothing was changed, because somebody else has changed the redirect since.
    Behind,
    /// Nothing was changed, because there is a redirect from this address already.
    Taken,
    /// Nothing was changed, because it cannot be.
    Refused(RedirectFault),
}

/// The result of storing many redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectImport {
    /// They are stored: so many are new, and so many have another target than before.
    Done {
        /// The new ones.
        added: usize,
        /// Those that were changed.
        changed: usize,
    },
    /// Nothing was changed, because the redirect with this index cannot be stored.
    Refused(usize, RedirectFault),
}

impl Store {
    /// Stores a redirect in place of that from the address `known`, which is still at this version, or as a new one.
    #[tracing::instrument(skip_all)]
    pub async fn change_redirect(
        &self,
        known: Option<(&str, i64)>,
        redirect: &Redirect,
        attribution: Attribution,
    ) -> Result<RedirectWrite, StoreError> {
        let (transaction, revision) = self.write().await?;
        let before = match known {
            None => None,
            Some((path, version)) => match find(&transaction, path).await? {
                Some(before) if before.version == version => Some(before.redirect),
                _ => return Ok(RedirectWrite::Behind),
            },
        };
        let moves = before.as_ref().is_none_or(|before| before.path != redirect.path);
        if moves && find(&transaction, &redirect.path).await?.is_some() {
            return Ok(RedirectWrite::Taken);
        }
        let mut others = all(&transaction).await?;
        let number = others.len();
        if let Some(before) = before.as_ref().filter(|_| moves) {
            others.remove(&before.path);
            remove(&transaction, &before.path, revision).await?;
        }
        others.insert(redirect.path.clone(), redirect.target.clone());
        if let Some(fault) = fault(&others, number, redirect) {
            return Ok(RedirectWrite::Refused(fault));
        }
        put(&transaction, redirect, revision).await?;
        let changes = changes(before.as_ref(), Some(redirect));
        if !changes.is_empty() {
            note(&transaction, &redirect.path, changes, attribution).await?;
            transaction.commit().await?;
        }
        Ok(RedirectWrite::Done)
    }

    /// Deletes the redirect from an address, if it is still at this version.
    #[tracing::instrument(skip_all)]
    pub async fn delete_redirect(
        &self,
        path: &str,
        version: i64,
        attribution: Attribution,
    ) -> Result<RedirectWrite, StoreError> {
        let (transaction, revision) = self.write().await?;
        let known = find(&transaction, path).await?;
        let Some(known) = known.filter(|known| known.version == version) else {
            return Ok(RedirectWrite::Behind);
        };
        remove(&transaction, path, revision).await?;
        let changes = changes(Some(&known.redirect), None);
        note(&transaction, path, changes, attribution).await?;
        transaction.commit().await?;
        Ok(RedirectWrite::Done)
    }

    /// Stores all of these redirects or none; one from the same address is replaced.
    #[tracing::instrument(skip_all)]
    pub async fn import_redirects(
        &self,
        redirects: &[Redirect],
        attribution: Attribution,
    ) -> Result<RedirectImport, StoreError> {
        let (transaction, revision) = self.write().await?;
        let mut known = all(&transaction).await?;
        let (number, mut added, mut changed) = (known.len(), 0, 0);
        for redirect in redirects {
            let before = known.insert(redirect.path.clone(), redirect.target.clone());
            match before {
                None => added += 1,
                Some(before) if before != redirect.target => changed += 1,
                Some(_) => {}
            }
        }
        for (index, redirect) in redirects.iter().enumerate() {
            if let Some(fault) = fault(&known, number, redirect) {
                return Ok(RedirectImport::Refused(index, fault));
            }
            put(&transaction, redirect, revision).await?;
        }
        let facts = vec![AuditChange::fact("new", added), AuditChange::fact("changed", changed)];
        note(&transaction, "", facts, attribution).await?;
        transaction.commit().await?;
        Ok(RedirectImport::Done { added, changed })
    }
}

/// Why redirects cannot be as they are in `all`, of which there were `before`. Those of topics and authors are always written, so
/// there may be too many already: then each can be changed or deleted, and none be added.
fn fault(
    all: &std::collections::HashMap<String, String>,
    before: usize,
    redirect: &Redirect,
) -> Option<RedirectFault> {
    if all.len() as u64 > MAX_REDIRECTS && all.len() > before {
        return Some(RedirectFault::TooMany);
    }
    follow(all, &redirect.path).err()
}

async fn find(
    from: &impl ConnectionTrait,
    path: &str,
) -> Result<Option<StoredRedirect>, StoreError> {
    Ok(row::Entity::find_by_id(path.to_owned()).one(from).await?.and_then(stored))
}

fn changes(before: Option<&Redirect>, after: Option<&Redirect>) -> Vec<AuditChange> {
    let values = |of: Option<&Redirect>| {
        let status = of.map(|of| of.status.code().to_string()).unwrap_or_default();
        let text = |value: Option<&String>| value.cloned().unwrap_or_default();
        [text(of.map(|of| &of.path)), text(of.map(|of| &of.target)), status]
    };
    let (before, after) = (values(before), values(after));
    let keys = ["from", "to", "response"].into_iter().zip(before.iter().zip(&after));
    keys.filter_map(|(key, (before, after))| AuditChange::between(key, before, after)).collect()
}

/// Records what another change has made of a redirect; nothing if it stays as it is.
pub(super) async fn note_change(
    to: &impl ConnectionTrait,
    before: &Redirect,
    after: Option<&Redirect>,
    attribution: Attribution,
) -> Result<(), StoreError> {
    let changes = changes(Some(before), after);
    if changes.is_empty() {
        return Ok(());
    }
    note(to, &before.path, changes, attribution).await
}

/// Records a change; `about` is the address, or empty for many.
async fn note(
    to: &impl ConnectionTrait,
    about: &str,
    changes: Vec<AuditChange>,
    Attribution { by, at }: Attribution,
) -> Result<(), StoreError> {
    let action = AuditAction::ChangedRedirects;
    record(to, AuditRecord { about, changes, ..AuditRecord::new(Some(by), at, action) }).await
}

#[cfg(test)]
mod tests {
    use masthead_editorial::RedirectStatus;

    use super::*;

    #[test]
    fn there_may_be_too_many_already_and_each_can_be_changed() {
        let all = (0..=MAX_REDIRECTS).map(|number| (format!("/{number}"), "/to".to_owned()));
        let all: std::collections::HashMap<String, String> = all.collect();
        let redirect = Redirect::new("/1", "/to", RedirectStatus::default()).expect("a redirect");
        assert_eq!(fault(&all, all.len(), &redirect), None);
        assert_eq!(fault(&all, all.len() - 1, &redirect), Some(RedirectFault::TooMany));
    }

    #[test]
    fn a_chain_is_followed_a_few_steps_and_no_more() {
        let chain = |length: u64| {
            let all = (0..=length).map(|number| (format!("/{number}"), format!("/{}", number + 1)));
            let first = Redirect::new("/0", "/1", RedirectStatus::default()).expect("a redirect");
            let all: std::collections::HashMap<String, String> = all.collect();
            fault(&all, all.len(), &first)
        };
        assert_eq!(chain(10), None);
        assert_eq!(chain(11), Some(RedirectFault::TooLong));
        assert_eq!(chain(MAX_REDIRECTS - 1), Some(RedirectFault::TooLong));
    }
}
