//! A publication with servers that are killed, readers, staff, a mail relay and a payment processor.

use std::{
    fs::{self, File},
    net::SocketAddr,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use masthead_test_support::{
    relay::MailRelay,
    stripe::{SECRET_KEY, StripeDouble, WEBHOOK_SECRET},
};
use tokio::runtime::Runtime;

use crate::{
    client::Client,
    clock::FakeClock,
    node::{Node, free_address},
    workshop::Workshop,
};

/// A product, and a price for it.
const SOLD: &str = r#"
[subscriptions]
currency = "EUR"

[[products]]
slug = "web"
name = "The Paper online"
channels = ["web"]

[[prices]]
slug = "web-monthly"
product = "web"
amount = "9"
every = "1 month"
"#;

/// How many articles everybody may read: the most that can be set.
pub const ALLOWANCE: u32 = 250;

/// How much of the log a failed test shows.
const LOG_LINES: usize = 40;

/// See the module's documentation.
pub struct Paper {
    pub workshop: Workshop,
    pub address: SocketAddr,
    pub clock: Option<FakeClock>,
    stripe: Option<StripeDouble>,
    relay: MailRelay,
    runtime: Runtime,
    log: File,
}

impl Paper {
    /// A publication in a database; on SQLite without the address of one.
    pub fn new(database: Option<&str>) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let relay = runtime.block_on(MailRelay::start());
        let (workshop, address) = (Workshop::new(), free_address());
        let here = format!("http://localhost:{}", address.port());
        workshop.configure("http://localhost:8080", &here);
        workshop.configure("trusted_proxies = []", "trusted_proxies = [\"127.0.0.1\"]");
        workshop.configure("anonymous = 3", &format!("anonymous = {ALLOWANCE}"));
        workshop.configure("registered = 5", &format!("registered = {ALLOWANCE}"));
        let relay_at = relay.address;
        let mail =
            format!("[mail]\nfrom = \"news@paper.example\"\nrelay = \"smtp://{relay_at}\"\n");
        workshop.configure("[mail]\n", &mail);
        if let Some(database) = database {
            workshop.configure("database = \"sqlite\"", &format!("database = \"{database}\""));
        }
        let log = File::options().create(true).append(true).open(workshop.path("server.log"));
        let log = log.expect("a log");
        Self { workshop, address, clock: None, stripe: None, relay, runtime, log }
    }

    /// The same, and it sells.
    pub fn that_sells(database: Option<&str>) -> Self {
        let mut paper = Self::new(database);
        let stripe = paper.runtime.block_on(StripeDouble::start());
        let keys = format!(
            "stripe_key = \"{SECRET_KEY}\"\nwebhook_secret = \"{WEBHOOK_SECRET}\"\napi = \"{}\"",
            stripe.api()
        );
        paper.workshop.configure("sandbox = false", &keys);
        let config = fs::read_to_string(paper.workshop.path("masthead.toml"));
        let config = config.expect("a configuration");
        paper.workshop.write("masthead.toml", &format!("{config}{SOLD}"));
        paper.stripe = Some(stripe);
        paper
    }

    /// The same, whose programs see a clock that can be set. Returns `None` where there is no such clock.
    pub fn with_clock(mut self) -> Option<Self> {
        self.clock = Some(FakeClock::new(&self.workshop.path(""))?);
        Some(self)
    }

    /// The publication's time, in seconds since 1970.
    pub fn now(&self) -> i64 {
        let ahead = self.clock.as_ref().map_or(0, FakeClock::seconds);
        jiff::Timestamp::now().as_second() + ahead
    }

    /// Starts the server, at the publication's address.
    pub fn start(&self) -> Node {
        self.start_with(self.address, &[])
    }

    /// Starts a server at an address, with further arguments.
    pub fn start_with(&self, address: SocketAddr, arguments: &[&str]) -> Node {
        let listen = address.to_string();
        let serve = [&["serve", "--listen", &listen], arguments].concat();
        Node::start(&mut self.command(&serve), address, &self.log)
    }

    /// A command that sees the publication's clock.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.workshop.command(arguments);
        if let Some(clock) = &self.clock {
            clock.apply(&mut command);
        }
        command
    }

    /// Runs a command that must succeed, and returns its output.
    pub fn does(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the program");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output.stderr));
        said(&output.stdout)
    }

    /// Confirms the time of the publication's clock, which is far from when it was last served.
    pub fn confirm_time(&self) {
        self.does(&["clock", "confirm"]);
    }

    /// Publishes metered articles at `/news/article-1` and so on.
    pub fn publish(&self, articles: u32) {
        let names: Vec<String> = (1..=articles).map(|number| self.write(number)).collect();
        let mut arguments = vec!["publish"];
        arguments.extend(names.iter().map(String::as_str));
        self.does(&arguments);
    }

    /// Publishes the article with this number.
    pub fn publish_one(&self, number: u32) {
        self.does(&["publish", &self.write(number)]);
    }

    /// Writes an article, and returns the name of its file.
    fn write(&self, number: u32) -> String {
        let name = format!("article-{number}.md");
        let text =
            format!("---\nheadline: Article {number}\nsection: news\n---\n\nWords of {number}.\n");
        self.workshop.write(&name, &text);
        name
    }

    /// A browser in its own network.
    pub fn client(&self, number: u32) -> Client {
        Client::new(self.address, number)
    }

    /// The address of a reader.
    pub fn email(number: u32) -> String {
        format!("reader-{number}@example.org")
    }

    /// Signs a reader in with the code in an email.
    pub fn sign_in(&self, number: u32) -> Client {
        let mut client = self.client(number);
        let email = Self::email(number);
        let asked = client.post("/register", &[("email", &email)]).expect("an answer");
        assert_eq!(asked.location(), "/sign-in/sent", "{} {}", asked.status, asked.body);
        let code = self.code_for(&email);
        let signed_in = client.post("/sign-in/code", &[("code", &code)]).expect("an answer");
        assert!(signed_in.is_done(), "{} {}", signed_in.status, signed_in.body);
        client
    }

    fn code_for(&self, email: &str) -> String {
        let begun = Instant::now();
        let is_code =
            |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        loop {
            let mail = self.relay.mail();
            let email = mail.iter().rev().find(|mail| mail.contains(&format!("<{email}>")));
            if let Some(code) = email.and_then(|mail| mail.lines().map(str::trim).find(is_code)) {
                return code.to_owned();
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "no email has arrived");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Signs an owner in at the desk.
    pub fn owner(&self) -> Client {
        self.owner_with("owner@example.org")
    }

    /// Has a new owner with this address join the desk, and signs them in.
    pub fn owner_with(&self, email: &str) -> Client {
        let said = self.does(&["staff", "link", "owner"]);
        let link = said.lines().rev().find(|line| line.contains("/desk/join/")).expect("a link");
        let path = &link[link.find("/desk/join/").expect("a path")..];
        let mut owner = self.client(60_000);
        let form = [("email", email), ("name", "Ada")];
        let joined = owner.post(path.trim(), &form).expect("an answer");
        assert_eq!(joined.location(), "/desk", "{}", joined.body);
        owner
    }

    fn stripe(&self) -> &StripeDouble {
        self.stripe.as_ref().expect("a publication that sells")
    }

    /// Pays at the processor's page, as the reader's browser does. Returns the path to come back to.
    pub fn pay(&self, session: &str) -> String {
        let stripe = self.stripe();
        assert!(self.runtime.block_on(stripe.pay(session, "4242424242424242")), "paid");
        let session = stripe.session(session);
        let back = session["form"]["success_url"].as_str().expect("a way back");
        back[back.find("/checkout/").expect("a path")..].to_owned()
    }

    /// What the processor has collected: the order and the amount of each payment.
    pub fn collected(&self) -> Vec<(String, u64)> {
        self.runtime.block_on(self.stripe().collected())
    }

    /// The payments in the books: the reader's number and the amount of each.
    pub fn payments(&self) -> Vec<(String, String)> {
        let rows = self.does(&["export", "payments"]);
        let row = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[1].to_owned(), cells[4].to_owned())
        };
        rows.lines().skip(1).map(row).collect()
    }

    /// Checks that no server has panicked.
    pub fn assert_no_panic(&self) {
        let log = fs::read_to_string(self.workshop.path("server.log")).expect("a log");
        let panic = log.lines().find(|line| line.contains("panicked at"));
        assert_eq!(panic, None, "a server has panicked");
    }
}

impl Drop for Paper {
    /// Shows the end of the log if the test has failed.
    fn drop(&mut self) {
        if thread::panicking() {
            let log = fs::read_to_string(self.workshop.path("server.log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("{}", lines[lines.len().saturating_sub(LOG_LINES)..].join("\n"));
        }
    }
}
