//! What the desk writes to the security log: who was refused, who looked at readers, and what staff changed.
//!
//! It is done in one place, around every address: `routes` names the event of each. An address that shows data of a reader or
//! changes something that matters for security needs one; a test asks for it.

use axum::response::Response;
use http::{Method, StatusCode};
use masthead_circulation::AccountId;
use masthead_telemetry::security::{SecurityEntry, SecurityEvent, SecurityOrigin};

use crate::{error::PendingNotice, notice::Notice, staff::CurrentStaff, state::DeskState};

/// The events of an address.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LoggedEvents {
    /// When a page is asked for.
    pub views: Option<SecurityEvent>,
    /// When a form is sent.
    pub changes: Option<SecurityEvent>,
}

/// The reader whom a page shows, as an extension of a response, if the path does not name them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogSubject(pub AccountId);

/// An extension of a response that redirects although nothing was changed, as what it asks for is done or gone. It is logged as
/// a failure: otherwise real changes are lost among requests that change nothing.
#[derive(Clone, Copy, Debug)]
struct NothingChanged;

/// Marks a response as one to a request that has changed nothing.
pub(crate) fn nothing_changed(mut response: Response) -> Response {
    response.extensions_mut().insert(NothingChanged);
    response
}

/// A request, as far as the log needs it.
pub(crate) struct LoggedRequest {
    pub pattern: &'static str,
    pub events: LoggedEvents,
    pub origin: SecurityOrigin,
    pub method: Method,
    pub path: String,
}

/// How a request was answered.
pub(crate) struct Answer {
    /// The member of the staff who sent it.
    pub staff: Option<CurrentStaff>,
    /// The account that is signed in, also if it is not of the staff.
    pub account: Option<AccountId>,
    /// Whether it came to the handler of the address.
    pub was_handled: bool,
    pub response: Response,
}

impl Answer {
    /// A response in place of the handler's.
    pub fn instead(staff: Option<CurrentStaff>, response: Response) -> Self {
        let account = staff.as_ref().map(|staff| staff.account.id);
        Self { staff, account, was_handled: false, response }
    }
}

/// Writes what happened, if it belongs into the log.
pub(crate) fn record(desk: &DeskState, request: &LoggedRequest, answer: &Answer) {
    let status = answer.response.status();
    let by = answer.account.map(|account| account.0);
    let of_staff = answer.staff.is_some();
    if status == StatusCode::FORBIDDEN {
        let entry = SecurityEntry::failure(SecurityEvent::DeskDenied, &request.origin).by(by);
        let entry = entry.of_staff(of_staff);
        let detail = reason(answer.response.extensions().get::<PendingNotice>());
        desk.security_log.record(&entry.detail(detail).subject(Some(request.pattern.to_owned())));
        return;
    }
    let views = request.method.is_safe();
    let event = if views { request.events.views } else { request.events.changes };
    let Some(event) = event.filter(|_| answer.was_handled) else { return };
    // A form of settings that was only rearranged, or that has mistakes, is shown again.
    if event == SecurityEvent::SettingsChanged && status == StatusCode::OK {
        return;
    }
    let extensions = answer.response.extensions();
    let is_done = (status.is_success() || status.is_redirection())
        && extensions.get::<NothingChanged>().is_none();
    let entry = if is_done {
        SecurityEntry::success(event, &request.origin)
    } else {
        SecurityEntry::failure(event, &request.origin)
    };
    let named = extensions.get::<LogSubject>();
    let subject = named
        .map(|LogSubject(account)| format!("account:{}", account.0))
        .or_else(|| subject(request.pattern, &request.path));
    desk.security_log
        .record(&entry.by(by).of_staff(of_staff).detail(request.pattern).subject(subject));
}

/// Why somebody is refused.
fn reason(notice: Option<&PendingNotice>) -> &'static str {
    match notice.map(|PendingNotice(notice)| *notice) {
        Some(Notice::NotStaff) => "not-staff",
        Some(Notice::ForeignForm) => "foreign-form",
        Some(Notice::ConfirmFirst | Notice::SetUpFirst) => "not-confirmed",
        _ => "not-permitted",
    }
}

/// What the number in a path belongs to.
fn subject(pattern: &str, path: &str) -> Option<String> {
    let index = pattern.split('/').position(|segment| segment == "{number}")?;
    let kind = match pattern.split('/').nth(index - 1)? {
        "readers" | "people" => "account",
        "payments" => "payment",
        _ => return None,
    };
    let number: u32 = path.split('/').nth(index)?.parse().ok()?;
    Some(format!("{kind}:{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_in_a_path_says_whom_it_is_about() {
        for (pattern, path, expected) in [
            ("/desk/readers/{number}/meter", "/desk/readers/7/meter", Some("account:7")),
            ("/desk/people/{number}/role", "/desk/people/8/role", Some("account:8")),
            ("/desk/payments/{number}", "/desk/payments/9", Some("payment:9")),
            ("/desk/readers/{number}", "/desk/readers/ada@example.org", None),
            ("/desk/articles/{number}", "/desk/articles/9", None),
            ("/desk/figures.csv", "/desk/figures.csv", None),
        ] {
            assert_eq!(subject(pattern, path).as_deref(), expected, "{path}");
        }
    }
}
