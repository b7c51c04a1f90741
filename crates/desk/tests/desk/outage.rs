//! The database goes away.

use std::time::{Duration, Instant};

use http::{StatusCode, header};
use masthead_circulation::staff::Role;
use masthead_publication::Sales;
use masthead_store::Location;
use masthead_test_support::{postgres, proxy::Proxy};

use super::{TestDesk, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_waits_long_for_a_database_that_never_answers() {
    let url = postgres::database();
    let (before, rest) = url.split_once('@').expect("a user");
    let (server, name) = rest.split_once('/').expect("a name");
    let proxy = Proxy::start(server.to_owned());
    let location = Location::Postgres(format!("{before}@{}/{name}", proxy.address()));
    let folder = tempfile::tempdir().expect("a directory");
    let desk = TestDesk::at(&location, folder, Sales::Open).await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let link = desk.link(None, Role::Owner).await;

    proxy.stall();
    // One needs a session, and one does not.
    for (path, cookie) in [("/desk", ada.as_str()), (link.as_str(), "")] {
        let began = Instant::now();
        let page = desk.get(path, cookie).await;
        assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(page.headers()[header::RETRY_AFTER], "10", "{path}");
        assert!(text(page).await.contains("<title>"), "{path}");
        assert!(began.elapsed() < Duration::from_secs(4), "{path}: {:?}", began.elapsed());
    }
    proxy.open();
    assert_ne!(desk.get("/desk", &ada).await.status(), StatusCode::SERVICE_UNAVAILABLE);
}
