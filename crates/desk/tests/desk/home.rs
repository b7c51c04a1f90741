//! The first page of the desk.

use masthead_circulation::staff::Role;

use super::{CONFIG, TestDesk, text};

#[tokio::test]
async fn owners_are_told_why_settings_could_not_be_reloaded() {
    const ERROR: &str = "masthead.toml, line 7, column 1: there is no key";
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let (_, bob) = desk.staff("bob@example.org", Role::Author).await;
    let home = async |cookie: &str| text(desk.get("/desk", cookie).await).await;
    assert!(!home(&ada).await.contains("the last good ones stay in force"));
    let broken = CONFIG.replacen("\n\n", "\n\nnonsense = 1\n", 1);
    assert!(desk.configure(&broken).await.is_err());
    let page = home(&ada).await;
    assert!(page.contains("the last good ones stay in force") && page.contains(ERROR), "{page}");
    // The error may quote the file, which has secrets.
    assert!(!home(&bob).await.contains(ERROR));
}
