//! Trying two texts or two allowances against each other, and whether the difference can be trusted yet.

use std::{collections::HashMap, sync::Arc};

use axum::{extract::State, response::Response};
use jiff::Timestamp;
use masthead_access::{Allowance, Arm, Experiment, Treatment};
use masthead_audience::{CountedEvent, Counts, Goal, ReaderGroup, Successes, Verdict, percent};
use masthead_store::{Setting, StoreError};
use masthead_web::form::see_other;
use serde::{Deserialize, Serialize};

use crate::{
    Desk, Refused, Steered,
    auth::{Inside, Insider},
    form::{Filled, form_status},
    format::{minute, whole},
    settings::messages::{self, Entry},
    settings::meter,
};

/// Experiments of earlier that are listed.
const EARLIER: u64 = 40;

#[derive(Serialize)]
struct Shown {
    running: Option<Running>,
    earlier: Vec<Earlier>,
    allowance: Option<u32>,
    fault: String,
}

/// The experiment that runs, and what it has brought.
#[derive(Serialize)]
struct Running {
    what: String,
    since: String,
    /// What is said or allowed on each side.
    a: String,
    b: String,
    readers: [String; 2],
    goals: Vec<GoalRow>,
}

#[derive(Serialize)]
struct GoalRow {
    name: &'static str,
    counts: [String; 2],
    /// Of a hundred readers of the side.
    rates: [String; 2],
    verdict: String,
    is_clear: bool,
}

#[derive(Serialize)]
struct Earlier {
    what: String,
    when: String,
    verdicts: Vec<String>,
}

pub(crate) async fn page(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    show(&desk, &insider, String::new()).await
}

/// Begins an experiment with an allowance, or ends the one that runs.
pub(crate) async fn change(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Filled(sent): Filled<HashMap<String, String>>,
) -> Response {
    let done = match sent.get("do").map_or("", String::as_str) {
        "begin" => {
            let wanted = sent.get("allowance").map_or("", |allowance| allowance.trim());
            begin_allowance(&desk, &insider, wanted).await
        }
        "stop" => stop(&desk, &insider).await,
        "take" => take_over(&desk, &insider).await,
        _ => Ok(()),
    };
    match done {
        Ok(()) => see_other("/desk/experiments", &[]),
        Err(Refused::Told(fault)) => show(&desk, &insider, fault).await,
        Err(Refused::Failed(error)) => {
            desk.cannot(&insider, "an experiment cannot be begun or ended", &error)
        }
    }
}

async fn begin_allowance(desk: &Desk, insider: &Insider, wanted: &str) -> Result<(), Refused> {
    let told = |fault: &str| Refused::Told(fault.to_owned());
    let allowance: Allowance = wanted.parse().map_err(|_| {
        told("Write the other allowance as a whole number, such as 2, or unlimited.")
    })?;
    let (policy, _) = desk.on.helm.policy();
    if policy.allowances.anonymous == allowance {
        return Err(told("That is what they may read already. Write another number."));
    }
    begin(desk, insider, &Treatment::Anonymous(allowance)).await
}

/// Begins an experiment, unless one runs.
pub(crate) async fn begin(
    desk: &Desk,
    insider: &Insider,
    tried: &Treatment,
) -> Result<(), Refused> {
    #[derive(Serialize)]
    struct File {
        experiment: Begun,
    }
    #[derive(Serialize)]
    struct Begun {
        number: i32,
        #[serde(skip_serializing_if = "Option::is_none")]
        anonymous: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<Entry>,
    }
    if desk.on.helm.experiment().is_some() {
        let fault = "An experiment runs already, and two at once would spoil each other. Stop that one first.";
        return Err(Refused::Told(fault.to_owned()));
    }
    if let Treatment::Message(message) = tried {
        let said = desk.on.showroom.messages();
        if said.iter().any(|said| said == &**message) {
            let fault =
                "These are the words that are said already. Change them, and try them then.";
            return Err(Refused::Told(fault.to_owned()));
        }
    }
    let version = desk.version(Steered::Experiment).await.map_err(Refused::failed)?;
    let (anonymous, message) = match tried {
        Treatment::Anonymous(allowance) => (Some(allowance.to_string()), None),
        Treatment::Message(message) => (None, Some(Entry::of(message))),
    };
    // Versions only go up, so no two experiments have one number.
    let file = File { experiment: Begun { number: version + 1, anonymous, message } };
    let text = toml::to_string(&file);
    desk.steer(insider, Steered::Experiment, &version.to_string(), text).await
}

