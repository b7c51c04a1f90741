//! Two parts of the settings, saved at the same time on a server that is killed.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    client::{Client, Reply},
    node::killed_during,
    paper::Paper,
    rounds::{Tally, rounds},
};

const KILLED_WITHIN: u64 = 500;
/// How long a busy machine may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The least number that is saved, and how many there are: an allowance is at most 250.
const NUMBERS: (usize, usize) = (10, 200);

/// A part of the settings that has a number in it, which is counted up.
struct Part {
    owner: Client,
    page: &'static str,
    form: fn(&str) -> Vec<(&'static str, String)>,
    sent: usize,
    acknowledged: usize,
}

impl Part {
    /// Saves the next number. Returns `None` if it is not answered.
    fn save(&mut self) -> Option<()> {
        let version = version(&mut self.owner, self.page)?;
        self.sent += 1;
        let form = (self.form)(&number(self.sent).to_string());
        save(&mut self.owner, self.page, version, form)?;
        self.acknowledged = self.sent;
        Some(())
    }

    fn save_until_it_is_gone(&mut self) -> usize {
        std::iter::from_fn(|| self.save()).count()
    }

    /// Checks that what is in force was sent, and not before what was acknowledged.
    fn check(&mut self, in_force: usize) {
        let possible = self.acknowledged..=self.sent;
        let found = possible.clone().find(|count| number(*count) == in_force);
        self.acknowledged = found.unwrap_or_else(|| {
            panic!("{}: {in_force} is in force, and of the saves {possible:?} none", self.page)
        });
    }
}

/// The number in a save.
fn number(count: usize) -> usize {
    NUMBERS.0 + count % NUMBERS.1
}

fn version(owner: &mut Client, page: &str) -> Option<String> {
    Some(owner.get(page)?.acknowledged()?.field("version").expect("a version"))
}

fn save(
    owner: &mut Client,
    page: &str,
    version: String,
    mut form: Vec<(&'static str, String)>,
) -> Option<()> {
    form.extend([("version", version), ("do", "save".to_owned())]);
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let saved = owner.post(page, &form)?.acknowledged()?;
    assert!(saved.is_done(), "{}: {}", saved.status, saved.body);
    Some(())
}

/// Sets how many articles readers without an account may read, also if a busy machine keeps the server from its database for a moment.
pub fn save_meter(owner: &mut Client, anonymous: &str) {
    let begun = Instant::now();
    let mut attempt = || {
        let version = version(owner, "/desk/meter")?;
        save(owner, "/desk/meter", version, meter(anonymous))
    };
    while attempt().is_none() {
        assert!(begun.elapsed() < PATIENCE, "the meter could not be saved");
        thread::sleep(Duration::from_millis(100));
    }
}

fn meter(number: &str) -> Vec<(&'static str, String)> {
    let fixed = [
        ("window", "month"),
        ("days", ""),
        ("registered", "250"),
        ("default_tier", "metered"),
        ("teaser", "2"),
        ("teaser_unit", "paragraphs"),
        ("crawlers", "metered"),
        ("first_reads_per_network", "0"),
    ];
    let mut form: Vec<_> = fixed.map(|(name, value)| (name, value.to_owned())).to_vec();
    form.push(("anonymous", number.to_owned()));
    form
}

fn sections(number: &str) -> Vec<(&'static str, String)> {
    vec![
        ("slug-0", "news".to_owned()),
        ("name-0", format!("News {number}")),
        ("description-0", String::new()),
        ("color-0", "#8a1c1c".to_owned()),
    ]
}

#[test]
fn what_was_set_is_in_force_after_a_kill() {
    let mut tally = Tally::new("settings");
    let paper = Paper::new(None);
    paper.publish(1);
    let mut node = paper.start();
    let owner = paper.owner();
    let part = |page, form| Part { owner: owner.clone(), page, form, sent: 0, acknowledged: 0 };
    let (mut meter, mut sections) = (part("/desk/meter", meter), part("/desk/sections", sections));
    assert!(meter.save().and(sections.save()).is_some(), "both can be saved");
    for _ in 0..rounds(8) {
        let saved = killed_during(&mut node, KILLED_WITHIN, || {
            thread::scope(|scope| {
                let meter = scope.spawn(|| meter.save_until_it_is_gone());
                sections.save_until_it_is_gone() + meter.join().expect("saved")
            })
        });
        tally.add("kills", 1);
        tally.add("acknowledged settings", saved);
        node = paper.start();
        let article = paper.client(1).get("/news/article-1").expect("an answer");
        meter.check(left(&article) + 1);
        let front = paper.client(1).get("/").expect("an answer").body;
        let named = front.split("News ").find_map(|rest| rest.split('<').next()?.parse().ok());
        sections.check(named.expect("the section's name"));
    }
    paper.assert_no_panic();
}

/// How many articles the reader of a page may still read.
pub fn left(page: &Reply) -> usize {
    let access = page.header("masthead-access");
    let left = access.split_once("left=").and_then(|(_, left)| left.parse().ok());
    left.unwrap_or_else(|| panic!("no meter in \"{access}\", {}", page.status))
}
