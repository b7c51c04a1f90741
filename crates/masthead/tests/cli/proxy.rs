//! The guide's block for nginx, in a real nginx.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command},
};

use crate::{guide::chapter, workshop::Workshop};

/// An address of this machine that is no trusted proxy.
const READER: &str = "127.0.5.1";

/// A proxy that ends with the test.
struct Nginx {
    child: Child,
    http: u16,
    https: u16,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn is_there(program: &str) -> bool {
    let found = Command::new(program).arg("-V").output().is_ok();
    if !found {
        eprintln!("left out: {program} is not there");
    }
    found
}

impl Nginx {
    /// The block of the guide, with other ports, certificates and upstream.
    fn start(folder: &Path, upstream: SocketAddr) -> Self {
        let (http, https) = (free_port(), free_port());
        let guide = chapter("proxy.md");
        let block = guide.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next());
        let certificates =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/tests/site/certificates");
        let block = block
            .expect("a block for nginx")
            .replace("127.0.0.1:8080", &upstream.to_string())
            .replace("listen 80;", &format!("listen {http};"))
            .replace("listen 443 ", &format!("listen {https} "))
            .replace(
                "/etc/letsencrypt/live/paper.example/fullchain.pem",
                certificates.join("one.pem").to_str().expect("UTF-8"),
            )
            .replace(
                "/etc/letsencrypt/live/paper.example/privkey.pem",
                certificates.join("one.key").to_str().expect("UTF-8"),
            );
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
        let child = command.spawn().expect("nginx");
        Self { child, http, https }
    }

    /// What curl says of a request from an address of this machine.
    fn ask(&self, from: &str, url: &str, more: &[&str]) -> String {
        let resolve = |host: &str, port: u16| format!("{host}:{port}:127.0.0.1");
        let mut command = Command::new("curl");
        command.args(["--silent", "--insecure", "--include", "--interface", from, "--retry", "20"]);
        command.args(["--retry-connrefused", "--retry-delay", "1"]);
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

#[test]
fn the_block_for_nginx_in_the_guide_works() {
    if !is_there("nginx") || !is_there("curl") {
        return;
    }
    let workshop = Workshop::new();
    workshop.configure("http://localhost:8080", "https://paper.example");
    workshop.configure("trusted_proxies = []", "trusted_proxies = [\"127.0.0.1\"]");
    workshop.configure("first_reads_per_network = 300", "first_reads_per_network = 1");
    let server = workshop.serve();
    workshop.does(&["publish", "first-article.md"]);
    server.wait_for("/news/first-article", |page| page.contains("200 OK"));
    let nginx = Nginx::start(&workshop.path(""), server.address);

    let home = nginx.ask(READER, "https://paper.example/", &[]);
    assert!(home.starts_with("HTTP/2 200") && home.contains("My Paper"), "{home:.300}");
    assert!(home.contains("strict-transport-security"), "{home:.300}");
    for url in [
        "http://paper.example/a?b",
        "http://www.paper.example/a?b",
        "https://www.paper.example/a?b",
    ] {
        let moved = nginx.ask(READER, url, &[]).to_lowercase();
        assert!(moved.contains(" 301"), "{url}: {moved}");
        assert!(moved.contains("location: https://paper.example/a?b"), "{url}: {moved}");
    }
    // Two megabytes get through to the desk, which asks who it is.
    let large = workshop.path("large");
    fs::write(&large, vec![0; 2 << 20]).expect("written");
    let data = format!("@{}", large.display());
    let sent = nginx.ask(READER, "https://paper.example/desk/pictures", &["--data-binary", &data]);
    assert!(!sent.contains(" 413"), "{sent:.300}");
    assert!(sent.contains("permissions-policy"), "the desk has answered: {sent:.300}");
    // Each network is known by its own address: one more device, and it is crowded.
    let article = |from: &str| nginx.ask(from, "https://paper.example/news/first-article", &[]);
    assert!(article("127.0.6.1").contains("masthead-access: metered;left=2"));
    assert!(!article("127.0.6.2").contains("masthead-access: metered;left=2"));
    assert!(article("127.0.7.1").contains("masthead-access: metered;left=2"));
}
