//! What an operator sees: readiness, metrics and the access log.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use masthead_test_support::free_port;

use crate::workshop::{Server, Workshop};

fn get(port: u16, path: &str) -> String {
    get_from(port, path, "")
}

/// The same with other lines of the head.
fn get_from(port: u16, path: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the admin listener");
    write!(stream, "GET {path} HTTP/1.0\r\n{head}\r\n").expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// The names in the first column of the guide's table of tasks, without those of the tasks that need `[tls]` or PostgreSQL.
fn documented_tasks() -> BTreeSet<String> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/monitoring.md");
    let guide = fs::read_to_string(guide).expect("the guide");
    let table = guide.split("| task |").nth(1).expect("a table").split("\n\n").next();
    let names =
        table.expect("rows").lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    names
        .filter(|name| !["certificates", "acme", "redirects", "database-clock"].contains(name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn tasks_and_metrics_are_served_on_the_admin_listener() {
    let workshop = Workshop::new();
    let port = free_port();
    workshop.configure("admin = \"\"", &format!("admin = \"127.0.0.1:{port}\""));
    workshop.configure("admin_hosts = []", "admin_hosts = [\"masthead\"]");
    workshop.configure("access_log = \"off\"", "access_log = \"json\"");
    workshop.configure("security_log = \"\"", "security_log = \"security.log\"");
    workshop.configure(
        "# from = \"My Paper <news@paper.example>\"\n# relay = \"smtps://user:password@mail.example\"",
        "from = \"My Paper <news@paper.example>\"\nrelay = \"smtp://127.0.0.1:1\"",
    );
    workshop.write(
        "one.md",
        "---\nheadline: One\nsection: news\n---\nA first paragraph.\n\nA second.\n",
    );
    workshop.does(&["publish", "one.md"]);
    let server = workshop.serve();
    let page = server.wait_for("/news/one", |page| page.contains("200 OK"));
    assert!(page.contains("masthead-access: metered"), "{page}");
    let ready = server.wait_for("/readyz", |text| !text.contains("no success yet"));
    assert!(ready.contains("200 OK") && ready.contains("\nrenewals: ok, last success"), "{ready}");
    let body =
        ready.split("\r\n\r\n").nth(1).expect("a body").trim_start_matches("ready\ndatabase: ok\n");
    let tasks: BTreeSet<String> = body
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(tasks, documented_tasks());
    let metrics = get(port, "/metrics");
    assert!(metrics.contains("text/plain; version=0.0.4"), "{metrics}");
    for line in [
        "masthead_requests_total{decision=\"metered\",status=\"200\"} ",
        "masthead_task_healthy{task=\"refresh\"} 1",
        "masthead_database_up 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    assert!(get(port, "/readyz").contains("refresh: ok"));
    assert!(server.get("/metrics").contains("404"), "readers get no metrics");
    let named = get_from(port, "/metrics", &format!("Host: localhost:{port}\r\n"));
    assert!(named.contains("200 OK"), "{named}");
    let by_service = get_from(port, "/metrics", &format!("Host: masthead:{port}\r\n"));
    assert!(by_service.contains("200 OK"), "{by_service}");
    for path in ["/metrics", "/readyz", "/healthz", "/nothing"] {
        let rebound = get_from(port, path, &format!("Host: evil.example:{port}\r\n"));
        assert!(rebound.contains("421 ") && rebound.contains("admin_hosts ="), "{rebound}");
        assert!(!rebound.contains("masthead_"), "{rebound}");
    }
}

#[test]
fn an_admin_listener_for_other_machines_has_to_be_asked_for() {
    let workshop = Workshop::new();
    workshop.configure("admin = \"\"", "admin = \"0.0.0.0:0\"");
    let said = workshop.refuses(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(said.contains("admin_remote = true"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}

#[test]
fn requests_are_logged_on_standard_output_if_asked_for() {
    let workshop = Workshop::new();
    workshop.configure("access_log = \"off\"", "access_log = \"json\"");
    let port = free_port();
    let out = File::create(workshop.path("out")).expect("a file");
    let mut command = workshop.command(&["serve", "--listen", &format!("127.0.0.1:{port}")]);
    let child = command.stdout(out).stderr(Stdio::null()).spawn().expect("the program");
    let server = Server { child, address: ([127, 0, 0, 1], port).into() };
    let begun = Instant::now();
    while server.try_get("/?email=ada@example.org").is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(50));
    }
    let logged = loop {
        let out = fs::read_to_string(workshop.path("out")).expect("the output");
        if let Some(line) = out.lines().find(|line| line.starts_with('{')) {
            break line.to_owned();
        }
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(
        logged.contains(r#""method":"GET","path":"/","status":200,"decision":"none""#),
        "{logged}"
    );
    assert!(!logged.contains("ada@") && !logged.contains("127.0.0.1"), "{logged}");
}

#[test]
fn a_request_without_a_valid_host_is_in_the_log_once() {
    let workshop = Workshop::new();
    let port = free_port();
    let log = File::create(workshop.path("log")).expect("a file");
    let mut command = workshop.command(&["serve", "--listen", &format!("127.0.0.1:{port}")]);
    let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("the program");
    let server = Server { child, address: ([127, 0, 0, 1], port).into() };
    let begun = Instant::now();
    while server.try_get("/").is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut stream = TcpStream::connect(server.address).expect("connected");
    write!(stream, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n")
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    // What is logged is written before the answer is.
    let log = fs::read_to_string(workshop.path("log")).expect("the log");
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("host")).collect();
    assert!(lines.len() == 1 && lines[0].contains("host-refused"), "{log}");
}
