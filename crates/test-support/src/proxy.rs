//! A TCP proxy that can be closed or stalled, to cut a server off and bring it back.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// How often a stalled connection looks whether it goes on.
const PERIOD: Duration = Duration::from_millis(10);

/// Forwards connections until it is closed.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    target: String,
    is_closed: bool,
    is_stalled: bool,
    streams: Vec<TcpStream>,
}

impl Proxy {
    /// An open proxy to `target`, a host and port.
    pub fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State { target, ..State::default() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client that finds it closed is hung up on.
                let _ = forward(&client, &shared);
            }
        });
        Self { address, state }
    }

    /// The address to connect to in place of the target.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks all connections and takes no new ones.
    pub fn close(&self) {
        self.state.lock().expect("a lock").is_closed = true;
        self.hang_up();
    }

    /// Breaks all connections, and takes new ones.
    pub fn hang_up(&self) {
        for stream in self.state.lock().expect("a lock").streams.drain(..) {
            // It may have been closed by its client.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Takes connections and forwards nothing, like a server that is stopped in a debugger.
    pub fn stall(&self) {
        self.state.lock().expect("a lock").is_stalled = true;
    }

    /// Forwards new connections to another host and port from now on, as after a failover.
    pub fn redirect(&self, target: String) {
        self.state.lock().expect("a lock").target = target;
    }

    /// Takes connections and forwards again.
    pub fn open(&self) {
        let mut state = self.state.lock().expect("a lock");
        state.is_closed = false;
        state.is_stalled = false;
    }
}

fn forward(client: &TcpStream, shared: &Arc<Mutex<State>>) -> io::Result<()> {
    let mut state = shared.lock().expect("a lock");
    if state.is_closed {
        return client.shutdown(Shutdown::Both);
    }
    let server = TcpStream::connect(&state.target)?;
    for (from, to) in [(client, &server), (&server, client)] {
        let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
        state.streams.push(from.try_clone()?);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // It ends with either side.
            let _ = copy(&mut from, &mut to, &shared);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}

fn copy(from: &mut TcpStream, to: &mut TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        while state.lock().expect("a lock").is_stalled {
            thread::sleep(PERIOD);
        }
        to.write_all(&buffer[..length])?;
    }
}
