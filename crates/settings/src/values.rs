//! How single values are written, each with an error that says how to write it.

#![expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]

use std::ops::RangeInclusive;

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use url::Host;

/// A value as its `FromStr` reads it and its `Display` writes it.
pub(crate) mod text {
    use std::{fmt::Display, str::FromStr};

    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D, T>(from: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: Display>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// For how many days readers may withdraw from a contract.
pub(crate) mod withdrawal_days {
    use masthead_circulation::WithdrawalPeriod;

    use super::{Deserializer, Error, Serializer, within};

    pub(crate) fn serialize<S: Serializer>(
        period: &WithdrawalPeriod,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_u16(period.days())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<WithdrawalPeriod, D::Error> {
        let range = WithdrawalPeriod::MIN_DAYS.into()..=WithdrawalPeriod::MAX_DAYS.into();
        let days = within(from, range)?;
        let period = u16::try_from(days).ok().and_then(WithdrawalPeriod::new);
        period.ok_or_else(|| D::Error::custom("write a number of days"))
    }
}

/// A colour, or none.
pub(crate) mod optional_color {
    use masthead_editorial::color::Color;

    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        color: &Option<Color>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match color {
            Some(color) => to.collect_str(color),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Color>, D::Error> {
        String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
    }
}

/// A logo, or none.
pub(crate) mod optional_logo {
    use masthead_editorial::LogoFile;

    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        logo: &Option<LogoFile>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match logo {
            Some(logo) => to.collect_str(logo),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<LogoFile>, D::Error> {
        String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
    }
}

/// An IANA time zone by its name.
pub(crate) mod zone {
    use jiff::tz::TimeZone;
    use serde::ser;

    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<S: Serializer>(zone: &TimeZone, to: S) -> Result<S::Ok, S::Error> {
        match zone.iana_name() {
            Some(name) => to.serialize_str(name),
            None => Err(ser::Error::custom("the time zone has no name")),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TimeZone, D::Error> {
        let name = String::deserialize(from)?;
        TimeZone::get(&name).map_err(|_| {
            D::Error::custom(format!(
                "\"{name}\" is not a time zone; write one such as Europe/London or Asia/Tokyo"
            ))
        })
    }
}

/// Networks in CIDR notation, or single addresses.
pub(crate) mod networks {
    use std::net::IpAddr;

    use ipnet::IpNet;
    use serde::Serialize as _;

    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<S: Serializer>(networks: &[IpNet], to: S) -> Result<S::Ok, S::Error> {
        networks.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
        let read = |text: &String| {
            let address = || text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>().or_else(|_| address()).map_err(|_| {
                D::Error::custom(format!(
                    "\"{text}\" is not an address or a network; write one such as 10.0.0.1 or 10.0.0.0/8"
                ))
            })
        };
        Vec::<String>::deserialize(from)?.iter().map(read).collect()
    }
}

/// Host names without scheme, port and path.
pub(crate) fn host_names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let mut names = Vec::<String>::deserialize(from)?;
    for name in &mut names {
        // As browsers send it.
        if let (false, Ok(host)) = (name.is_ascii(), Host::parse(name)) {
            *name = host.to_string();
        }
    }
    let is_name = |name: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        !name.is_empty() && name.len() <= 253 && name.bytes().all(is_part)
    };
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(D::Error::custom(format!(
            "\"{name}\" is not a host name; write only the name, such as staging.paper.example"
        ))),
        None => Ok(names),
    }
}

/// An email address, or nothing.
pub(crate) fn email_or_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let is_email = text.bytes().all(|byte| byte.is_ascii_graphic())
        && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if text.is_empty() || is_email {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "\"{text}\" is not an email address; write one such as tech@paper.example"
    )))
}

/// How somebody is reached: an `https`, `mailto` or `tel` URI, or an email address (RFC 9116, section 2.5.3).
pub(crate) fn contact<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let is_clean = text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_uri = ["https://", "mailto:", "tel:"].iter().any(|scheme| text.starts_with(scheme));
    let is_email =
        text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if text.is_empty() || (is_clean && is_uri) {
        Ok(text)
    } else if is_clean && is_email {
        Ok(format!("mailto:{text}"))
    } else {
        Err(D::Error::custom(format!(
            "\"{text}\" is no way to reach you; write an email address, or an address that begins with https://"
        )))
    }
}

