//! A folder with a publication, the program, and a server that ends with the test.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A product, and a price for it.
const SOLD: &str = r#"
[subscriptions]
currency = "EUR"

[[products]]
slug = "web"
name = "The Paper online"
channels = ["web"]

[[prices]]
slug = "web-yearly"
product = "web"
amount = "90"
every = "1 year"
"#;

/// A publication in its own folder.
pub struct Workshop {
    folder: TempDir,
}

/// The output of a command.
pub struct Said {
    pub good: bool,
    pub out: String,
    pub err: String,
}

impl Workshop {
    /// A folder in which `masthead init` has been run.
    pub fn new() -> Self {
        let workshop = Self::empty();
        let said = workshop.run(&["init", workshop.path("").to_str().expect("UTF-8")]);
        assert!(said.good, "{}", said.err);
        workshop
    }

    /// The same, with something to sell at the sandbox.
    pub fn that_sells() -> Self {
        let workshop = Self::new();
        let text = fs::read_to_string(workshop.path("masthead.toml")).expect("a configuration");
        let text = text.replace("sandbox = false", "sandbox = true");
        workshop.write("masthead.toml", &format!("{text}{SOLD}"));
        workshop
    }

    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    /// Replaces a text in the configuration.
    pub fn configure(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("masthead.toml")).expect("a configuration");
        assert!(text.contains(from), "{from}");
        self.write("masthead.toml", &text.replace(from, to));
    }

    /// Writes a line of the configuration into a table, in place of the one with its key.
    pub fn set(&self, table: &str, line: &str) {
        let text = fs::read_to_string(self.path("masthead.toml")).expect("a configuration");
        let (before, rest) = text.split_once(&format!("\n[{table}]\n")).expect("the table");
        let (inner, after) = rest.split_once("\n[").expect("another table");
        let key = line.split('=').next().expect("a key");
        let others: Vec<&str> = inner.lines().filter(|other| !other.starts_with(key)).collect();
        let inner = others.join("\n");
        self.write("masthead.toml", &format!("{before}\n[{table}]\n{line}\n{inner}\n[{after}"));
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_masthead"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("RUST_LOG");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().expect("the program");
        Said {
            good: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a command that must succeed, and returns its output.
    pub fn does(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert!(said.good, "{arguments:?}: {}", said.err);
        said.out
    }

    /// Runs a command that must fail, and returns its output.
    pub fn refuses(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert!(!said.good, "{arguments:?} succeeded: {}", said.out);
        said.err
    }

    pub fn serve(&self) -> Server {
        Server::start(self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }
}

/// How long anything may take: all tests share two cores, and nothing in them is optimised.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server; it is stopped when it goes out of scope.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(command: Command) -> Self {
        Self::try_start(command).expect("an address, before the end")
    }

    /// Returns `None` if it ends without an address.
    pub fn try_start(mut command: Command) -> Option<Self> {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program");
        let out = BufReader::new(child.stdout.take().expect("an output"));
        let Some(line) = out.lines().map_while(Result::ok).find(|line| line.contains("://")) else {
            child.wait().expect("ended");
            return None;
        };
        let local = line.trim().replace("localhost", "127.0.0.1");
        let address = local.rsplit("://").next().and_then(|address| address.parse().ok());
        Some(Self { child, address: address.unwrap_or_else(|| panic!("no address in: {line}")) })
    }

    /// The whole response to a request, with headers.
    pub fn get(&self, path: &str) -> String {
        self.try_get(path).expect("an answer")
    }

    pub fn try_get(&self, path: &str) -> std::io::Result<String> {
        Ok(String::from_utf8_lossy(&self.try_bytes(path)?).into_owned())
    }

    /// The whole response to a request, such as one for a picture.
    pub fn try_bytes(&self, path: &str) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Repeats a request until the response is as expected.
    pub fn wait_for(&self, path: &str, wished: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let page = self.get(path);
            if wished(&page) {
                return page;
            }
            assert!(begun.elapsed() < PATIENCE, "{path} stayed:\n{page}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The shell stops the server at the end of its input. If it were killed, the server would keep running.
        // Either may have ended already.
        if self.child.stdin.take().is_none() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Sends a signal to a server, such as `-TERM`.
pub fn send_signal(server: &Server, signal: &str) {
    let sent = Command::new("kill").args([signal, &server.child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

/// The real exports and pages next to the repository, if they are there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("left out: {} is not there", path.display());
    None
}
