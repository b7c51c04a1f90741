//! A temporary PostgreSQL server from the installed binaries, one per test program.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Creates an empty database and returns its URL. Connections are not encrypted, which saves time.
pub fn database() -> String {
    format!("{}?sslmode=disable", new_database())
}

/// Creates an empty database and returns its URL. Connections must be encrypted.
pub fn encrypted_database() -> String {
    format!("{}?sslmode=require", new_database())
}

fn new_database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = SERVER.get_or_init(Server::start);
    let name = format!("proof_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.run_client(&format!("CREATE DATABASE {name}"));
    format!("postgres://postgres@127.0.0.1:{}/{name}", server.port)
}

struct Server {
    port: u16,
    binaries: PathBuf,
    /// A shell that waits for the end of its input, which happens when the test program exits. Then
    /// it stops the server and removes its files.
    _watch: Mutex<Child>,
}

impl Server {
    fn start() -> Self {
        let binaries = binaries();
        let folder = tempfile::Builder::new()
            .prefix("masthead-postgres-")
            .tempdir()
            .expect("a temporary directory")
            .keep();
        let port = crate::free_port();
        let is_root = is_root();
        if is_root {
            run("chown", &["postgres", path(&folder)]);
        }
        // PostgreSQL refuses to run as root.
        let user = if is_root { "runuser -u postgres --" } else { "" };
        let (bin, folder) = (path(&binaries), path(&folder));
        let script = format!(
            "set -e; cd {folder}
             {user} {bin}/initdb -D {folder}/data -U postgres -A trust -N >{folder}/log 2>&1
             {user} openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
                 -subj /CN=localhost -keyout {folder}/data/server.key -out {folder}/data/server.crt 2>>{folder}/log
             {user} {bin}/postgres -D {folder}/data -p {port} -k {folder} -c listen_addresses=127.0.0.1 \
                 -c ssl=on -c fsync=off -c full_page_writes=off >>{folder}/log 2>&1 &
             server=$!
             cat >/dev/null || true
             kill -INT $(head -n 1 {folder}/data/postmaster.pid) || kill $server
             wait $server || true
             rm -rf {folder}"
        );
        let watch = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell to watch the server");
        let server = Self { port, binaries, _watch: Mutex::new(watch) };
        server.wait_until_ready(folder);
        server
    }

    fn wait_until_ready(&self, folder: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.client("SELECT 1") {
            if Instant::now() > deadline {
                let log = fs::read_to_string(format!("{folder}/log")).unwrap_or_default();
                panic!("PostgreSQL did not start:\n{log}");
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn run_client(&self, sql: &str) {
        assert!(self.client(sql), "PostgreSQL refused: {sql}");
    }

    fn client(&self, sql: &str) -> bool {
        Command::new(self.binaries.join("psql"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", "-c", sql])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// Whether the tests run as root, as which PostgreSQL does not start.
pub fn is_root() -> bool {
    run("id", &["-u"]).trim() == "0"
}

/// Returns the folder with PostgreSQL's programs.
pub fn binaries() -> PathBuf {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut candidates: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    candidates.sort();
    candidates.reverse();
    candidates.extend(["/usr/local/bin", "/usr/bin"].map(PathBuf::from));
    candidates
        .into_iter()
        .find(|folder| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).exists()))
        .expect(
            "PostgreSQL's initdb; install PostgreSQL, on Debian with: apt-get install postgresql",
        )
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("a common program");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
