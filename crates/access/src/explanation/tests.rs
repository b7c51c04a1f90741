//! Tests of explanations and warnings.

use jiff::tz::TimeZone;

use super::*;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn policy() -> Policy {
    Policy::new(TimeZone::get("Asia/Tokyo").expect("a zone"))
}

fn politics() -> Rule {
    Rule {
        section: Some("politics".into()),
        older_than: Some(DAY * 7),
        ..Rule::everything(Tier::Subscribers)
    }
}

fn explain(policy: &Policy) -> (Vec<String>, Vec<String>) {
    let sections = [("politics".to_owned(), "Politics".to_owned())];
    let products = [("web".to_owned(), "The Paper online".to_owned())];
    let known = PolicyNames { sections: &sections, products: &products };
    (policy.explain(&known), policy.warnings(&known))
}

#[test]
fn a_policy_is_described_in_plain_sentences() {
    let mut policy = policy();
    policy.rules = vec![
        Rule { younger_than: Some(DAY), ..Rule::everything(Tier::Free) },
        politics(),
        Rule { kind: Some("puzzle".into()), ..Rule::everything(Tier::Product(vec!["web".into()])) },
    ];
    let (explain, warnings) = explain(&policy);
    assert_eq!(
        explain[..7],
        [
            "A reader without an account may read 3 metered articles a month.",
            "A registered reader may read 5 metered articles a month.",
            "The meter is full again on the 1st of each month, at midnight in Asia/Tokyo.",
            "Articles are free for everyone in their first 24 hours.",
            "Articles in Politics are for subscribers once they are 7 days old.",
            "Articles of the kind “puzzle” are for holders of The Paper online.",
            "All other articles are metered.",
        ]
    );
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn contradictory_settings_are_pointed_out() {
    let doubt = |change: &dyn Fn(&mut Policy), said: &str| {
        let mut policy = policy();
        change(&mut policy);
        let (_, warnings) = explain(&policy);
        assert!(warnings.iter().any(|doubt| doubt.contains(said)), "{said}: {warnings:?}");
    };
    doubt(&|p| p.allowances.registered = Allowance::Articles(2), "nobody would register");
    doubt(&|p| p.allowances.registered = Allowance::Articles(3), "no reason to register");
    doubt(&|p| p.allowances.anonymous = Allowance::Unlimited, "No reader ever meets");
    doubt(&|p| p.allowances.anonymous = Allowance::Articles(0), "meet a wall at every");
    doubt(&|p| p.default_tier = Tier::Free, "the allowances say nothing");
    doubt(&|p| p.rules = vec![Rule { section: Some("sport".into()), ..politics() }], "“sport”");
    doubt(&|p| p.rules = vec![Rule { younger_than: Some(DAY), ..politics() }], "matches nothing");
    doubt(
        &|p| p.rules = vec![Rule::everything(Tier::Free), politics()],
        "Rule 2 never matters: rule 1",
    );
    doubt(&|p| p.default_tier = Tier::Product(vec!["gold".into()]), "no product “gold”");
    let nothing_sold = Policy { default_tier: Tier::Subscribers, ..policy() };
    assert!(
        nothing_sold
            .warnings(&PolicyNames::default())
            .iter()
            .any(|d| d.contains("nothing is sold"))
    );
}

#[test]
fn a_narrower_rule_before_a_wider_one_is_fine() {
    let mut policy = policy();
    policy.rules = vec![
        Rule { older_than: Some(DAY * 30), ..politics() },
        politics(),
        Rule { older_than: None, ..politics() },
    ];
    assert!(explain(&policy).1.is_empty());
}
