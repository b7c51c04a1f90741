//! What does not fit is not saved, and left out at the start of a server.

use super::*;

#[tokio::test]
async fn a_part_that_no_longer_fits_leaves_the_others_in_force() {
    let paper = Paper::new().await;
    let set = [
        (SettingsPart::Meter, METER),
        (SettingsPart::Offers, OFFERS),
        (SettingsPart::Messages, MESSAGES),
    ];
    paper.store(&set).await;
    let publication = paper.start().await.publication();
    assert_eq!(publication.catalogue.offers().len(), 1);
    assert_eq!(publication.own_messages.len(), 1);

    paper.write("masthead.toml", &PAPER.replace("monthly", "every-month"));
    let server = paper.start().await;
    let publication = server.publication();
    assert_eq!(server.anonymous(), Allowance::Articles(1));
    assert!(publication.catalogue.offers().is_empty());
    assert!(publication.own_messages.is_empty(), "it names an offer that is not there");
    let error = server.settings.reload_error().expect("an error");
    assert!(error.contains("there is no price \"monthly\""), "{error}");
    assert!(error.ends_with("corrected: offers, messages."), "{error}");
    let config = paper.source().config(&paper.store).await.expect("a configuration");
    assert_eq!(config.publication.policy.allowances.anonymous, Allowance::Articles(1));
}

#[tokio::test]
async fn parts_that_fit_together_only_stay_together() {
    let paper = Paper::new().await;
    // What fits together only stays together, whatever else does not fit.
    let products = PAPER.split_once("[subscriptions]").expect("products").1;
    let products = format!("[subscriptions]{}", products.replace("monthly", "weekly"));
    let offers = OFFERS.replace("monthly", "weekly");
    let set = [
        (SettingsPart::Meter, "[meter]\nanonymos = 1\n"),
        (SettingsPart::Products, products.as_str()),
        (SettingsPart::Offers, offers.as_str()),
    ];
    paper.store(&set).await;
    paper.write("masthead.toml", &format!("{PAPER}{OFFERS}"));
    let server = paper.start().await;
    assert_eq!(server.publication().catalogue.offers()[0].price, "weekly");
    assert_eq!(server.anonymous(), Allowance::Articles(3));
}

#[tokio::test]
async fn a_part_that_is_left_out_is_not_replaced_unseen_and_does_not_stop_other_changes() {
    let paper = Paper::new().await;
    paper.store(&[(SettingsPart::Meter, "[meter]\nanonymos = 1\n")]).await;
    let server = paper.start().await;
    let refused = paper.save(&server, SettingsPart::Meter, METER, 1).await;
    assert!(matches!(refused, Err(SaveError::Rejected(_))), "{refused:?}");
    paper.save(&server, SettingsPart::Offers, OFFERS, 0).await.expect("saved");
    assert_eq!(server.publication().catalogue.offers().len(), 1);
    assert!(server.settings.reload_error().expect("an error").contains("anonymos"));
    // Taken back, it can be set again.
    let author = paper.author();
    let change = PartChange::LeaveToFile(SettingsPart::Meter);
    server.settings.save(&change, 1, author).await.expect("taken back");
    assert_eq!(server.settings.reload_error(), None);
    paper.save(&server, SettingsPart::Meter, METER, 2).await.expect("saved");
    assert_eq!(server.anonymous(), Allowance::Articles(1));
}

