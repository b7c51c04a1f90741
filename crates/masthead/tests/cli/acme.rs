//! Certificates from a real ACME server: Pebble, which checks names and issues certificates like a public authority.

use std::{
    fs,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use masthead_test_support::free_port;

use crate::{
    programs::{Process, is_there},
    workshop::{Server, Workshop},
};

const PATIENCE: Duration = Duration::from_mins(3);

/// An ACME server and the name server that it asks, which end with the test.
struct Pebble {
    server: Process,
    _names: Process,
    directory_port: u16,
    management_port: u16,
}

impl Pebble {
    /// Starts it with its files in `folder`. It checks names at `tls_port`, and issues certificates for so many seconds.
    fn start(folder: &Path, tls_port: u16, seconds: u32) -> Self {
        let (directory_port, management_port, dns_port) = (free_port(), free_port(), free_port());
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("made");
        fs::write(folder.join("pebble.pem"), own.cert.pem()).expect("written");
        fs::write(folder.join("pebble.key"), own.signing_key.serialize_pem()).expect("written");
        let config = format!(
            r#"{{"pebble": {{"listenAddress": "127.0.0.1:{directory_port}",
                "managementListenAddress": "127.0.0.1:{management_port}",
                "certificate": "pebble.pem", "privateKey": "pebble.key",
                "httpPort": {}, "tlsPort": {tls_port}, "certificateValidityPeriod": {seconds}}}}}"#,
            free_port()
        );
        fs::write(folder.join("pebble.json"), config).expect("written");
        let dns = format!("127.0.0.1:{dns_port}");
        let mut names = Command::new("pebble-challtestsrv");
        names.args(["-dns01", &dns, "-defaultIPv6", "", "-http01", "", "-https01", ""]);
        names.args(["-tlsalpn01", "", "-management", &format!("127.0.0.1:{}", free_port())]);
        let mut server = Command::new("pebble");
        server.args(["-config", "pebble.json", "-dnsserver", &dns]).current_dir(folder);
        server.envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_AUTHZREUSE", "0")]);
        let pebble = Self {
            _names: Process::start(&mut names),
            server: Process::start(&mut server),
            directory_port,
            management_port,
        };
        let up = |port: u16| TcpStream::connect(("127.0.0.1", port)).is_ok();
        until("Pebble", || up(directory_port) && up(management_port));
        pebble
    }

    /// Writes the authority that signs certificates to a file.
    fn write_root(&self, file: &Path) {
        let url = format!("https://127.0.0.1:{}/roots/0", self.management_port);
        let output = Command::new("curl").args(["--silent", "--insecure", &url]).output();
        fs::write(file, output.expect("curl").stdout).expect("written");
    }
}

/// A publication whose server orders certificates.
struct Paper {
    workshop: Workshop,
    port: u16,
    admin: u16,
}

impl Paper {
    fn new(directory: &str) -> Self {
        let paper = Self { workshop: Workshop::new(), port: free_port(), admin: free_port() };
        let (workshop, admin) = (&paper.workshop, format!("127.0.0.1:{}", paper.admin));
        workshop.configure("http://localhost:8080", "https://paper.example");
        workshop.configure("admin = \"\"", &format!("admin = \"{admin}\""));
        workshop.configure("# acme = true", "acme = true");
        workshop.configure("# acme_terms_agreed", "acme_terms_agreed");
        workshop.configure("# acme_contact", "acme_contact");
        workshop.configure("# acme_names", "acme_names");
        workshop.configure(
            "# acme_directory = \"https://acme-v02.api.letsencrypt.org/directory\"",
            &format!("acme_directory = \"{directory}\""),
        );
        workshop
            .configure("# acme_authority = \"authority.pem\"", "acme_authority = \"pebble.pem\"");
        paper
    }

    fn serve(&self) -> Server {
        let listen = format!("127.0.0.1:{}", self.port);
        Server::start(self.workshop.command(&["serve", "--listen", &listen]))
    }

