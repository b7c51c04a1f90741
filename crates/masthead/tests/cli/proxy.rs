//! The guide's blocks for nginx and Caddy, in a real nginx and a real Caddy.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use masthead_test_support::free_port;

use crate::{
    guide::chapter,
    programs::{Process, is_there},
    workshop::{Server, Workshop, send_signal},
};

/// An address of this machine that is no trusted proxy.
const READER: &str = "127.0.5.1";

/// A proxy that ends with the test.
struct Proxy {
    _process: Process,
    http: u16,
    https: u16,
}

/// The block in this language from the guide, with another upstream.
fn block(language: &str, upstream: SocketAddr) -> String {
    let guide = chapter("proxy.md");
    let block = guide.split(&format!("```{language}\n")).nth(1);
    let block = block.and_then(|rest| rest.split("```").next()).expect("a block");
    block.replace("127.0.0.1:8080", &upstream.to_string())
}

impl Proxy {
    /// nginx with the block of the guide, with other ports and certificates, and with these nodes.
    fn nginx(folder: &Path, nodes: &[SocketAddr]) -> Self {
        let (http, https) = (free_port(), free_port());
        let certificates =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/tests/site/certificates");
        let file = |name: &str| certificates.join(name).display().to_string();
        let servers: Vec<_> = nodes.iter().map(|node| format!("server {node};")).collect();
        let block = block("nginx", nodes[0])
            .replace(&servers[0], &servers.join(" "))
            .replace("listen 80;", &format!("listen {http};"))
            .replace("listen 443 ", &format!("listen {https} "))
            .replace("/etc/letsencrypt/live/paper.example/fullchain.pem", &file("one.pem"))
            .replace("/etc/letsencrypt/live/paper.example/privkey.pem", &file("one.key"));
        let root = folder.display();
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {root}/{name};\n"))
            .concat();
        let file = folder.join("nginx.conf");
        let text = format!(
            "daemon off;\nmaster_process off;\npid {root}/nginx.pid;\nerror_log {root}/error.log;\n\
             events {{}}\nhttp {{\naccess_log off;\n{paths}{block}}}\n"
        );
        fs::write(&file, text).expect("written");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(&file);
        Self { _process: Process::start(&mut command), http, https }
    }

    /// Caddy with the block of the guide, with other ports, and certificates of its own.
    fn caddy(folder: &Path, upstream: SocketAddr) -> Self {
        let (http, https) = (free_port(), free_port());
        let options = format!(
            "{{\n admin off\n http_port {http}\n https_port {https}\n local_certs\n skip_install_trust\n}}\n"
        );
        let file = folder.join("Caddyfile");
        fs::write(&file, options + &block("caddy", upstream)).expect("written");
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
        command.env("XDG_DATA_HOME", folder.join("caddy-data"));
        command.env("XDG_CONFIG_HOME", folder.join("caddy-config"));
        Self { _process: Process::start(&mut command), http, https }
    }

