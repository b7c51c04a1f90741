//! The signals that this process receives.

use std::{process, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::spawn_blocking,
    time::{Instant, timeout},
};

use crate::error::CliError;

/// How long further signals count as the first one: a terminal, `timeout` and some supervisors send one request to end both to the
/// process and to its group.
const SAME_REQUEST: Duration = Duration::from_millis(500);
/// How long logs may take to be written then.
const MAX_FLUSH: Duration = Duration::from_secs(1);
/// The exit status of a server that a second signal has ended: 128 and the number of SIGTERM, as shells write it. With this one a
/// supervisor does not take it for a crash, and does not start it again.
const ENDED_AT_ONCE: i32 = 128 + 15;

/// Receives SIGTERM and SIGINT (Ctrl+C), which ask the process to end.
pub struct ShutdownSignals {
    terminate: Option<Signal>,
    interrupt: Option<Signal>,
}

impl ShutdownSignals {
    /// Listens from now on.
    pub fn listen() -> Self {
        Self {
            terminate: listen(SignalKind::terminate()),
            interrupt: listen(SignalKind::interrupt()),
        }
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            () = next(&mut self.terminate) => {}
            () = next(&mut self.interrupt) => {}
        }
    }

    /// Ends the process at the next signal that does not belong to the one just received, without waiting for requests. `before` runs
    /// first. What was acknowledged is in the database already.
    pub fn end_at_next(mut self, before: impl FnOnce() + Send + 'static) {
        let received = Instant::now();
        tokio::spawn(async move {
            loop {
                self.next().await;
                if received.elapsed() >= SAME_REQUEST {
                    break;
                }
            }
            let logs = spawn_blocking(|| {
                tracing::warn!(
                    "server: stopped at once by a second signal, requests that had begun are not finished"
                );
                before();
            });
            // The output of a log, such as a pipe, may have stopped taking lines.
            drop(timeout(MAX_FLUSH, logs).await);
            process::exit(ENDED_AT_ONCE);
        });
    }
}

/// Does the work of a command until it is asked to end, by SIGTERM or Ctrl+C. What is dropped then deletes its temporary files.
///
/// # Errors
///
/// Returns the error of the work, or one that says that it was stopped.
pub async fn unless_stopped<T>(
    work: impl Future<Output = Result<T, CliError>>,
) -> Result<T, CliError> {
    let mut signals = ShutdownSignals::listen();
    tokio::select! {
        done = work => done,
        () = signals.next() => Err(CliError::new("stopped before it was done; nothing was written")),
    }
}

/// Receives SIGHUP, which asks a server to reload, and SIGUSR1 and SIGUSR2, with which operators of other servers ask for that. All
/// of them would otherwise end the process.
pub struct ReloadSignals {
    hangup: Option<Signal>,
    user1: Option<Signal>,
    user2: Option<Signal>,
}

impl ReloadSignals {
    /// Listens from now on.
    pub fn listen() -> Self {
        Self {
            hangup: listen(SignalKind::hangup()),
            user1: listen(SignalKind::user_defined1()),
            user2: listen(SignalKind::user_defined2()),
        }
    }

    /// Waits for the next SIGHUP. The log says that the others do nothing.
    pub async fn next_hangup(&mut self) {
        loop {
            let ignored = tokio::select! {
                () = next(&mut self.hangup) => return,
                () = next(&mut self.user1) => "USR1",
                () = next(&mut self.user2) => "USR2",
            };
            tracing::info!(
                signal = ignored,
                "server: signal ignored; send HUP to reload settings, theme and certificates, and TERM to stop"
            );
        }
    }
}

fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind)
        .inspect_err(|error| tracing::warn!(%error, ?kind, "server: a signal cannot be received"))
        .ok()
}

/// Waits for the next signal; for ever if it cannot be received.
async fn next(signal: &mut Option<Signal>) {
    let received = match signal {
        Some(signal) => signal.recv().await,
        None => None,
    };
    if received.is_none() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_is_stopped_ends_and_is_dropped() {
        let unfinished = tempfile::NamedTempFile::new().expect("a file");
        let path = unfinished.path().to_path_buf();
        let work = async move {
            let _unfinished = unfinished;
            std::future::pending().await
        };
        let stop = async {
            // By now the signal is received.
            tokio::task::yield_now().await;
            let own = rustix::process::getpid();
            rustix::process::kill_process(own, rustix::process::Signal::TERM).expect("a signal");
        };
        let (stopped, ()) = tokio::join!(unless_stopped::<()>(work), stop);
        assert!(stopped.is_err_and(|error| error.to_string().contains("stopped")));
        assert!(!path.exists(), "the temporary file stays");
    }
}
