//! Comparison of one article from nginx as a file, from Masthead and from Ghost.
//!
//! `just bench compare` installs Ghost below `target/compare` ([`install`]), starts the three servers on one core, requests
//! the same text from each in turn, and prints a table in Markdown. To compare one more server, start it in [`measure`] and
//! add a [`Subject`] for each kind of reader.

mod ghost;
mod install;
mod request;
mod table;
mod visit;

use std::{
    fs,
    path::{Path, PathBuf},
};

use self::{ghost::Ghost, table::Row};
use crate::{
    BenchError, ROUNDS, SECONDS,
    load::{Load, Measured},
    publication, readers,
    servers::Server,
};

/// The number of signed-in subscribers of Masthead.
const SUBSCRIBERS: u32 = 1000;
/// The number of metered readers in a run, each of whom reads two articles.
const METERED: u32 = 150_000;
/// How long each server is used before it is measured, in seconds.
const WARM_UP: u32 = 10;

/// A server and who requests the article from it.
struct Subject<'a> {
    what: &'static str,
    server: &'a Server,
    /// The server that has the page uncompressed, to read what it loads.
    html: &'a Server,
    /// The addresses of the article and, for metered readers, of one more.
    paths: Vec<String>,
    reader: Reader,
    /// Whether the server counts what each reader has read and decides on it.
    meter: bool,
    /// Whether the server decides who gets the text.
    wall: bool,
}

/// Who requests the article.
enum Reader {
    /// Nobody that the server knows.
    Visitor,
    /// Anonymous readers of Masthead who have read one article, with the publication's keys.
    Metered { keys: String },
    /// Signed-in readers, with the file of their cookies.
    SignedIn(PathBuf),
}

pub async fn measure(folder: &Path) -> Result<(), BenchError> {
    let paper = folder.join("paper-compare");
    let addresses = publication::make(&paper, 10).await?;
    let subscribers = folder.join("compare.cookies");
    readers::subscribers(&subscribers, &paper, SUBSCRIBERS).await?;
    let masthead = Server::masthead(&paper)?;
    masthead.wait_for_index()?;
    let keys = fs::read_to_string(paper.join("data/keys"))?;
    let nginx = Server::nginx(folder, &masthead.get(&addresses[0], "")?)?;
    let mut subjects = vec![
        Subject::file(&nginx, &masthead, &addresses),
        Subject::metered(&masthead, &addresses, keys),
        Subject::subscriber(&masthead, &addresses, subscribers),
    ];
    let ghost = install::install().and_then(|installed| Ghost::start(folder, &installed));
    match &ghost {
        Ok(ghost) => subjects.extend(ghost.subjects()),
        Err(error) => eprintln!("bench: Ghost is left out: {error}"),
    }
    let mut rows = measure_in_turn(folder, &subjects)?;
    if ghost.is_err() {
        rows.push(Row::missing("Ghost"));
    }
    table::print(&rows, ghost.as_ref().ok());
    Ok(())
}

/// Measures every subject in each round, so that a disturbance of the machine meets all of them.
fn measure_in_turn(folder: &Path, subjects: &[Subject<'_>]) -> Result<Vec<Row>, BenchError> {
    for subject in subjects {
        // The first response takes seconds where templates are compiled for it.
        request::page(subject.server.port, &subject.paths[0], "")?;
        subject.run(folder, WARM_UP)?;
    }
    let mut rounds: Vec<Vec<Measured>> = subjects.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (subject, measured) in subjects.iter().zip(&mut rounds) {
            measured.push(subject.run(folder, SECONDS)?);
        }
    }
    let rows = subjects.iter().zip(rounds);
    rows.map(|(subject, rounds)| subject.row(folder, crate::median(rounds))).collect()
}

impl<'a> Subject<'a> {
    fn file(server: &'a Server, html: &'a Server, addresses: &[String]) -> Self {
        let paths = addresses[..1].to_vec();
        let reader = Reader::Visitor;
        let what = "nginx, Masthead's page as a file, compressed beforehand";
        Self { what, server, html, paths, reader, meter: false, wall: false }
    }

    fn metered(server: &'a Server, addresses: &[String], keys: String) -> Self {
        let paths = addresses[..2].to_vec();
        let reader = Reader::Metered { keys };
        let what = "Masthead, anonymous readers, each read counted";
        Self { what, server, html: server, paths, reader, meter: true, wall: true }
    }

    fn subscriber(server: &'a Server, addresses: &[String], cookies: PathBuf) -> Self {
        let paths = addresses[..1].to_vec();
        let reader = Reader::SignedIn(cookies);
        let what = "Masthead, subscribers";
        Self { what, server, html: server, paths, reader, meter: true, wall: true }
    }

    fn run(&self, folder: &Path, seconds: u32) -> Result<Measured, BenchError> {
        let mut load = Load::new(folder, "compare", &self.paths)?;
        load.cookies = self.cookies(folder, METERED)?;
        if let Reader::Metered { .. } = self.reader {
            load.stride = METERED;
            load.lasts = Some(2 * u64::from(METERED));
        }
        load.run(folder, self.server, seconds)
    }

    /// Returns the file of the readers' cookies. Metered readers, of this number, are new each time, because their reads are used up.
    fn cookies(&self, folder: &Path, readers: u32) -> Result<Option<PathBuf>, BenchError> {
        match &self.reader {
            Reader::Visitor => Ok(None),
            Reader::SignedIn(cookies) => Ok(Some(cookies.clone())),
            Reader::Metered { keys } => {
                let file = folder.join("metered.cookies");
                readers::cookies(&file, keys, "http://127.0.0.1", readers, &[3])?;
                Ok(Some(file))
            }
        }
    }

    fn row(&self, folder: &Path, measured: Measured) -> Result<Row, BenchError> {
        let cookies = match self.cookies(folder, 1)? {
            Some(file) => fs::read_to_string(file)?,
            None => String::new(),
        };
        let cookie = cookies.lines().next().unwrap_or_default();
        let page = request::page(self.server.port, &self.paths[0], cookie)?.bytes;
        let visit = visit::Visit::make(self.html.port, &self.paths[0], cookie)?;
        Ok(Row {
            what: self.what,
            seen: Some(table::Seen {
                measured,
                memory: self.server.memory()?,
                page,
                visit,
                meter: self.meter,
                wall: self.wall,
            }),
        })
    }
}
