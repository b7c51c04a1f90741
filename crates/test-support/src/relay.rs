//! A mail relay that speaks SMTP (RFC 5321) and keeps what it is given.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A relay on a port of its own; it ends with the test.
#[derive(Clone)]
pub struct MailRelay {
    /// Where it listens.
    pub address: SocketAddr,
    mail: Arc<Mutex<Vec<String>>>,
    refusal: Arc<Mutex<Option<&'static str>>>,
}

impl MailRelay {
    /// A relay that takes everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let relay = Self {
            address: listener.local_addr().expect("an address"),
            mail: Arc::default(),
            refusal: Arc::default(),
        };
        let running = relay.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let relay = running.clone();
                // A client that hangs up is no event.
                tokio::spawn(async move { drop(relay.converse(stream).await) });
            }
        });
        relay
    }

    /// Answers every recipient with this from now on; `None` takes everything again.
    pub fn refuse(&self, answer: Option<&'static str>) {
        *self.refusal.lock().expect("a refusal") = answer;
    }

    /// What has been taken, envelope and all.
    pub fn mail(&self) -> Vec<String> {
        self.mail.lock().expect("the mail").clone()
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 relay ESMTP\r\n").await?;
        let (mut line, mut mail, mut in_data) = (String::new(), String::new(), false);
        while stream.read_line(&mut line).await? > 0 {
            let answer = if in_data {
                in_data = line != ".\r\n";
                mail.push_str(&line);
                if in_data {
                    line.clear();
                    continue;
                }
                self.mail.lock().expect("the mail").push(std::mem::take(&mut mail));
                "250 taken"
            } else {
                let verb = line.split([' ', ':', '\r']).next().unwrap_or_default().to_uppercase();
                match verb.as_str() {
                    "EHLO" | "HELO" => "250 relay",
                    "MAIL" | "RCPT" => {
                        mail.push_str(&line);
                        let refusal = *self.refusal.lock().expect("a refusal");
                        if verb == "RCPT" { refusal.unwrap_or("250 good") } else { "250 good" }
                    }
                    "DATA" => {
                        in_data = true;
                        "354 go on"
                    }
                    "RSET" | "NOOP" => {
                        mail.clear();
                        "250 good"
                    }
                    "QUIT" => "221 bye",
                    _ => "500 unknown",
                }
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
            if answer.starts_with("221") {
                return Ok(());
            }
            line.clear();
        }
        Ok(())
    }
}
