//! Links that end subscriptions without signing in: they cancel, or withdraw from the contract. Everything that they say is sealed
//! in the link itself, so that nothing is stored about what nobody has confirmed once the email is written. A link is used up by the first ending of its kind
//! after it was asked for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use masthead_access::sealed_box::{SealError, SealedBox};
use rand::Rng;

use crate::{AccountId, Event};

/// How a reader ends a subscription.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::EnumString, strum_macros::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum EndingKind {
    /// It is cancelled, and ends when what is paid for ends.
    Cancellation,
    /// The reader withdraws from the contract: it ends at once, and what was paid is refunded.
    Withdrawal,
}

impl EndingKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cancellation, Self::Withdrawal];

    /// The name as stored in the database, which is also the kind of the email with the link.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What happens to the subscription.
    pub fn event(self) -> Event {
        match self {
            Self::Cancellation => Event::Cancelled,
            Self::Withdrawal => Event::Withdrawn,
        }
    }

    /// Binds what is sealed to its purpose.
    fn purpose(self) -> &'static [u8] {
        match self {
            Self::Cancellation => b"masthead cancellation link 2",
            Self::Withdrawal => b"masthead withdrawal link 1",
        }
    }
}

/// A wish to end what an account subscribes to, which its reader confirms by a link in an email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndingRequest {
    /// How they end.
    pub kind: EndingKind,
    /// The account.
    pub account: AccountId,
    /// How often subscriptions of the account had been ended in this way when it was asked for.
    pub ended_before: u64,
    /// When it was asked for.
    pub asked: Timestamp,
    /// The reason that the reader gave for cancelling, or the name of the one who withdraws; may be empty.
    pub note: String,
}

impl EndingRequest {
    /// How long a link can be used.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
    /// The maximum length of a note, in characters, so that links stay short.
    pub const MAX_NOTE: usize = 200;

    /// Returns the request with this note, which is cut if it is too long.
    pub fn new(
        kind: EndingKind,
        account: AccountId,
        ended_before: u64,
        note: &str,
        asked: Timestamp,
    ) -> Self {
        let note = note.trim().chars().take(Self::MAX_NOTE).collect();
        Self { kind, account, ended_before, asked, note }
    }

    /// Seals the request for a link.
    ///
    /// # Errors
    ///
    /// Fails if there is no key.
    pub fn seal(&self, keys: &SealedBox, rng: &mut impl Rng) -> Result<String, SealError> {
        let Self { kind, account, ended_before, asked, note } = self;
        let message = format!("{} {ended_before} {} {note}", account.0, asked.as_second());
        Ok(URL_SAFE_NO_PAD.encode(keys.seal(message.as_bytes(), kind.purpose(), rng)?))
    }

    /// Opens a link at `now`. Returns `None` if it is not genuine, is of another kind or has expired.
    pub fn open(link: &str, kind: EndingKind, keys: &SealedBox, now: Timestamp) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(link).ok()?;
        let message = String::from_utf8(keys.open(&sealed, kind.purpose()).ok()?.message).ok()?;
        let mut parts = message.splitn(4, ' ');
        let account = AccountId(parts.next()?.parse().ok()?);
        let ended_before = parts.next()?.parse().ok()?;
        let asked = Timestamp::from_second(parts.next()?.parse().ok()?).ok()?;
        let note = parts.next()?.to_owned();
        let is_current = asked <= now && now < asked + Self::LIFETIME;
        is_current.then_some(Self { kind, account, ended_before, asked, note })
    }
}

#[cfg(test)]
mod tests {
    use masthead_access::token::Keyring;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn keys(seed: u64) -> SealedBox {
        SealedBox::new(&Keyring::generate(&mut StdRng::seed_from_u64(seed)))
    }

    #[test]
    fn a_link_opens_for_a_day_with_its_own_keys_and_for_its_own_purpose_only() {
        let asked = Timestamp::from_second(1_800_000_000).expect("a time");
        let note = " Too dear, and too long ";
        for kind in EndingKind::ALL {
            let request = EndingRequest::new(kind, AccountId(7), 2, note, asked);
            assert_eq!(request.note, "Too dear, and too long");
            let link = request.seal(&keys(1), &mut StdRng::seed_from_u64(2)).expect("sealed");
            let open = |keys, now| EndingRequest::open(&link, kind, &keys, now);
            let last = asked + EndingRequest::LIFETIME - SignedDuration::from_secs(1);
            assert_eq!(open(keys(1), asked), Some(request.clone()));
            assert_eq!(open(keys(1), last), Some(request));
            assert_eq!(open(keys(1), asked + EndingRequest::LIFETIME), None);
            assert_eq!(open(keys(2), asked), None, "another publication");
            for other in EndingKind::ALL.into_iter().filter(|other| *other != kind) {
                assert_eq!(EndingRequest::open(&link, other, &keys(1), asked), None);
            }
            assert_eq!(EndingRequest::open("x", kind, &keys(1), asked), None);
        }
    }

    #[test]
    fn kinds_are_stored_by_these_names() {
        assert_eq!(EndingKind::ALL.map(EndingKind::name), ["cancellation", "withdrawal"]);
        for kind in EndingKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
    }

    #[test]
    fn a_long_note_is_cut() {
        let (kind, note) = (EndingKind::Cancellation, "ä".repeat(900));
        let request = EndingRequest::new(kind, AccountId(1), 0, &note, Timestamp::UNIX_EPOCH);
        assert_eq!(request.note.chars().count(), EndingRequest::MAX_NOTE);
        let link = request.seal(&keys(1), &mut StdRng::seed_from_u64(2)).expect("sealed");
        assert!(link.len() < 700, "{}", link.len());
    }
}
