//! When a certificate is ordered.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::{
    challenges::Challenges, error::AcmeError, files::Files, order::order, validity::Validity,
};

/// The wait after a first failure. Each further one quadruples it: authorities refuse those who fail often, such as five
/// times in an hour for one name.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// What is ordered, and from whom.
#[derive(Clone, Debug)]
pub struct AcmeSettings {
    /// The address of the ACME server's directory.
    pub directory: String,
    /// An email address for the ACME server; empty for none.
    pub contact: String,
    /// The names that the certificate is to be valid for.
    pub names: Vec<String>,
    /// The file with the authority that has signed the ACME server's own certificate; `None` for those that browsers know.
    pub authority: Option<PathBuf>,
}

/// Orders a certificate when there is none, when it is for other names, and before it expires.
#[derive(Debug)]
pub struct Renewal {
    settings: AcmeSettings,
    files: Files,
    challenges: Arc<Challenges>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    validity: Option<Validity>,
    failures: u32,
    /// The latest failure, and when it is tried again.
    failure: Option<(Arc<AcmeError>, Timestamp)>,
}

impl Renewal {
    /// Reads what was ordered before from below `root`. Blocks.
    ///
    /// # Errors
    ///
    /// If the certificate cannot be read.
    pub fn open(root: &Path, settings: AcmeSettings) -> Result<Self, AcmeError> {
        let files = Files::new(root, &settings.directory);
        let validity = files.read_certificate()?.and_then(|pem| Validity::of_pem(&pem));
        let state = Mutex::new(State { validity, failures: 0, failure: None });
        Ok(Self { settings, files, challenges: Arc::default(), state })
    }

    /// The file with private key and certificate chain in PEM. It does not exist before the first certificate was issued.
    pub fn certificate(&self) -> PathBuf {
        self.files.certificate()
    }

    /// The certificates with which names are proved.
    pub fn challenges(&self) -> Arc<Challenges> {
        Arc::clone(&self.challenges)
    }

    /// Orders a certificate if one is due. Returns whether there is a new one.
    ///
    /// # Errors
    ///
    /// Returns the latest failure until an order succeeds. It is not tried again at each call: the wait grows with each failure.
    pub async fn run(&self, now: Timestamp) -> Result<bool, Arc<AcmeError>> {
        let mut state = self.state.lock().await;
        if !state.is_due(&self.settings.names, now) {
            return Ok(false);
        }
        if let Some((error, again)) = &state.failure
            && now < *again
        {
            return Err(Arc::clone(error));
        }
        let ordered = self.order().await;
        self.challenges.clear();
        match ordered {
            Ok(validity) => {
                tracing::info!(until = %validity.until, names = ?validity.names, "acme: certificate issued");
                *state = State { validity: Some(validity), failures: 0, failure: None };
                Ok(true)
            }
            Err(error) => Err(state.failed(error, now)),
        }
    }

    async fn order(&self) -> Result<Validity, AcmeError> {
        let issued = order(&self.settings, &self.files, &self.challenges).await?;
        let validity = Validity::of_pem(issued.chain.as_bytes()).ok_or_else(|| {
            AcmeError::Protocol("the ACME server has sent something that is no certificate".into())
        })?;
        let write = move |files: &Files| files.write_certificate(&issued.key, &issued.chain);
        self.files.blocking(write).await?;
        Ok(validity)
    }
}

impl State {
    fn is_due(&self, names: &[String], now: Timestamp) -> bool {
        let is_good = |validity: &Validity| validity.covers(names) && now < validity.renewed_at();
        !self.validity.as_ref().is_some_and(is_good)
    }

    fn failed(&mut self, error: AcmeError, now: Timestamp) -> Arc<AcmeError> {
        let error = match self.validity.as_ref().map(|validity| validity.until) {
            Some(until) if until > now => AcmeError::NotRenewed { until, error: Box::new(error) },
            Some(_) | None => error,
        };
        let wait = FIRST_WAIT * 4_i32.pow(self.failures.min(5));
        let again = now.checked_add(wait.min(LONGEST_WAIT)).unwrap_or(now);
        // The supervisor logs only the first failure in a row; a certificate that expires is worth more than one line.
        tracing::error!(%error, %again, "acme: no certificate was issued, it is tried again");
        self.failures += 1;
        let error = Arc::new(error);
        self.failure = Some((Arc::clone(&error), again));
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    #[test]
    fn an_order_is_due_without_a_certificate_for_other_names_and_in_its_last_third() {
        let names = ["paper.example".to_owned()];
        let validity = Validity { from: at(0), until: at(90), names: names.to_vec() };
        let state = |validity| State { validity, failures: 0, failure: None };
        assert!(state(None).is_due(&names, at(0)));
        let held = state(Some(validity));
        assert!(!held.is_due(&names, at(59)));
        assert!(held.is_due(&names, at(60)));
        assert!(held.is_due(&["other.example".to_owned()], at(0)));
    }

    #[test]
    fn failures_are_retried_less_and_less_often_and_say_until_when_the_certificate_is_valid() {
        let mut state = State { validity: None, failures: 0, failure: None };
        let mut waits = Vec::new();
        for _ in 0..7 {
            let error = state.failed(AcmeError::Protocol("no".into()), at(0));
            assert_eq!(error.to_string(), "the order failed: no");
            let (_, again) = state.failure.as_ref().expect("a failure");
            waits.push(again.as_second() / 60);
        }
        assert_eq!(waits, [1, 4, 16, 64, 256, 360, 360]);
        state.validity = Some(Validity { from: at(0), until: at(90), names: Vec::new() });
        let error = state.failed(AcmeError::Protocol("no".into()), at(60)).to_string();
        assert!(error.contains("valid until 1970-01-01T00:01:30Z"), "{error}");
    }
}
