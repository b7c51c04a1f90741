//! Whether a server has the keys of the publication: the database keeps a fingerprint of each key, from which nobody can
//! tell the key.

use hmac::{Hmac, KeyInit, Mac};
use masthead_access::token::{Key, Keyring};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect,
    Statement, sea_query::Expr,
};
use sha2::Sha256;

use crate::{Location, Store, StoreError, connection::connect, records::edition, upgrade};

/// Binds the fingerprints to their purpose.
const PURPOSE: &[u8] = b"masthead key fingerprint 1\n";
/// How many bytes a fingerprint has.
const LENGTH: usize = 16;
/// How often to try again if other servers start at the same time.
const ATTEMPTS: usize = 5;

/// How the keys of a server compare with those that the publication's servers were last started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAgreement {
    /// They are the same, or newer by a rotation.
    Same,
    /// They lack the newest key.
    Behind,
    /// They have older keys in common, and each lacks the newest of the other: both were rotated.
    Apart,
    /// They are other keys.
    Foreign,
}

impl KeyAgreement {
    /// What is wrong and what to do; `None` if nothing is.
    pub fn fault(self) -> Option<(&'static str, &'static str)> {
        let remedy = "copy data/keys from the server on which the keys were rotated last, and restart this one";
        match self {
            Self::Same => None,
            Self::Behind => {
                Some(("this server lacks the newest key that the others seal with", remedy))
            }
            Self::Apart => Some((
                "the keys were rotated on this server and on another, each by itself: all read what is older, and this one does not \
                 read what the others have sealed since, nor they what this one has",
                "copy data/keys from a server that starts without this message, and restart this one; what this one has sealed \
                 with its own newest key is then lost: the meter of its readers without an account, emails and forms that wait",
            )),
            Self::Foreign => Some((
                "these are not the keys that this database was used with: counts of readers, emails that wait and secrets of \
                 authenticator apps cannot be read",
                "copy data/keys from the publication's other servers or from a backup, and restart this one; if those keys are \
                 lost for good, run: masthead keys replace",
            )),
        }
    }
}

impl Store {
    /// Compares the keys of this server with those of the others, and notes them if they are the first or newer.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn register_keys(&self, keyring: &Keyring) -> Result<KeyAgreement, StoreError> {
        let ours = fingerprints(keyring);
        let new = ours.join(" ");
        for _ in 0..ATTEMPTS {
            let known = self.key_fingerprints().await?;
            let agreement = compare(&known, &ours);
            if agreement != KeyAgreement::Same
                || known.split(' ').next() == ours.first().map(String::as_str)
            {
                return Ok(agreement);
            }
            let noted = edition::Entity::update_many()
                .col_expr(edition::Column::KeyFingerprints, Expr::value(new.as_str()))
                .filter(edition::Column::KeyFingerprints.eq(known))
                .exec(&self.database)
                .await?;
            if noted.rows_affected > 0 {
                return Ok(agreement);
            }
        }
        Ok(compare(&self.key_fingerprints().await?, &ours))
    }

    /// Compares the keys of this server with those of the others.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn key_agreement(&self, keyring: &Keyring) -> Result<KeyAgreement, StoreError> {
        Ok(compare(&self.key_fingerprints().await?, &fingerprints(keyring)))
    }

    /// Forgets which keys the servers had, so that the next server to start says which they are.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn forget_keys(&self) -> Result<(), StoreError> {
        edition::Entity::update_many()
            .col_expr(edition::Column::KeyFingerprints, Expr::value(""))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Returns whether a database was used with keys, so that new ones must not take their place: a server was started on it, or
    /// it has accounts. Nothing is created.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be reached or read.
    #[tracing::instrument(skip_all)]
    pub async fn needs_keys(location: &Location) -> Result<bool, StoreError> {
        if upgrade::refuse_missing(location).is_err() {
            return Ok(false);
        }
        let database = connect(location).await?;
        let needs = has_used_keys(&database).await?;
        database.close().await?;
        Ok(needs)
    }

    /// Returns whether this database was used with keys.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn has_had_keys(&self) -> Result<bool, StoreError> {
        has_used_keys(&self.database).await
    }

    async fn key_fingerprints(&self) -> Result<String, StoreError> {
        let known = edition::Entity::find()
            .select_only()
            .column(edition::Column::KeyFingerprints)
            .into_tuple()
            .one(&self.database)
            .await?;
        Ok(known.unwrap_or_default())
    }
}

/// Whether a server was started on a database, or it has accounts. It may be of an earlier version.
async fn has_used_keys(database: &DatabaseConnection) -> Result<bool, StoreError> {
    let applied = upgrade::applied(database).await?;
    let questions = [
        ("m0002_readers", "SELECT 1 FROM accounts LIMIT 1"),
        ("m0151_key_fingerprints", "SELECT 1 FROM edition WHERE key_fingerprints <> ''"),
    ];
    for (_, sql) in questions.into_iter().filter(|(since, _)| applied.contains(*since)) {
        let statement = Statement::from_string(database.get_database_backend(), sql);
        if database.query_one_raw(statement).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The newest key decides: a server that has it can read what all servers seal from now on.
fn compare(known: &str, ours: &[String]) -> KeyAgreement {
    let known: Vec<&str> = known.split_whitespace().collect();
    let has_newest = known.first().is_none_or(|newest| ours.iter().any(|key| key == newest));
    if has_newest {
        KeyAgreement::Same
    } else if ours.first().is_some_and(|newest| known.contains(&newest.as_str())) {
        KeyAgreement::Behind
    } else if ours.iter().any(|key| known.contains(&key.as_str())) {
        KeyAgreement::Apart
    } else {
        KeyAgreement::Foreign
    }
}

fn fingerprints(keyring: &Keyring) -> Vec<String> {
    keyring.keys().iter().map(fingerprint).collect()
}

fn fingerprint(key: &Key) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key.secret) else { return String::new() };
    mac.update(PURPOSE);
    mac.finalize().into_bytes().iter().take(LENGTH).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_by_the_newest() {
        let mut first = Keyring::generate(&mut rand::rng());
        let (old, first_only) = (fingerprints(&first), first.clone());
        first.rotate(&mut rand::rng());
        let new = fingerprints(&first);
        let mut apart = first_only.clone();
        apart.rotate(&mut rand::rng());
        let apart = fingerprints(&apart);
        let other = fingerprints(&Keyring::generate(&mut rand::rng()));
        assert_eq!(compare("", &old), KeyAgreement::Same, "the first");
        assert_eq!(compare(&old.join(" "), &new), KeyAgreement::Same, "rotated");
        assert_eq!(compare(&new.join(" "), &new), KeyAgreement::Same);
        assert_eq!(compare(&new.join(" "), &old), KeyAgreement::Behind);
        assert_eq!(compare(&new.join(" "), &other), KeyAgreement::Foreign);
        assert_eq!(
            compare(&new.join(" "), &apart),
            KeyAgreement::Apart,
            "each was rotated by itself"
        );
        assert_eq!(compare(&apart.join(" "), &new), KeyAgreement::Apart);
        let (_, remedy) = KeyAgreement::Apart.fault().expect("a fault");
        assert!(!remedy.contains("keys replace"), "nothing that both read is given up: {remedy}");
    }
}
