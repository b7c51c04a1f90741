//! What a request tells the counters: where the reader came from, and on which side of the experiment they are.

use http::{HeaderMap, header};
use masthead_access::Assignment;
use masthead_audience::{FunnelStep, Goal, Referrer};
use masthead_publication::Publication;

use crate::state::Site;

/// Returns the kind of page that the reader came from. The publication's own address counts as internal too, because a
/// proxy may have changed the `Host` header.
pub(crate) fn referrer(publication: &Publication, headers: &HeaderMap) -> Referrer {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let hosts = [text(header::HOST), publication.address.split("://").nth(1)];
    let is_own = |host: &str| {
        let mut own = hosts.iter().flatten();
        own.any(|own| {
            own.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
    };
    Referrer::of(text(header::REFERER), is_own)
}

impl Site {
    /// Returns the running experiment and the device's arm in it, or `None` if there is none or the device is
    /// not known.
    pub(crate) fn assignment(&self, headers: &HeaderMap) -> Option<Assignment> {
        let snapshot = self.snapshot();
        let publication = &snapshot.publication;
        let experiment = publication.experiment.as_ref()?.number;
        let arm = self.anonymous_meter.arm(publication, headers)?;
        Some(Assignment { experiment, arm })
    }

    /// Counts a step of a reader who came from this address.
    pub(crate) async fn count_step(&self, headers: &HeaderMap, from: &str, step: FunnelStep) {
        let account = self.signed_in(headers).await.map(|(session, _)| session.account);
        let reads = self.anonymous_meter.reads_from_cookie(headers, self.opens((self.clock)()));
        let arm = self.anonymous_meter.arm(&self.snapshot().publication, headers);
        let wall = self.counters.wall_at(from, account, reads, arm).await;
        self.counters.count_step(from, wall, step);
    }

    /// Counts a reader who registers, coming from this address.
    pub(crate) async fn count_registered(&self, headers: &HeaderMap, from: &str) {
        self.count_step(headers, from, FunnelStep::Registered).await;
        self.counters.count_goal(self.assignment(headers), Goal::Registered);
    }
}
