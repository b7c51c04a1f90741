//! Text that was not sealed by us does not open.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use masthead_access::token::{Keyring, Sealer};
use rand::{SeedableRng, rngs::StdRng};

static SEALER: LazyLock<Sealer> = LazyLock::new(|| {
    let ring = Keyring::generate(&mut StdRng::seed_from_u64(1));
    Sealer::new(&ring, "https://example.org")
});

fuzz_target!(|text: &str| {
    assert!(SEALER.open(text).is_err());
    if let Ok(ring) = Keyring::parse(text) {
        assert_eq!(Keyring::parse(&ring.to_text()), Ok(ring));
    }
});
