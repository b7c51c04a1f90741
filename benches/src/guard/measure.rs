//! What callgrind watches: the real server, and a client that asks it one thing after another, on one thread.
//!
//! The client is counted as well. It writes a request and reads a response, which takes the same for every case.

use std::{net::SocketAddr, path::Path};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

use super::{
    cases::{CASES, Case},
    site,
};
use crate::BenchError;

/// Larger than any response, so that one read has all of it: the server writes it with one call.
const BUFFER: usize = 512 * 1024;

/// Sends the requests of every case to the publication in `folder`.
pub fn measure(runtime: &Runtime, folder: &Path) -> Result<(), BenchError> {
    let address = runtime.block_on(async {
        let server = site::server(folder).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(server.serve(listener, std::future::pending()));
        Ok::<_, BenchError>(address)
    })?;
    for case in &CASES {
        let requests = case.requests(folder)?;
        let mut client = runtime.block_on(Client::connect(address))?;
        runtime.block_on(client.ask(&requests.warm_up))?;
        client.check(case)?;
        counted_requests(runtime, &mut client, &requests.few)?;
        counted_requests(runtime, &mut client, &requests.many)?;
        client.check(case)?;
    }
    Ok(())
}

/// The function whose calls callgrind counts, by its name.
#[inline(never)]
fn counted_requests(
    runtime: &Runtime,
    client: &mut Client,
    requests: &[Vec<u8>],
) -> Result<(), BenchError> {
    runtime.block_on(client.ask(requests))
}

/// A connection to the server.
struct Client {
    stream: TcpStream,
    buffer: Box<[u8]>,
    /// The length of the last response.
    length: usize,
}

impl Client {
    async fn connect(address: SocketAddr) -> Result<Self, BenchError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; BUFFER].into(), length: 0 })
    }

    async fn ask(&mut self, requests: &[Vec<u8>]) -> Result<(), BenchError> {
        for request in requests {
            self.stream.write_all(request).await?;
            self.length = self.stream.read(&mut self.buffer).await?;
            // The rest of a response that came in two pieces does not begin like this either.
            if !self.buffer.starts_with(b"HTTP/1.1 200 ") {
                let request = String::from_utf8_lossy(request);
                return Err(format!("{request}was answered {}", self.last()).into());
            }
        }
        Ok(())
    }

    /// Checks that what is counted is what the case is about.
    fn check(&self, case: &Case) -> Result<(), BenchError> {
        let last = self.last();
        let mut lines = last.lines();
        let decision = lines.find_map(|line| line.strip_prefix("masthead-access: "));
        let fits = match (case.decision, decision) {
            (Some(expected), Some(decision)) => decision.starts_with(expected),
            (expected, decision) => expected == decision,
        };
        if fits { Ok(()) } else { Err(format!("{}: {decision:?}", case.name).into()) }
    }

    /// The header of the last response.
    fn last(&self) -> String {
        let response = String::from_utf8_lossy(&self.buffer[..self.length]);
        response.split("\r\n\r\n").next().unwrap_or_default().to_owned()
    }
}
