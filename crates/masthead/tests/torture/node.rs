//! A server that is killed and started again, at the same address.

use std::{
    fs::File,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use masthead_test_support::free_port;

use crate::{client::Client, rounds::pause};

/// How long a start may take on a machine that is busy.
const START: Duration = Duration::from_mins(1);

/// A server process.
pub struct Node {
    child: Child,
}

/// An address of this machine that nothing listens on.
pub fn free_address() -> SocketAddr {
    ([127, 0, 0, 1], free_port()).into()
}

impl Node {
    /// Starts a server and waits until it answers.
    pub fn start(command: &mut Command, address: SocketAddr, log: &File) -> Self {
        let log = || Stdio::from(log.try_clone().expect("a log"));
        let child = command.stdout(log()).stderr(log()).spawn().expect("the program");
        let mut node = Self { child };
        let begun = Instant::now();
        while Client::new(address, 1).get("/healthz").is_none_or(|page| page.status != 200) {
            assert!(node.is_running(), "the server has ended; its log says why");
            assert!(begun.elapsed() < START, "the server does not start");
            thread::sleep(Duration::from_millis(10));
        }
        node
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a state").is_none()
    }

    /// Ends it by SIGKILL: it cannot clean up.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

/// Works with a server until it is killed, at most so many milliseconds later.
pub fn killed_during<T: Send>(
    node: &mut Node,
    milliseconds: u64,
    work: impl FnOnce() -> T + Send,
) -> T {
    thread::scope(|scope| {
        let working = scope.spawn(work);
        pause(milliseconds);
        node.kill();
        working.join().expect("worked until the end")
    })
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
