//! Who is asked whether the machine's clock is right.

use std::path::Path;

use masthead_web::outside::{OutsideClient, OutsideRules};

use super::unconfirmed::Witness;

/// The file that systemd-timesyncd creates once it has set the clock after a start of the machine.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

/// The machines whose clocks can be asked: the payment processors'.
#[derive(Clone, Debug, Default)]
pub struct Witnesses {
    addresses: Vec<String>,
}

impl Witnesses {
    /// Those behind these addresses.
    pub fn new(addresses: impl IntoIterator<Item = String>) -> Self {
        Self { addresses: addresses.into_iter().collect() }
    }

    /// Asks until one answers.
    pub async fn ask(&self) -> Witness {
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
        Witness { outside, is_synchronized: Path::new(SYNCHRONIZED).exists() }
    }
}
