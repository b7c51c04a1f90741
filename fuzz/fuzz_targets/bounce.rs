//! Any report of a mail server is parsed or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|mail: &[u8]| {
    if let Ok(bounces) = masthead_mail::bounce::read(mail) {
        for bounce in bounces {
            assert!(bounce.to.as_str().contains('@'));
            assert!(!bounce.reason.contains('\n'));
        }
    }
});
