//! Lines that are written on a thread of their own, so that no request waits for a disk or a pipe.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    path::PathBuf,
    sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel},
    thread,
};

use thiserror::Error;
use tokio::sync::oneshot;

/// Lines that may wait to be written. Beyond that they are dropped.
const WAITING: usize = 8192;

/// Is told whether everything so far was written.
type Written = Box<dyn FnOnce(io::Result<()>) + Send>;

enum Message {
    Line(String),
    Flush(Written),
}

/// Why lines are not written.
#[derive(Debug, Error)]
pub enum LineWriterError {
    /// The output does not take them.
    #[error("lines cannot be written: {0}")]
    Output(#[from] io::Error),
    /// They wait for an output that is too slow, or takes nothing.
    #[error("lines are dropped, because {WAITING} wait to be written")]
    Full,
    /// The thread has ended.
    #[error("the thread that writes has ended; restart the server")]
    Ended,
}

/// Writes lines on a thread of its own.
#[derive(Clone, Debug)]
pub struct LineWriter {
    name: &'static str,
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
        Ok(Self { name, lines })
    }

    /// The name of the log.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a line. Returns `false` if it was dropped, because too many wait.
    pub fn add(&self, line: String) -> bool {
        self.lines.try_send(Message::Line(line)).is_ok()
    }

    /// Waits until every line so far is written.
    pub fn flush(&self) {
        let (done, written) = sync_channel(1);
        let done: Written = Box::new(move |_| {
            // It fails if the one who waited is gone.
            let _ = done.send(());
        });
        if self.lines.send(Message::Flush(done)).is_ok() {
            // It returns an error if the thread ended, and then there is nothing to wait for.
            let _ = written.recv();
        }
    }

    /// Checks that lines are written.
    ///
    /// # Errors
    ///
    /// Returns why they are not. It does not return while the output takes nothing.
    pub async fn check(&self) -> Result<(), LineWriterError> {
        let (done, written) = oneshot::channel();
        let done: Written = Box::new(move |result| drop(done.send(result)));
        self.lines.try_send(Message::Flush(done)).map_err(|error| match error {
            TrySendError::Full(_) => LineWriterError::Full,
            TrySendError::Disconnected(_) => LineWriterError::Ended,
        })?;
        written.await.map_err(|_| LineWriterError::Ended)?.map_err(LineWriterError::Output)
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
        written
    };
    let mut next = received.recv().ok();
    while let Some(message) = next {
        match message {
            Message::Line(line) => drop(note(writeln!(output, "{line}"))),
            Message::Flush(done) => done(note(output.flush())),
        }
        next = match received.try_recv() {
            Ok(message) => Some(message),
            Err(TryRecvError::Empty) => {
                drop(note(output.flush()));
                received.recv().ok()
            }
            Err(TryRecvError::Disconnected) => None,
        };
    }
    drop(note(output.flush()));
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
