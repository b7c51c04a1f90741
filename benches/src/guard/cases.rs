//! The kinds of requests whose instructions are counted.

use std::{
    fs, iter,
    path::{Path, PathBuf},
};

use crate::{BenchError, publication, readers};

/// The requests before anything is counted, for which pages are rendered and readers come into memory.
const WARM_UP: usize = 20;
/// The requests of the first run that is counted. The second has three times as many, and the difference is what counts.
pub const FEW: usize = 200;
/// All requests of a case.
const ALL: u32 = 820;

/// A kind of request.
pub struct Case {
    /// Its name in `budgets.toml`.
    pub name: &'static str,
    /// Who asks. One after another, and then again from the first.
    readers: Readers,
    /// What they ask for.
    asks: Asks,
    /// How the header of the response that has the decision begins; `None` if there is no decision.
    pub decision: Option<&'static str>,
}

enum Readers {
    /// One without a cookie.
    Unknown,
    /// So many devices that have read these articles.
    Devices { count: u32, read: &'static [u32] },
    /// So many that are signed in.
    Members { count: u32 },
    /// One with a subscription.
    Subscriber,
}

enum Asks {
    Front,
    /// The first article; each time that all readers have been there, the next one.
    Article,
    /// What the first article would be.
    Access,
}

/// All of them.
pub const CASES: [Case; 8] = [
    Case {
        name: "metered",
        readers: Readers::Devices { count: ALL, read: &[3] },
        asks: Asks::Article,
        decision: Some("metered"),
    },
    Case {
        name: "first visit",
        readers: Readers::Unknown,
        asks: Asks::Article,
        decision: Some("metered"),
    },
    Case {
        name: "re-read",
        readers: Readers::Devices { count: 1, read: &[1, 2] },
        asks: Asks::Article,
        decision: Some("open;reason=re-read"),
    },
    Case {
        name: "wall",
        readers: Readers::Devices { count: 1, read: &[3, 4, 5] },
        asks: Asks::Article,
        decision: Some("wall"),
    },
    Case {
        name: "signed-in metered",
        // Each reads five articles, as many as the meter allows.
        readers: Readers::Members { count: ALL / 5 },
        asks: Asks::Article,
        decision: Some("metered"),
    },
    Case {
        name: "subscriber",
        readers: Readers::Subscriber,
        asks: Asks::Article,
        decision: Some("open;reason=subscribed"),
    },
    Case { name: "front page", readers: Readers::Unknown, asks: Asks::Front, decision: None },
    Case {
        name: "decision API",
        readers: Readers::Devices { count: 1, read: &[3] },
        asks: Asks::Access,
        decision: Some("metered"),
    },
];

/// The requests of a case, as they are sent.
pub struct Requests {
    /// Sent before anything is counted.
    pub warm_up: Vec<Vec<u8>>,
    /// Counted.
    pub few: Vec<Vec<u8>>,
    /// Three times as many, counted.
    pub many: Vec<Vec<u8>>,
}

impl Case {
    /// Writes the cookies of its readers for the publication in `folder`.
    pub async fn prepare(&self, folder: &Path, keys: &str) -> Result<(), BenchError> {
        let file = self.cookies(folder);
        match self.readers {
            Readers::Unknown => Ok(fs::write(file, "\n")?),
            Readers::Devices { count, read } => {
                readers::cookies(&file, keys, publication::ADDRESS, count, read)
            }
            Readers::Members { count } => readers::members(&file, folder, count).await,
            Readers::Subscriber => readers::subscribers(&file, folder, 1).await,
        }
    }

    /// The file with the cookies of its readers, one per line.
    fn cookies(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.cookies", self.name))
    }

    /// Returns its requests to the publication in `folder`.
    pub fn requests(&self, folder: &Path) -> Result<Requests, BenchError> {
        let addresses = fs::read_to_string(folder.join("addresses"))?;
        let addresses: Vec<&str> = addresses.lines().collect();
        let cookies = fs::read_to_string(self.cookies(folder))?;
        let cookies: Vec<&str> = cookies.lines().collect();
        let access = |address| format!("/api/v1/access{address}");
        // What counts no read brings every reader into memory.
        let greetings = cookies.iter().map(|cookie| request(&access(addresses[0]), cookie));
        let mut warm_up: Vec<Vec<u8>> = greetings.collect();
        let mut all = iter::repeat(&addresses).enumerate().flat_map(|(round, addresses)| {
            let path = match self.asks {
                Asks::Front => "/".to_owned(),
                // Readers who come back every time ask for the same article again.
                Asks::Article if cookies.len() == 1 => addresses[0].to_owned(),
                Asks::Article => addresses[round % addresses.len()].to_owned(),
                Asks::Access => access(addresses[0]),
            };
            cookies.iter().map(move |cookie| request(&path, cookie))
        });
        warm_up.extend(all.by_ref().take(WARM_UP));
        let few = all.by_ref().take(FEW).collect();
        let many = all.take(3 * FEW).collect();
        Ok(Requests { warm_up, few, many })
    }
}

/// A request like that of a browser.
fn request(path: &str, cookie: &str) -> Vec<u8> {
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
         Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
         Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n{cookie}\r\n"
    )
    .into_bytes()
}
