//! Idle connections: what they cost, and what clients from other networks notice of them.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::{BenchError, Report, publication, servers::Server};

const NETWORKS: u8 = 10;
/// What one network may have.
const PER_NETWORK: u16 = 1_000;
/// The number of timed requests, each on a connection of its own.
const REQUESTS: usize = 200;
const MEGABYTE: u64 = 1024 * 1024;
/// A network of no idle connection.
const READER: Ipv4Addr = Ipv4Addr::new(127, 0, 200, 1);

pub async fn measure(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    let number = u32::from(NETWORKS) * u32::from(PER_NETWORK);
    println!("\n{number} idle connections");
    let paper = folder.join("idle");
    publication::make(&paper, 10).await?;
    let server = Server::masthead(&paper)?;
    server.wait_for_index()?;
    let alone = slowest(server.port).await?;
    let before = server.memory()?;

    let mut idle = Vec::new();
    for network in 1..=NETWORKS {
        idle.extend(connect(server.port, network, PER_NETWORK).await?);
    }
    let beside = slowest(server.port).await?;
    let after = server.memory()?;
    let each = after.saturating_sub(before) / u64::from(number);
    println!("memory {} MB before, {each} bytes a connection", before / MEGABYTE);
    let seen = format!("{} MB", after / MEGABYTE);
    report.promise("memory, idle connections", &seen, "under 200 MB", after < 200 * MEGABYTE);
    promise(report, "another network beside them, slowest", alone, beside);
    drop(idle);

    let flood = connect(server.port, 1, PER_NETWORK * u16::from(NETWORKS)).await?;
    let beside = slowest(server.port).await?;
    promise(report, "beside a flood of one network, slowest", alone, beside);
    drop(flood);
    Ok(())
}

fn promise(report: &mut Report, what: &str, alone: Duration, beside: Duration) {
    let seen = format!("{beside:.1?} (alone {alone:.1?})");
    report.promise(what, &seen, "under 50 ms", beside < Duration::from_millis(50));
}

/// Opens connections from addresses of one network.
async fn connect(port: u16, network: u8, number: u16) -> Result<Vec<TcpStream>, BenchError> {
    let mut open = Vec::new();
    for index in 0..number {
        let [_, host] = (index % 250 + 1).to_be_bytes();
        open.push(connect_from(Ipv4Addr::new(127, 0, network, host), port).await?);
    }
    Ok(open)
}

async fn connect_from(from: Ipv4Addr, port: u16) -> Result<TcpStream, BenchError> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::V4(from), 0))?;
    let connected = socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await;
    connected.map_err(|error| {
        format!("a connection cannot be opened ({error}); raise the limit of open files: ulimit -n 30000").into()
    })
}

/// The time of the slowest of some requests.
async fn slowest(port: u16) -> Result<Duration, BenchError> {
    let mut slowest = Duration::ZERO;
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        let mut stream = connect_from(READER, port).await?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err("the front page is not there".into());
        }
        slowest = slowest.max(begun.elapsed());
    }
    Ok(slowest)
}
