//! `[publication]`: its name, address, language and time zone.

use jiff::tz::TimeZone;
use masthead_access::message::Locale;
use masthead_editorial::SlugScript;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::{addresses::web_address, values::zone};

/// `[publication]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicationSettings {
    /// Its name.
    #[serde(deserialize_with = "name")]
    pub name: String,
    /// The line under its name; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tagline: String,
    /// Where readers find it, without a slash at the end.
    #[serde(deserialize_with = "web_address")]
    pub address: String,
    /// The BCP 47 tag of the language and region it writes in, such as `en-GB`.
    #[serde(deserialize_with = "locale")]
    pub locale: String,
    /// The time zone in which its months begin.
    #[serde(with = "zone")]
    pub zone: TimeZone,
    /// In which letters addresses are written that are made from names.
    #[serde(default, deserialize_with = "slugs", skip_serializing_if = "is_latin")]
    pub slugs: SlugScript,
}

/// What the desk stores in place of `[publication]`. The address stays in the file: certificates, proxies, passkeys and links
/// in emails depend on it, and a wrong one would lock everybody out of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicationPart {
    /// The settings.
    pub publication: IdentitySettings,
}

/// `[publication]` without the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySettings {
    /// See [`PublicationSettings::name`].
    #[serde(deserialize_with = "name")]
    pub name: String,
    /// See [`PublicationSettings::tagline`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tagline: String,
    /// See [`PublicationSettings::locale`].
    #[serde(deserialize_with = "locale")]
    pub locale: String,
    /// See [`PublicationSettings::zone`].
    #[serde(with = "zone")]
    pub zone: TimeZone,
    /// See [`PublicationSettings::slugs`]. `None` if an earlier version has stored the others: then that of the file stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slugs: Option<SlugScript>,
}

impl PublicationSettings {
    /// Replaces all but the address.
    pub(crate) fn set_identity(&mut self, identity: IdentitySettings) {
        (self.name, self.tagline) = (identity.name, identity.tagline);
        (self.locale, self.zone) = (identity.locale, identity.zone);
        self.slugs = identity.slugs.unwrap_or(self.slugs);
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's calling convention
fn is_latin(slugs: &SlugScript) -> bool {
    *slugs == SlugScript::Latin
}

fn slugs<'de, D: Deserializer<'de>>(from: D) -> Result<SlugScript, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| {
        let [latin, own] = [SlugScript::Latin, SlugScript::OwnScript].map(SlugScript::name);
        D::Error::custom(format!("\"{text}\" is not known; write \"{latin}\" or \"{own}\""))
    })
}

fn name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    if name.trim().is_empty() {
        return Err(D::Error::custom(
            "the publication needs a name; write one such as \"The Paper\"",
        ));
    }
    Ok(name)
}

fn locale<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let tag = String::deserialize(from)?;
    Locale::new(&tag).map_err(D::Error::custom)?;
    Ok(tag)
}
