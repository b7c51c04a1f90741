//! The hot path next to nginx, which serves the same bytes as a static file: how many requests a second, and how much
//! processor time for each.
//!
//! Both servers run on the first core, in turn, so that a disturbance of the machine meets both.
//! To add a row, add a [`Row`] to [`HotPath::rows`].

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    BenchError, ROUNDS, Report, SECONDS,
    load::{Load, Measured},
    publication, readers,
    servers::Server,
};

const TITLE: &str = "\nnext to nginx, one core each, 64 connections";
/// The number of different readers in a run. Each reads at most twice.
const READERS: u32 = 300_000;
/// The number of signed-in readers. Each reads one article in a round.
const MEMBERS: u32 = 60_000;
const MEMBERS_SECONDS: u32 = 1;
/// How often it is tried, for half a minute, to have all of them in memory before the measurement.
const WARM_UPS: usize = 4;
const SUBSCRIBERS: u32 = 10_000;
/// The connections at which the decision API is measured: those of a gateway, and not of browsers.
const GATEWAY_CONNECTIONS: u32 = 8;
/// What is promised of the decision API.
const DECISIONS_PER_SECOND: f64 = 15_000.0;
const DECISION_P99: Duration = Duration::from_millis(1);
const PAGE_P99: Duration = Duration::from_millis(5);
/// The speed of two cores that is promised, as a part of that of one.
const TWO_CORES: f64 = 1.8;

/// A publication to measure.
pub struct HotPath<'a> {
    pub folder: &'a Path,
    pub paper: &'a Path,
    pub addresses: &'a [String],
}

/// Requests of one kind.
struct Row {
    what: &'static str,
    /// The part of nginx's speed that is promised.
    promised: f64,
    /// One for each round.
    loads: Vec<Load>,
    /// What nginx serves.
    page: Vec<u8>,
    seconds: u32,
}

