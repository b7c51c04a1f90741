//! What a smaller allowance would have done in the current window of the meter.

use masthead_access::Allowance;
use masthead_audience::{MAX_REACHED, ReaderGroup, WhatIf};
use masthead_store::StoreError;
use serde::Serialize;

use crate::{state::DeskState, words::DeskWords};

/// What another allowance would have done.
#[derive(Default, Serialize)]
pub(super) struct WhatIfFigures {
    /// The other allowances, each with its label.
    choices: Vec<(u32, String)>,
    other: u32,
    /// What happened, and what would have, in sentences.
    result: [String; 3],
}

/// What the allowance `other` for readers without an account would have done since the window began. If `other` is not
/// smaller than the allowance in force, it is taken to be one less.
pub(super) async fn what_if(
    desk: &DeskState,
    other: &str,
    words: DeskWords,
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
        result: [
            words.count_and_fill(
                "figures_what_if_now",
                what_if.stopped,
                &[("date", &words.day(opened)), ("allowance", &allowance)],
            ),
            words.count_and_fill(
                "figures_what_if_then",
                what_if.would_be_stopped,
                &[("allowance", &other)],
            ),
            words.count_and_fill(
                "figures_what_if_more",
                what_if.would_be_stopped.saturating_sub(what_if.stopped),
                &[("allowance", &other)],
            ),
        ],
        choices: (0..allowance).map(|choice| (choice, label(choice, allowance, words))).collect(),
        other,
    }))
}

fn label(choice: u32, allowance: u32, words: DeskWords) -> String {
    words.fill("figures_what_if_choice", &[("number", &choice), ("allowance", &allowance)])
}

#[cfg(test)]
impl WhatIfFigures {
    pub fn sample() -> Self {
        Self { choices: vec![(0, "0".into()), (1, "1".into())], other: 1, ..Self::default() }
    }
}
