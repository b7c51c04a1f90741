//! Who is asked whether the machine's clock is right.

use std::path::PathBuf;

use masthead_web::outside::{OutsideClient, OutsideRules};

use super::unconfirmed::TimeAnswer;

/// The file that systemd-timesyncd creates once it has set the clock after a start of the machine.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

/// The machines whose clocks can be asked, and whether the system has set its own. By default nobody is asked.
#[derive(Clone, Debug, Default)]
pub struct TimeSources {
    addresses: Vec<String>,
    synchronized: PathBuf,
}

impl TimeSources {
    /// The machines behind these addresses, and the system.
    pub fn new(addresses: impl IntoIterator<Item = String>) -> Self {
        Self { addresses: addresses.into_iter().collect(), synchronized: SYNCHRONIZED.into() }
    }

    /// Asks until one answers.
    pub async fn ask(&self) -> TimeAnswer {
        let client = OutsideClient::new(OutsideRules::PUBLIC);
        let mut outside = None;
        for address in &self.addresses {
            match client.date(address).await {
                Ok(date) => {
                    outside = Some(date);
                    break;
                }
                // With a clock that is far off no certificate is valid.
                Err(error) => tracing::info!(%error, address, "system-clock: no time from outside"),
            }
        }
        TimeAnswer { outside, is_synchronized: self.synchronized.exists() }
    }
}
