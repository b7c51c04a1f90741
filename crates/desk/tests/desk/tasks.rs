//! The background tasks on the first page.

use std::{sync::Arc, time::Duration};

use masthead_circulation::staff::Role;
use masthead_telemetry::{Supervisor, Task};

use crate::{TestDesk, text};

#[tokio::test]
async fn owners_see_when_each_task_last_ran_and_nobody_else_does() {
    let desk = TestDesk::open().await;
    let mut supervisor = Supervisor::new(Arc::clone(&desk.tasks));
    let run = || async { Ok::<_, std::io::Error>(()) };
    supervisor.start(Task::new("renewals", Duration::from_mins(1), run));
    let (_, owner) = desk.staff("owner@example.org", Role::Owner).await;
    let (_, editor) = desk.staff("editor@example.org", Role::Editor).await;
    let page = text(desk.get("/desk", &owner).await).await;
    let row = r#"<th scope="row">Renewals</th><td>Last ran 0 seconds ago</td>"#;
    assert!(page.replace("Last ran 1 second ", "Last ran 0 seconds ").contains(row), "{page}");
    assert!(page.contains("All background tasks are running."), "{page}");
    let page = text(desk.get("/desk", &editor).await).await;
    assert!(!page.contains("Background tasks"), "{page}");
}

#[tokio::test]
async fn owners_are_told_of_certificates_and_clocks() {
    for (task, error, told) in [
        (
            "acme",
            "port 443 leads elsewhere",
            "No certificate for https could be ordered: port 443 leads elsewhere.",
        ),
        ("system-clock", "it has jumped", "clock cannot be relied on: it has jumped."),
        ("database-clock", "they differ", "clock cannot be relied on: they differ."),
    ] {
        let desk = TestDesk::open().await;
        let (_, owner) = desk.staff("owner@example.org", Role::Owner).await;
        let mut supervisor = Supervisor::new(Arc::clone(&desk.tasks));
        let run = move || async move { Err(std::io::Error::other(error)) };
        supervisor.start(Task::new(task, Duration::from_mins(1), run));
        // The supervisor runs beside the request.
        let page = text(desk.get("/desk", &owner).await).await;
        assert!(page.contains(told), "{page}");
        assert!(!page.contains("All background tasks are running."), "{page}");
    }
}
