//! Who works at the desk.

use jiff::{SignedDuration, Timestamp};
use masthead_access::Read;
use masthead_circulation::{
    Account, AccountId, AuditAction, EmailAddress, Secret, StaffActor,
    staff::{DoneBy, Invitation, Role},
};
use masthead_store::{AccountChanged, Appointed, Joined, Location, NewStaff, Store};

use crate::open;

on_both_engines! {
    an_invitation_is_used_once,
    an_open_invitation_does_not_open_another_account,
    the_last_owner_stays,
    the_audit_log_can_be_read,
    a_meter_is_reset_with_its_reason,
}

fn email(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

fn invitation(to: Option<&str>, role: Role) -> Invitation {
    Invitation {
        key: Secret::generate(&mut rand::rng()).digest(),
        email: to.map(email),
        role,
        by: None,
        at: Timestamp::UNIX_EPOCH,
    }
}

pub async fn joined(store: &Store, at: &str, role: Role) -> Account {
    let invited = invitation(Some(at), role);
    store.invite(&invited, &[]).await.expect("invited");
    let person = NewStaff { email: &email(at), name: "", signed_in: None };
    let joined = store.join(&invited.key, person, Timestamp::UNIX_EPOCH).await;
    let Joined::Done(account) = joined.expect("a database") else { panic!("no invitation") };
    account
}

async fn an_invitation_is_used_once(location: &Location) {
    let store = open(location).await;
    let now = Timestamp::UNIX_EPOCH;
    assert!(!store.has_owner().await.expect("asked"));
    let over = Invitation { at: now - Invitation::LIFETIME, ..invitation(None, Role::Owner) };
    let (first, second) = (invitation(None, Role::Owner), invitation(None, Role::Owner));
    let author = invitation(None, Role::Author);
    for invited in [&over, &first, &author, &second] {
        store.invite(invited, &[]).await.expect("invited");
    }
    assert_eq!(store.invitation(&over.key).await.expect("asked"), None);
    // Each of two servers that start together has printed one.
    assert_eq!(store.invitation(&first.key).await.expect("asked"), Some(first.clone()));
    assert_eq!(store.invitation(&second.key).await.expect("asked"), Some(second.clone()));
    let ada = email("ada@example.org");
    let person = NewStaff { email: &ada, name: "Ada", signed_in: None };
    let join = || async { store.join(&second.key, person, now).await.expect("asked") };
    let (one, other) = tokio::join!(join(), join());
    let ada = match (&one, &other) {
        (Joined::Done(ada), Joined::Gone) | (Joined::Gone, Joined::Done(ada)) => ada,
        both => panic!("{both:?}"),
    };
    assert_eq!(ada.name, "Ada");
    assert!(store.has_owner().await.expect("asked"));
    let staff = store.staff(ada.id).await.expect("asked").expect("works here");
    assert_eq!(staff.role, Role::Owner);
    assert_eq!(store.invitation(&first.key).await.expect("asked"), None, "one person joins");
    assert_eq!(store.invitation(&author.key).await.expect("asked"), Some(author));
    assert!(store.account_profile(ada.id).await.expect("asked").is_staff, "she works here");
    assert_eq!(store.all_staff().await.expect("asked"), [(staff, ada.clone())]);

    let bob = invitation(Some("bob@example.org"), Role::Author);
    store.invite(&bob, &[]).await.expect("invited");
    assert_eq!(store.invitations().await.expect("asked"), std::slice::from_ref(&bob));
    assert!(store.withdraw_invitation(&bob.key, staff.account, now).await.expect("asked"));
    assert!(!store.withdraw_invitation(&bob.key, staff.account, now).await.expect("asked"));
    assert_eq!(store.invitations().await.expect("asked"), []);
}

async fn the_last_owner_stays(location: &Location) {
    let store = open(location).await;
    let now = Timestamp::UNIX_EPOCH;
    let ada = joined(&store, "ada@example.org", Role::Owner).await;
    assert_eq!(
        store.appoint(&ada, Role::Author, None, now).await.expect("asked"),
        Appointed::LastOwner
    );
    assert_eq!(store.dismiss(&ada, None, now).await.expect("asked"), Appointed::LastOwner);
    assert!(!store.delete_account(&ada, Timestamp::UNIX_EPOCH).await.expect("asked"));
    assert!(store.account(ada.id).await.expect("asked").is_some(), "nothing of it was deleted");

    let bob = joined(&store, "bob@example.org", Role::Support).await;
    assert_eq!(store.appoint(&bob, Role::Owner, None, now).await.expect("asked"), Appointed::Done);
    let again = store.appoint(&bob, Role::Owner, None, now).await.expect("asked");
    assert_eq!(again, Appointed::Unchanged);
    // Each dismisses the other at once; one stays.
    let (one, other) = tokio::join!(store.dismiss(&ada, None, now), store.dismiss(&bob, None, now));
    let mut outcomes = [one.expect("asked"), other.expect("asked")];
    outcomes.sort_by_key(|outcome| *outcome == Appointed::LastOwner);
    assert_eq!(outcomes, [Appointed::Done, Appointed::LastOwner]);
    assert!(store.has_owner().await.expect("asked"));
    assert_eq!(store.dismiss(&nobody(), None, now).await.expect("asked"), Appointed::Nobody);

    // The last owner is invited to be less.
    let (last, _) = store.all_staff().await.expect("asked")[0];
    let last = store.account(last.account).await.expect("asked").expect("an account");
    joined(&store, last.email.as_str(), Role::Author).await;
    assert!(store.has_owner().await.expect("asked"));
}

fn nobody() -> Account {
    Account {
        id: AccountId(4000),
        email: email("nobody@example.org"),
        name: String::new(),
        registered: Timestamp::UNIX_EPOCH,
        had_subscription: false,
    }
}

async fn the_audit_log_can_be_read(location: &Location) {
    let store = open(location).await;
    let ada = joined(&store, "ada@example.org", Role::Owner).await;
    let bob = joined(&store, "bob@example.org", Role::Author).await;
    let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
    store.appoint(&bob, Role::Editor, Some(ada.id), later).await.expect("appointed");
    assert!(store.delete_account(&bob, Timestamp::UNIX_EPOCH).await.expect("asked"));
    assert_eq!(store.staff(bob.id).await.expect("asked"), None);
    let records = store.audit_log_of_staff(10).await.expect("asked");
    let actions: Vec<(AuditAction, Option<Role>)> =
        records.iter().map(|record| (record.action, record.role)).collect();
    assert_eq!(
        actions,
        [
            (AuditAction::Left, None),
            (AuditAction::Appointed, Some(Role::Editor)),
            (AuditAction::Joined, Some(Role::Author)),
            (AuditAction::Invited, Some(Role::Author)),
            (AuditAction::Joined, Some(Role::Owner)),
            (AuditAction::Invited, Some(Role::Owner)),
        ]
    );
    assert_eq!((records[1].by, records[1].at), (DoneBy::Account(ada.id), later));
    let named = records.iter().filter(|record| record.about.contains("bob")).count();
    assert_eq!(named, 0, "a deleted account is named no more");
}

async fn a_meter_is_reset_with_its_reason(location: &Location) {
    let store = open(location).await;
    let ada = joined(&store, "ada@example.org", Role::Support).await;
    let (rea, _) =
        store.register(&email("rea@example.org"), Timestamp::UNIX_EPOCH).await.expect("in");
    let article = crate::pieces::article(&store, "a").await;
    let read = Read { article, at: 7 };
    store.save_reads(&[(rea.id, read), (ada.id, read)]).await.expect("kept");
    let seen = store.latest_account_change().await.expect("asked");
    let helper = StaffActor { by: Some(ada.id), reason: "By mistake".to_owned() };
    store.reset_meter(&rea, &helper, Timestamp::UNIX_EPOCH).await.expect("reset");
    assert_eq!(store.reads_of(rea.id, 0).await.expect("asked").len(), 0);
    assert_eq!(store.reads_of(ada.id, 0).await.expect("asked").len(), 1);
    let (account_changes, _) = store.account_changes(seen).await.expect("asked");
    assert!(
        account_changes.contains(&AccountChanged { account: rea.id, meter: true }),
        "{account_changes:?}"
    );
    let records = store.audit_log_about(&rea.email, 9).await.expect("asked");
    let [record] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((record.action, record.by), (AuditAction::ResetMeter, DoneBy::Account(ada.id)));
    assert_eq!(record.reason, "By mistake");
    // The list of who works here does not name readers.
    let people = store.audit_log_of_staff(9).await.expect("asked");
    assert!(people.iter().all(|record| record.action != AuditAction::ResetMeter));
}

async fn an_open_invitation_does_not_open_another_account(location: &Location) {
    let store = open(location).await;
    let now = Timestamp::UNIX_EPOCH;
    let rea = email("rea@example.org");
    let (account, _) = store.register(&rea, now).await.expect("registered");
    let link = invitation(None, Role::Author);
    store.invite(&link, &[]).await.expect("invited");
    for stranger in [None, Some(AccountId(4000))] {
        let person = NewStaff { email: &rea, name: "Eve", signed_in: stranger };
        let joined = store.join(&link.key, person, now).await.expect("asked");
        assert_eq!(joined, Joined::NotTheirs);
    }
    assert_eq!(store.account(account.id).await.expect("asked").expect("there").name, "");
    let person = NewStaff { email: &rea, name: "", signed_in: Some(account.id) };
    let joined = store.join(&link.key, person, now).await.expect("asked");
    assert_eq!(joined, Joined::Done(account), "the link was still good");
}
