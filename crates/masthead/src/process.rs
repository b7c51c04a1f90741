//! What the operating system is asked for this process: file modes, memory, open files.

use std::{
    env,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::OsStrExt,
            net::{SocketAddr, UnixDatagram},
        },
    },
};

use rustix::{
    fs::Mode,
    process::{Resource, getrlimit, setrlimit, umask},
    thread::disable_transparent_huge_pages,
};

/// Creates files that only their owner can read from now on: the database, emails, exports and settings are
/// nobody else's business.
pub fn create_private_files() {
    umask(Mode::from_raw_mode(0o077));
}

/// Takes memory in small pages. The allocator asks for huge ones, of 2 MiB, and such a page stays in memory as a whole for as
/// long as any of it is used: after the start that is twice what is needed. Where this cannot be set, it costs only that.
pub fn use_small_pages() {
    let _ = disable_transparent_huge_pages(true);
}

/// Raises the number of files that this process may open to what the system allows. Each connection is one; the
/// usual limit of 1,024 is for programs that call `select`.
pub fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "server: the limit of open files cannot be raised");
    }
}

/// How many files are kept for the database, the search index, pictures and logs.
const RESERVED_FILES: usize = 100;

/// Returns how many connections all listeners together may have at the same time, as many files as this process may open; `None` if
/// there is no limit.
pub fn max_connections() -> Option<usize> {
    let limit = getrlimit(Resource::Nofile).current.and_then(|limit| usize::try_from(limit).ok());
    limit.map(connections_within)
}

fn connections_within(limit: usize) -> usize {
    limit.saturating_sub(RESERVED_FILES.min(limit / 2)).max(1)
}

/// Tells systemd that the server answers, or that it stops, if systemd has started it with `Type=notify`
/// (sd_notify(3)).
pub fn notify_systemd(state: &str) {
    let Some(socket) = env::var_os("NOTIFY_SOCKET") else { return };
    let name = socket.as_bytes();
    let address = match name.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&socket),
    };
    let told = address.and_then(|address| {
        UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(drop)
    });
    if let Err(error) = told {
        tracing::warn!(%error, state, "server: systemd cannot be told about the state");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_everything_else() {
        for (limit, connections) in [(65_536, 65_436), (256, 156), (150, 75), (1, 1)] {
            assert_eq!(connections_within(limit), connections, "{limit}");
        }
    }
}
