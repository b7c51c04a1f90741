//! The live coverage of an article: its posts in the order of the page, and facts about it for search engines.

use std::cmp::Reverse;

use jiff::Timestamp;
use masthead_editorial::text;
use masthead_store::{LiveCoverage, LivePost};
use serde_json::{Value, json};

use super::{Form, Layout, machine_time};
use crate::{
    contexts::{CoverageContext, PostContext},
    edition::EditionEntry,
};

/// The maximum number of characters of a post in the facts for search engines.
const EXCERPT: usize = 200;

/// Where scripts ask for new posts; the path of the article follows.
pub const UPDATES: &str = "/api/v1/live-updates";

impl Layout<'_> {
    /// The context of the live coverage of an article, if it has any. A teaser has no posts.
    pub(super) fn coverage(
        &self,
        entry: &EditionEntry,
        posts: Vec<LivePost>,
        form: Form,
    ) -> Option<CoverageContext> {
        let live = entry.live()?;
        let locale = &self.publication.locale;
        let written = |at: Timestamp| locale.date_and_time(self.local_time(at));
        let posts = match form {
            Form::Full => in_order(posts, live),
            Form::Teaser => Vec::new(),
        };
        // Without a date, a post of yesterday would look like one of today.
        let first_day = self.local_date(live.started);
        let is_one_day = posts
            .iter()
            .all(|post| self.local_date(post.changed.unwrap_or(post.published)) == first_day);
        Some(CoverageContext {
            running: live.ended.is_none(),
            started: written(live.started),
            started_datetime: machine_time(live.started),
            ended: live.ended.map(written).unwrap_or_default(),
            ended_datetime: live.ended.map(machine_time).unwrap_or_default(),
            revision: entry.revision,
            updates: format!("{UPDATES}{}", entry.address),
            posts: posts.into_iter().map(|post| self.post(post, is_one_day)).collect(),
        })
    }

    fn post(&self, post: LivePost, is_one_day: bool) -> PostContext {
        let written = |at: Timestamp| {
            let (local, locale) = (self.local_time(at), &self.publication.locale);
            let time = locale.time(local);
            // The year is at the head of the article.
            if is_one_day {
                return time;
            }
            format!("{}{}{time}", locale.day(local.date()), self.theme.word("comma"))
        };
        PostContext {
            anchor: anchor(&post),
            time: written(post.published),
            datetime: machine_time(post.published),
            changed: post.changed.map(written).unwrap_or_default(),
            changed_datetime: post.changed.map(machine_time).unwrap_or_default(),
            headline: post.headline,
            body: post.body,
            pinned: post.is_pinned,
        }
    }
}

/// The posts as readers get them: pinned ones first, then the latest first while it is running, and last once it has ended.
fn in_order(mut posts: Vec<LivePost>, live: &LiveCoverage) -> Vec<LivePost> {
    let number = |post: &LivePost| post.number.0;
    if live.ended.is_none() {
        posts.sort_by_key(|post| (!post.is_pinned, Reverse(number(post))));
    } else {
        posts.sort_by_key(|post| (!post.is_pinned, number(post)));
    }
    posts
}

fn anchor(post: &LivePost) -> String {
    format!("post-{}", post.number.0)
}

/// Adds to the facts about an article that it is a live blog (<https://schema.org/LiveBlogPosting>), with the posts that the page
/// shows.
pub(super) fn add_coverage_facts(facts: &mut Value, live: &LiveCoverage, posts: &[LivePost]) {
    facts["@type"] = json!("LiveBlogPosting");
    facts["coverageStartTime"] = json!(machine_time(live.started));
    if let Some(ended) = live.ended {
        facts["coverageEndTime"] = json!(machine_time(ended));
    }
    let address = facts["mainEntityOfPage"].as_str().unwrap_or_default().to_owned();
    let update = |post: &LivePost| {
        let plain = text::plain(&post.body);
        let mut update = json!({
            "@type": "BlogPosting",
            "url": format!("{address}#{}", anchor(post)),
            "datePublished": machine_time(post.published),
            "dateModified": machine_time(post.changed.unwrap_or(post.published)),
            "articleBody": text::shorten(&plain, EXCERPT),
        });
        if !post.headline.is_empty() {
            update["headline"] = json!(post.headline);
        }
        update
    };
    if !posts.is_empty() {
        facts["liveBlogUpdate"] = posts.iter().map(update).collect();
    }
}

#[cfg(test)]
mod tests {
    use masthead_store::LivePostNumber;

    use super::*;

    fn post(number: u32, is_pinned: bool) -> LivePost {
        LivePost {
            number: LivePostNumber(number),
            version: 1,
            by: None,
            published: Timestamp::UNIX_EPOCH,
            changed: None,
            is_pinned,
            headline: String::new(),
            source: String::new(),
            body: "<p>Text</p>".to_owned(),
        }
    }

    #[test]
    fn the_latest_post_comes_first_while_it_is_running_and_last_once_it_has_ended() {
        let posts = || vec![post(1, false), post(2, true), post(3, false)];
        let order = |ended| {
            let started = Timestamp::UNIX_EPOCH;
            let live = LiveCoverage { started, ended, updated: started, revisions: vec![] };
            in_order(posts(), &live).into_iter().map(|post| post.number.0).collect::<Vec<_>>()
        };
        assert_eq!(order(None), [2, 3, 1]);
        assert_eq!(order(Some(Timestamp::UNIX_EPOCH)), [2, 1, 3]);
    }
}
