//! Whether a server has the keys of the publication: the database keeps a fingerprint of each key that seals, and of the one that
//! digests are made with, from which nobody can tell the key.

use hmac::{Hmac, KeyInit, Mac};
use masthead_access::token::Keyring;
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
/// Begins the fingerprint of the key that digests are made with.
const DIGEST: &str = "digest:";
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
    /// They seal and open the same, and make digests that the others do not find.
    OtherDigests,
}

impl KeyAgreement {
    /// What is wrong and what to do; `None` if nothing is.
    pub fn fault(self) -> Option<(&'static str, &'static str)> {
        let remedy = "copy data/keys from the server on which the keys were rotated last, and restart this one";
        match self {
            Self::Same => None,
            Self::Behind => {
                Some(("this server lacks the newest key that the others encrypt with", remedy))
            }
            Self::Apart => Some((
                "the keys were rotated on this server and on another, each by itself: all read what is older, and this one does not \
                 read what the others have encrypted since, nor they what this one has",
                "copy data/keys from a server that starts without this message, and restart this one; what this one has encrypted \
                 with its own newest key is then lost: the meter of its readers without an account, emails and forms that wait",
            )),
            Self::Foreign => Some((
                "these are not the keys that this database was used with: counts of readers, emails that wait and secrets of \
                 authenticator apps cannot be read",
                "copy data/keys from the publication's other servers or from a backup, and restart this one; if those keys are \
                 lost for good, run: masthead keys replace",
            )),
            Self::OtherDigests => Some((
                "this server lacks the key with which the others make digests of former readers' addresses: it does not know which trials \
                 they had and which invoices they left unpaid",
                "copy data/keys from the server on which the key of digests was replaced last, and restart this one; if no server has it, \
                 run: masthead keys rotate --digests",
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
        let ours = Fingerprints::of(keyring);
        for _ in 0..ATTEMPTS {
            let known = self.key_fingerprints().await?;
            let noted = Fingerprints::parse(&known);
            let agreement = compare(&noted, &ours);
            if agreement != KeyAgreement::Same || noted.has_newest_of(&ours) {
                return Ok(agreement);
            }
            let noted = edition::Entity::update_many()
                .col_expr(edition::Column::KeyFingerprints, Expr::value(ours.to_text()))
                .filter(edition::Column::KeyFingerprints.eq(known))
                .exec(&self.database)
                .await?;
            if noted.rows_affected > 0 {
                return Ok(agreement);
            }
        }
        Ok(compare(&Fingerprints::parse(&self.key_fingerprints().await?), &ours))
    }

    /// Notes keys of which that of digests is new, and forgets what was kept under the former one, which is never found again: what
    /// readers had used or owed whose account was deleted or has another address. Returns of how many addresses something was kept.
    ///
    /// # Errors
    ///
    /// Fails if the database does; nothing is forgotten then.
    #[tracing::instrument(skip_all)]
    pub async fn replace_digest_key(&self, keyring: &Keyring) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        let text = Fingerprints::of(keyring).to_text();
        edition::Entity::update_many()
            .col_expr(edition::Column::KeyFingerprints, Expr::value(text))
            .exec(&transaction)
            .await?;
        let forgotten = self.forget_former_readers(&transaction).await?;
        transaction.commit().await?;
        Ok(forgotten)
    }

    /// Compares the keys of this server with those of the others.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn key_agreement(&self, keyring: &Keyring) -> Result<KeyAgreement, StoreError> {
        let noted = self.key_fingerprints().await?;
        Ok(compare(&Fingerprints::parse(&noted), &Fingerprints::of(keyring)))
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

/// The fingerprints of the keys of a server or of the publication.
#[derive(Clone, Debug, Default)]
struct Fingerprints {
    /// Of the keys that seal, the newest first.
    keys: Vec<String>,
    /// Of the keys of digests, the newest first; of the publication only the newest is known, and none if an earlier version noted it.
    digests: Vec<String>,
}

impl Fingerprints {
    fn of(keyring: &Keyring) -> Self {
        Self {
            keys: keyring.keys().iter().map(|key| fingerprint(&key.secret)).collect(),
            digests: keyring.digest_keys().iter().map(fingerprint).collect(),
        }
    }

    /// The text form: fingerprints with spaces between them. An earlier version ignores that of the key of digests.
    fn parse(text: &str) -> Self {
        let mut noted = Self::default();
        for word in text.split_whitespace() {
            match word.strip_prefix(DIGEST) {
                Some(digest) => noted.digests.push(digest.to_owned()),
                None => noted.keys.push(word.to_owned()),
            }
        }
        noted
    }

    fn to_text(&self) -> String {
        let digest = self.digests.first().map(|digest| format!("{DIGEST}{digest}"));
        self.keys.iter().cloned().chain(digest).collect::<Vec<_>>().join(" ")
    }

    fn has_newest_of(&self, ours: &Self) -> bool {
        (self.keys.first(), self.digests.first()) == (ours.keys.first(), ours.digests.first())
    }
}

/// The newest key decides: a server that has it can read what all servers seal from now on, and finds their digests.
fn compare(known: &Fingerprints, ours: &Fingerprints) -> KeyAgreement {
    let has_newest = |known: &[String], ours: &[String]| {
        known.first().is_none_or(|newest| ours.contains(newest))
    };
    if has_newest(&known.keys, &ours.keys) {
        if has_newest(&known.digests, &ours.digests) {
            KeyAgreement::Same
        } else {
            KeyAgreement::OtherDigests
        }
    } else if ours.keys.first().is_some_and(|newest| known.keys.contains(newest)) {
        KeyAgreement::Behind
    } else if ours.keys.iter().any(|key| known.keys.contains(key)) {
        KeyAgreement::Apart
    } else {
        KeyAgreement::Foreign
    }
}

fn fingerprint(secret: &[u8; 32]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(PURPOSE);
    mac.finalize().into_bytes().iter().take(LENGTH).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_by_the_newest() {
        let mut first = Keyring::generate(&mut rand::rng());
        let (old, first_only) = (Fingerprints::of(&first), first.clone());
        first.rotate(&mut rand::rng());
        let new = Fingerprints::of(&first);
        let mut apart = first_only.clone();
        apart.rotate(&mut rand::rng());
        let apart = Fingerprints::of(&apart);
        let other = Fingerprints::of(&Keyring::generate(&mut rand::rng()));
        let noted = |fingerprints: &Fingerprints| Fingerprints::parse(&fingerprints.to_text());
        assert_eq!(compare(&Fingerprints::default(), &old), KeyAgreement::Same, "the first");
        assert_eq!(compare(&noted(&old), &new), KeyAgreement::Same, "rotated");
        assert_eq!(compare(&noted(&new), &new), KeyAgreement::Same);
        assert_eq!(compare(&noted(&new), &old), KeyAgreement::Behind);
        assert_eq!(compare(&noted(&new), &other), KeyAgreement::Foreign);
        assert_eq!(
            compare(&noted(&new), &apart),
            KeyAgreement::Apart,
            "each was rotated by itself"
        );
        assert_eq!(compare(&noted(&apart), &new), KeyAgreement::Apart);
        let (_, remedy) = KeyAgreement::Apart.fault().expect("a fault");
        assert!(!remedy.contains("keys replace"), "nothing that both read is given up: {remedy}");
    }

    #[test]
    fn the_key_of_digests_is_compared_as_well() {
        let own = Keyring::generate(&mut rand::rng());
        let mut replaced = own.clone();
        replaced.replace_digest_keys(&mut rand::rng());
        let (own, replaced) = (Fingerprints::of(&own), Fingerprints::of(&replaced));
        let noted = Fingerprints::parse(&replaced.to_text());
        assert_eq!(compare(&noted, &own), KeyAgreement::OtherDigests);
        assert_eq!(compare(&noted, &replaced), KeyAgreement::Same);
        // Noted by an earlier version.
        let noted = Fingerprints::parse(&own.keys.join(" "));
        assert_eq!(compare(&noted, &own), KeyAgreement::Same);
        assert!(!noted.has_newest_of(&own), "it is noted now");
    }
}
