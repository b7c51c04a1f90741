//! Single requests, on a connection of their own.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::BenchError;

/// A response.
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
    /// Its size on the wire, with its head.
    pub bytes: usize,
}

impl Answer {
    /// Returns the values of a header.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.filter(move |(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns the cookies that the response sets, as a client sends them.
    pub fn cookies(&self) -> String {
        let cookies = self.header("set-cookie").filter_map(|cookie| cookie.split(';').next());
        cookies.collect::<Vec<_>>().join("; ")
    }
}

/// Requests a page in HTTP/1.1 and compressed, as a browser does.
pub fn page(port: u16, path: &str, cookie: &str) -> Result<Answer, BenchError> {
    let head = format!("GET {path} HTTP/1.1\r\nAccept-Encoding: gzip, br\r\nCookie: {cookie}\r\n");
    exchange(port, &head, "")
}

/// Makes a request whose response is neither compressed nor in chunks.
pub fn plain(port: u16, request: &str, headers: &str, body: &str) -> Result<Answer, BenchError> {
    let length = body.len();
    exchange(port, &format!("{request} HTTP/1.0\r\n{headers}Content-Length: {length}\r\n"), body)
}

fn exchange(port: u16, head: &str, body: &str) -> Result<Answer, BenchError> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    write!(stream, "{head}Host: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n{body}")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let bytes = answer.len();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let body = answer.split_off(end.ok_or("a server broke off its response")? + 4);
    let head = String::from_utf8(answer)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Answer { status: status.ok_or("a response has no status")?, head, body, bytes })
}