/// Everybody gets A again.
async fn stop(desk: &Desk, insider: &Insider) -> Result<(), Refused> {
    set(desk, insider, Steered::Experiment, Ok(String::new())).await
}

/// Everybody gets B from now on.
async fn take_over(desk: &Desk, insider: &Insider) -> Result<(), Refused> {
    let Some(running) = desk.on.helm.experiment() else { return Ok(()) };
    let (part, text) = match running.treatment {
        Treatment::Message(message) => {
            let all = desk.on.showroom.messages();
            let messages = messages::with(desk.on.helm.messages()?, &all, *message);
            (Steered::Messages, messages::text(&messages))
        }
        Treatment::Anonymous(allowance) => {
            let (policy, teaser) = desk.on.helm.policy();
            let text = meter::text_with(&policy, teaser, allowance).map_err(Refused::Told)?;
            (Steered::Meter, Ok(text))
        }
    };
    set(desk, insider, part, text).await?;
    stop(desk, insider).await
}

/// Sets a part, whatever its version is now.
async fn set(
    desk: &Desk,
    insider: &Insider,
    part: Steered,
    text: Result<String, toml::ser::Error>,
) -> Result<(), Refused> {
    let version = desk.version(part).await.map_err(Refused::failed)?;
    desk.steer(insider, part, &version.to_string(), text).await
}

async fn show(desk: &Desk, insider: &Insider, fault: String) -> Response {
    let made = async {
        let settings = desk.on.store.settings(Steered::Experiment.name(), EARLIER).await?;
        let running = match desk.on.helm.experiment() {
            Some(experiment) => Some(running(desk, &experiment, settings.first()).await?),
            None => None,
        };
        let earlier = earlier(desk, &settings).await?;
        Ok::<_, StoreError>((running, earlier))
    };
    let (running, earlier) = match made.await {
        Ok(made) => made,
        Err(error) => return desk.failed(&error),
    };
    let (policy, _) = desk.on.helm.policy();
    let allowance = match policy.allowances.anonymous {
        Allowance::Articles(articles) => Some(articles),
        Allowance::Unlimited => None,
    };
    let status = form_status(&fault);
    let shown = Shown { running, earlier, allowance, fault };
    desk.page(status, Some(insider), "experiments.html", &shown)
}

async fn running(
    desk: &Desk,
    experiment: &Experiment,
    setting: Option<&Setting>,
) -> Result<Running, StoreError> {
    let zone = desk.imprint().zone;
    let day = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
    let begun = setting.map_or(desk.now(), |setting| setting.at);
    let sides = Arm::ALL.map(|arm| ReaderGroup::treatment(arm, experiment.number));
    let uniques = desk.on.store.uniques(&(day(begun)..=day(desk.now())), &sides).await?;
    let readers = sides.map(|side| uniques.count(side));
    let counts = desk.on.store.tried(experiment.number).await?;
    let (policy, _) = desk.on.helm.policy();
    let (what, a, b) = match &experiment.treatment {
        Treatment::Message(message) => {
            let all = desk.on.showroom.messages();
            let (moment, placement) = (message.moment, message.placement);
            let now = all.iter().find(|m| m.moment == moment && m.placement == placement);
            (
                format!("The message “{}”, as {}", messages::when(moment), placement.name()),
                now.map(messages::summary).unwrap_or_default(),
                messages::summary(message),
            )
        }
        Treatment::Anonymous(allowance) => (
            "What readers without an account may read".to_owned(),
            policy.allowances.anonymous.to_string(),
            allowance.to_string(),
        ),
    };
    Ok(Running {
        what,
        since: minute(begun, &zone),
        a,
        b,
        readers: readers.map(whole),
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
        name: name_of(goal),
        counts: both.map(whole),
        rates: [rate((both[0], readers[0])), rate((both[1], readers[1]))],
        verdict: words_of(successes),
        is_clear: matches!(verdict(successes), Verdict::A | Verdict::B),
    }
}

fn name_of(goal: Goal) -> &'static str {
    match goal {
        Goal::Registered => "Registered",
        Goal::Subscribed => "Subscribed, or began a trial",
    }
}

