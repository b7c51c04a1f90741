//! The results of experiments.

use std::{cmp::Ordering, fmt::Display};

use jiff::Timestamp;
use masthead_access::{Arm, Experiment, Treatment};
use masthead_audience::{CountedEvent, Counts, Goal, ReaderGroup, Successes, Verdict, percent};
use masthead_settings::{PartSettings, SettingsPart};
use masthead_store::{Setting, StoreError};
use serde::Serialize;

use crate::{
    settings::{
        entry,
        messages::descriptions::{moment_name, placement_name, summary},
    },
    state::DeskState,
    words::DeskWords,
};

/// The running experiment and its results so far.
#[derive(Default, Serialize)]
pub(super) struct RunningExperiment {
    what: String,
    since: String,
    /// What readers get on each side.
    a: String,
    b: String,
    readers: [String; 2],
    goals: Vec<GoalRow>,
}

#[derive(Default, Serialize)]
struct GoalRow {
    name: &'static str,
    counts: [String; 2],
    /// Per hundred readers of the side.
    rates: [String; 2],
    verdict: String,
    is_clear: bool,
}

/// An experiment that has ended.
#[derive(Default, Serialize)]
pub(super) struct EarlierExperiment {
    what: String,
    when: String,
    verdicts: Vec<String>,
}

/// The results of the running experiment, which `setting` began.
pub(super) async fn running(
    desk: &DeskState,
    experiment: &Experiment,
    setting: Option<&Setting>,
    words: DeskWords,
) -> Result<RunningExperiment, StoreError> {
    let zone = desk.publication().zone;
    let day = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
    let begun = setting.map_or(desk.now(), |setting| setting.at);
    let sides = Arm::ALL.map(|arm| ReaderGroup::treatment(arm, experiment.number));
    let uniques = desk.store.uniques(&(day(begun)..=day(desk.now())), &sides).await?;
    let readers = sides.map(|side| uniques.count(side));
    let counts = desk.store.experiment_counts(experiment.number).await?;
    let policy = desk.settings().policy.clone();
    let (what, a, b) = match &experiment.treatment {
        Treatment::Message(message) => {
            let all = desk.messages();
            let (moment, placement) = (message.moment, message.placement);
            let now = all.iter().find(|m| m.moment == moment && m.placement == placement);
            (
                words.fill(
                    "experiments_message",
                    &[
                        ("moment", &moment_name(moment, words)),
                        ("placement", &placement_name(placement, words)),
                    ],
                ),
                now.map(|now| summary(now, words)).unwrap_or_default(),
                summary(message, words),
            )
        }
        Treatment::Anonymous(allowance) => (
            words.text("experiments_allowances").to_owned(),
            entry::allowance_in_words(policy.allowances.anonymous, words),
            entry::allowance_in_words(*allowance, words),
        ),
    };
    Ok(RunningExperiment {
        what,
        since: words.date_time(begun, &zone),
        a,
        b,
        readers: readers.map(|count| words.number(count)),
        goals: Goal::ALL.map(|goal| goal_row(goal, &counts, readers, words)).into(),
    })
}

fn successes(goal: Goal, counts: &Counts) -> Successes {
    let of = |arm| counts.of(CountedEvent::Treatment(arm, goal));
    Successes { a: of(Arm::A), b: of(Arm::B) }
}

fn goal_row(goal: Goal, counts: &Counts, readers: [u64; 2], words: DeskWords) -> GoalRow {
    let successes = successes(goal, counts);
    let both = [successes.a, successes.b];
    let rate = |(times, of): (u64, u64)| {
        percent(times, of).map_or("–".to_owned(), |rate| {
            words.fill("experiments_rate", &[("rate", &words.decimal(rate, 2))])
        })
    };
    GoalRow {
        name: goal_name(goal, words),
        counts: both.map(|count| words.number(count)),
        rates: [rate((both[0], readers[0])), rate((both[1], readers[1]))],
        verdict: verdict_in_words(successes, words),
        is_clear: matches!(verdict(successes), Verdict::A | Verdict::B),
    }
}

fn goal_name(goal: Goal, words: DeskWords) -> &'static str {
    words.text(match goal {
        Goal::Registered => "experiments_registered",
        Goal::Subscribed => "experiments_subscribed",
    })
}

fn verdict(successes: Successes) -> Verdict {
    successes.verdict(u32::try_from(Goal::ALL.len()).unwrap_or(u32::MAX))
}