    /// What curl says of the front page at a name; empty without a certificate that it trusts.
    fn front_page(&self, name: &str) -> String {
        let root = self.workshop.path("root.pem");
        let mut command = Command::new("curl");
        command.args(["--silent", "--include", "--max-time", "5", "--cacert"]).arg(root);
        command.args(["--resolve", &format!("{name}:{}:127.0.0.1", self.port)]);
        let output = command.arg(format!("https://{name}:{}/", self.port)).output().expect("curl");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The state of the tasks, with their errors.
    fn state(&self) -> String {
        let url = format!("http://127.0.0.1:{}/readyz", self.admin);
        let output = Command::new("curl").args(["--silent", &url]).output().expect("curl");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn until_state_has(&self, text: &str) {
        let mut state = String::new();
        let begun = Instant::now();
        while !state.contains(text) {
            assert!(begun.elapsed() < PATIENCE, "{text}: {state}");
            std::thread::sleep(Duration::from_millis(200));
            state = self.state();
        }
    }
}

fn until(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn are_there() -> bool {
    ["pebble", "pebble-challtestsrv", "curl"].into_iter().all(is_there)
}

#[test]
fn a_server_orders_its_certificate_and_uses_it_again_after_a_restart() {
    if !are_there() {
        return;
    }
    let paper = Paper::new("https://127.0.0.1:1/dir");
    let folder = paper.workshop.path("");
    let pebble = Pebble::start(&folder, paper.port, 90 * 24 * 3600);
    let directory = format!("https://127.0.0.1:{}/dir", pebble.directory_port);
    paper.workshop.configure("https://127.0.0.1:1/dir", &directory);
    pebble.write_root(&folder.join("root.pem"));
    let redirect = free_port();
    let written = format!("redirect = \"127.0.0.1:{redirect}\"");
    paper.workshop.configure("# redirect = \"0.0.0.0:80\"", &written);

    let server = paper.serve();
    until("a certificate", || paper.front_page("paper.example").contains(" 200"));
    assert!(paper.front_page("www.paper.example").contains(" 308"), "the other name has it, too");
    paper.until_state_has("acme: ok");
    let plain = plain_answer(redirect);
    assert!(plain.contains("location: https://paper.example/a?b"), "{plain}");
    let kept = fs::read_dir(folder.join("data/acme")).expect("there").flatten().next();
    let kept = kept.expect("a folder for the authority").path();
    for name in ["account.json", "certificate.pem"] {
        let found = fs::metadata(kept.join(name)).expect("there");
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let first = fs::read(kept.join("certificate.pem")).expect("read");

    drop((server, pebble));
    let _server = paper.serve();
    assert!(paper.front_page("paper.example").contains(" 200"), "without the ACME server");
    assert_eq!(fs::read(kept.join("certificate.pem")).expect("read"), first);
}

/// What curl says of a page at plain http.
fn plain_answer(port: u16) -> String {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--include", "--header", "Host: paper.example"]);
    let output = curl.arg(format!("http://127.0.0.1:{port}/a?b")).output().expect("curl");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_certificate_is_renewed_and_kept_while_the_authority_is_away() {
    if !are_there() {
        return;
    }
    let paper = Paper::new("https://127.0.0.1:1/dir");
    let folder = paper.workshop.path("");
    let mut pebble = Pebble::start(&folder, paper.port, 45);
    let directory = format!("https://127.0.0.1:{}/dir", pebble.directory_port);
    paper.workshop.configure("https://127.0.0.1:1/dir", &directory);
    pebble.write_root(&folder.join("root.pem"));
    let _server = paper.serve();
    until("a certificate", || paper.front_page("paper.example").contains(" 200"));
    let kept = fs::read_dir(folder.join("data/acme")).expect("there").flatten().next();
    let file = kept.expect("a folder for the authority").path().join("certificate.pem");
    let first = fs::read(&file).expect("read");
    until("a renewal", || fs::read(&file).expect("read") != first);
    let renewed = fs::read(&file).expect("read");
    until("its use", || paper.front_page("paper.example").contains(" 200"));
    pebble.server.end();
    paper.until_state_has("was not renewed: the ACME server cannot be reached");
    assert_eq!(fs::read(&file).expect("read"), renewed, "the last good one is kept");
}

#[test]
fn what_is_no_directory_of_an_acme_server_is_said() {
    if !are_there() {
        return;
    }
    let paper = Paper::new("https://127.0.0.1:1/dir");
    let pebble = Pebble::start(&paper.workshop.path(""), paper.port, 3600);
    {
        let _server = paper.serve();
        paper.until_state_has("the ACME server cannot be reached at https://127.0.0.1:1/dir");
    }
    let wrong = format!("https://127.0.0.1:{}/nothing", pebble.directory_port);
    paper.workshop.configure("https://127.0.0.1:1/dir", &wrong);
    let _server = paper.serve();
    paper.until_state_has(&format!("{wrong} is not the directory of an ACME server"));
}

#[test]
fn settings_that_cannot_order_a_certificate_are_refused() {
    let paper = Paper::new("https://127.0.0.1:1/dir");
    let workshop = &paper.workshop;
    let refused = || workshop.refuses(&["serve", "--listen", "127.0.0.1:0"]);
    workshop.configure("acme_terms_agreed = true", "acme_terms_agreed = false");
    assert!(refused().contains("acme_terms_agreed = true"));
    workshop.configure("acme_terms_agreed = false", "acme_terms_agreed = true");
    workshop.configure("https://paper.example", "https://192.0.2.7");
    assert!(refused().contains("has no domain"));
    workshop.configure("https://192.0.2.7", "http://paper.example");
    assert!(refused().contains("is not https"));
    workshop.configure("# certificate", "certificate");
    assert!(refused().contains("write one of the two"));
    workshop.configure("https://127.0.0.1:1/dir", "http://127.0.0.1:1/dir");
    assert!(refused().contains("begins with https://"));
}
