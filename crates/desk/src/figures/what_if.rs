//! What a smaller allowance would have done, as the window's own counts tell.

use masthead_access::Allowance;
use masthead_audience::{MAX_REACHED, ReaderGroup, WhatIf};
use masthead_store::StoreError;
use serde::Serialize;

use super::today;
use crate::{Desk, format::whole};

/// What another allowance would have done.
#[derive(Serialize)]
pub(super) struct Supposed {
    since: String,
    allowance: u32,
    choices: Vec<u32>,
    other: u32,
    stopped: String,
    would_be: String,
    more: String,
}

/// What the allowance `other` for those without an account would have done since the meter's window opened: one less,
/// where that is no smaller one.
pub(super) async fn suppose(desk: &Desk, other: &str) -> Result<Option<Supposed>, StoreError> {
    let (anonymous, _, opened) = desk.on.showroom.meter();
    let Allowance::Articles(allowance) = anonymous else { return Ok(None) };
    if allowance == 0 || allowance >= u32::from(MAX_REACHED) {
        return Ok(None);
    }
    let other = other.parse().ok().filter(|other| *other < allowance).unwrap_or(allowance - 1);
    let wanted: Vec<ReaderGroup> = [allowance, other]
        .into_iter()
        .filter_map(|most| u8::try_from(most + 1).ok())
        .map(|articles| ReaderGroup::Reached { registered: false, articles })
        .collect();
    let uniques = desk.on.store.uniques(&(opened..=today(desk)), &wanted).await?;
    let what_if = WhatIf::new(&uniques, false, allowance, other);
    Ok(what_if.map(|what_if| Supposed {
        since: opened.strftime("%-d %B").to_string(),
        allowance,
        choices: (0..allowance).collect(),
        other,
        stopped: whole(what_if.stopped),
        would_be: whole(what_if.would_be_stopped),
        more: whole(what_if.would_be_stopped.saturating_sub(what_if.stopped)),
    }))
}
