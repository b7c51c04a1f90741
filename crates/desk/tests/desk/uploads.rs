//! How many pictures are received at once: as many as there is memory for.

use std::{convert::Infallible, time::Duration};

use axum::body::{Body, Bytes};
use futures_util::stream;
use http::{Request, StatusCode, header};
use masthead_circulation::staff::Role;
use tokio::{sync::oneshot, task::JoinHandle};
use tower::ServiceExt;

use super::TestDesk;

/// Sends an upload, and returns its status in time.
fn upload(desk: &TestDesk, cookie: &str, content: Body) -> JoinHandle<StatusCode> {
    let request = Request::post("/desk/pictures")
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin");
    let request = request.body(content).expect("a request");
    let router = desk.router.clone();
    tokio::spawn(async move { router.oneshot(request).await.expect("an answer").status() })
}

#[tokio::test]
async fn an_upload_of_an_account_waits_for_its_other_ones_and_leaves_room_to_others() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Author).await;
    let (_, ann) = desk.staff("ann@example.org", Role::Author).await;
    let (started, has_started) = oneshot::channel();
    let (finish, finished) = oneshot::channel::<()>();
    let content = stream::once(async move {
        // It is read only once the upload has room.
        let _ = started.send(());
        let _ = finished.await;
        Ok::<_, Infallible>(Bytes::from_static(b"no picture"))
    });
    let arriving = upload(&desk, &eve, Body::from_stream(content));
    has_started.await.expect("it has room");
    let mut next = upload(&desk, &eve, Body::from("no picture"));
    let other = upload(&desk, &ann, Body::from("no picture"));
    assert_eq!(other.await.expect("ran"), StatusCode::UNPROCESSABLE_ENTITY, "there is room for it");
    let waits = tokio::time::timeout(Duration::from_millis(300), &mut next).await;
    assert!(waits.is_err(), "it did not wait");
    finish.send(()).expect("it arrives");
    assert_eq!(arriving.await.expect("ran"), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(next.await.expect("ran"), StatusCode::UNPROCESSABLE_ENTITY, "it has arrived");
}
