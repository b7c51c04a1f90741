//! ConnectionLimits on connections: what one network may take, and what the others notice of it.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use masthead_site::serve::{ConnectionLimits, Server as HttpServer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::{
    newspaper::Newspaper,
    serving::{answer, serve, start},
};

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const MOMENT: Duration = Duration::from_millis(500);

async fn connect(from: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    let from = SocketAddr::new(from.parse().expect("an address"), 0);
    socket.bind(from).expect("an address of this machine");
    socket.connect(to).await.expect("connected")
}

/// Whether the server leaves a connection open on which nothing is said.
async fn is_kept(stream: &mut TcpStream) -> bool {
    timeout(MOMENT, stream.read(&mut [0])).await.is_err()
}

#[tokio::test]
async fn idle_connections_of_one_network_leave_places_for_all_others() {
    let paper = Newspaper::new().await;
    let limits =
        ConnectionLimits { connections: 40, per_network: 10, ..ConnectionLimits::default() };
    let server = start(&paper, limits).await;
    let mut idle = Vec::new();
    for number in 0..100 {
        idle.push(connect(&format!("127.0.1.{}", number % 250 + 1), server.address).await);
    }
    tokio::time::sleep(MOMENT).await;
    let mut kept = 0;
    for stream in &mut idle {
        kept +=
            usize::from(timeout(Duration::from_millis(20), stream.read(&mut [0])).await.is_err());
    }
    assert_eq!(kept, 10);
    let mut other = connect("127.0.2.1", server.address).await;
    other.write_all(REQUEST).await.expect("sent");
    assert!(answer(other).await.contains("200 OK"));
    // What the network gives back, it may take again.
    drop(idle);
    tokio::time::sleep(MOMENT).await;
    let mut again = connect("127.0.1.1", server.address).await;
    again.write_all(REQUEST).await.expect("sent");
    assert!(answer(again).await.contains("200 OK"));
}

#[tokio::test]
async fn a_trusted_proxy_may_have_every_connection() {
    let paper = Newspaper::new().await;
    let limits =
        ConnectionLimits { connections: 40, per_network: 2, ..ConnectionLimits::default() };
    let proxy: IpAddr = [127, 0, 1, 1].into();
    let server =
        serve(HttpServer::new(paper.router.clone(), limits, move |peer| peer == proxy)).await;
    for (from, expected) in [("127.0.1.1", 8), ("127.0.3.1", 2)] {
        let mut kept = 0;
        let mut all = Vec::new();
        for _ in 0..8 {
            let mut stream = connect(from, server.address).await;
            kept += usize::from(is_kept(&mut stream).await);
            all.push(stream);
        }
        assert_eq!(kept, expected, "{from}");
    }
}

#[tokio::test]
async fn idle_connections_end_sooner_while_places_are_scarce() {
    let paper = Newspaper::new().await;
    let limits = ConnectionLimits {
        connections: 8,
        per_network: 4,
        header_if_scarce: Duration::from_millis(100),
        ..ConnectionLimits::default()
    };
    let server = start(&paper, limits).await;
    let mut idle = Vec::new();
    for network in 1..=6 {
        idle.push(connect(&format!("127.0.{network}.1"), server.address).await);
    }
    assert!(is_kept(&mut idle[0]).await, "there are places enough");
    let mut late = connect("127.0.7.1", server.address).await;
    assert!(!is_kept(&mut late).await, "the last places are for those who ask for something");
}

/// A client that sends on reads the response, whether it reads while it sends or only afterwards, as nginx may.
#[tokio::test]
async fn an_upload_that_is_refused_early_gets_its_response() {
    const BYTES: usize = 8 * 1024 * 1024;
    let paper = Newspaper::new().await;
    let server = start(&paper, ConnectionLimits::default()).await;
    for framing in ["Content-Length", "Transfer-Encoding"] {
        let value = if framing == "Content-Length" { BYTES.to_string() } else { "chunked".into() };
        let header = format!(
            "POST /no-such-page HTTP/1.1\r\nHost: x\r\n{framing}: {value}\r\nConnection: close\r\n\r\n"
        );
        let mut stream = connect("127.0.1.1", server.address).await;
        stream.write_all(header.as_bytes()).await.expect("sent");
        // The response is there before the body has arrived.
        tokio::time::sleep(MOMENT).await;
        let piece = vec![b'x'; 64 * 1024];
        for _ in 0..BYTES / piece.len() {
            if framing == "Transfer-Encoding" {
                stream.write_all(b"10000\r\n").await.expect("sent on");
            }
            stream.write_all(&piece).await.expect("sent on");
            if framing == "Transfer-Encoding" {
                stream.write_all(b"\r\n").await.expect("sent on");
            }
        }
        if framing == "Transfer-Encoding" {
            stream.write_all(b"0\r\n\r\n").await.expect("sent on");
        }
        let answer = answer(stream).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{framing}: {answer}");
    }
}

/// Nobody keeps a connection by sending a body that nobody reads.
#[tokio::test]
async fn a_body_that_nobody_reads_is_read_for_a_moment() {
    let paper = Newspaper::new().await;
    let server = start(&paper, ConnectionLimits::default()).await;
    let mut stream = connect("127.0.1.1", server.address).await;
    let header = "POST /no-such-page HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
    stream.write_all(header.as_bytes()).await.expect("sent");
    let answer = timeout(Duration::from_secs(10), answer(stream)).await.expect("closed");
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}
