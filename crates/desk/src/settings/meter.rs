//! Setting the meter: how much may be read, and what by whom; with what it means in plain words before it is so.

mod form;

use std::{collections::HashMap, sync::Arc};

use axum::{extract::State, response::Response};
use jiff::SignedDuration;
use masthead_access::{Policy, PolicyNames};
use masthead_editorial::TeaserLength;
use masthead_store::StoreError;
use masthead_web::form::see_other;
use serde::Serialize;

use self::form::{MOST_RULES, RuleSheet, Sheet};
use crate::{
    Desk, Refused, Steered,
    auth::{Inside, Insider},
    form::{Filled, form_status},
};

#[derive(Serialize)]
struct Shown {
    sheet: Sheet,
    sections: Vec<(String, String)>,
    tiers: Vec<(String, String)>,
    reading: Vec<String>,
    doubts: Vec<String>,
    /// Whether this is not how it is set yet.
    is_new: bool,
    /// Whether the desk's version is heard, and not the file's.
    steered: bool,
    history: Vec<String>,
    fault: String,
}

pub(crate) async fn page(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    let sheet = match current(&desk).await {
        Ok(sheet) => sheet,
        Err(error) => return desk.failed(&error),
    };
    show(&desk, &insider, sheet, String::new()).await
}

/// Everything that the form's buttons do.
pub(crate) async fn change(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Filled(sent): Filled<HashMap<String, String>>,
) -> Response {
    let mut sheet = Sheet::sent(&sent);
    let wish = sent.get("do").map_or("look", String::as_str);
    let (wish, place) = wish.split_once('-').unwrap_or((wish, ""));
    let place: usize = place.parse().unwrap_or(usize::MAX);
    let text = match wish {
        "add" => {
            if sheet.rules.len() < MOST_RULES {
                sheet.rules.push(RuleSheet { tier: "metered".to_owned(), ..RuleSheet::default() });
            }
            return show(&desk, &insider, sheet, String::new()).await;
        }
        "remove" => {
            if place < sheet.rules.len() {
                sheet.rules.remove(place);
            }
            return show(&desk, &insider, sheet, String::new()).await;
        }
        "up" => {
            if (1..sheet.rules.len()).contains(&place) {
                sheet.rules.swap(place - 1, place);
            }
            return show(&desk, &insider, sheet, String::new()).await;
        }
        "save" => match sheet.text() {
            Ok(text) => text,
            Err(fault) => return show(&desk, &insider, sheet, fault).await,
        },
        "file" => String::new(),
        _ => return show(&desk, &insider, sheet, String::new()).await,
    };
    match desk.steer(&insider, Steered::Meter, &sheet.version, Ok(text)).await {
        Ok(()) => see_other("/desk/meter", &[]),
        Err(Refused::Told(fault)) => show(&desk, &insider, sheet, fault).await,
        Err(Refused::Failed(error)) => desk.cannot(&insider, "the meter cannot be set", &error),
    }
}

/// The meter as it is set, with another allowance for those without an account, in the words of the configuration file.
pub(crate) fn text_with(
    policy: &Policy,
    teaser: TeaserLength,
    anonymous: masthead_access::Allowance,
) -> Result<String, String> {
    Sheet { anonymous: anonymous.to_string(), ..Sheet::of(policy, teaser) }.text()
}

async fn current(desk: &Desk) -> Result<Sheet, StoreError> {
    let (policy, teaser) = desk.on.helm.policy();
    let version = desk.version(Steered::Meter).await?;
    Ok(Sheet { version: version.to_string(), ..Sheet::of(&policy, teaser) })
}

async fn show(desk: &Desk, insider: &Insider, sheet: Sheet, fault: String) -> Response {
    let found =
        async { Ok::<_, StoreError>((current(desk).await?, desk.history(Steered::Meter).await?)) };
    let (current, history) = match found.await {
        Ok(found) => found,
        Err(error) => return desk.failed(&error),
    };
    let sections: Vec<(String, String)> =
        desk.on.showroom.sections().into_iter().map(|s| (s.slug, s.name)).collect();
    let products = desk.on.showroom.products();
    let names = PolicyNames { sections: &sections, products: &products };
    let (before, _) = desk.on.helm.policy();
    let (reading, doubts, fault) = match sheet.policy(&before) {
        Ok((policy, _)) => (policy.explain(&names), policy.warnings(&names), fault),
        Err(why) => (Vec::new(), Vec::new(), if fault.is_empty() { why } else { fault }),
    };
    let shown = Shown {
        is_new: Sheet { version: String::new(), ..sheet.clone() }
            != Sheet { version: String::new(), ..current },
        steered: history.steered,
        history: history.lines,
        tiers: tiers(&products),
        sections,
        reading,
        doubts,
        sheet,
        fault,
    };
    let status = form_status(&shown.fault);
    desk.page(status, Some(insider), "meter.html", &shown)
}

fn tiers(products: &[(String, String)]) -> Vec<(String, String)> {
    let plain = [
        ("free", "free for everyone"),
        ("metered", "metered"),
        ("registered", "for registered readers"),
        ("subscribers", "for subscribers"),
    ];
    let plain = plain.into_iter().map(|(tier, words)| (tier.to_owned(), words.to_owned()));
    let sold = products
        .iter()
        .map(|(slug, name)| (format!("product:{slug}"), format!("for holders of {name}")));
    plain.chain(sold).collect()
}

/// A length of time, such as `14 days`. A day has 24 hours here.
pub(crate) fn read_age(text: &str) -> Option<SignedDuration> {
    let span: jiff::Span = text.parse().ok()?;
    let age = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    (age > SignedDuration::ZERO).then_some(age)
}
