//! `/.well-known/security.txt`: where weaknesses are reported (RFC 9116).

use std::sync::Arc;

use axum::extract::{Request, State};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_publication::Publication;

use crate::{
    error::{Handled, SiteError},
    response,
    state::Site,
};

/// The address of the file.
pub(crate) const PATH: &str = "/.well-known/security.txt";
/// How long what it says is valid. Section 2.5.5 recommends less than a year.
const VALID_FOR: SignedDuration = SignedDuration::from_hours(24 * 180);

/// The file, if the publication has a contact.
pub(crate) async fn file(State(site): State<Arc<Site>>, request: Request) -> Handled {
    let publication = Arc::clone(&site.live.peek().publication);
    if publication.http.security_contact.is_empty() {
        return Err(SiteError::NotFound);
    }
    let text = text(&publication, (site.clock)());
    Ok(response::public("text/plain; charset=utf-8", text, request.headers()))
}

fn text(publication: &Publication, now: Timestamp) -> String {
    // The same for a whole day, so that it can be cached.
    let day = (now + VALID_FOR).to_zoned_datetime(TimeZone::UTC).date();
    format!(
        "Contact: {}\nExpires: {day}T00:00:00Z\nCanonical: {}{PATH}\n",
        publication.http.security_contact, publication.address
    )
}
