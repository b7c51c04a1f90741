//! A PostgreSQL server of one test, which can be stopped and started, and a standby that can take its place.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use masthead_test_support::{free_port, postgres};
use tempfile::TempDir;

const START: Duration = Duration::from_mins(1);

/// One server, with its files.
pub struct Cluster {
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// Starts a server with an empty database.
    pub fn start_new() -> Self {
        let cluster = Self::empty();
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-U", "postgres", "-A", "trust", "-N"]);
        cluster.append(
            "postgresql.conf",
            "listen_addresses = '127.0.0.1'\nfsync = off\nfull_page_writes = off\nwal_level = replica\n\
             max_connections = 60\nshared_buffers = 16MB\n",
        );
        cluster.append("pg_hba.conf", "host replication postgres 127.0.0.1/32 trust\n");
        cluster.start();
        cluster
    }

    /// Starts a standby that has every transaction before its client is told that it is committed.
    pub fn standby_of(primary: &Self) -> Self {
        let standby = Self::empty();
        let (data, port) = (standby.data(), primary.port.to_string());
        let arguments =
            ["-D", &data, "-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-R", "-c", "fast"];
        standby.run("pg_basebackup", &[&arguments[..], &["-N"]].concat());
        standby.start();
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
        primary.sql("SELECT pg_reload_conf()");
        let begun = Instant::now();
        while !primary
            .sql("SELECT sync_state FROM pg_stat_replication")
            .lines()
            .any(|state| state.trim() == "sync")
        {
            assert!(begun.elapsed() < START, "the standby does not follow");
        }
        standby
    }

    fn empty() -> Self {
        let folder =
            tempfile::Builder::new().prefix("masthead-cluster-").tempdir().expect("a folder");
        if postgres::is_root() {
            let path = folder.path().to_str().expect("UTF-8");
            assert!(
                Command::new("chown").args(["postgres", path]).status().expect("chown").success()
            );
        }
        Self { folder, port: free_port() }
    }

    /// The host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().expect("UTF-8").to_owned()
    }

    fn append(&self, file: &str, text: &str) {
        let path = PathBuf::from(self.data()).join(file);
        let before = fs::read_to_string(&path).expect("a configuration");
        fs::write(path, before + text).expect("written");
    }

    pub fn start(&self) {
        let (data, folder) = (self.data(), self.folder.path().display().to_string());
        let options = format!("-p {} -k {folder}", self.port);
        let log = format!("{folder}/log");
        self.run("pg_ctl", &["start", "-w", "-t", "60", "-D", &data, "-o", &options, "-l", &log]);
    }

    /// Ends every process of the server at once, as a crash does.
    pub fn crash(&self) {
        self.run("pg_ctl", &["stop", "-m", "immediate", "-D", &self.data()]);
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.run("pg_ctl", &["promote", "-w", "-D", &self.data()]);
        // Nobody follows it yet.
        self.sql("ALTER SYSTEM SET synchronous_standby_names = ''");
        self.sql("SELECT pg_reload_conf()");
    }

    /// Returns the statements in the server's log, if it logs them.
    pub fn statements(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.path().join("log")).expect("a log");
        let is_statement =
            |line: &&str| line.contains("LOG:  execute") || line.contains("LOG:  statement");
        log.lines().filter(is_statement).map(str::to_owned).collect()
    }

    /// Runs a statement and returns what `psql` says.
    pub fn sql(&self, statement: &str) -> String {
        let port = self.port.to_string();
        let mut command = Command::new(postgres::binaries().join("psql"));
        command.args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-At", "-c", statement]);
        let output = command.output().expect("psql");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs one of PostgreSQL's programs, which refuse to run as root.
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = postgres::binaries().join(program);
        let mut command = if postgres::is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        // A server that goes on running must not hold on to a pipe.
        command.args(arguments).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().expect("a program of PostgreSQL");
        assert!(status.success(), "{} {arguments:?}: {status}", program.display());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let pid = PathBuf::from(self.data()).join("postmaster.pid");
        let pid =
            fs::read_to_string(pid).ok().and_then(|text| Some(text.lines().next()?.to_owned()));
        if let Some(pid) = pid {
            // It may have crashed.
            let _ = Command::new("kill").args(["-QUIT", &pid]).stderr(Stdio::null()).status();
        }
    }
}
