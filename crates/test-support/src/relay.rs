//! A mail relay that speaks SMTP (RFC 5321) and keeps the mail that it accepts.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Where a relay stops answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stall {
    /// When it is told the recipient.
    Recipient,
    /// After it has accepted the mail.
    Data,
}

/// A mail relay on its own port, for one test.
#[derive(Clone)]
pub struct MailRelay {
    /// The address it listens on.
    pub address: SocketAddr,
    mail: Arc<Mutex<Vec<String>>>,
    /// What commands are answered in place of what would be right, by their verb.
    answers: Arc<Mutex<HashMap<&'static str, &'static str>>>,
    stall: Arc<Mutex<Option<Stall>>>,
    logins: Arc<AtomicUsize>,
}

impl MailRelay {
    /// Starts a relay that accepts everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let relay = Self {
            address: listener.local_addr().expect("an address"),
            mail: Arc::default(),
            answers: Arc::default(),
            stall: Arc::default(),
            logins: Arc::default(),
        };
        let running = relay.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let relay = running.clone();
                // A client that hangs up is not an error.
                tokio::spawn(async move { drop(relay.converse(stream).await) });
            }
        });
        relay
    }

    /// Answers every recipient with this from now on; `None` accepts everything again.
    pub fn refuse(&self, answer: Option<&'static str>) {
        self.answer("RCPT", answer);
    }

    /// Answers every command with this verb so from now on; `None` answers it as it should be again.
    pub fn answer(&self, verb: &'static str, answer: Option<&'static str>) {
        let mut answers = self.answers.lock().expect("the answers");
        match answer {
            Some(answer) => answers.insert(verb, answer),
            None => answers.remove(verb),
        };
    }

    /// Stops answering there from now on; `None` answers again.
    pub fn stall(&self, stall: Option<Stall>) {
        *self.stall.lock().expect("a stall") = stall;
    }

    async fn answer_at(&self, place: Stall) {
        let stalled = *self.stall.lock().expect("a stall") == Some(place);
        if stalled {
            std::future::pending::<()>().await;
        }
    }

    /// How often somebody has tried to sign in.
    pub fn logins(&self) -> usize {
        self.logins.load(Ordering::Relaxed)
    }

    /// The accepted mail, with its envelope.
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
                self.answer_at(Stall::Data).await;
                "250 taken"
            } else {
                let verb = line.split([' ', ':', '\r']).next().unwrap_or_default().to_uppercase();
                let set = self.answers.lock().expect("the answers").get(verb.as_str()).copied();
                match verb.as_str() {
                    "EHLO" | "HELO" => "250-relay\r\n250 AUTH PLAIN",
                    "AUTH" => {
                        self.logins.fetch_add(1, Ordering::Relaxed);
                        set.unwrap_or("235 welcome")
                    }
                    "MAIL" | "RCPT" => {
                        mail.push_str(&line);
                        if verb == "RCPT" {
                            self.answer_at(Stall::Recipient).await;
                        }
                        set.unwrap_or("250 good")
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