    /// What curl says of a request from an address of this machine.
    fn ask(&self, from: &str, url: &str, more: &[&str]) -> String {
        let resolve = |host: &str, port: u16| format!("{host}:{port}:127.0.0.1");
        let mut command = Command::new("curl");
        command.args(["--silent", "--insecure", "--include", "--interface", from, "--retry", "20"]);
        // Caddy makes its certificates after it has begun to listen.
        command.args(["--retry-connrefused", "--retry-all-errors", "--retry-delay", "1"]);
        for host in ["paper.example", "www.paper.example"] {
            command.args(["--resolve", &resolve(host, self.http)]);
            command.args(["--resolve", &resolve(host, self.https)]);
        }
        let port = if url.starts_with("https:") { self.https } else { self.http };
        let url = url.replace(".example", &format!(".example:{port}"));
        let output = command.args(more).arg(url).output().expect("curl");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// A publication behind a proxy, with an article.
fn published() -> (Workshop, Server) {
    let workshop = Workshop::new();
    workshop.configure("http://localhost:8080", "https://paper.example");
    workshop.configure("trusted_proxies = []", "trusted_proxies = [\"127.0.0.1\"]");
    workshop.configure("first_reads_per_network = 300", "first_reads_per_network = 1");
    let server = workshop.serve();
    workshop.does(&["publish", "first-article.md"]);
    server.wait_for("/news/first-article", |page| page.contains("200 OK"));
    (workshop, server)
}

/// Checks what every proxy has to do: pass on large uploads, the host and the address of a reader.
fn check_requests(workshop: &Workshop, proxy: &Proxy) {
    let home = proxy.ask(READER, "https://paper.example/", &[]);
    assert!(home.starts_with("HTTP/2 200") && home.contains("My Paper"), "{home:.300}");
    assert!(home.contains("strict-transport-security"), "{home:.300}");
    let moved = proxy.ask(READER, "https://www.paper.example/a?b", &[]).to_lowercase();
    assert!(moved.contains(" 301"), "{moved}");
    assert!(moved.contains("location: https://paper.example/a?b"), "{moved}");
    // Two megabytes get through to the desk, which asks who it is.
    let large = workshop.path("large");
    fs::write(&large, vec![0; 2 << 20]).expect("written");
    let data = format!("@{}", large.display());
    let sent = proxy.ask(READER, "https://paper.example/desk/pictures", &["--data-binary", &data]);
    assert!(!sent.contains(" 413"), "{sent:.300}");
    assert!(sent.contains("permissions-policy"), "the desk has answered: {sent:.300}");
    // Each network is known by its own address, whatever it writes itself: one more device, and it is crowded.
    let article = |from: &str| {
        let forged = ["--header", "X-Forwarded-For: 203.0.113.9"];
        proxy.ask(from, "https://paper.example/news/first-article", &forged)
    };
    assert!(article("127.0.6.1").contains("masthead-access: metered;left=2"));
    assert!(!article("127.0.6.2").contains("masthead-access: metered;left=2"));
    assert!(article("127.0.7.1").contains("masthead-access: metered;left=2"));
}

#[test]
fn the_block_for_nginx_in_the_guide_works() {
    if !is_there("nginx") || !is_there("curl") {
        return;
    }
    let (workshop, server) = published();
    let nginx = Proxy::nginx(&workshop.path(""), &[server.address]);
    check_requests(&workshop, &nginx);
    for url in ["http://paper.example/a?b", "http://www.paper.example/a?b"] {
        let moved = nginx.ask(READER, url, &[]).to_lowercase();
        assert!(moved.contains(" 301"), "{url}: {moved}");
        assert!(moved.contains("location: https://paper.example/a?b"), "{url}: {moved}");
    }
}

/// Longer than nginx waits for a page, and shorter than for a form.
const PAGE_PATIENCE: Duration = Duration::from_secs(50);

#[test]
fn a_node_that_hangs_costs_readers_some_seconds_behind_nginx() {
    if !is_there("nginx") || !is_there("curl") {
        return;
    }
    let ((workshop, server), (_other, hanging)) = (published(), published());
    let nginx = Proxy::nginx(&workshop.path(""), &[server.address, hanging.address]);
    // It is up.
    assert!(nginx.ask(READER, "https://paper.example/", &[]).starts_with("HTTP/2 200"));
    send_signal(&hanging, "-STOP");
    let begun = Instant::now();
    let answers: Vec<String> =
        (0..2).map(|_| nginx.ask(READER, "https://paper.example/", &[])).collect();
    let waited = begun.elapsed();
    send_signal(&hanging, "-CONT");
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/2 200")), "{answers:.300?}");
    assert!(waited < PAGE_PATIENCE, "{waited:?}");
}

#[test]
fn the_block_for_caddy_in_the_guide_works() {
    if !is_there("caddy") || !is_there("curl") {
        return;
    }
    let (workshop, server) = published();
    let caddy = Proxy::caddy(&workshop.path(""), server.address);
    check_requests(&workshop, &caddy);
    let moved = caddy.ask(READER, "http://paper.example/a?b", &[]).to_lowercase();
    assert!(moved.contains(" 308") && moved.contains("location: https://paper.example"), "{moved}");
}

#[test]
fn doctor_finds_a_trusted_proxy_that_sends_no_address() {
    let workshop = Workshop::new();
    workshop.configure("trusted_proxies = []", "trusted_proxies = [\"127.0.0.1\"]");
    let said = workshop.run(&["doctor"]).out;
    assert!(said.contains("no server runs with the data directory"), "{said}");
    let server = workshop.serve();
    let doctor = |wanted: &str| {
        let begun = std::time::Instant::now();
        loop {
            let said = workshop.run(&["doctor"]).out;
            if said.contains(wanted) {
                return said;
            }
            assert!(begun.elapsed() < std::time::Duration::from_mins(1), "{wanted}: {said}");
        }
    };
    doctor("all its background tasks work");
    for _ in 0..20 {
        server.get("/news/first-article");
    }
    let said = doctor("sends no client's address");
    assert!(said.contains("proxy_set_header X-Forwarded-For"), "{said}");
    drop(server);
    doctor("no server runs with the data directory");
}
