//! Idle connections, in plain text and with TLS: what they cost, and what clients from other networks notice of them.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::TlsConnector;

use crate::{BenchError, Report, publication, servers::Server, tls};

const NETWORKS: u8 = 10;
/// What one network may have.
const PER_NETWORK: u16 = 1_000;
/// The number of connections that are opened at the same time.
const OPENING: usize = 64;
/// The number of timed requests, each on a connection of its own.
const REQUESTS: usize = 200;
const MEGABYTE: u64 = 1024 * 1024;
/// A network of no idle connection.
const READER: Ipv4Addr = Ipv4Addr::new(127, 0, 200, 1);

pub async fn measure(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    measure_plain(report, folder).await?;
    measure_tls(report, folder).await
}

async fn measure_plain(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    let paper = folder.join("idle");
    publication::make(&paper, 10).await?;
    let server = Server::masthead(&paper)?;
    let clients = Clients { port: server.port, tls: None };
    let alone = measure_idle(report, &server, &clients, "").await?;
    let flood = clients.connect(1, PER_NETWORK * u16::from(NETWORKS)).await?;
    let beside = clients.slowest().await?;
    promise(report, "beside a flood of one network, slowest", alone, beside);
    drop(flood);
    Ok(())
}

async fn measure_tls(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    let paper = folder.join("idle-tls");
    publication::make(&paper, 10).await?;
    let connector = tls::configure(&paper)?;
    let server = Server::masthead_with_tls(&paper)?;
    let clients = Clients { port: server.port, tls: Some(connector) };
    measure_idle(report, &server, &clients, " with TLS").await.map(drop)
}

/// Measures the idle connections of many networks. Returns the time of the slowest request without them.
async fn measure_idle(
    report: &mut Report,
    server: &Server,
    clients: &Clients,
    kind: &str,
) -> Result<Duration, BenchError> {
    let number = u32::from(NETWORKS) * u32::from(PER_NETWORK);
    println!("\n{number} idle connections{kind}");
    clients.wait_for_index().await?;
    let alone = clients.slowest().await?;
    let before = server.memory()?;
    let begun = Instant::now();
    let mut idle = Vec::new();
    for network in 1..=NETWORKS {
        idle.extend(clients.connect(network, PER_NETWORK).await?);
    }
    let opened = begun.elapsed();
    let after = server.memory()?;
    let beside = clients.slowest().await?;
    let each = after.saturating_sub(before) / u64::from(number);
    println!(
        "memory {} MB before, {each} bytes a connection; opened in {opened:.1?}",
        before / MEGABYTE
    );
    let seen = format!("{} MB", after / MEGABYTE);
    let most = if clients.tls.is_some() { 400 } else { 200 };
    let promised = format!("under {most} MB");
    let what = format!("memory, idle connections{kind}");
    report.promise(&what, &seen, &promised, after < most * MEGABYTE);
    promise(report, &format!("another network beside them{kind}, slowest"), alone, beside);
    Ok(alone)
}

fn promise(report: &mut Report, what: &str, alone: Duration, beside: Duration) {
    let seen = format!("{beside:.1?} (alone {alone:.1?})");
    report.promise(what, &seen, "under 50 ms", beside < Duration::from_millis(50));
}

/// A connection, encrypted or not.
trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}

impl<C: AsyncRead + AsyncWrite + Unpin + Send> Connection for C {}

/// Clients of a server.
struct Clients {
    port: u16,
    /// What they encrypt with, if they do.
    tls: Option<TlsConnector>,
}

impl Clients {
    /// Opens connections from addresses of one network.
    async fn connect(
        &self,
        network: u8,
        number: u16,
    ) -> Result<Vec<Box<dyn Connection>>, BenchError> {
        let from = |index: u16| {
            let [_, host] = (index % 250 + 1).to_be_bytes();
            self.connect_from(Ipv4Addr::new(127, 0, network, host))
        };
        stream::iter(0..number).map(from).buffer_unordered(OPENING).try_collect().await
    }

    async fn connect_from(&self, from: Ipv4Addr) -> Result<Box<dyn Connection>, BenchError> {
        let stream = open(from, self.port).await?;
        let Some(tls) = &self.tls else { return Ok(Box::new(stream)) };
        Ok(Box::new(tls.connect(tls::name()?, stream).await?))
    }

    async fn get(&self, path: &str) -> Result<Vec<u8>, BenchError> {
        let mut stream = self.connect_from(READER).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        if answer.starts_with(b"HTTP/1.1 200") {
            Ok(answer)
        } else {
            Err(format!("{path} is not there").into())
        }
    }

    /// Waits until the search index is complete, so that indexing does not disturb the measurements.
    async fn wait_for_index(&self) -> Result<(), BenchError> {
        let begun = Instant::now();
        while let Err(error) = self.get("/search?q=words").await {
            if begun.elapsed() > Duration::from_mins(1) {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// The time of the slowest of some requests.
    async fn slowest(&self) -> Result<Duration, BenchError> {
        let mut slowest = Duration::ZERO;
        for _ in 0..REQUESTS {
            let begun = Instant::now();
            self.get("/").await?;
            slowest = slowest.max(begun.elapsed());
        }
        Ok(slowest)
    }
}

async fn open(from: Ipv4Addr, port: u16) -> Result<TcpStream, BenchError> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::V4(from), 0))?;
    let connected = socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await;
    connected.map_err(|error| {
        format!("a connection cannot be opened ({error}); raise the limit of open files: ulimit -n 30000").into()
    })
}
