//! Which version of the program this is.

use std::sync::LazyLock;

/// The version of this program.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version, and the commit that it was built from, if the build knew it.
pub(crate) static VERSION_AND_COMMIT: LazyLock<String> =
    LazyLock::new(|| match option_env!("MASTHEAD_COMMIT") {
        Some(commit) => format!("{VERSION} ({commit})"),
        None => VERSION.to_owned(),
    });
