//! Sign-in by passkey (<https://www.w3.org/TR/webauthn-3/>): a key that never leaves the reader's
//! device and is valid for this site only. Keys are discoverable, so readers do not enter their
//! address.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use url::{Host, Url};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, Webauthn, WebauthnBuilder,
    WebauthnError,
};
use webauthn_rs_proto::{PublicKeyCredential, RegisterPublicKeyCredential, ResidentKeyRequirement};

/// The WebAuthn relying party of a publication.
pub struct Passkeys {
    webauthn: Webauthn,
    relying_party: String,
}

/// Returns the relying party of the site at `address`, for which its passkeys are made. Returns `None` if the host is an IP address.
pub fn relying_party(address: &str) -> Option<String> {
    match Url::parse(address).ok()?.host() {
        Some(Host::Domain(host)) => Some(host.to_owned()),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => None,
    }
}

/// A challenge for a device.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The options for the browser, as JSON.
    pub options: String,
    /// The state to store until the response, as JSON. It must be used only once.
    pub state: String,
}

/// A registered credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyCredential {
    /// The credential id, in base64url.
    pub id: String,
    /// The public key, as JSON.
    pub public: String,
}

/// The account that a passkey is created for.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyOwner<'a> {
    /// The number of the account, which devices store as user handle.
    pub account: u32,
    /// The address by which the reader tells accounts apart.
    pub email: &'a str,
}

/// The error for a response that is not valid.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The response cannot be parsed.
    #[error("the passkey response cannot be parsed: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The response does not match the challenge or the key.
    #[error("the passkey response is not valid: {0}")]
    Invalid(#[from] WebauthnError),
}

impl Passkeys {
    /// Creates the relying party for the site at `address`. Returns `None` if the host is an IP
    /// address: WebAuthn requires a domain.
    pub fn new(name: &str, address: &str) -> Option<Self> {
        let relying_party = relying_party(address)?;
        let origin = Url::parse(address).ok()?;
        let builder = WebauthnBuilder::new(&relying_party, &origin).ok()?.rp_name(name);
        Some(Self { webauthn: builder.build().ok()?, relying_party })
    }

    /// The host whose passkeys these are.
    pub fn relying_party(&self) -> &str {
        &self.relying_party
    }

    /// Asks a device to create a key, unless it has one of the `known` keys.
    pub fn start_registration(
        &self,
        owner: &PasskeyOwner<'_>,
        known: &[PasskeyCredential],
    ) -> Result<Challenge, PasskeyError> {
        let user = Uuid::from_u128(u128::from(owner.account));
        let known: Vec<Passkey> =
            known.iter().map(|key| serde_json::from_str(&key.public)).collect::<Result<_, _>>()?;
        let known = known.iter().map(|key| key.cred_id().clone()).collect();
        let (mut options, state) = self.webauthn.start_passkey_registration(
            user,
            owner.email,
            owner.email,
            Some(known),
        )?;
        // A discoverable key is required, because readers do not say who they are at sign-in.
        if let Some(wanted) = &mut options.public_key.authenticator_selection {
            wanted.resident_key = Some(ResidentKeyRequirement::Required);
            wanted.require_resident_key = true;
        }
        challenge(&options, &state)
    }

    /// Verifies the response to [`start_registration`](Self::start_registration) and returns the
    /// new key.
    pub fn finish_registration(
        &self,
        state: &str,
        answer: &str,
    ) -> Result<PasskeyCredential, PasskeyError> {
        let state: PasskeyRegistration = serde_json::from_str(state)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer)?;
        let key = self.webauthn.finish_passkey_registration(&answer, &state)?;
        // The id that was verified: the one beside it is whatever the client has sent.
        let id = URL_SAFE_NO_PAD.encode(key.cred_id());
        Ok(PasskeyCredential { id, public: serde_json::to_string(&key)? })
    }

    /// Asks the device for a signature with any of its keys.
    pub fn start_authentication(&self) -> Result<Challenge, PasskeyError> {
        let (mut options, state) = self.webauthn.start_discoverable_authentication()?;
        // The reader pressed a button, so the browser should ask at once.
        options.mediation = None;
        challenge(&options, &state)
    }

    /// Returns the id of the credential that a response was made with.
    pub fn credential_id(answer: &str) -> Result<String, PasskeyError> {
        let answer: PublicKeyCredential = serde_json::from_str(answer)?;
        Ok(answer.id)
    }

    /// Verifies that a response was made with this key. Returns the key with its updated counter.
    pub fn finish_authentication(
        &self,
        state: &str,
        answer: &str,
        key: &PasskeyCredential,
    ) -> Result<PasskeyCredential, PasskeyError> {
        let state: DiscoverableAuthentication = serde_json::from_str(state)?;
        let answer: PublicKeyCredential = serde_json::from_str(answer)?;
        let mut passkey: Passkey = serde_json::from_str(&key.public)?;
        let proof =
            self.webauthn.finish_discoverable_authentication_v2(&answer, state, &passkey)?;
        passkey.update_credential(&proof);
        Ok(PasskeyCredential { id: key.id.clone(), public: serde_json::to_string(&passkey)? })
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
    fn only_domains_have_passkeys() {
        for (address, has) in [
            ("https://paper.example", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", false),
            ("https://[::1]", false),
            ("paper", false),
        ] {
            assert_eq!(relying_party(address).is_some(), has, "{address}");
            assert_eq!(Passkeys::new("The Paper", address).is_some(), has, "{address}");
        }
    }

    #[test]
    fn keys_are_discoverable_and_require_user_verification() {
        let passkeys = Passkeys::new("The Paper", "https://paper.example").expect("passkeys");
        let owner = PasskeyOwner { account: 7, email: "ada@example.org" };
        let options = passkeys.start_registration(&owner, &[]).expect("an offer").options;
        for part in [r#""residentKey":"required""#, r#""userVerification":"required""#] {
            assert!(options.contains(part), "{part}: {options}");
        }
        let asked = passkeys.start_authentication().expect("a challenge").options;
        assert!(!asked.contains("mediation"), "{asked}");
    }

    #[test]
    fn invalid_responses_are_refused() {
        let passkeys = Passkeys::new("The Paper", "https://paper.example").expect("passkeys");
        let state = passkeys.start_authentication().expect("a challenge").state;
        let key = PasskeyCredential { id: "a".to_owned(), public: "{}".to_owned() };
        for answer in ["", "{}", "[1]", r#"{"id":"a","rawId":"YQ","type":"public-key"}"#] {
            assert!(Passkeys::credential_id(answer).is_err(), "{answer}");
            assert!(passkeys.finish_authentication(&state, answer, &key).is_err(), "{answer}");
            assert!(passkeys.finish_registration(&state, answer).is_err(), "{answer}");
        }
    }
}