fn verdict_in_words(successes: Successes, words: DeskWords) -> String {
    let Successes { a, b } = successes;
    let number = words.number(a.abs_diff(b));
    let gaps: [(&str, &dyn Display); 1] = [("number", &number)];
    match (verdict(successes), a.cmp(&b)) {
        (Verdict::Nothing, _) => words.text("experiments_nothing").to_owned(),
        (_, Ordering::Equal) => words.text("experiments_even").to_owned(),
        (Verdict::Open, Ordering::Greater) => words.fill("experiments_a_maybe", &gaps),
        (Verdict::Open, Ordering::Less) => words.fill("experiments_b_maybe", &gaps),
        (Verdict::A | Verdict::B, Ordering::Greater) => words.fill("experiments_a_wins", &gaps),
        (Verdict::A | Verdict::B, Ordering::Less) => words.fill("experiments_b_wins", &gaps),
    }
}

/// Earlier experiments and their results. `settings` are all versions of the experiment, the latest first.
pub(super) async fn earlier(
    desk: &DeskState,
    settings: &[Setting],
    words: DeskWords,
) -> Result<Vec<EarlierExperiment>, StoreError> {
    let zone = desk.publication().zone;
    let mut all = Vec::new();
    // The setting before an experiment in the list is the one that ended it.
    for pair in settings.windows(2) {
        let [ended, begun] = pair else { continue };
        if begun.text.is_empty() {
            continue;
        }
        let counts = desk.store.experiment_counts(begun.version.unsigned_abs()).await?;
        let verdict = |goal| {
            let verdict = verdict_in_words(successes(goal, &counts), words);
            let goal = goal_name(goal, words);
            words.fill("experiments_verdict", &[("goal", &goal), ("verdict", &verdict)])
        };
        let [start, end] = [begun, ended].map(|setting| words.date_time(setting.at, &zone));
        all.push(EarlierExperiment {
            what: treatment_in_words(&begun.text, words),
            when: words.fill("experiments_period", &[("start", &start), ("end", &end)]),
            verdicts: Goal::ALL.map(verdict).into(),
        });
    }
    Ok(all)
}

/// What was tried, from the text in which it was stored.
fn treatment_in_words(stored: &str, words: DeskWords) -> String {
    let Ok(PartSettings::Experiment(part)) =
        PartSettings::from_toml(SettingsPart::Experiment, stored)
    else {
        return stored.to_owned();
    };
    match (part.experiment.anonymous, part.experiment.message) {
        (Some(allowance), _) => {
            let allowance = entry::allowance_in_words(allowance, words);
            words.fill("experiments_allowance_was", &[("allowance", &allowance)])
        }
        (None, Some(message)) => {
            let text = [message.title, message.text].join(" ");
            let (moment, placement) = (message.moment, message.placement);
            let gaps: [(&str, &dyn Display); 3] = [
                ("text", &text.trim()),
                ("moment", &moment_name(moment, words)),
                ("placement", &placement_name(placement, words)),
            ];
            words.fill("experiments_message_was", &gaps)
        }
        (None, None) => stored.to_owned(),
    }
}

#[cfg(test)]
impl RunningExperiment {
    pub fn sample() -> Self {
        Self { goals: vec![GoalRow::default()], ..Self::default() }
    }
}

#[cfg(test)]
impl EarlierExperiment {
    pub fn sample() -> Self {
        Self { verdicts: vec![String::new()], ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_treatment_is_described_in_words() {
        let was = |stored| {
            let stored = format!("[experiment]\nnumber = 1\n{stored}");
            treatment_in_words(&stored, DeskWords::default())
        };
        assert_eq!(was("anonymous = \"2\""), "2 free articles for readers without an account");
        let message = "[experiment.message]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntitle = \"\"\n\
                       text = \"Two left\"\nbenefits = []\nactions = []";
        assert_eq!(was(message), "“Two left”, Metered article, some left, Banner");
    }

    #[test]
    fn a_lead_comes_with_its_significance() {
        let words = |a, b| verdict_in_words(Successes { a, b }, DeskWords::default());
        assert_eq!(words(0, 0), "Nothing to compare yet.");
        assert_eq!(words(4, 4), "Both are even. Let the test run.");
        assert!(words(4, 9).starts_with("B is ahead by 5, which may be chance."));
        assert!(words(1_300, 1_000).starts_with("A is ahead by 300, and you can trust that"));
    }
}
