//! The fields of any form are without characters that no document may contain, and a path to return to is one of ours.
#![no_main]

use std::{cell::RefCell, thread_local};

use axum::{body::Body, extract::Request};
use libfuzzer_sys::fuzz_target;
use masthead_access::printable;
use masthead_web::form::{FormError, read_cross_site, safe_local_path};
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static RUNTIME: RefCell<Runtime> =
        RefCell::new(Builder::new_current_thread().enable_time().build().expect("a runtime"));
}

fuzz_target!(|sent: &[u8]| {
    let request = Request::post("/form")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(sent.to_vec()))
        .expect("a request");
    let fields: Result<Vec<(String, String)>, FormError> =
        RUNTIME.with_borrow(|runtime| runtime.block_on(read_cross_site(request)));
    for (_, value) in fields.unwrap_or_default() {
        assert_eq!(printable(&value), value);
        let path = safe_local_path(&value);
        assert!(path.starts_with('/') && !path.starts_with("//") && !path.contains(['\r', '\n']));
    }
});