#[tokio::test]
async fn a_message_that_breaks_the_theme_is_not_stored() {
    for paper in Paper::on_both().await {
        // Every message of the built-in set has an action for this theme.
        let theme =
            "{% if placement == 'banner' and text == 'Take it' %}{{ actions[0].name }}{% endif %}";
        paper.write("theme/message.html", theme);
        let server = paper.start().await;
        paper.save(&server, SettingsPart::Offers, OFFERS, 0).await.expect("saved");
        let refused = paper.save(&server, SettingsPart::Messages, MESSAGES, 0).await;
        let Err(SaveError::Rejected(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("message.html"), "{why}");
        assert_eq!(paper.store.setting("messages").await.expect("read"), None);
        assert_eq!(server.settings.reload_error(), None);
    }
}

#[tokio::test]
async fn a_server_starts_with_a_message_that_breaks_the_theme_and_without_it() {
    let paper = Paper::new().await;
    paper.store(&[(SettingsPart::Offers, OFFERS), (SettingsPart::Messages, MESSAGES)]).await;
    let theme =
        "{% if placement == 'banner' and text == 'Take it' %}{{ actions[0].name }}{% endif %}";
    paper.write("theme/message.html", theme);
    let server = paper.start().await;
    assert!(server.publication().own_messages.is_empty());
    assert_eq!(server.publication().catalogue.offers().len(), 1);
    let error = server.settings.reload_error().expect("an error");
    assert!(error.contains("message.html") && error.ends_with("corrected: messages."), "{error}");

    std::fs::remove_dir_all(paper.folder.path().join("theme")).expect("removed");
    server.settings.reload().await.expect("reloaded");
    assert_eq!(server.publication().own_messages.len(), 1);
    assert_eq!(server.settings.reload_error(), None);
}

#[tokio::test]
async fn a_server_starts_with_the_built_in_theme_if_the_publications_own_is_broken() {
    let paper = Paper::new().await;
    paper.store(&[(SettingsPart::Meter, METER)]).await;
    paper.write("theme/home.html", "{{ nothing_of_this_name }}");
    let server = paper.start().await;
    assert_eq!(server.anonymous(), Allowance::Articles(1), "the desk's settings are in force");
    let error = server.settings.reload_error().expect("an error");
    assert!(error.contains("home.html") && error.contains("own theme"), "{error}");
    // Settings can be saved meanwhile.
    paper.save(&server, SettingsPart::Offers, OFFERS, 0).await.expect("saved");
    paper.write("theme/home.html", "A home page");
    server.settings.reload().await.expect("reloaded");
    assert_eq!(server.settings.reload_error(), None);
    // What breaks now is not put in force.
    paper.write("theme/home.html", "{{ nothing_of_this_name }}");
    assert!(server.settings.reload().await.is_err());
}

#[tokio::test]
async fn a_broken_file_leaves_the_last_good_settings_in_force_and_is_reported() {
    let paper = Paper::new().await;
    let server = paper.start().await;
    let error = || server.settings.reload_error();
    let name = || server.publication().name.clone();

    paper.write("masthead.toml", &PAPER.replace("name = \"P\"", "nam = \"Q\""));
    assert!(server.settings.reload().await.is_err());
    assert_eq!(name(), "P");
    let told = error().expect("an error");
    assert!(told.contains("line 2, column 1") && told.contains("did you mean"), "{told}");

    paper.write("masthead.toml", &PAPER.replace("name = \"P\"", "name = \"Q\""));
    server.settings.reload().await.expect("reloaded");
    assert_eq!((name().as_str(), error()), ("Q", None));
}

#[tokio::test]
async fn a_failure_is_tried_again_though_the_stored_settings_are_in_force() {
    let paper = Paper::new().await;
    let server = paper.start().await;
    // As if the database had failed while it was asked.
    let failure = |saves| Failure { saves, at: Instant::now(), error: "away".to_owned() };
    server.settings.state.lock().failure = Some(failure(None));
    server.settings.poll().await.expect("polled");
    assert_eq!(server.settings.reload_error(), None);
    // One of the same settings is tried again after a while.
    server.settings.state.lock().failure = Some(failure(Some(0)));
    server.settings.poll().await.expect("polled");
    assert_eq!(server.settings.reload_error(), Some("away".to_owned()));
    let long_ago = Instant::now().checked_sub(RETRY).expect("an instant");
    server.settings.state.lock().failure = Some(Failure { at: long_ago, ..failure(Some(0)) });
    server.settings.poll().await.expect("polled");
    assert_eq!(server.settings.reload_error(), None);
}

#[tokio::test]
async fn a_retry_that_changes_nothing_keeps_the_snapshot() {
    let paper = Paper::new().await;
    paper.store(&[(SettingsPart::Meter, "[meter]\nanonymos = 1\n")]).await;
    let server = paper.start().await;
    let retry = async || {
        let long_ago = Instant::now().checked_sub(RETRY).expect("an instant");
        server.settings.state.lock().failure.as_mut().expect("a failure").at = long_ago;
        server.settings.poll().await.expect("polled");
        server.live.snapshot()
    };
    let before = server.live.snapshot();
    assert!(Arc::ptr_eq(&before, &retry().await));
    assert!(server.settings.reload_error().is_some(), "it is still left out");
    // A change of the file is put in force.
    paper.write("masthead.toml", &PAPER.replace("name = \"P\"", "name = \"Q\""));
    assert_eq!(retry().await.publication.name, "Q");
    let before = server.live.snapshot();
    paper.write("theme/home.html", "A home page");
    assert!(!Arc::ptr_eq(&before, &retry().await), "so is one of the theme");
}
