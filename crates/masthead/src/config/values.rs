//! Values as they are written in the file, each with an error that says how to write it.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Span, civil::Date, tz::TimeZone};
use masthead_access::{Allowance, message::Locale};
use masthead_editorial::slug;
use masthead_identity::openid::Provider;
use serde::{Deserialize, Deserializer, de::Error};

pub(super) fn locale<'de, D: Deserializer<'de>>(from: D) -> Result<Locale, D::Error> {
    Locale::new(&String::deserialize(from)?).map_err(D::Error::custom)
}

pub(super) fn parsed<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

pub(super) fn zone<'de, D: Deserializer<'de>>(from: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(from)?;
    TimeZone::get(&name).map_err(|_| {
        D::Error::custom(format!(
            "\"{name}\" is not a time zone; write one such as Europe/London or Asia/Tokyo"
        ))
    })
}

/// A number, or `"unlimited"`.
pub(super) fn allowance<'de, D: Deserializer<'de>>(from: D) -> Result<Allowance, D::Error> {
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

/// Such as `"24 hours"` or `"30 days"`; a day has 24 hours here.
pub(super) fn age<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SignedDuration>, D::Error> {
    let text = String::deserialize(from)?;
    let span: Result<Span, _> = text.parse();
    let duration =
        span.and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()));
    duration.map(Some).map_err(|_| {
        D::Error::custom(format!(
            "\"{text}\" is not an age; write one such as \"24 hours\" or \"30 days\""
        ))
    })
}

pub(super) fn web_address<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let address = String::deserialize(from)?;
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let host = rest.map(|rest| rest.trim_end_matches('/'));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', ' ', '?', '#']) => {
            Ok(address.trim_end_matches('/').to_owned())
        }
        _ => Err(D::Error::custom(format!(
            "\"{address}\" is not the address of a site; write one such as https://example.org"
        ))),
    }
}

/// Where a store of files is.
pub(super) fn endpoint<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    web_address(from).map(Some)
}

/// An issuer of accounts.
pub(super) fn issuer<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let issuer = String::deserialize(from)?;
    let checked = Provider::check_issuer(&issuer);
    checked
        .map(|()| issuer.clone())
        .map_err(|error| D::Error::custom(format!("\"{issuer}\": {error}")))
}

pub(super) fn slug_text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if slug::is_slug(&text) && !slug::RESERVED.contains(&text.as_str()) {
        return Ok(text);
    }
    let fit = slug::slugify(&text);
    Err(D::Error::custom(format!(
        "\"{text}\" cannot be a section's address; use lower-case letters, digits and hyphens, and none of the site's own words{}",
        if fit.is_empty() || fit == text { String::new() } else { format!(", such as \"{fit}\"") }
    )))
}

/// A hexadecimal colour: what goes into a style sheet is no place for anything else.
pub(super) fn color<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let digits = text.strip_prefix('#').unwrap_or_default();
    if [3, 6].contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err(D::Error::custom(format!("\"{text}\" is not a colour; write one such as \"#8a1c1c\"")))
}

/// A day, such as `2027-01-31`, with or without quotes.
pub(super) fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    let value = toml::Value::deserialize(from)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().map(Some).map_err(|_| {
        D::Error::custom(format!("{value} is not a day; write one such as 2027-01-31"))
    })
}

/// A name that can stand in an address.
pub(super) fn name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if slug::is_slug(&text) {
        return Ok(text);
    }
    let fit = slug::slugify(&text);
    let such_as = if fit.is_empty() { String::new() } else { format!(", such as \"{fit}\"") };
    Err(D::Error::custom(format!(
        "\"{text}\" cannot stand in an address; use lower-case letters, digits and hyphens{such_as}"
    )))
}
