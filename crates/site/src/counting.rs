//! What a request tells the counters: where the reader came from, and on which side of the experiment they are.

use http::{HeaderMap, header};
use masthead_access::Assignment;
use masthead_audience::{FunnelStep, Goal, TrafficSource};
use masthead_publication::Publication;

use crate::{extract::Device, reader, state::Site};

/// Returns where the reader came from. The publication's own address counts as internal too, because a
/// proxy may have changed the `Host` header.
pub(crate) fn referrer<'a>(publication: &Publication, headers: &'a HeaderMap) -> TrafficSource<'a> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let hosts = [text(header::HOST), Some(publication.authority())];
    let is_own = |host: &str| {
        let mut own = hosts.iter().flatten();
        own.any(|own| {
            own.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
    };
    TrafficSource::of(text(header::REFERER), is_own)
}

impl Site {
    /// Returns the running experiment and the device's arm in it, or `None` if there is none or the device is
    /// not known.
    pub(crate) fn assignment(&self, device: &Device) -> Option<Assignment> {
        let snapshot = self.snapshot();
        let publication = &snapshot.publication;
        let experiment = publication.experiment.as_ref()?.number;
        let arm = reader::arm(publication, device.token.as_ref()?)?;
        Some(Assignment { experiment, arm })
    }

    /// Counts a step of a reader who came from this address.
    pub(crate) async fn count_step(&self, device: &Device, from: &str, step: FunnelStep) {
        let opens = self.opens((self.clock)());
        let token = device.token.as_ref();
        let reads = token.map(|token| self.anonymous_meter.reads_of(token, opens));
        let arm = token.and_then(|token| reader::arm(&self.snapshot().publication, token));
        let reads = reads.unwrap_or_default();
        let wall = self.counters.wall_at(from, device.account, reads, arm).await;
        self.counters.count_step(from, wall, step);
    }

    /// Counts a reader who registers, coming from this address.
    pub(crate) async fn count_registered(&self, device: &Device, from: &str) {
        self.count_step(device, from, FunnelStep::Registered).await;
        self.counters.count_goal(self.assignment(device), Goal::Registered);
    }
}
