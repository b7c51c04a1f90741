//! How many emails unknown devices and readers can have sent to an address. The counts are in the database, so they hold on all
//! servers, under keyed digests: they name neither an address nor a network.
//!
//! Emails to sign in with are counted for each address and network, so that nobody uses up what another network may ask for.
//! All networks together have a limit as well, so that an address is not flooded from many. Devices that the account was signed in
//! to have a limit of their own, which nobody else can use up. So have emails to cancel with and to change an address.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use masthead_access::{network, token::Keyring};
use masthead_circulation::{AccountId, Digest, EmailAddress, EndingKind};
use masthead_store::{RateLimit, Store, StoreError};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// To one address from one network.
const FROM_NETWORK: RateLimit = RateLimit { times: 5, within: HOUR };
/// To one address from all networks.
const TO_ADDRESS: RateLimit = RateLimit { times: 12, within: HOUR };
/// To one address from devices that its account was signed in to.
const FROM_KNOWN_DEVICES: RateLimit = RateLimit { times: 20, within: HOUR };
/// How many emails to sign in with a new device has sent to it in an hour at most.
pub(crate) const HOURLY: u32 = FROM_NETWORK.times;
/// Changes of address that one account asks for.
const OF_ACCOUNT: RateLimit = RateLimit { times: 5, within: HOUR };

/// Who asks for an email to sign in or to cancel with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A device that the account is or was signed in to.
    KnownDevice,
    /// Any other device, from this address.
    UnknownDevice(IpAddr),
}

impl Sender {
    /// The address of an unknown device.
    pub(crate) fn address(self) -> Option<IpAddr> {
        match self {
            Self::KnownDevice => None,
            Self::UnknownDevice(address) => Some(address),
        }
    }
}

/// See the module's documentation.
pub(crate) struct EmailLimits {
    salt: Digest,
    exempts_internal: bool,
}

impl EmailLimits {
    /// Limits whose digests depend on the oldest key of digests, which a rotation keeps. Those on sign-in do not apply to internal addresses in
    /// the demonstration.
    pub fn new(keys: &Keyring, is_demo: bool) -> Self {
        let secret = keys.digest_keys().last().copied().unwrap_or_default();
        Self {
            salt: Digest::of(&[b"masthead email limits 1\n", &secret]),
            exempts_internal: is_demo,
        }
    }

    /// Whether one more email to sign in with may be sent to an address. Counts it.
    pub async fn admit_sign_in(
        &self,
        store: &Store,
        to: &EmailAddress,
        from: Sender,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let from = match from {
            Sender::KnownDevice => {
                let key = self.key("known device", to.as_str());
                return store.claim_rate(&key, FROM_KNOWN_DEVICES, now).await;
            }
            Sender::UnknownDevice(from) if self.exempts_internal && network::is_internal(from) => {
                return Ok(true);
            }
            Sender::UnknownDevice(from) => from,
        };
        self.admit_from(store, ("network", "address"), to, from, now).await
    }

    /// Whether one more email to end a subscription in this way may be sent to an address. Counts it, apart from emails to sign in, so
    /// that nobody who uses those up stops a cancellation or a withdrawal.
    pub async fn admit_ending(
        &self,
        store: &Store,
        kind: EndingKind,
        to: &EmailAddress,
        from: Sender,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (known, counts) = match kind {
            EndingKind::Cancellation => {
                ("cancellation known device", ("cancellation network", "cancellation address"))
            }
            EndingKind::Withdrawal => {
                ("withdrawal known device", ("withdrawal network", "withdrawal address"))
            }
        };
        let from = match from {
            Sender::KnownDevice => {
                let key = self.key(known, to.as_str());
                return store.claim_rate(&key, FROM_KNOWN_DEVICES, now).await;
            }
            Sender::UnknownDevice(from) => from,
        };
        self.admit_from(store, counts, to, from, now).await
    }

    /// Counts an email from a network to an address under the names of the two counts.
    async fn admit_from(
        &self,
        store: &Store,
        (from_network, to_address): (&str, &str),
        to: &EmailAddress,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let network = network::prefix(from);
        let from_network = self.key(from_network, &format!("{to}\n{network}"));
        let to_address = self.key(to_address, to.as_str());
        Ok(store.claim_rate(&from_network, FROM_NETWORK, now).await?
            && store.claim_rate(&to_address, TO_ADDRESS, now).await?)
    }

    /// Whether an account may ask for one more change of its address, to this one. Counts it, apart from emails to sign in, so that
    /// nobody who uses these up keeps the owner of the address out.
    pub async fn admit_address_change(
        &self,
        store: &Store,
        account: AccountId,
        to: &EmailAddress,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = self.key("account", &account.0.to_string());
        let to_address = self.key("new address", to.as_str());
        Ok(store.claim_rate(&key, OF_ACCOUNT, now).await?
            && store.claim_rate(&to_address, TO_ADDRESS, now).await?)
    }

    fn key(&self, kind: &str, of: &str) -> Digest {
        Digest::of(&[&self.salt.0, kind.as_bytes(), b"\n", of.as_bytes()])
    }
}
