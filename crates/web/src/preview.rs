//! What a reader sees, and why: what staff ask of the site.

use jiff::Timestamp;
use masthead_access::{Allowance, Decision, Outcome, RequestContext, Standing};
use masthead_circulation::{AccountId, History};

/// The reader whose eyes staff want to look through.
#[derive(Clone, Debug)]
pub enum PreviewAs {
    /// One who is made up.
    SimulatedReader(SimulatedReader),
    /// One with an account, as they are now.
    Account(AccountId),
}

/// A reader who is made up.
#[derive(Clone, Debug)]
pub struct SimulatedReader {
    /// How they stand.
    pub standing: Standing,
    /// What they hold, by the slugs of products.
    pub products: Vec<String>,
    /// How many other articles their meter has counted in this window.
    pub read: u32,
    /// Whether it has counted this article as well.
    pub has_read_this: bool,
    /// What is special about the visit.
    pub circumstance: RequestContext,
    /// What they have had.
    pub history: History,
}

/// What they would see, were they to come now.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The article's headline.
    pub headline: String,
    /// Its path.
    pub address: String,
    /// What is delivered.
    pub decision: Decision,
    /// How that came about, one sentence each.
    pub trace: Vec<String>,
    /// What there is to say to them, by the names that publishers use.
    pub moments: Vec<&'static str>,
    /// Where something is said, by the names that publishers use.
    pub placements: Vec<&'static str>,
    /// The whole page, as HTML.
    pub page: Vec<u8>,
}

impl Preview {
    /// What the reader gets, in a sentence.
    pub fn sentence(&self) -> String {
        match self.decision.outcome {
            Outcome::Open(_) => "The whole text, and nothing is counted.".to_owned(),
            Outcome::Metered { left } => {
                format!("The whole text, for one read. {left} left after it.")
            }
            Outcome::Wall(_) => "The beginning, and a wall.".to_owned(),
        }
    }
}

/// How a reader with an account stands with the meter.
#[derive(Clone, Debug)]
pub struct MeterStatus {
    /// How they stand.
    pub standing: Standing,
    /// How much they may read; none where nothing is counted.
    pub allowance: Option<Allowance>,
    /// What this window has counted, the latest first.
    pub counted: Vec<Counted>,
}

/// An article that was counted.
#[derive(Clone, Debug)]
pub struct Counted {
    /// When.
    pub at: Timestamp,
    /// Its headline; a word for it where it is published no more.
    pub headline: String,
    /// Its path; empty where it is published no more.
    pub address: String,
}

impl MeterStatus {
    /// It in a sentence.
    pub fn words(&self) -> String {
        let counted = self.counted.len();
        match self.allowance {
            None | Some(Allowance::Unlimited) => {
                "Reads without a limit, and nothing is counted.".to_owned()
            }
            Some(Allowance::Articles(all)) => format!("{counted} of {all} articles are counted."),
        }
    }
}