impl HotPath<'_> {
    /// Measures all kinds of requests.
    pub async fn measure(&self, report: &mut Report) -> Result<(), BenchError> {
        println!("{TITLE}");
        let members = self.prepare_members().await?;
        let subscribers = self.folder.join("subscribers.cookies");
        Box::pin(readers::subscribers(&subscribers, self.paper, SUBSCRIBERS)).await?;
        let server = Server::masthead(self.paper)?;
        server.wait_for_index()?;
        for row in self.rows(&server, subscribers)? {
            row.measure(report, self.folder, &server)?;
        }
        self.members(&server, &members)?.measure(report, self.folder, &server)?;
        self.decisions(report, &server)?;
        drop(server);
        self.two_cores(report)
    }

    /// Measures only what signed-in readers request.
    pub async fn measure_members(&self, report: &mut Report) -> Result<(), BenchError> {
        println!("{TITLE}");
        let members = self.prepare_members().await?;
        let server = Server::masthead(self.paper)?;
        server.wait_for_index()?;
        self.members(&server, &members)?.measure(report, self.folder, &server)
    }

    async fn prepare_members(&self) -> Result<PathBuf, BenchError> {
        let members = self.folder.join("members.cookies");
        Box::pin(readers::members(&members, self.paper, MEMBERS)).await?;
        Ok(members)
    }

    /// Compares a server on two cores with one on the first, by the processor time of a request: what the cores lose by
    /// waiting for each other. The requests per second say nothing here, because the load takes a part of the second core.
    fn two_cores(&self, report: &mut Report) -> Result<(), BenchError> {
        let load = self.load("re-read", &[1, 2])?;
        let [one, two] = ["0", "0,1"].map(|cores| {
            let server = Server::masthead_on(cores, self.paper)?;
            server.wait_for_index()?;
            let rounds = (0..ROUNDS).map(|_| load.run(self.folder, &server, SECONDS));
            rounds.collect::<Result<Vec<_>, _>>().map(crate::median)
        });
        let (one, two) = (one?.processor_per_request, two?.processor_per_request);
        let speed = 2.0 * one.as_secs_f64() / two.as_secs_f64();
        let seen = format!("{speed:.2} of one ({one:.1?}, {two:.1?})");
        report.promise("re-read on two cores", &seen, "at least 1.80", speed >= TWO_CORES);
        Ok(())
    }

    fn rows(&self, server: &Server, subscribers: PathBuf) -> Result<Vec<Row>, BenchError> {
        let article = server.get(&self.addresses[0], "")?;
        let row = |what, promised, load: Load, page: &[u8]| Row {
            what,
            promised,
            loads: vec![load; ROUNDS],
            page: page.to_vec(),
            seconds: SECONDS,
        };
        let mut front = Load::new(self.folder, "front", &["/".to_owned()])?;
        front.stride = READERS;
        let mut subscriber = Load::new(self.folder, "subscribers", &self.addresses[..1])?;
        subscriber.cookies = Some(subscribers);
        // Every subscriber makes one request before the measurement.
        subscriber.run(self.folder, server, SECONDS)?;
        Ok(vec![
            row("metered", 0.85, self.load("metered", &[3])?, &article),
            row("re-read", 0.85, self.load("re-read", &[1, 2])?, &article),
            row("wall", 0.85, self.load("wall", &[3, 4, 5])?, &self.teaser(server)?),
            row("front page", 0.85, front, &server.get("/", "")?),
            row("first visit", 0.8, self.load("first visit", &[])?, &article),
            row("subscriber", 0.8, subscriber, &article),
        ])
    }

    /// Signed-in readers whose sessions are cached. Each read is also written to the database, and can be made only once, so
    /// that the runs are short.
    fn members(&self, server: &Server, cookies: &Path) -> Result<Row, BenchError> {
        let questions = [format!("/api/v1/access{}", self.addresses[0])];
        let mut warm = Load::new(self.folder, "questions", &questions)?;
        warm.cookies = Some(cookies.to_owned());
        let mut tries = 1;
        // Each run begins with the first, who are in memory after the one before.
        while warm.run(self.folder, server, 30)?.requests < u64::from(MEMBERS) {
            if tries == WARM_UPS {
                return Err("not every member was here before the measurement".into());
            }
            tries += 1;
        }
        let loads = self.addresses.iter().take(ROUNDS).enumerate().map(|(round, address)| {
            let name = format!("members-{round}");
            let mut load = Load::new(self.folder, &name, std::slice::from_ref(address))?;
            load.cookies = Some(cookies.to_owned());
            load.lasts = Some(u64::from(MEMBERS));
            Ok(load)
        });
        let loads = loads.collect::<Result<_, BenchError>>()?;
        let page = server.get(&self.addresses[0], "")?;
        Ok(Row { what: "signed-in, metered", promised: 0.7, loads, page, seconds: MEMBERS_SECONDS })
    }

    fn decisions(&self, report: &mut Report, server: &Server) -> Result<(), BenchError> {
        let question = format!("/api/v1/access{}", self.addresses[0]);
        let mut load = Load::new(self.folder, "decisions", &[question])?;
        load.cookies = Some(self.cookies("decisions", READERS, &[3])?);
        load.connections = GATEWAY_CONNECTIONS;
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(load.run(self.folder, server, SECONDS)?);
        }
        let measured = crate::median(rounds);
        let kept = measured.per_second >= DECISIONS_PER_SECOND;
        let promised = format!("at least {DECISIONS_PER_SECOND}/s");
        report.promise("decision API", &crate::rate(&measured), &promised, kept);
        let seen = format!("{:.2?}", measured.p99);
        report.promise("  p99", &seen, "under 1 ms", measured.p99 < DECISION_P99);
        Ok(())
    }

    /// Returns the page that a reader at the wall gets.
    fn teaser(&self, server: &Server) -> Result<Vec<u8>, BenchError> {
        let cookies = self.cookies("one", 1, &[3, 4, 5])?;
        server.get(&self.addresses[0], fs::read_to_string(cookies)?.trim())
    }

    /// Readers who have read these articles and now request the first article, then the second.
    pub fn load(&self, name: &str, read: &[u32]) -> Result<Load, BenchError> {
        let mut load = Load::new(self.folder, "single", &self.addresses[..2])?;
        load.stride = READERS;
        if !read.is_empty() {
            load.cookies = Some(self.cookies(name, READERS, read)?);
            load.lasts = Some(2 * u64::from(READERS));
        }
        Ok(load)
    }

    /// Writes the cookies of readers who have read these articles, and returns the file.
    pub fn cookies(&self, name: &str, readers: u32, read: &[u32]) -> Result<PathBuf, BenchError> {
        let file = self.folder.join(format!("{name}.cookies"));
        let keys = fs::read_to_string(self.paper.join("data/keys"))?;
        readers::cookies(&file, &keys, publication::ADDRESS, readers, read)?;
        Ok(file)
    }
}

impl Row {
    fn measure(
        &self,
        report: &mut Report,
        folder: &Path,
        server: &Server,
    ) -> Result<(), BenchError> {
        let nginx = Server::nginx(folder, &self.page)?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for load in &self.loads {
            // A file can be requested as often as one likes.
            let file = Load { lasts: None, ..load.clone() };
            theirs.push(file.run(folder, &nginx, self.seconds)?);
            ours.push(load.run(folder, server, self.seconds)?);
        }
        let (ours, theirs) = (crate::median(ours), crate::median(theirs));
        let bytes = self.page.len();
        println!("{}: {bytes} bytes; nginx {}", self.what, crate::rate(&theirs));
        self.report(report, &ours, &theirs);
        Ok(())
    }

    fn report(&self, report: &mut Report, ours: &Measured, theirs: &Measured) {
        let time = |measured: &Measured| measured.processor_per_request.as_secs_f64();
        let shares = [
            ("requests", ours.per_second / theirs.per_second),
            ("processor", time(theirs) / time(ours)),
        ];
        let promised = format!("at least {:.2}", self.promised);
        for (by, share) in shares {
            let seen = format!("{share:.2} ({})", crate::rate(ours));
            let what = format!("  {}, by {by}", self.what);
            report.promise(&what, &seen, &promised, share >= self.promised);
        }
        let seen = format!("{:.2?}", ours.p99);
        report.promise("  p99", &seen, "under 5 ms", ours.p99 < PAGE_P99);
    }
}
