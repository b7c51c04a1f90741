//! Several servers of one publication.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn parts_saved_at_once_on_two_servers_fit_together() {
    for paper in Paper::on_both().await {
        let servers = [paper.start().await, paper.start().await];
        paper.save(&servers[0], SettingsPart::Offers, OFFERS, 0).await.expect("saved");
        for round in 0..10 {
            servers[1].settings.reload().await.expect("reloaded");
            servers[0].settings.reload().await.expect("reloaded");
            let [offers, messages] = [SettingsPart::Offers, SettingsPart::Messages]
                .map(|part| servers[0].publication().desk_versions.of(part));
            // Either alone fits; the message names the offer that the other editor removes.
            let removed = paper.save(&servers[0], SettingsPart::Offers, "offers = []\n", offers);
            let named = paper.save(&servers[1], SettingsPart::Messages, MESSAGES, messages);
            let (removed, named) = tokio::join!(removed, named);
            assert!(removed.is_ok() != named.is_ok(), "round {round}: {removed:?}, {named:?}");
            servers[0].settings.reload().await.expect("they fit");
            let version = |part| servers[0].publication().desk_versions.of(part);
            if named.is_ok() {
                let none = version(SettingsPart::Messages);
                paper
                    .save(&servers[0], SettingsPart::Messages, "messages = []\n", none)
                    .await
                    .expect("saved");
            } else {
                let all = version(SettingsPart::Offers);
                paper.save(&servers[0], SettingsPart::Offers, OFFERS, all).await.expect("saved");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_setting_is_in_force_on_every_server_while_content_is_published() {
    const SAVES: u32 = 1000;
    /// However busy the machine is.
    const STALENESS: Duration = Duration::from_mins(1);
    let paper = Paper::new().await;
    let (first, second) = (paper.start().await, paper.start().await);
    let done = AtomicBool::new(false);
    let polling = async {
        while !done.load(Ordering::Relaxed) {
            second.settings.poll().await.expect("polled");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let publishing = async {
        for number in 0.. {
            if done.load(Ordering::Relaxed) {
                break;
            }
            // Always the same few, so that a snapshot costs the same from the first save to the last.
            let piece = masthead_editorial::Piece {
                deck: format!("Version {number}"),
                ..piece(number % 20)
            };
            paper.store.save(&piece, jiff::Timestamp::now()).await.expect("saved");
            for live in [&first.live, &second.live] {
                live.refresh().await.expect("refreshed");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let saving = async {
        for save in 0..SAVES {
            let allowance = Allowance::Articles(save % 40);
            let text = format!("[meter]\nanonymous = \"{}\"\n", save % 40);
            let version = i32::try_from(save).expect("a version");
            paper.save(&first, SettingsPart::Meter, &text, version).await.expect("saved");
            assert_eq!(first.anonymous(), allowance);
            let saved = Instant::now();
            while second.anonymous() != allowance {
                assert!(saved.elapsed() < STALENESS, "save {save} is not in force");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        done.store(true, Ordering::Relaxed);
    };
    tokio::join!(polling, publishing, saving);
}

fn piece(number: u32) -> masthead_editorial::Piece {
    masthead_editorial::Piece {
        slug: format!("n{number}"),
        kind: masthead_editorial::Kind::Article("article".into()),
        design: None,
        status: masthead_editorial::Status::Published,
        section: None,
        kicker: String::new(),
        headline: "Headline".into(),
        deck: String::new(),
        authors: Vec::new(),
        dateline: String::new(),
        picture: None,
        body: "<p>Text.</p>".into(),
        topics: Vec::new(),
        tier: None,
        sponsor: None,
        published: Some(Timestamp::UNIX_EPOCH),
        updated: None,
        corrections: Vec::new(),
        canonical: None,
        appearance: masthead_editorial::Appearance::default(),
        language: None,
        former_addresses: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn breaking_news_reaches_every_server_and_ends_on_each() {
    for paper in Paper::on_both().await {
        let (first, second) = (paper.start().await, paper.start().await);
        let until = Timestamp::now() + jiff::SignedDuration::from_secs(10);
        let text = format!("[breaking]\ntext = \"Bridge closed\"\nuntil = \"{until}\"\n");
        paper.save(&first, SettingsPart::Breaking, &text, 0).await.expect("saved");
        second.settings.poll().await.expect("polled");
        let is_shown = |server: &Server| server.live.peek().breaking_ends().is_some();
        assert!(is_shown(&first) && is_shown(&second));
        while Timestamp::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for server in [&first, &second] {
            assert!(server.live.advance().await && !is_shown(server));
        }
        // A server that starts afterwards does not show it either.
        assert!(!is_shown(&paper.start().await));
    }
}
