//! Which settings take a restart: a running server goes on with those that it started with.

use serde::Serialize;
use toml::{Table, Value};

use super::Config;

/// Keys that are taken up by a running server, although the rest of their tables is not.
const LIVE: [&str; 7] = [
    "[server] trusted_proxies",
    "[server] forwarding_header",
    "[server] hosts",
    "[server] https_subdomains",
    "[server] security_contact",
    "[payments] seller",
    "[payments] transfer",
];

impl Config {
    /// Returns the settings that differ from those that a server has started with and take a restart, such as
    /// `[server] page_cache`.
    pub fn changes_that_need_a_restart(&self, started: &Self) -> Vec<String> {
        let mut changed = Vec::new();
        changed.extend(differing("[server]", &started.server, &self.server));
        changed.extend(differing("[tls]", &started.tls, &self.tls));
        changed.extend(differing("[pictures]", &started.pictures, &self.pictures));
        changed.extend(differing("[mail]", &started.mail, &self.mail));
        changed.extend(differing("[payments]", &started.payments, &self.payments));
        if started.openid != self.openid {
            changed.push("[[openid]]".to_owned());
        }
        changed.retain(|key| !LIVE.contains(&key.as_str()));
        changed
    }
}

/// The keys of a table that have another value, or none.
fn differing<T: Serialize>(name: &str, before: &T, after: &T) -> Vec<String> {
    let (before, after) = (keys(before), keys(after));
    let all = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    let differing = all.filter(|key| before.get(*key) != after.get(*key));
    differing.map(|key| format!("{name} {key}")).collect()
}

fn keys<T: Serialize>(settings: &T) -> Table {
    match Value::try_from(settings) {
        Ok(Value::Table(table)) => table,
        // They were read from TOML.
        Ok(_) | Err(_) => Table::new(),
    }
}
