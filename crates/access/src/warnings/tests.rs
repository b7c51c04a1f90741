//! Tests of warnings.

use jiff::{SignedDuration, tz::TimeZone};

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

fn warnings(policy: &Policy) -> Vec<PolicyWarning> {
    let sections = [("politics".to_owned(), "Politics".to_owned())];
    let products = [("web".to_owned(), "The Paper online".to_owned())];
    let known = PolicyNames { sections: &sections, products: &products };
    policy.warnings(&known)
}

#[test]
fn contradictory_settings_are_pointed_out() {
    use PolicyWarning as W;
    let doubt = |change: &dyn Fn(&mut Policy), warning: W| {
        let mut policy = policy();
        change(&mut policy);
        let warnings = warnings(&policy);
        assert!(warnings.contains(&warning), "{warning:?}: {warnings:?}");
    };
    doubt(&|p| p.allowances.registered = Allowance::Articles(2), W::RegisteredReadLess);
    doubt(&|p| p.allowances.registered = Allowance::Articles(3), W::NoReasonToRegister);
    doubt(&|p| p.allowances.anonymous = Allowance::Unlimited, W::NobodyMeetsMeter);
    doubt(&|p| p.allowances.anonymous = Allowance::Articles(0), W::WallAtEveryArticle);
    doubt(&|p| p.default_tier = Tier::Free, W::NothingMetered);
    let section = || "sport".to_owned();
    doubt(
        &|p| p.rules = vec![Rule { section: Some(section()), ..politics() }],
        W::UnknownSection { rule: 1, section: section() },
    );
    doubt(
        &|p| p.rules = vec![Rule { younger_than: Some(DAY), ..politics() }],
        W::MatchesNothing { rule: 1 },
    );
    doubt(
        &|p| p.rules = vec![Rule::everything(Tier::Free), politics()],
        W::Covered { rule: 2, earlier: 1 },
    );
    doubt(
        &|p| p.default_tier = Tier::Product(vec!["gold".into()]),
        W::UnknownProduct("gold".into()),
    );
    let nothing_sold = Policy { default_tier: Tier::Subscribers, ..policy() };
    assert!(nothing_sold.warnings(&PolicyNames::default()).contains(&W::NothingSold));
}

#[test]
fn a_narrower_rule_before_a_wider_one_is_fine() {
    let mut policy = policy();
    policy.rules = vec![
        Rule { older_than: Some(DAY * 30), ..politics() },
        politics(),
        Rule { older_than: None, ..politics() },
    ];
    assert!(warnings(&policy).is_empty());
}
