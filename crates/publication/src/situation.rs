//! The result of a visit, and the messages that apply to it.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use masthead_access::{Allowance, Arm, Decision, Reads, Standing, Treatment, message::Moments};
use masthead_circulation::{History, last_day};

use crate::{offer_set::OfferSet, publication::Publication, snapshot::SiteSnapshot};

/// The result of a reader's visit to an article.
#[derive(Clone, Debug)]
pub struct Visit {
    /// What is delivered, and why.
    pub decision: Decision,
    /// The reads on the reader's meter after the visit.
    pub reads: Reads,
    /// What the reader has subscribed to so far.
    pub history: History,
    /// The reader's display name, if they have set one.
    pub name: Option<Arc<String>>,
    /// The reader's arm of the running experiment, if the device is known.
    pub arm: Option<Arm>,
}

impl Visit {
    /// Returns the reader's display name.
    pub fn display_name(&self) -> Option<&str> {
        self.name.as_deref().map(String::as_str)
    }
}

/// Everything by which messages differ from reader to reader, apart from the reader's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Situation {
    /// The moments that apply.
    pub moments: Moments,
    /// The reader's arm, while an experiment compares messages.
    pub arm: Option<Arm>,
    /// The allowance of the reader's meter.
    pub allowance: Option<Allowance>,
    /// Number of articles left in this window.
    pub left: Option<u32>,
    /// Number of articles that the reader could still read in this window with an account.
    pub registered_more: Option<u32>,
    /// The day on which the meter resets.
    pub resets_on: Option<Date>,
    /// The last day of a trial, a subscription or a grace period that has ended or will end.
    pub ended_on: Option<Date>,
    /// The day on which a paused subscription resumes, if the reader has paused one.
    pub paused_until: Option<Date>,
    /// Whether the reader is signed in.
    pub signed_in: bool,
    /// The offers that the reader may take.
    pub offers: OfferSet,
    /// Whether the reader may buy anything.
    pub may_buy: bool,
}

impl SiteSnapshot {
    /// Returns the situation of a reader after a visit at `now`.
    pub fn situation(&self, visit: &Visit, now: Timestamp) -> Situation {
        let policy = &self.publication.policy;
        let Visit { decision, reads, history, .. } = visit;
        let offers = self.offers(*history);
        let moments = Moments::of(decision, policy, now, !offers.is_empty());
        let has_moment = moments.iter().next().is_some();
        let ended = end_of(decision.trace.standing).filter(|_| has_moment);
        let ended_on = ended.map(|end| last_day(end, &policy.zone));
        let paused_until = decision.trace.paused_until.filter(|_| has_moment);
        let day = |at: Timestamp| at.to_zoned_datetime(policy.zone.clone()).date();
        Situation {
            allowance: decision.meter.map(|meter| meter.allowance),
            moments,
            arm: visit.arm.filter(|_| tries_message(&self.publication)),
            left: decision.left(),
            registered_more: decision.registered_more(policy.allowances.registered),
            resets_on: self.meter_resets_on(reads, now),
            ended_on,
            paused_until: paused_until.map(day),
            signed_in: decision.trace.standing.is_signed_in(),
            offers,
            may_buy: history.may_buy(),
        }
    }
}

/// Returns when the trial, subscription or grace period behind a standing ended or will end.
fn end_of(standing: Standing) -> Option<Timestamp> {
    match standing {
        Standing::Trial { ends }
        | Standing::Subscribed { ends: Some(ends) }
        | Standing::Grace { ends } => Some(ends),
        Standing::TrialEnded { at } | Standing::SubscriptionEnded { at } => Some(at),
        Standing::Anonymous
        | Standing::Registered
        | Standing::Subscribed { ends: None }
        | Standing::Member
        | Standing::Staff => None,
    }
}

/// Whether the running experiment compares messages: then messages differ by the reader's arm.
fn tries_message(publication: &Publication) -> bool {
    let treatment = publication.experiment.as_ref().map(|running| &running.treatment);
    matches!(treatment, Some(Treatment::Message(_)))
}
