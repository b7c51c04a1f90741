//! What is written reads back as the same value: settings as TOML, and the domain as settings.

#![allow(clippy::expect_used)]

mod any;
mod sections;

use std::fmt::Debug;

use jiff::tz::TimeZone;
use masthead_access::{Experiment, Rule, message::Message};
use masthead_circulation::Product;
use masthead_editorial::{BreakingNews, Front, Menus, SectionStyle};
use masthead_settings::{
    BreakingPart, DeskSettings, ExperimentPart, FrontsPart, MenusPart, MessagesPart, MeterPart,
    OfferSettings, OffersPart, PartSettings, PriceSettings, ProductsPart, PublisherSettings,
    SectionsPart, SettingsPart, SubscriptionsSettings,
};
use proptest::prelude::*;

fn written(part: &PartSettings) -> String {
    part.to_toml().expect("TOML")
}

/// The part comes back from its TOML, and its stored text replaces that part of the file.
fn comes_back(part: &PartSettings) -> Result<(), TestCaseError> {
    let text = written(part);
    prop_assert!(!text.is_empty(), "an empty text would leave the part to the file");
    let read = PartSettings::from_toml(part.part(), &text);
    prop_assert_eq!(read.as_ref(), Ok(part), "{}", text);
    Ok(())
}

/// A value of the domain comes back through its settings and their TOML.
fn same<T: PartialEq + Debug>(read: &T, value: &T) -> Result<(), TestCaseError> {
    prop_assert_eq!(read, value);
    Ok(())
}

macro_rules! reread {
    ($part:ident, $value:expr) => {{
        let part = PartSettings::$part($value);
        comes_back(&part)?;
        match PartSettings::from_toml(SettingsPart::$part, &written(&part)) {
            Ok(PartSettings::$part(read)) => read,
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        }
    }};
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_file_comes_back(settings in any::publisher()) {
        let text = settings.to_toml().expect("TOML");
        prop_assert_eq!(toml::from_str::<PublisherSettings>(&text), Ok(settings), "{}", text);
    }

    #[test]
    fn every_part_comes_back(part in any::part()) {
        comes_back(&part)?;
    }

    #[test]
    fn a_part_set_at_the_desk_replaces_that_of_the_file(part in any::part(), file in any::publisher()) {
        let desk = DeskSettings::default().with(part.part(), &written(&part));
        let merged = desk.replace_in(file.clone()).expect("readable");
        let mut expected = file;
        expected.replace(part);
        prop_assert_eq!(merged, expected);
    }

    #[test]
    fn a_policy_comes_back((policy, teaser) in any::policy()) {
        let part = reread!(Meter, MeterPart::new(&policy, teaser));
        same(&part.policy(TimeZone::UTC), &policy)?;
        same(&part.meter.teaser, &teaser)?;
    }

    #[test]
    fn a_rule_comes_back(rule in any::rule()) {
        same(&Rule::from(&masthead_settings::RuleSettings::from(&rule)), &rule)?;
    }

    #[test]
    fn sections_come_back(sections in prop::collection::vec(any::section(), 0..4)) {
        let sections: Vec<SectionStyle> = sections.iter().map(From::from).collect();
        let part = reread!(Sections, SectionsPart::from(sections.as_slice()));
        same(&part.sections.iter().map(SectionStyle::from).collect(), &sections)?;
    }

    #[test]
    fn fronts_come_back(fronts in prop::collection::vec(any::front(), 0..3)) {
        let fronts: Vec<Front> = fronts.iter().map(|f| f.try_into().expect("a front")).collect();
        let part = reread!(Fronts, FrontsPart::from(fronts.as_slice()));
        same(&part.fronts.iter().map(|f| f.try_into().expect("a front")).collect(), &fronts)?;
    }

    #[test]
    fn menus_come_back(menus in any::menus()) {
        let menus = Menus::try_from(&menus).expect("menus");
        let part = reread!(Menus, MenusPart::from(&menus));
        same(&Menus::try_from(&part.menus).expect("menus"), &menus)?;
    }

    #[test]
    fn what_is_sold_comes_back(
        part in any::products(),
        offers in prop::collection::vec(any::offer(), 0..3),
    ) {
        let sold = SubscriptionsSettings { currency: Some(any::EUR.parse().expect("a currency")), ..part.subscriptions };
        let products: Vec<Product> = part.products.iter().map(From::from).collect();
        let prices: Vec<_> = part.prices.iter().map(|p| p.price(&sold).expect("a price")).collect();
        let part = reread!(Products, ProductsPart {
            subscriptions: sold.clone(),
            products: products.iter().map(From::from).collect(),
            prices: prices.iter().map(PriceSettings::from).collect(),
        });
        same(&part.products.iter().map(Product::from).collect(), &products)?;
        same(&part.prices.iter().map(|p| p.price(&sold).expect("a price")).collect(), &prices)?;
        let offer = |offer: &OfferSettings| offer.offer(&sold).expect("an offer");
        let offers: Vec<_> = offers.iter().map(offer).collect();
        let part = reread!(Offers, OffersPart::from(offers.as_slice()));
        same(&part.offers.iter().map(offer).collect(), &offers)?;
    }

    #[test]
    fn messages_come_back(messages in prop::collection::vec(any::message(), 0..3)) {
        let messages: Vec<Message> = messages.iter().map(|m| m.try_into().expect("a message")).collect();
        let part = reread!(Messages, MessagesPart::from(messages.as_slice()));
        same(&part.messages.iter().map(|m| m.try_into().expect("a message")).collect(), &messages)?;
    }

    #[test]
    fn an_experiment_comes_back(experiment in any::experiment()) {
        let experiment = Experiment::try_from(&experiment).expect("an experiment");
        let part = reread!(Experiment, ExperimentPart::from(&experiment));
        same(&Experiment::try_from(&part.experiment).expect("an experiment"), &experiment)?;
    }

    #[test]
    fn breaking_news_comes_back(news in any::breaking()) {
        let news = BreakingNews::try_from(&news).expect("breaking news");
        let part = reread!(Breaking, BreakingPart::from(&news));
        same(&BreakingNews::try_from(&part.breaking).expect("breaking news"), &news)?;
    }

    /// In every part, a key that the schema does not have is an error.
    #[test]
    fn an_unknown_key_is_never_dropped(part in any::part()) {
        let text = format!("unheard = 1\n{}", written(&part));
        let error = PartSettings::from_toml(part.part(), &text).expect_err("refused");
        prop_assert!(error.reason.contains("there is no key \"unheard\" here"), "{}", error);
    }
}
