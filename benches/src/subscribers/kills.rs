//! Servers that are killed during payments.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use jiff::Timestamp;
use masthead_circulation::EmailAddress;
use masthead_store::{Location, Store};
use rand::RngExt;

use crate::{BenchError, Report, publication, readers};

const KILLS: u32 = 200;

/// What is sold, at the end of `masthead.toml`.
const SALES: &str = "
[subscriptions]
currency = \"USD\"

[[products]]
slug = \"web\"
name = \"Online\"
channels = [\"web\"]

[[prices]]
slug = \"web-monthly\"
product = \"web\"
amount = \"9\"
every = \"1 month\"
";

/// Kills a server at random times while readers pay.
pub(super) async fn kill_servers(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    let paper = folder.join("killed");
    let addresses = publication::make(&paper, 1).await?;
    let file = paper.join("masthead.toml");
    std::fs::write(&file, std::fs::read_to_string(&file)? + SALES)?;
    let location = Location::Sqlite(paper.join("data/masthead.db"));
    let store = Store::open(&location).await?;
    let mut rng = rand::rng();
    let (mut wrong, mut paid, mut open) = (0, 0, 0);
    for round in 0..KILLS {
        let email: EmailAddress = format!("reader{round}@example.org").parse()?;
        let (account, _) = store.register(&email, Timestamp::now()).await?;
        let cookie = format!("masthead-session={}", readers::sign_in(&store, account.id).await?);
        let mut server = serve(&paper)?;
        let (address, wait) = (server.1, rng.random_range(0..15));
        let buyer = cookie.clone();
        let buyer = std::thread::spawn(move || buy(address, &buyer));
        std::thread::sleep(Duration::from_millis(wait));
        server.0.kill()?;
        server.0.wait()?;
        let told_paid = buyer.join().is_ok_and(|told| told);
        let mut server = serve(&paper)?;
        // A payment must be delivered when the reader looks, or within a minute.
        let _ = exchange(server.1, "GET", "/account", &cookie, "");
        let article = exchange(server.1, "GET", &addresses[0], &cookie, "")?;
        let has_access = article.contains("open;reason=subscribed");
        let payments = store.payments_of(account.id).await?.len();
        let held = store.subscriptions_of(account.id).await?.len();
        paid += u32::from(told_paid);
        open += u32::from(has_access);
        let whole = usize::from(has_access) == payments && payments == held;
        wrong += u32::from(!whole || (told_paid && !has_access));
        server.0.kill()?;
        server.0.wait()?;
    }
    let seen = format!("{wrong} of {KILLS} wrong ({paid} told paid, {open} open)");
    report.promise("killed while a reader pays", &seen, "none wrong", wrong == 0);
    Ok(())
}

/// Pays at the payment page. Returns `true` if the page confirmed the payment.
fn buy(address: SocketAddr, cookie: &str) -> bool {
    let lead = |answer: String| {
        let line = answer.lines().find(|line| line.to_lowercase().starts_with("location:"))?;
        line.split_once(": ").map(|(_, to)| to.trim().to_owned())
    };
    let payment_page = exchange(address, "POST", "/checkout/web-monthly", cookie, "from=%2F");
    let Some(payment_page) = payment_page.ok().and_then(lead) else { return false };
    let paid = exchange(address, "POST", &payment_page, cookie, "card=good");
    let Some(back) = paid.ok().and_then(lead) else { return false };
    let _ = exchange(address, "GET", &back, cookie, "");
    true
}

fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    cookie: &str,
    form: &str,
) -> Result<String, BenchError> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn serve(paper: &Path) -> Result<(Child, SocketAddr), BenchError> {
    let program = std::env::current_exe()?.with_file_name("masthead");
    let mut child = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(paper)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let out = BufReader::new(child.stdout.take().ok_or("no output")?);
    let line = out.lines().map_while(Result::ok).find(|line| line.contains("listening on http://"));
    let line = line.ok_or("the server does not say where it is")?;
    let address = line.rsplit("http://").next().unwrap_or_default().trim().parse()?;
    Ok((child, address))
}
