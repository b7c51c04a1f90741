//! Lines that are written on a thread of their own, so that no request waits for a disk or a pipe.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    path::PathBuf,
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    thread,
};

/// Lines that may wait to be written. Beyond that they are dropped.
const WAITING: usize = 8192;

enum Message {
    Line(String),
    Flush(SyncSender<()>),
}

/// Writes lines on a thread of its own.
#[derive(Clone, Debug)]
pub struct LineWriter {
    lines: SyncSender<Message>,
}

impl LineWriter {
    /// Starts a thread of this name that writes to `output`, and flushes it whenever nothing waits.
    ///
    /// # Errors
    ///
    /// Returns an error if the system refuses another thread.
    pub fn start(name: &'static str, output: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, received) = sync_channel(WAITING);
        let thread = thread::Builder::new().name(name.to_owned());
        thread.spawn(move || write_lines(name, &received, BufWriter::new(output)))?;
        Ok(Self { lines })
    }

    /// Adds a line. Returns `false` if it was dropped, because too many wait.
    pub fn add(&self, line: String) -> bool {
        self.lines.try_send(Message::Line(line)).is_ok()
    }

    /// Waits until every line so far is written.
    pub fn flush(&self) {
        let (done, written) = sync_channel(1);
        if self.lines.send(Message::Flush(done)).is_ok() {
            // It returns an error if the thread ended, and then there is nothing to wait for.
            let _ = written.recv();
        }
    }
}

/// Writes until all senders are gone.
fn write_lines(name: &str, received: &Receiver<Message>, mut output: impl Write) {
    let mut failing = false;
    let mut note = |written: io::Result<()>| {
        if let Err(error) = &written
            && !failing
        {
            tracing::error!(%error, "log: {name}: lines cannot be written; it is tried again with each");
        }
        failing = written.is_err();
    };
    let mut next = received.recv().ok();
    while let Some(message) = next {
        match message {
            Message::Line(line) => note(writeln!(output, "{line}")),
            Message::Flush(done) => {
                note(output.flush());
                // It fails if the one who waited is gone.
                let _ = done.send(());
            }
        }
        next = match received.try_recv() {
            Ok(message) => Some(message),
            Err(TryRecvError::Empty) => {
                note(output.flush());
                received.recv().ok()
            }
            Err(TryRecvError::Disconnected) => None,
        };
    }
    note(output.flush());
}

/// A file that is appended to, and opened again after each flush: it may be renamed or removed at any time, for example by
/// logrotate, and no signal is needed. Nobody but its owner may read it.
#[derive(Debug)]
pub struct AppendFile {
    path: PathBuf,
    file: Option<File>,
}

impl AppendFile {
    /// Opens the file, creating it first if it is missing.
    ///
    /// # Errors
    ///
    /// Returns an error if it cannot be written.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let mut file = Self { path, file: None };
        file.opened()?;
        Ok(file)
    }

    fn opened(&mut self) -> io::Result<&mut File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => options().open(&self.path)?,
        };
        Ok(self.file.insert(file))
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

impl Write for AppendFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.opened()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(mut file) => file.flush(),
            None => Ok(()),
        }
    }
}
