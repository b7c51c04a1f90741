//! A backup that an owner makes in the browser, and what can be restored from it.

use std::fs;

use masthead_circulation::staff::Role;

use crate::{account::look, newsroom::at_the_desk, workshop::Workshop};

#[tokio::test]
async fn a_backup_is_made_in_the_browser_and_can_be_restored() {
    let workshop = Workshop::that_sells();
    workshop.does(&["publish", "first-article.md"]);
    let server = workshop.serve();
    let mut faults = Vec::new();
    let olu = at_the_desk(&workshop, &server, "Olu", Role::Owner).await;
    olu.follow("nav a[href='/desk/backups']", "/desk/backups").await;
    look(&olu, "desk-backups-none", &mut faults).await;
    olu.write("#passphrase", "correct horse battery").await;
    olu.follow("form[action='/desk/backups/new'] button", "/desk/backups").await;
    for _ in 0..100 {
        if olu.ask::<bool>("!document.querySelector('#progress')").await {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        olu.go("/desk/backups").await;
    }
    assert!(olu.text("main").await.contains("verified"), "{}", olu.text("main").await);
    look(&olu, "desk-backups", &mut faults).await;
    olu.ask::<bool>("(document.querySelector('#every-day').click(), true)").await;
    olu.follow("button[value=save]", "/desk/backups").await;
    olu.wait_for(".done", "Changes saved.").await;
    look(&olu, "desk-backups-schedule", &mut faults).await;
    olu.leave().await;
    drop(server);

    let made = fs::read_dir(workshop.path("data/backups")).expect("a folder");
    let names = made.map(|entry| entry.expect("an entry").path());
    let file = names.into_iter().find(|path| path.extension().is_some_and(|e| e == "backup"));
    let file = file.expect("an encrypted backup");
    workshop.write("passphrase", "correct horse battery\n");
    let (copy, file) = (workshop.path("copy"), file.display().to_string());
    let restored = workshop.does(&[
        "--dir",
        copy.to_str().expect("UTF-8"),
        "restore",
        &file,
        "--passphrase-file",
        "passphrase",
    ]);
    assert!(restored.starts_with("Restored "), "{restored}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