fn verdict(successes: Successes) -> Verdict {
    successes.verdict(u32::try_from(Goal::ALL.len()).unwrap_or(u32::MAX))
}

fn words_of(successes: Successes) -> String {
    let Successes { a, b } = successes;
    let ahead = match a.cmp(&b) {
        std::cmp::Ordering::Less => format!("B is ahead by {}", whole(b - a)),
        std::cmp::Ordering::Equal => "Both are alike".to_owned(),
        std::cmp::Ordering::Greater => format!("A is ahead by {}", whole(a - b)),
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

/// What was tried before, and how it ended.
async fn earlier(desk: &Desk, settings: &[Setting]) -> Result<Vec<Earlier>, StoreError> {
    let zone = desk.imprint().zone;
    let mut all = Vec::new();
    // The latest first: what comes before a setting in the list is what ended it.
    for pair in settings.windows(2) {
        let [ended, begun] = pair else { continue };
        if begun.text.is_empty() {
            continue;
        }
        let counts = desk.on.store.tried(begun.version.unsigned_abs()).await?;
        let verdict = |goal| format!("{}: {}", name_of(goal), words_of(successes(goal, &counts)));
        all.push(Earlier {
            what: what_was(&begun.text),
            when: format!("{} to {}", minute(begun.at, &zone), minute(ended.at, &zone)),
            verdicts: Goal::ALL.map(verdict).into(),
        });
    }
    Ok(all)
}

/// What was tried, from the words in which it was kept.
fn what_was(kept: &str) -> String {
    #[derive(Deserialize)]
    struct File {
        experiment: Kept,
    }
    #[derive(Deserialize)]
    struct Kept {
        anonymous: Option<String>,
        message: Option<Said>,
    }
    #[derive(Deserialize)]
    struct Said {
        moment: String,
        placement: String,
        title: String,
        text: String,
    }
    match toml::from_str(kept) {
        Ok(File { experiment: Kept { anonymous: Some(allowance), .. } }) => {
            format!("readers without an account may read {allowance}")
        }
        Ok(File { experiment: Kept { message: Some(said), .. } }) => {
            let words = [said.title, said.text].join(" ");
            format!("“{}” at {}, as {}", words.trim(), said.moment, said.placement)
        }
        Ok(_) | Err(_) => kept.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tried_is_told_in_words() {
        let was = |kept| what_was(&format!("[experiment]\nnumber = 1\n{kept}"));
        assert_eq!(was("anonymous = \"2\""), "readers without an account may read 2");
        let message = "[experiment.message]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntitle = \"\"\n\
                       text = \"Two left\"\nbenefits = []\nactions = []";
        assert_eq!(was(message), "“Two left” at meter.left, as banner");
    }

    #[test]
    fn a_lead_is_told_with_whether_it_can_be_trusted() {
        let words = |a, b| words_of(Successes { a, b });
        assert_eq!(words(0, 0), "Nothing to compare yet.");
        assert_eq!(words(4, 4), "Both are alike, which may be chance. Let it run on.");
        assert!(words(4, 9).starts_with("B is ahead by 5, which may be chance."));
        assert!(words(1_300, 1_000).starts_with("A is ahead by 300, and that can be trusted"));
    }
}
