//! Passkeys (<https://www.w3.org/TR/webauthn-3/>): a key that never leaves the reader's device, and is
//! good for this site only. They are found by the device itself, so nobody has to say who they are.

use serde::{Serialize, de::DeserializeOwned};
use url::{Host, Url};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, Webauthn, WebauthnBuilder,
    WebauthnError,
};
use webauthn_rs_proto::{PublicKeyCredential, RegisterPublicKeyCredential, ResidentKeyRequirement};

/// See the module's documentation.
pub struct Passkeys {
    webauthn: Webauthn,
}

/// A challenge to a device.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// For the browser, as JSON.
    pub options: String,
    /// To keep until the answer, as JSON. It answers one challenge once.
    pub state: String,
}

/// A key that a device has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name on the device, in base64url.
    pub id: String,
    /// Its public half, as JSON.
    pub public: String,
}

/// Whom a passkey is made for.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The number of the account, which devices keep.
    pub account: u32,
    /// By what the reader tells their accounts apart.
    pub email: &'a str,
}

/// Why an answer is not believed.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// It cannot be read.
    #[error("the answer is no answer of a device: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It is not an answer to this challenge with this key.
    #[error("the answer does not hold: {0}")]
    Refused(#[from] WebauthnError),
}

impl Passkeys {
    /// Passkeys for the site at `address`. None where it is found by a number, which no passkey can be
    /// made for.
    pub fn new(name: &str, address: &str) -> Option<Self> {
        let origin = Url::parse(address).ok()?;
        let Some(Host::Domain(host)) = origin.host() else { return None };
        let builder = WebauthnBuilder::new(host, &origin).ok()?.rp_name(name);
        Some(Self { webauthn: builder.build().ok()? })
    }

    /// Asks a device to make a key. It makes none where it has one of those that are `known` already.
    pub fn offer(&self, holder: &Holder<'_>, known: &[Key]) -> Result<Challenge, PasskeyError> {
        let user = Uuid::from_u128(u128::from(holder.account));
        let known: Vec<Passkey> =
            known.iter().map(|key| serde_json::from_str(&key.public)).collect::<Result<_, _>>()?;
        let known = known.iter().map(|key| key.cred_id().clone()).collect();
        let (mut options, state) = self.webauthn.start_passkey_registration(
            user,
            holder.email,
            holder.email,
            Some(known),
        )?;
        // Only a key that the device finds by itself signs in who has not said who they are.
        if let Some(wanted) = &mut options.public_key.authenticator_selection {
            wanted.resident_key = Some(ResidentKeyRequirement::Required);
            wanted.require_resident_key = true;
        }
        challenge(&options, &state)
    }

    /// The key that a device has made.
    pub fn accept(&self, state: &str, answer: &str) -> Result<Key, PasskeyError> {
        let state: PasskeyRegistration = serde_json::from_str(state)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer)?;
        let key = self.webauthn.finish_passkey_registration(&answer, &state)?;
        Ok(Key { id: answer.id, public: serde_json::to_string(&key)? })
    }

    /// Asks whoever is there for a key.
    pub fn challenge(&self) -> Result<Challenge, PasskeyError> {
        let (mut options, state) = self.webauthn.start_discoverable_authentication()?;
        // A button was pressed: the browser is to ask at once.
        options.mediation = None;
        challenge(&options, &state)
    }

    /// The name of the key that an answer was made with, to look it up.
    pub fn named(answer: &str) -> Result<String, PasskeyError> {
        let answer: PublicKeyCredential = serde_json::from_str(answer)?;
        Ok(answer.id)
    }

    /// Whether an answer was made with this key, which may have changed by that.
    pub fn verify(&self, state: &str, answer: &str, key: &Key) -> Result<Key, PasskeyError> {
        let state: DiscoverableAuthentication = serde_json::from_str(state)?;
        let answer: PublicKeyCredential = serde_json::from_str(answer)?;
        let mut passkey: Passkey = serde_json::from_str(&key.public)?;
        let proof =
            self.webauthn.finish_discoverable_authentication_v2(&answer, state, &passkey)?;
        passkey.update_credential(&proof);
        Ok(Key { id: key.id.clone(), public: serde_json::to_string(&passkey)? })
    }
}

fn challenge<S: Serialize + DeserializeOwned>(
    options: &impl Serialize,
    state: &S,
) -> Result<Challenge, PasskeyError> {
    Ok(Challenge { options: serde_json::to_string(options)?, state: serde_json::to_string(state)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sites_with_a_name_have_passkeys() {
        for (address, has) in [
            ("https://paper.example", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", false),
            ("https://[::1]", false),
            ("paper", false),
        ] {
            assert_eq!(Passkeys::new("The Paper", address).is_some(), has, "{address}");
        }
    }

    #[test]
    fn a_key_must_be_found_by_the_device_itself_and_its_holder_be_verified() {
        let passkeys = Passkeys::new("The Paper", "https://paper.example").expect("passkeys");
        let holder = Holder { account: 7, email: "ada@example.org" };
        let offer = passkeys.offer(&holder, &[]).expect("an offer").options;
        for part in [r#""residentKey":"required""#, r#""userVerification":"required""#] {
            assert!(offer.contains(part), "{part}: {offer}");
        }
        let asked = passkeys.challenge().expect("a challenge").options;
        assert!(!asked.contains("mediation"), "{asked}");
    }

    #[test]
    fn nonsense_is_refused() {
        let passkeys = Passkeys::new("The Paper", "https://paper.example").expect("passkeys");
        let state = passkeys.challenge().expect("a challenge").state;
        let key = Key { id: "a".to_owned(), public: "{}".to_owned() };
        for answer in ["", "{}", "[1]", r#"{"id":"a","rawId":"YQ","type":"public-key"}"#] {
            assert!(Passkeys::named(answer).is_err(), "{answer}");
            assert!(passkeys.verify(&state, answer, &key).is_err(), "{answer}");
            assert!(passkeys.accept(&state, answer).is_err(), "{answer}");
        }
    }
}
