//! The server on a real socket: old protocols, hostile clients, and a stop in the middle.

use std::{net::SocketAddr, time::Duration};

use masthead_site::serve::{ConnectionLimits, Server as HttpServer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

use crate::newspaper::{Newspaper, article, sentence};

pub struct Server {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

pub async fn start(paper: &Newspaper, limits: ConnectionLimits) -> Server {
    serve(HttpServer::new(paper.router.clone(), limits, |_| false)).await
}

pub async fn serve(server: HttpServer) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let stopped = async {
        // A test that ends without saying so stops it as well.
        let _ = stopped.await;
    };
    let running = tokio::spawn(server.serve(listener, stopped));
    Server { address, stop, running }
}

pub async fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(bytes).await.expect("sent");
    stream
}

pub async fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_mins(1), stream.read_to_end(&mut bytes)).await;
    // A reset after the answer is as good as an end.
    let _ = read.expect("an end within time");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn http_1_0_is_metered_like_everything_else() {
    let paper = Newspaper::with(|p| {
        p.policy.allowances.anonymous = masthead_access::Allowance::Articles(0);
    })
    .await;
    paper.publish(&article("a")).await;
    let server = start(&paper, ConnectionLimits::default()).await;
    for request in [
        "GET /news/a HTTP/1.0\r\n\r\n",
        "GET /news/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET http://x/news/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ] {
        let page = answer(send(server.address, request.as_bytes()).await).await;
        assert!(page.starts_with("HTTP/1."), "{page}");
        assert!(page.contains(" 200 OK"), "{page}");
        assert!(page.contains(&sentence("a", 0)));
        assert!(!page.contains(&sentence("a", 1)));
    }
}

#[tokio::test]
async fn hostile_requests_are_refused_and_harm_nobody() {
    let paper = Newspaper::new().await;
    let limits =
        ConnectionLimits { header: Duration::from_millis(300), ..ConnectionLimits::default() };
    let server = start(&paper, limits).await;
    let long = "x".repeat(200_000);
    let many = "x: y\r\n".repeat(500);
    let requests = [
        format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{many}\r\n"),
        "GARBAGE\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "POST /news HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\nConnection: close\r\n\r\nx"
            .to_owned(),
    ];
    for request in requests {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        // The server may hang up before it has heard everything.
        let _ = stream.write_all(request.as_bytes()).await;
        let reply = answer(stream).await;
        let refused = reply.is_empty() || reply.starts_with("HTTP/1.1 4");
        assert!(refused, "{} was answered {reply:.60}", &request[..30.min(request.len())]);
    }
    // Half a header, and then silence.
    let slow = send(server.address, b"GET / HTTP/1.1\r\nHost: x\r\n").await;
    let reply = answer(slow).await;
    assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 408"), "{reply}");
    let well = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(answer(send(server.address, well).await).await.contains("200 OK"));
}

#[tokio::test]
async fn a_connection_ends_with_the_response_to_its_last_request() {
    let paper = Newspaper::new().await;
    let well = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let server =
        start(&paper, ConnectionLimits { requests: 3, ..ConnectionLimits::default() }).await;
    let all = answer(send(server.address, &well.repeat(5)).await).await;
    assert_eq!(all.matches("200 OK").count(), 3, "{all}");
    let (before, last) = all.rsplit_once("HTTP/1.1").expect("responses");
    assert!(!before.contains("connection: close") && last.contains("connection: close"), "{all}");

    let server = start(
        &paper,
        ConnectionLimits { age: Duration::from_millis(300), ..ConnectionLimits::default() },
    )
    .await;
    let mut young = send(server.address, well).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    young.write_all(&well.repeat(2)).await.expect("it is open until the next request");
    assert_eq!(answer(young).await.matches("200 OK").count(), 2);
}

#[tokio::test]
async fn stopping_finishes_what_has_begun() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let server = start(&paper, ConnectionLimits::default()).await;
    // Begun, and not yet fully asked.
    let mut begun = send(server.address, b"GET /news/a HTTP/1.1\r\nHost: x\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).expect("running");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(server.address).await.is_err(), "no new connection");
    begun.write_all(b"\r\n").await.expect("sent");
    let page = answer(begun).await;
    assert!(page.contains("200 OK") && page.contains(&sentence("a", 9)), "{page:.200}");
    timeout(Duration::from_mins(1), server.running).await.expect("stopped").expect("no panic");
}