/// A number of articles, with or without quotes, or `"unlimited"`.
pub(crate) mod allowance {
    use masthead_access::Allowance;

    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &Allowance, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Allowance, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number of articles, or \"unlimited\"")]
        enum Written {
            Number(u32),
            Text(String),
        }
        match Written::deserialize(from)? {
            Written::Number(number) => Allowance::articles(number).map_err(D::Error::custom),
            Written::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

/// An allowance that may be absent.
pub(crate) mod optional_allowance {
    use masthead_access::Allowance;

    use super::{Deserializer, Serializer, allowance};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Allowance>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => allowance::serialize(value, to),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Allowance>, D::Error> {
        allowance::deserialize(from).map(Some)
    }
}

/// A length of time, such as `"24 hours"`.
pub(crate) mod length {
    use jiff::SignedDuration;

    use super::{Deserialize, Deserializer, Error, Serializer};
    use crate::duration::{format_age, parse};

    pub(crate) fn serialize<S: Serializer>(
        value: &SignedDuration,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format_age(*value))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<SignedDuration, D::Error> {
        parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A length of time that may be absent.
pub(crate) mod optional_length {
    use jiff::SignedDuration;

    use super::{Deserializer, Serializer, length};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<SignedDuration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => length::serialize(value, to),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SignedDuration>, D::Error> {
        length::deserialize(from).map(Some)
    }
}

/// A day that may be absent, such as `2027-01-31`, with or without quotes.
pub(crate) mod optional_day {
    use jiff::civil::Date;

    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(day) => to.collect_str(day),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Date>, D::Error> {
        let value = toml::Value::deserialize(from)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse().map(Some).map_err(|_| {
            D::Error::custom(format!("{value} is not a day; write one such as 2027-01-31"))
        })
    }
}

/// A tax rate in percent that may be absent, such as `19` or `5.5`, with or without quotes.
pub(crate) mod optional_tax_rate {
    use masthead_circulation::TaxRate;

    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<TaxRate>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(rate) => to.collect_str(rate),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<TaxRate>, D::Error> {
        let value = toml::Value::deserialize(from)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse().map(Some).map_err(D::Error::custom)
    }
}

/// Reads a whole number within a range.
pub(crate) fn within<'de, D: Deserializer<'de>>(
    from: D,
    range: RangeInclusive<u64>,
) -> Result<u64, D::Error> {
    let number = u64::deserialize(from)?;
    if range.contains(&number) {
        return Ok(number);
    }
    let (least, most) = (range.start(), range.end());
    Err(D::Error::custom(format!(
        "{number} cannot be written here; write a number from {least} to {most}"
    )))
}

/// Reads a name that is part of an address.
pub(crate) fn slug<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    use masthead_editorial::SlugScript;

    let text = String::deserialize(from)?;
    // Whatever is set for articles: these are in forms and payments, and not in what readers share.
    if SlugScript::Latin.accepts(&text) {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "\"{text}\" cannot be part of an address; use lower-case letters, digits and hyphens{}",
        such_as(&text)
    )))
}

/// Returns a hint with the nearest slug, or nothing if there is none.
pub(crate) fn such_as(text: &str) -> String {
    let fit = masthead_editorial::slug::slugify(text);
    if fit.is_empty() || fit == text { String::new() } else { format!(", such as \"{fit}\"") }
}

#[cfg(test)]
mod tests {
    use serde::de::{IntoDeserializer, value::Error};

    use super::*;

    #[test]
    fn internationalised_names_are_read_in_ascii() {
        let hosts = vec!["www.münchen.example".to_owned(), "a.example".to_owned()];
        let hosts = host_names(IntoDeserializer::<Error>::into_deserializer(hosts));
        assert_eq!(
            hosts,
            Ok(vec!["www.xn--mnchen-3ya.example".to_owned(), "a.example".to_owned()])
        );
    }
}
