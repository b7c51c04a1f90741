//! TLS and HTTP/2, with certificates from files.

use std::{fs, path::Path, sync::Arc, time::Duration};

use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use masthead_site::serve::{
    ConnectionLimits, Server as HttpServer,
    tls::{CertificateError, CertificateFiles, Certificates},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    newspaper::{Newspaper, article, sentence},
    serving::{Server, serve},
};

const AUTHORITY: &[u8] = include_bytes!("certificates/ca.pem");
const ONE: (&str, &str) =
    (include_str!("certificates/one.pem"), include_str!("certificates/one.key"));
const TWO: (&str, &str) =
    (include_str!("certificates/two.pem"), include_str!("certificates/two.key"));

fn put(folder: &Path, (certificate, key): (&str, &str)) {
    fs::write(folder.join("certificate.pem"), certificate).expect("written");
    fs::write(folder.join("key.pem"), key).expect("written");
}

fn files(folder: &Path) -> CertificateFiles {
    CertificateFiles { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") }
}

async fn start(paper: &Newspaper, limits: ConnectionLimits) -> (Server, Arc<Certificates>) {
    put(paper.folder.path(), ONE);
    let certificates = Certificates::open(files(paper.folder.path())).expect("certificates");
    let certificates = Arc::new(certificates);
    let server = HttpServer::new(paper.router.clone(), limits, |_| false)
        .with_tls(Some(Arc::clone(&certificates)));
    (serve(server).await, certificates)
}

async fn connect(server: &Server, protocol: &[u8]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(AUTHORITY).expect("PEM")).expect("an authority");
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(server.address).await.expect("connected");
    let name = ServerName::try_from("paper.example").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("TLS")
}

fn certificate(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().expect("certificates")[0].clone().into_owned()
}

async fn get_2(server: &Server, uri: &str) -> (StatusCode, String) {
    let stream = connect(server, b"h2").await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = Request::get(uri).body(Body::empty()).expect("a request");
    let response = sender.send_request(request).await.expect("a response");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_over_tls() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let (server, _) = start(&paper, ConnectionLimits::default()).await;
    let (status, page) = get_2(&server, "https://paper.example/news/a").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(&sentence("a", 9)));
    let (status, _) = get_2(&server, "https://www.paper.example/news/a").await;
    assert_eq!(status, StatusCode::PERMANENT_REDIRECT);

    let stream = connect(&server, b"http/1.1").await;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
    tokio::spawn(connection);
    let request = Request::get("/news/a").header(header::HOST, "paper.example");
    let request = request.body(Body::empty()).expect("a request");
    let response = sender.send_request(request).await.expect("a response");
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_request_with_too_large_a_header_is_refused_in_http_2() {
    let paper = Newspaper::new().await;
    let (server, _) = start(&paper, ConnectionLimits::default()).await;
    let stream = connect(&server, b"h2").await;
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = Request::get("https://paper.example/").header("x", "x".repeat(40_000));
    let request = request.body(Body::empty()).expect("a request");
    let answer = sender.send_request(request).await;
    let refused = match answer {
        Ok(response) => response.status().is_client_error(),
        Err(_) => true,
    };
    assert!(refused);
}

#[tokio::test]
async fn connections_that_ask_for_nothing_end() {
    let paper = Newspaper::new().await;
    let soon = Duration::from_millis(200);
    let limits = ConnectionLimits { header: soon, silence: soon, ..ConnectionLimits::default() };
    let (server, _) = start(&paper, limits).await;
    let ends = |read: std::io::Result<usize>| matches!(read, Ok(0) | Err(_));
    let patience = Duration::from_secs(5);
    // One never begins TLS, one never begins HTTP/1.1, one begins HTTP/2 and asks for nothing.
    let mut bare = TcpStream::connect(server.address).await.expect("connected");
    let read = timeout(patience, bare.read(&mut [0])).await.expect("an end in time");
    assert!(ends(read));
    let mut quiet = connect(&server, b"http/1.1").await;
    let read = timeout(patience, quiet.read(&mut [0])).await.expect("an end in time");
    assert!(ends(read));
    let stream = connect(&server, b"h2").await;
    let (_sender, connection) =
        http2::handshake::<_, _, Body>(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("HTTP/2");
    timeout(patience, connection).await.expect("an end in time").ok();
}

#[tokio::test]
async fn a_connection_with_http_2_ends_by_age_and_by_number_of_requests() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let old = ConnectionLimits { age: Duration::from_millis(500), ..ConnectionLimits::default() };
    let busy = ConnectionLimits { requests: 2, ..ConnectionLimits::default() };
    for (limits, requests) in [(old, 1), (busy, 2)] {
        let (server, _) = start(&paper, limits).await;
        let stream = connect(&server, b"h2").await;
        let (mut sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
        let connection = tokio::spawn(connection);
        for _ in 0..requests {
            let request = Request::get("https://paper.example/news/a").body(Body::empty());
            let response = sender.send_request(request.expect("a request")).await;
            let body = response.expect("a response").into_body().collect().await;
            let body = String::from_utf8_lossy(&body.expect("a body").to_bytes()).into_owned();
            assert!(body.contains(&sentence("a", 9)), "what has begun is finished");
        }
        let end = timeout(Duration::from_mins(1), connection).await.expect("an end in time");
        assert!(end.expect("no panic").is_ok(), "the client is told and not cut off");
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_a_response_is_disconnected() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let limits =
        ConnectionLimits { write: Duration::from_millis(400), ..ConnectionLimits::default() };
    let (server, _) = start(&paper, limits).await;
    let stream = connect(&server, b"h2").await;
    let (mut sender, connection) = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(0)
        .handshake(TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    let connection = tokio::spawn(connection);
    let request = Request::get("https://paper.example/news/a").body(Body::empty());
    let response = sender.send_request(request.expect("a request")).await;
    let response = response.expect("the head of a response");
    let end = timeout(Duration::from_mins(1), connection).await;
    drop(end.expect("an end in time"));
    drop(response);
}

#[tokio::test]
async fn certificates_are_replaced_while_the_server_runs_unless_they_are_broken() {
    let paper = Newspaper::new().await;
    let (server, certificates) = start(&paper, ConnectionLimits::default()).await;
    let first = certificate(&connect(&server, b"h2").await);
    assert!(!certificates.reload().expect("read"), "nothing has changed");

    put(paper.folder.path(), (TWO.0, ONE.1));
    assert!(matches!(certificates.reload(), Err(CertificateError::Mismatch { .. })));
    assert_eq!(certificate(&connect(&server, b"h2").await), first);

    put(paper.folder.path(), ("nonsense", ONE.1));
    assert!(matches!(certificates.reload(), Err(CertificateError::Malformed { .. })));

    put(paper.folder.path(), TWO);
    assert!(certificates.reload().expect("read"));
    assert_ne!(certificate(&connect(&server, b"h2").await), first);
}
