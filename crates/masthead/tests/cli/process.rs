//! What a server owes the machine it runs on: file modes, open files, signals, interrupted starts.

use std::{
    fs,
    io::Write,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::workshop::{Server, Workshop, send_signal};

/// How often a first start is killed.
const KILLS: u64 = 25;

#[test]
fn only_their_owner_can_read_the_files_of_a_publication() {
    let workshop = Workshop::new();
    // Like an earlier version.
    fs::create_dir(workshop.path("data")).expect("created");
    fs::set_permissions(workshop.path("data"), fs::Permissions::from_mode(0o755)).expect("set");
    workshop.write("data/masthead.db", "");
    let server = workshop.serve();
    assert!(server.get("/").contains("200 OK"));
    workshop.does(&["export", "readers", "readers.csv"]);
    let mut seen = 0;
    for path in ["masthead.toml", "first-article.md", "readers.csv", "data"] {
        seen += assert_private(&workshop.path(path));
    }
    assert!(seen > 6, "the database and its companions, the keys, the index");
}

/// Checks that nobody else has access to a file, or to a folder and what is in it. Returns how many there are.
fn assert_private(path: &Path) -> u32 {
    let found = fs::metadata(path).expect("a file");
    let mode = found.permissions().mode();
    assert_eq!(mode & 0o077, 0, "{} has the mode {mode:o}", path.display());
    if !found.is_dir() {
        return 1;
    }
    fs::read_dir(path).expect("a folder").flatten().map(|entry| assert_private(&entry.path())).sum()
}

#[test]
fn a_second_server_on_one_sqlite_database_is_refused() {
    let workshop = Workshop::new();
    let mut server = workshop.serve();
    let refused = workshop.refuses(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(refused.contains("another server uses the data directory"), "{refused}");
    // A lock ends with its process, however that ends.
    server.child.kill().expect("killed");
    server.child.wait().expect("ended");
    assert!(workshop.serve().get("/").contains("200 OK"));
}

#[test]
fn sighup_does_not_end_a_server() {
    let workshop = Workshop::new();
    let mut server = workshop.serve();
    send_signal(&server, "-HUP");
    workshop.configure("My Paper", "The Other Paper");
    server.wait_for("/", |page| page.contains("The Other Paper"));
    assert!(server.child.try_wait().expect("a state").is_none(), "it still runs");
}

/// A server whose log is written to the file `log`.
fn serve_with_log(workshop: &Workshop) -> Server {
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_masthead");
    let script = "exec \"$0\" serve --listen 127.0.0.1:0 2>log";
    command.args(["-c", script, program]).current_dir(workshop.path(""));
    Server::start(command)
}

fn wait_for_log(workshop: &Workshop, text: &str) {
    let begun = Instant::now();
    while !fs::read_to_string(workshop.path("log")).expect("a log").contains(text) {
        assert!(begun.elapsed() < Duration::from_mins(1), "{text} is never logged");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_second_signal_ends_a_server_that_waits_for_a_request() {
    for (first, second) in [("-INT", "-INT"), ("-TERM", "-TERM"), ("-TERM", "-INT")] {
        let workshop = Workshop::new();
        let mut server = serve_with_log(&workshop);
        let mut slow = TcpStream::connect(server.address).expect("a connection");
        slow.write_all(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n")
            .expect("sent");
        thread::sleep(Duration::from_millis(300));
        send_signal(&server, first);
        send_signal(&server, first);
        thread::sleep(Duration::from_secs(1));
        let state = server.child.try_wait().expect("a state");
        assert!(state.is_none(), "signals that come together count as one");
        let begun = Instant::now();
        send_signal(&server, second);
        assert_eq!(server.child.wait().expect("ended").code(), Some(143));
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        wait_for_log(&workshop, "stopped at once by a second signal");
    }
}

#[test]
fn a_server_that_is_stopped_as_soon_as_it_is_announced_ends_as_it_should() {
    let workshop = Workshop::new();
    for _ in 0..5 {
        let mut server = workshop.serve();
        send_signal(&server, "-TERM");
        assert!(server.child.wait().expect("ended").success());
    }
}

#[test]
fn signals_of_other_servers_are_ignored_and_say_what_to_send() {
    let workshop = Workshop::new();
    let server = serve_with_log(&workshop);
    for (signal, name) in [("-USR1", "USR1"), ("-USR2", "USR2")] {
        send_signal(&server, signal);
        wait_for_log(&workshop, &format!("signal=\"{name}\""));
    }
    wait_for_log(&workshop, "send HUP to reload");
    assert!(server.get("/").contains("200 OK"));
}

#[test]
fn a_server_may_open_as_many_files_as_the_system_allows() {
    let workshop = Workshop::new();
    let mut command = Command::new("sh");
    let serve = format!(
        "ulimit -S -n 256; exec {} serve --listen 127.0.0.1:0",
        env!("CARGO_BIN_EXE_masthead")
    );
    command.args(["-c", &serve]).current_dir(workshop.path(""));
    let server = Server::start(command);
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.child.id()));
    let limits = limits.expect("the limits of a process");
    let files = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    let numbers: Vec<&str> = files.split_whitespace().skip(3).take(2).collect();
    assert_eq!(numbers[0], numbers[1], "{files}");
}

#[test]
fn a_first_start_that_is_killed_can_be_repeated() {
    for round in 0..KILLS {
        let workshop = Workshop::new();
        let mut list = workshop
            .command(&["migrate"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        thread::sleep(Duration::from_millis(10 + round * 10));
        list.kill().expect("killed");
        list.wait().expect("ended");
        workshop.does(&["migrate"]);
        workshop.does(&["list"]);
    }
}

#[test]
fn commands_may_start_at_the_same_time_on_a_new_folder() {
    let workshop = Workshop::new();
    let started: Vec<_> = (0..6)
        .map(|_| {
            let mut command = workshop.command(&["migrate"]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program")
        })
        .collect();
    for child in started {
        let output = child.wait_with_output().expect("ended");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
