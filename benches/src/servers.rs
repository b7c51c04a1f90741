//! The servers to measure, each on the first core.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::BenchError;

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
        Self::run("serve", "--dir", folder)
    }

    /// Starts the demonstration, which is kept in `folder`.
    pub fn demo(folder: &Path) -> Result<Self, BenchError> {
        Self::run("demo", "--data", folder)
    }

    fn run(command: &str, place: &str, folder: &Path) -> Result<Self, BenchError> {
        let program = std::env::current_exe()?.with_file_name("masthead");
        let port = free_port()?;
        let begun = Instant::now();
        let child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(program)
            .args([command, "--listen", &format!("127.0.0.1:{port}"), place])
            .arg(folder)
            .stdout(Stdio::null())
            .spawn()?;
        Self::await_answer(child, port, begun)
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
        let begun = Instant::now();
        let child = Command::new("taskset")
            .args(["-c", "0", "nginx", "-c"])
            .arg(&file)
            .spawn()
            .map_err(|error| {
                format!("nginx does not start ({error}); on Debian: apt-get install nginx-light")
            })?;
        Self::await_answer(child, port, begun)
    }

    fn await_answer(child: Child, port: u16, begun: Instant) -> Result<Self, BenchError> {
        // `taskset` replaces itself by the program that it starts.
        let worker = child.id();
        let mut server = Self { child, worker, port, start: Duration::ZERO };
        while server.get("/", "").is_err() {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("a server ended before it answered: {status}").into());
            }
            if begun.elapsed() > Duration::from_mins(1) {
                return Err("a server did not answer within a minute".into());
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

    /// Returns the CPU time used so far.
    pub fn processor_time(&self) -> Result<Duration, BenchError> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.worker))?;
        // The name is in brackets; utime and stime are the 12th and 13th fields after it (proc(5)).
        let after = stat.rsplit(')').next().unwrap_or_default();
        let ticks: u64 =
            after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Returns the resident memory in bytes.
    pub fn memory(&self) -> Result<u64, BenchError> {
        self.status("VmRSS:")
    }

    /// Returns the part of the resident memory that is mapped files, in bytes.
    pub fn mapped(&self) -> Result<u64, BenchError> {
        self.status("RssFile:")
    }

    /// Returns a memory value of /proc/PID/status (proc(5)).
    fn status(&self, what: &str) -> Result<u64, BenchError> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.worker))?;
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        Ok(kilobytes.ok_or("the system does not say how much memory is used")? * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16, BenchError> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
