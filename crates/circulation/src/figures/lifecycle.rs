//! The events of a subscription that count in the statistics.

use jiff::Timestamp;

use super::StateTransition;
use crate::{State, Subscription};

/// An event that counts in the statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LifecycleEvent {
    TrialBegins,
    TrialConverts,
    TrialLost,
    Begins,
    Ends,
}

/// An event and when it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LifecycleStep {
    pub at: Timestamp,
    pub event: LifecycleEvent,
}

/// The events of a subscription that count, in chronological order.
pub(super) fn lifecycle_steps(
    subscription: &Subscription,
    transitions: &[&StateTransition],
) -> Vec<LifecycleStep> {
    if transitions.is_empty() {
        return steps_from_state(subscription);
    }
    let mut steps = Vec::new();
    // An imported subscription has no recorded start.
    let known = transitions.first().map_or("", |transition| transition.before.as_str());
    let (mut in_trial, mut pays) = (known == "trial", !["", "trial", "ended"].contains(&known));
    if in_trial || pays {
        let event = if pays { LifecycleEvent::Begins } else { LifecycleEvent::TrialBegins };
        steps.push(LifecycleStep { at: subscription.begun, event });
    }
    for transition in transitions {
        let mut step = |event| steps.push(LifecycleStep { at: transition.at, event });
        match transition.after.as_str() {
            "trial" if transition.before.is_empty() => {
                in_trial = true;
                step(LifecycleEvent::TrialBegins);
            }
            "active" if !pays => {
                if in_trial {
                    step(LifecycleEvent::TrialConverts);
                }
                step(LifecycleEvent::Begins);
                (in_trial, pays) = (false, true);
            }
            "ended" if pays => {
                step(LifecycleEvent::Ends);
                pays = false;
            }
            "ended" if in_trial => {
                // The reader subscribed: a paid subscription replaced the trial.
                step(if transition.replaced {
                    LifecycleEvent::TrialConverts
                } else {
                    LifecycleEvent::TrialLost
                });
                in_trial = false;
            }
            _ => {}
        }
    }
    steps
}

/// The events of an imported subscription without recorded transitions.
fn steps_from_state(subscription: &Subscription) -> Vec<LifecycleStep> {
    let step = |at, event| LifecycleStep { at, event };
    let begun = subscription.begun;
    match subscription.state {
        State::Trial { .. } | State::Cancelling { trial: true, .. } => {
            vec![step(begun, LifecycleEvent::TrialBegins)]
        }
        State::Active { .. }
        | State::Grace { .. }
        | State::Paused { .. }
        | State::Cancelling { trial: false, .. } => vec![step(begun, LifecycleEvent::Begins)],
        State::Ended { at, .. } => {
            vec![step(begun, LifecycleEvent::Begins), step(at, LifecycleEvent::Ends)]
        }
    }
}
