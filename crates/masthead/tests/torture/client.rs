//! A browser that keeps cookies and knows whether it was answered.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// No request takes longer, so that a test never waits for a server that is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer that has arrived completely: what it says is acknowledged.
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    /// Returns the value of a header, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        let value = |line: &'_ str| {
            let (found, _) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(())
        };
        let line = self.head.lines().find(|line| value(line).is_some());
        line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
    }

    /// Returns the path that it redirects to.
    pub fn location(&self) -> &str {
        let to = self.header("location");
        to.split_once("://")
            .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))
            .unwrap_or(to)
    }

    /// Returns `None` if the server says that it could not do it.
    pub fn acknowledged(self) -> Option<Self> {
        (self.status < 500).then_some(self)
    }

    /// Whether the server has done what it was asked to do by a form.
    pub fn is_done(&self) -> bool {
        self.status == 303
    }

    /// Returns what a form on the page has in a field.
    pub fn field(&self, name: &str) -> Option<String> {
        let input = self.body.split("<input").find(|input| {
            input.split('>').next().is_some_and(|input| input.contains(&format!("name=\"{name}\"")))
        })?;
        let value = input.split('>').next()?.split("value=\"").nth(1)?.split('"').next()?;
        Some(value.to_owned())
    }
}

/// A browser in a network of its own, so that limits by network do not stop it.
#[derive(Clone)]
pub struct Client {
    server: SocketAddr,
    network: Ipv4Addr,
    cookies: BTreeMap<String, String>,
}

impl Client {
    pub fn new(server: SocketAddr, number: u32) -> Self {
        let network = Ipv4Addr::from(0x0b00_0000 | (number << 8) | 1);
        Self { server, network, cookies: BTreeMap::new() }
    }

    /// Asks this server of the publication from now on.
    pub fn go_to(&mut self, server: SocketAddr) {
        self.server = server;
    }

    /// Returns `None` if no complete answer arrives.
    pub fn get(&mut self, path: &str) -> Option<Reply> {
        self.send("GET", path, "", "")
    }

    /// Sends a form.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Option<Reply> {
        self.send("POST", path, &form(fields), "")
    }

    /// Sends a form as a script does, which is answered in JSON.
    pub fn post_as_script(&mut self, path: &str, fields: &[(&str, &str)]) -> Option<Reply> {
        self.send("POST", path, &form(fields), "Accept: application/json\r\n")
    }

    /// Sends a file of a form.
    pub fn upload(&mut self, path: &str, content: &str) -> Option<Reply> {
        let body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file.csv\"\r\n\r\n\
             {content}\r\n--x--\r\n"
        );
        self.send_as("multipart/form-data; boundary=x", "POST", path, &body, "")
    }

    /// Sends a webhook.
    pub fn post_signed(&mut self, path: &str, body: &str, signature: &str) -> Option<Reply> {
        self.send("POST", path, body, &format!("Stripe-Signature: {signature}\r\n"))
    }

    fn send(&mut self, method: &str, path: &str, body: &str, headers: &str) -> Option<Reply> {
        self.send_as("application/x-www-form-urlencoded", method, path, body, headers)
    }

    fn send_as(
        &mut self,
        content_type: &str,
        method: &str,
        path: &str,
        body: &str,
        headers: &str,
    ) -> Option<Reply> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nX-Forwarded-For: {}\r\nCookie: {}\r\n\
             Content-Type: {content_type}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.server,
            self.network,
            cookies.join("; "),
            body.len()
        );
        let reply = exchange(self.server, &request).ok().and_then(|bytes| parse(&bytes))?;
        self.keep_cookies(&reply.head);
        Some(reply)
    }

    fn keep_cookies(&mut self, head: &str) {
        let set = head.lines().filter_map(|line| line.split_once(':'));
        for (_, cookie) in set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.trim().split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        self.cookies.retain(|_, value| !value.is_empty());
    }
}

fn exchange(server: SocketAddr, request: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns `None` if an answer is incomplete.
fn parse(bytes: &[u8]) -> Option<Reply> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let reply = Reply { status, head: head.to_owned(), body: body.to_owned() };
    let promised = reply.header("content-length").parse().unwrap_or(0);
    (body.len() >= promised).then_some(reply)
}

fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        let encoded = text.bytes().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        encoded.collect()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}
