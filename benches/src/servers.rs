//! The servers to measure, each on the first core.

use std::{
    ffi::OsStr,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::BenchError;

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_mins(1);
const FIRST_CORE: &str = "0";

/// A running server, which is stopped when dropped.
pub struct Server {
    child: Child,
    /// The server process.
    worker: u32,
    pub port: u16,
    /// The time from its start to its first response.
    pub start: Duration,
}

impl Server {
    /// Starts Masthead with the publication in `folder`.
    pub fn masthead(folder: &Path) -> Result<Self, BenchError> {
        Self::masthead_on(FIRST_CORE, folder)
    }

    /// Starts Masthead on these cores, a list as taskset(1) has it.
    pub fn masthead_on(cores: &str, folder: &Path) -> Result<Self, BenchError> {
        let (mut command, port) = Self::command(cores, "serve", "--dir", folder)?;
        Self::start(&mut command, port, PATIENCE)
    }

    /// Starts the demonstration, which is kept in `folder`.
    pub fn demo(folder: &Path) -> Result<Self, BenchError> {
        let (mut command, port) = Self::command(FIRST_CORE, "demo", "--data", folder)?;
        Self::start(&mut command, port, PATIENCE)
    }

    /// Starts Masthead with a publication that speaks TLS. Returns once connections are accepted.
    pub fn masthead_with_tls(folder: &Path) -> Result<Self, BenchError> {
        let (mut command, port) = Self::command(FIRST_CORE, "serve", "--dir", folder)?;
        Self::start_until(&mut command, port, PATIENCE, |server| {
            TcpStream::connect(("127.0.0.1", server.port)).is_ok()
        })
    }

    fn command(
        cores: &str,
        command: &str,
        place: &str,
        folder: &Path,
    ) -> Result<(Command, u16), BenchError> {
        let program = std::env::current_exe()?.with_file_name("masthead");
        let port = free_port()?;
        let mut server = on_cores(cores, program.as_ref());
        server.args([command, "--listen", &format!("127.0.0.1:{port}"), place]);
        server.arg(folder).stdout(Stdio::null());
        Ok((server, port))
    }

    /// Starts nginx, which serves `page` as a static file at every address.
    pub fn nginx(folder: &Path, page: &[u8]) -> Result<Self, BenchError> {
        let port = free_port()?;
        fs::write(folder.join("page.html"), page)?;
        let root = folder.display();
        let configuration = format!(
            "daemon off; master_process off; pid {root}/pid; error_log {root}/error.log;
             events {{ worker_connections 1024; }}
             http {{
               access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
               open_file_cache max=100; types {{ text/html html; }}
               server {{
                 listen 127.0.0.1:{port};
                 root {root};
                 location / {{ try_files /page.html =404; add_header Content-Encoding br; }}
               }}
             }}"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration)?;
        let mut command = on_first_core("nginx".as_ref());
        command.arg("-c").arg(&file);
        Self::start(&mut command, port, PATIENCE).map_err(|error| {
            format!("nginx does not start ({error}); on Debian: apt-get install nginx-light").into()
        })
    }

    /// Starts a server that listens on this port, and waits until it answers.
    pub fn start(command: &mut Command, port: u16, patience: Duration) -> Result<Self, BenchError> {
        Self::start_until(command, port, patience, |server| server.get("/", "").is_ok())
    }

    fn start_until(
        command: &mut Command,
        port: u16,
        patience: Duration,
        is_up: impl Fn(&Self) -> bool,
    ) -> Result<Self, BenchError> {
        let begun = Instant::now();
        let child = command.spawn()?;
        let worker = child.id();
        let mut server = Self { child, worker, port, start: Duration::ZERO };
        while !is_up(&server) {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("a server ended before it answered: {status}").into());
            }
            if begun.elapsed() > patience {
                return Err(format!("a server did not answer within {patience:?}").into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        server.start = begun.elapsed();
        Ok(server)
    }

    /// Waits until the search index is complete, so that indexing does not disturb the
    /// measurements.
    pub fn wait_for_index(&self) -> Result<Duration, BenchError> {
        let begun = Instant::now();
        while self.get("/search?q=words", "").is_err() {
            if begun.elapsed() > Duration::from_mins(20) {
                return Err("the articles cannot be searched after 20 minutes".into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(begun.elapsed())
    }

    /// Requests a page with this cookie. Returns the body, compressed with Brotli.
    pub fn get(&self, path: &str, cookie: &str) -> Result<Vec<u8>, BenchError> {
        self.request(path, &format!("Accept-Encoding: br\r\nCookie: {cookie}\r\n"))
    }

    /// Requests a page in this encoding, without a cookie.
    pub fn get_as(&self, path: &str, encoding: &str) -> Result<Vec<u8>, BenchError> {
        self.request(path, &format!("Accept-Encoding: {encoding}\r\n"))
    }

    fn request(&self, path: &str, headers: &str) -> Result<Vec<u8>, BenchError> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(format!("{path} is not there").into());
        }
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap_or_default();
        Ok(answer.split_off(end + 4))
    }

    /// Returns the CPU time used so far, by the server and its children.
    pub fn processor_time(&self) -> Duration {
        let mut ticks = 0;
        for process in processes(self.worker) {
            // Empty if a child has just ended.
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            // The name is in brackets; the 12th to 15th fields after it are the time of the process and of its
            // children that have ended (utime, stime, cutime, cstime; proc(5)).
            let after = stat.rsplit(')').next().unwrap_or_default();
            let times = after.split_whitespace().skip(11).take(4);
            ticks += times.filter_map(|n| n.parse::<u64>().ok()).sum::<u64>();
        }
        Duration::from_millis(ticks * 10)
    }

    /// Returns the resident memory in bytes.
    pub fn memory(&self) -> Result<u64, BenchError> {
        self.status("VmRSS:")
    }

    /// Returns the part of the resident memory that is mapped files, in bytes.
    pub fn mapped(&self) -> Result<u64, BenchError> {
        self.status("RssFile:")
    }

    /// Returns the sum of a memory value of /proc/PID/status (proc(5)) of the server and its children.
    fn status(&self, what: &str) -> Result<u64, BenchError> {
        let mut sum = 0;
        for process in processes(self.worker) {
            let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix(what));
            let value = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            sum += value.unwrap_or_default() * 1024;
        }
        if sum == 0 {
            return Err("the system does not say how much memory is used".into());
        }
        Ok(sum)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the command for a program that runs on the first core.
pub fn on_first_core(program: &OsStr) -> Command {
    on_cores(FIRST_CORE, program)
}

fn on_cores(cores: &str, program: &OsStr) -> Command {
    // `taskset` replaces itself by the program that it starts.
    let mut command = Command::new("taskset");
    command.args(["-c", cores]).arg(program);
    command
}

/// Returns a process and its descendants.
fn processes(process: u32) -> Vec<u32> {
    let mut all = vec![process];
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    for thread in threads {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|child| child.parse().ok());
        all.extend(children.flat_map(processes));
    }
    all
}

/// Returns a port that is free.
pub fn free_port() -> Result<u16, BenchError> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
