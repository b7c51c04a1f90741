//! Restarts of a server whose socket somebody else keeps open, as systemd does.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use masthead_circulation::{AccountId, Secret, Session};
use masthead_store::{Location, Store};
use masthead_test_support::{postgres, proxy::Proxy};

use crate::workshop::{Server, Workshop};

/// How often the server is restarted while readers use it.
const RESTARTS: usize = 3;

/// A server that gets this socket as its first (sd_listen_fds(3)).
fn serve(workshop: &Workshop, socket: &TcpListener) -> Server {
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_masthead");
    let script = "exec 3<&0 </dev/null; LISTEN_FDS=1 exec \"$0\" serve --listen 127.0.0.1:1";
    let socket = OwnedFd::from(socket.try_clone().expect("a socket"));
    command.args(["-c", script, program]).current_dir(workshop.path("")).stdin(socket);
    let server = Server::start(command);
    assert_ne!(server.address.port(), 1, "it uses the socket");
    server
}

/// Ends a server as systemd does.
fn stop(mut server: Server) {
    let asked = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status();
    assert!(asked.expect("kill").success());
    assert!(server.child.wait().expect("ended").success());
}

fn connect(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(BufReader::new(stream))
}

/// Requests a page. Returns the header of the response.
fn request(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    write!(stream.get_mut(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")?;
    let mut header = String::new();
    while !header.ends_with("\r\n\r\n") {
        if stream.read_line(&mut header)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let header = header.to_lowercase();
    let length = header.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let length = length.and_then(|length| length.parse().ok()).unwrap_or_default();
    stream.read_exact(&mut vec![0; length])?;
    Ok(header)
}

/// Requests pages without a pause, on one connection for as long as the server keeps it, or on a new one each time.
fn read(address: SocketAddr, keeps: bool, is_over: &AtomicBool, requests: &AtomicUsize) {
    let mut kept = None;
    while !is_over.load(Ordering::Relaxed) {
        let mut stream = kept.take().unwrap_or_else(|| connect(address).expect("connected"));
        let header = request(&mut stream).expect("answered");
        assert!(header.starts_with("http/1.1 200"), "{header}");
        requests.fetch_add(1, Ordering::Relaxed);
        if keeps && !header.contains("connection: close") {
            kept = Some(stream);
        }
        // A reader who never pauses would only slow the restart down.
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn no_request_fails_while_a_server_restarts() {
    let workshop = Workshop::new();
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("an address");
    let mut server = serve(&workshop, &socket);
    let (is_over, requests) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let readers: Vec<_> = [false, false, true, true, true]
            .map(|keeps| {
                let (is_over, requests) = (&is_over, &requests);
                scope.spawn(move || read(address, keeps, is_over, requests))
            })
            .into();
        for _ in 0..RESTARTS {
            thread::sleep(Duration::from_millis(500));
            stop(server);
            server = serve(&workshop, &socket);
        }
        thread::sleep(Duration::from_millis(500));
        is_over.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("no request has failed");
        }
    });
    assert!(requests.load(Ordering::Relaxed) > 50, "{requests:?}");
}

/// Signs a reader in, and returns what their browser sends.
async fn sign_in(store: &Store) -> (AccountId, String) {
    let now = Timestamp::now();
    let email = "ada@example.org".parse().expect("an address");
    let (account, _) = store.register(&email, now).await.expect("registered");
    let secret = Secret::generate(&mut rand::rng());
    let session = Session::of_browser(secret.digest(), account.id, "A device".to_owned(), now);
    store.create_session(&session).await.expect("signed in");
    (account.id, format!("masthead-session={secret}"))
}

/// Reads an article, of which the reader's meter allows some.
fn read_article(server: &Server, name: &str, cookie: &str) {
    let mut stream = TcpStream::connect(server.address).expect("connected");
    write!(stream, "GET /news/{name} HTTP/1.0\r\nCookie: {cookie}\r\n\r\n").expect("asked");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("answered");
    assert!(page.contains("masthead-access: metered"), "{page}");
}

#[tokio::test]
async fn a_read_that_waits_for_the_database_is_written_when_the_server_stops() {
    let workshop = Workshop::new();
    let url = postgres::database();
    workshop.configure("database = \"sqlite\"", &format!("database = \"{url}\""));
    for name in ["a", "b"] {
        let text = format!("---\nheadline: {name}\nsection: news\n---\nOne.\n\nTwo.\n");
        workshop.write(&format!("{name}.md"), &text);
        workshop.does(&["publish", &format!("{name}.md")]);
    }
    let store = Store::open_existing(&Location::Postgres(url.clone())).await.expect("a database");
    let (account, cookie) = sign_in(&store).await;
    let (before, rest) = url.split_once('@').expect("a user");
    let (host, database) = rest.split_once('/').expect("a name");
    let proxy = Proxy::start(host.to_owned());
    let proxied = format!("{before}@{}/{database}", proxy.address());
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", &proxied];
    let server = Server::start(workshop.command(&arguments));
    // The page of the second is ready then.
    server.wait_for("/news/b", |page| page.contains("200 OK"));
    read_article(&server, "a", &cookie);
    proxy.close();
    read_article(&server, "b", &cookie);
    // The task that writes reads fails meanwhile, and waits for longer each time before it tries again.
    thread::sleep(Duration::from_secs(4));
    assert_eq!(store.reads_of(account, 0).await.expect("read").len(), 1);
    proxy.open();
    stop(server);
    assert_eq!(store.reads_of(account, 0).await.expect("read").len(), 2);
}
