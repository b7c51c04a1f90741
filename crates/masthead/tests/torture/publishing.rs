//! A writer who saves and publishes without a pause, on a server that is killed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    client::Client,
    node::killed_during,
    paper::Paper,
    rounds::{Tally, rounds},
};

const KILLED_WITHIN: u64 = 500;

/// Somebody at the desk, and what the desk has acknowledged.
pub struct Writer {
    owner: Client,
    story: String,
    version: String,
    /// The last version of the text that was sent, that was saved, and that was published.
    sent: u32,
    saved: u32,
    pub published: u32,
    /// The stories that were begun.
    begun: BTreeSet<String>,
}

impl Writer {
    pub fn new(paper: &Paper) -> Self {
        let mut owner = paper.owner();
        let story = owner.post("/desk/articles", &[]).expect("an answer").location().to_owned();
        let (version, sent, saved, published) = ("0".to_owned(), 0, 0, 0);
        Self { owner, story, version, sent, saved, published, begun: BTreeSet::new() }
    }

    /// The text that is saved, from which the next version is written.
    fn look(&mut self) -> Option<u32> {
        let latest = self.owner.get(&format!("{}/latest?version=0", self.story))?.acknowledged()?;
        let latest: Value = serde_json::from_str(&latest.body).expect("JSON");
        self.version = latest["version"].to_string();
        Some(number_after(latest["sheet"]["headline"].as_str()?, "Version "))
    }

    /// Saves a version and publishes it, and begins another story. Returns `None` if that is not acknowledged.
    pub fn write(&mut self) -> Option<()> {
        self.look()?;
        self.sent += 1;
        let headline = format!("Version {}", self.sent);
        let body = format!("<p>Text {} of it.</p>", self.sent);
        let form = [
            ("version", self.version.as_str()),
            ("section", "news"),
            ("headline", &headline),
            ("authors", "Ada"),
            ("body", &body),
            ("slug", "the-story"),
        ];
        let saved = self.owner.post_as_script(&self.story, &form)?.acknowledged()?;
        assert_eq!(saved.status, 200, "{}", saved.body);
        self.saved = self.sent;
        let saved: Value = serde_json::from_str(&saved.body).expect("JSON");
        let version = saved["version"].to_string();
        let publication = format!("{}/publication", self.story);
        let form = [("version", version.as_str()), ("when", "now")];
        let published = self.owner.post(&publication, &form)?.acknowledged()?;
        assert!(published.is_done(), "{} {}", published.status, published.body);
        self.published = self.sent;
        let begun = self.owner.post("/desk/articles", &[])?.acknowledged()?;
        assert!(begun.is_done(), "{}", begun.status);
        assert!(self.begun.insert(begun.location().to_owned()), "each is another one");
        Some(())
    }

    /// Checks what is there after a restart.
    pub fn check(&mut self, paper: &Paper) {
        let draft = self.look().unwrap_or_default();
        assert!(
            (self.saved..=self.sent).contains(&draft),
            "saved {}, there is {draft}",
            self.saved
        );
        let page = paper.client(1).get("/news/the-story").expect("an answer");
        if self.published > 0 {
            assert_eq!(page.status, 200);
            let (headline, text) =
                (number_after(&page.body, "Version "), number_after(&page.body, "<p>Text "));
            assert_eq!(headline, text, "a page is of one version");
            assert!(
                (self.published..=self.sent).contains(&text),
                "{text} after {}",
                self.published
            );
            let front = paper.client(1).get("/").expect("an answer").body;
            assert!(front.contains(&format!("Version {text}")), "the front page has it as well");
        }
        // What was not acknowledged and is there counts as sent.
        (self.saved, self.sent) = (draft, draft.max(self.sent));
    }

    /// Checks that every story that was begun is there.
    pub fn check_stories(&mut self) {
        for story in &self.begun {
            let page = self.owner.get(story).expect("an answer");
            assert_eq!(page.status, 200, "{story}");
        }
    }
}

/// The number after the first occurrence of a text; 0 without one.
fn number_after(page: &str, text: &str) -> u32 {
    let rest = page.split(text).nth(1).unwrap_or_default();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_default()
}

#[test]
fn what_was_saved_and_published_is_there_after_a_kill() {
    let mut tally = Tally::new("publishing");
    let paper = Paper::new(None);
    let mut node = paper.start();
    let mut writer = Writer::new(&paper);
    for _ in 0..rounds(8) {
        let before = writer.published;
        let written = |writer: &mut Writer| std::iter::from_fn(|| writer.write()).count();
        let written = killed_during(&mut node, KILLED_WITHIN, || written(&mut writer));
        tally.add("kills", 1);
        tally
            .add("rounds in which something was published", usize::from(writer.published > before));
        tally.add("acknowledged publications", written);
        node = paper.start();
        writer.check(&paper);
    }
    writer.check_stories();
    paper.assert_no_panic();
}
