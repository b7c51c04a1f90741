//! Any file of readers is read line by line or refused, and no line counts more than once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead_desk::count_readers;

fuzz_target!(|content: &[u8]| {
    if let Some(count) = count_readers(content) {
        let lines = content.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
        assert!(count.readers + count.faults <= lines, "{count:?} of {lines} lines");
    }
});
