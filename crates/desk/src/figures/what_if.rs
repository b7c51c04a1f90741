//! What a smaller allowance would have done in the current window of the meter.

use masthead_access::Allowance;
use masthead_audience::{MAX_REACHED, ReaderGroup, WhatIf};
use masthead_store::StoreError;
use serde::Serialize;

use crate::{format::grouped, state::DeskState};

/// What another allowance would have done.
#[derive(Default, Serialize)]
pub(super) struct WhatIfFigures {
    since: String,
    allowance: u32,
    choices: Vec<u32>,
    other: u32,
    stopped: String,
    would_be: String,
    more: String,
}

/// What the allowance `other` for readers without an account would have done since the window began. If `other` is not
/// smaller than the allowance in force, it is taken to be one less.
pub(super) async fn what_if(
    desk: &DeskState,
    other: &str,
) -> Result<Option<WhatIfFigures>, StoreError> {
    let opened = desk.snapshot().window_opened_on(desk.now());
    let anonymous = desk.settings().policy.allowances.anonymous;
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
    let uniques = desk.store.uniques(&(opened..=desk.today()), &wanted).await?;
    let what_if = WhatIf::new(&uniques, false, allowance, other);
    Ok(what_if.map(|what_if| WhatIfFigures {
        since: opened.strftime("%-d %B").to_string(),
        allowance,
        choices: (0..allowance).collect(),
        other,
        stopped: grouped(what_if.stopped),
        would_be: grouped(what_if.would_be_stopped),
        more: grouped(what_if.would_be_stopped.saturating_sub(what_if.stopped)),
    }))
}

#[cfg(test)]
impl WhatIfFigures {
    pub fn sample() -> Self {
        Self { allowance: 3, choices: vec![0, 1, 2], other: 2, ..Self::default() }
    }
}
