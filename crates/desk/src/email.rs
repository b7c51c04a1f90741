//! `/desk/email`: how the publication sends email, what DNS says about the sender, and a test email to oneself.

pub(crate) mod records;

use std::{fmt::Display, sync::Arc};

use axum::extract::{Query, State};
use jiff::SignedDuration;
use masthead_circulation::{AuditAction, Digest};
use masthead_mail::emails::{self, EmailKind, InvitationContext};
use masthead_store::{Email, EmailQuery, EmailState, OutboxEntry, RateLimit, StoreError};
use serde::{Deserialize, Serialize};

use self::records::MailRecordRow;
use crate::{
    error::{DeskError, Handled},
    format::display_name,
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// How many test emails a member of the staff may send.
const OF_ACCOUNT: RateLimit = RateLimit { times: 5, within: SignedDuration::from_hours(1) };
/// Emails to oneself among which test emails are looked for.
const LATEST: u64 = 50;
/// Test emails that are listed.
const LISTED: usize = 5;
/// Failed emails that are counted.
const MAX_FAILED: u64 = 100;

/// How email is sent, as the server was started with it. It has no password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailFacts {
    /// The sender that readers see; empty for none.
    pub from: String,
    /// Where answers of readers go; empty for the sender.
    pub reply_to: String,
    /// Where reports of failed deliveries go; empty for the sender.
    pub bounces: String,
    /// The host of the relay, with its port if it has one; empty for none.
    pub relay: String,
}

/// The context of the page.
#[derive(Default, Serialize)]
struct EmailPage {
    from: String,
    reply_to: String,
    bounces: String,
    relay: String,
    sends: bool,
    /// Emails that wait, in words.
    waiting: String,
    /// Emails of the last day that failed, in words; empty if there are none.
    failed: String,
    /// The address that a test email goes to.
    own: String,
    tests: Vec<SentTest>,
    /// What DNS says; empty if it was not asked.
    records: Vec<MailRecordRow>,
    fault: String,
}

/// What is to be shown besides.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct EmailPageQuery {
    /// Whether DNS is asked: not each time, because it may take seconds.
    check: String,
}

/// A test email to oneself.
#[derive(Default, Serialize)]
struct SentTest {
    time: String,
    /// What has become of it, in words.
    result: String,
}

impl Page for EmailPage {
    const TEMPLATE: &'static str = "email.html";

    fn status(&self) -> http::StatusCode {
        crate::form::form_status(&self.fault)
    }
}

/// `GET /desk/email`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<EmailPageQuery>,
) -> Handled {
    let is_asked = query.check == "records" && !desk.mail.from.is_empty();
    let records = if is_asked { desk.mail_records.run().await } else { Vec::new() };
    let rows = records.iter().map(|record| records::row(record, staff.words)).collect();
    show(&desk, &staff, rows, "").await
}

/// `POST /desk/email`: sends a test email to the person who asks for it.
pub(crate) async fn send_test(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let words = staff.words;
    if !desk.sends_mail {
        return show(&desk, &staff, Vec::new(), words.text("email_fault_relay")).await;
    }
    let limit = Digest::of(&[b"test emails\n", &staff.account.id.0.to_be_bytes()]);
    if !desk.store.claim_rate(&limit, OF_ACCOUNT, desk.now()).await? {
        return show(&desk, &staff, Vec::new(), words.text("email_fault_limit")).await;
    }
    let email = test_email(&desk, &staff)
        .map_err(|error| DeskError::failed("email: render test", error))?;
    desk.store.enqueue_email(&email, desk.now()).await?;
    desk.outbox_wakeup.notify_one();
    let by = Some(staff.account.id);
    let about = staff.account.email.as_str();
    let action = AuditAction::SentTestEmail;
    desk.store.record_action(action, about, Vec::new(), by, desk.now()).await?;
    Ok(see_other("/desk/email"))
}

/// The test email, in the language of who sends it.
fn test_email(
    desk: &DeskState,
    staff: &CurrentStaff,
) -> Result<Email, masthead_publication::theme::ThemeError> {
    let (words, publication) = (staff.words, desk.publication());
    let time = words.date_time(desk.now(), &publication.zone);
    let gaps: [(&str, &dyn Display); 3] = [
        ("publication", &publication.name),
        ("name", &display_name(&staff.account)),
        ("time", &time),
    ];
    let context = InvitationContext {
        publication: &publication.name,
        lang: words.tag(),
        subject: &words.fill("email_test_subject", &gaps[..1]),
        text: &words.fill("email_test_text", &gaps[..1]),
        role: &words.fill("email_test_by", &gaps[1..]),
        button: words.text("email_test_button"),
        lifetime: words.text("email_test_good"),
        unexpected: words.text("invitation_unexpected"),
        link: &format!("{}/desk/email", publication.address),
    };
    emails::test(&staff.account, &context)
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    records: Vec<MailRecordRow>,
    fault: &str,
) -> Handled {
    let words = staff.words;
    let facts = desk.mail.clone();
    let waiting = desk.store.measure(desk.now()).await?.outbox_waiting;
    let failed = failed_lately(desk).await?;
    let own = staff.account.email.clone();
    let tests = desk.store.emails_to(&own, LATEST).await?;
    let tests = tests.iter().filter(|email| email.kind == EmailKind::Test.name()).take(LISTED);
    let page = EmailPage {
        from: facts.from,
        reply_to: facts.reply_to,
        bounces: facts.bounces,
        relay: facts.relay,
        sends: desk.sends_mail,
        waiting: words.count("email_waiting", waiting),
        failed: if failed == 0 { String::new() } else { words.count("email_failed", failed) },
        own: own.to_string(),
        tests: tests.map(|email| sent_test(email, desk, words)).collect(),
        records,
        fault: fault.to_owned(),
    };
    Ok(desk.page(staff, &page))
}

/// How many emails of the last day failed or came back, up to [`MAX_FAILED`].
async fn failed_lately(desk: &DeskState) -> Result<u64, StoreError> {
    let query = EmailQuery { state: Some(EmailState::Failed), before: None, limit: MAX_FAILED };
    let since = desk.now() - SignedDuration::from_hours(24);
    let failed = desk.store.list_emails(query).await?;
    let lately = failed.iter().filter(|email| email.written >= since).count();
    Ok(u64::try_from(lately).unwrap_or(MAX_FAILED))
}

fn sent_test(email: &OutboxEntry, desk: &DeskState, words: DeskWords) -> SentTest {
    let fault = [("fault", &email.fault as &dyn Display)];
    let result = match (email.state, email.fault.is_empty()) {
        (EmailState::Sent, _) => words.text("email_test_sent").to_owned(),
        (EmailState::Requested | EmailState::Waiting, true) => {
            words.text("email_test_waiting").to_owned()
        }
        (EmailState::Requested | EmailState::Waiting, false) => {
            words.fill("email_test_deferred", &fault)
        }
        (EmailState::Failed, _) => words.fill("email_test_failed", &fault),
    };
    SentTest { time: words.date_time(email.written, &desk.publication().zone), result }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for EmailPage {
        fn samples() -> Vec<Self> {
            let text = || "a".to_owned();
            let full = Self {
                from: text(),
                reply_to: text(),
                bounces: text(),
                relay: text(),
                sends: true,
                waiting: text(),
                failed: text(),
                own: text(),
                tests: vec![SentTest::default()],
                records: vec![MailRecordRow::default()],
                fault: text(),
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<EmailPage>();
    }
}
