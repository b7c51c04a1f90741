//! The results of experiments.

use jiff::Timestamp;
use masthead_access::{Arm, Experiment, Treatment};
use masthead_audience::{CountedEvent, Counts, Goal, ReaderGroup, Successes, Verdict, percent};
use masthead_settings::{PartSettings, SettingsPart};
use masthead_store::{Setting, StoreError};
use serde::Serialize;

use crate::{
    format::{date_time, grouped},
    settings::messages::descriptions::summary,
    state::DeskState,
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
                format!("The message “{}”, as {}", moment.description(), placement.name()),
                now.map(summary).unwrap_or_default(),
                summary(message),
            )
        }
        Treatment::Anonymous(allowance) => (
            "What readers without an account may read".to_owned(),
            policy.allowances.anonymous.to_string(),
            allowance.to_string(),
        ),
    };
    Ok(RunningExperiment {
        what,
        since: date_time(begun, &zone),
        a,
        b,
        readers: readers.map(grouped),
        goals: Goal::ALL.map(|goal| goal_row(goal, &counts, readers)).into(),
    })
}

fn successes(goal: Goal, counts: &Counts) -> Successes {
    let of = |arm| counts.of(CountedEvent::Treatment(arm, goal));
    Successes { a: of(Arm::A), b: of(Arm::B) }
}

fn goal_row(goal: Goal, counts: &Counts, readers: [u64; 2]) -> GoalRow {
    let successes = successes(goal, counts);
    let both = [successes.a, successes.b];
    let rate = |(times, of): (u64, u64)| {
        percent(times, of).map_or("–".to_owned(), |rate| format!("{rate:.2} %"))
    };
    GoalRow {
        name: goal_name(goal),
        counts: both.map(grouped),
        rates: [rate((both[0], readers[0])), rate((both[1], readers[1]))],
        verdict: verdict_in_words(successes),
        is_clear: matches!(verdict(successes), Verdict::A | Verdict::B),
    }
}

fn goal_name(goal: Goal) -> &'static str {
    match goal {
        Goal::Registered => "Registered",
        Goal::Subscribed => "Subscribed, or began a trial",
    }
}

fn verdict(successes: Successes) -> Verdict {
    successes.verdict(u32::try_from(Goal::ALL.len()).unwrap_or(u32::MAX))
}

fn verdict_in_words(successes: Successes) -> String {
    let Successes { a, b } = successes;
    let ahead = match a.cmp(&b) {
        std::cmp::Ordering::Less => format!("B is ahead by {}", grouped(b - a)),
        std::cmp::Ordering::Equal => "Both are alike".to_owned(),
        std::cmp::Ordering::Greater => format!("A is ahead by {}", grouped(a - b)),
    };
    match verdict(successes) {
        Verdict::Nothing => "Nothing to compare yet.".to_owned(),
        Verdict::Open => format!("{ahead}, which may be chance. Let it run on."),
        Verdict::A | Verdict::B => {
            format!(
                "{ahead}, and that can be trusted: chance alone would lead so far in fewer than one of twenty experiments, however often one looks."
            )
        }
    }
}

/// Earlier experiments and their results. `settings` are all versions of the experiment, the latest first.
pub(super) async fn earlier(
    desk: &DeskState,
    settings: &[Setting],
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
        let verdict =
            |goal| format!("{}: {}", goal_name(goal), verdict_in_words(successes(goal, &counts)));
        all.push(EarlierExperiment {
            what: treatment_in_words(&begun.text),
            when: format!("{} to {}", date_time(begun.at, &zone), date_time(ended.at, &zone)),
            verdicts: Goal::ALL.map(verdict).into(),
        });
    }
    Ok(all)
}

/// What was tried, from the text in which it was stored.
fn treatment_in_words(stored: &str) -> String {
    let Ok(PartSettings::Experiment(part)) =
        PartSettings::from_toml(SettingsPart::Experiment, stored)
    else {
        return stored.to_owned();
    };
    match (part.experiment.anonymous, part.experiment.message) {
        (Some(allowance), _) => format!("readers without an account may read {allowance}"),
        (None, Some(message)) => {
            let words = [message.title, message.text].join(" ");
            format!("“{}” at {}, as {}", words.trim(), message.moment, message.placement)
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
        let was = |stored| treatment_in_words(&format!("[experiment]\nnumber = 1\n{stored}"));
        assert_eq!(was("anonymous = \"2\""), "readers without an account may read 2");
        let message = "[experiment.message]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntitle = \"\"\n\
                       text = \"Two left\"\nbenefits = []\nactions = []";
        assert_eq!(was(message), "“Two left” at meter.left, as banner");
    }

    #[test]
    fn a_lead_comes_with_its_significance() {
        let words = |a, b| verdict_in_words(Successes { a, b });
        assert_eq!(words(0, 0), "Nothing to compare yet.");
        assert_eq!(words(4, 4), "Both are alike, which may be chance. Let it run on.");
        assert!(words(4, 9).starts_with("B is ahead by 5, which may be chance."));
        assert!(words(1_300, 1_000).starts_with("A is ahead by 300, and that can be trusted"));
    }
}
