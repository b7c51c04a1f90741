//! How the rate of metered pages depends on the size of the archive and on the number of readers.

use std::{path::Path, time::Duration};

use crate::{
    BenchError, ROUNDS, Report, SECONDS, hot_path::HotPath, load::Load, load::Measured,
    publication, readers, servers::Server,
};

/// The archives that are compared.
const SIZES: [u32; 3] = [10, 10_000, 100_000];
/// The number of different readers of a spread run.
const SPREAD_READERS: u32 = 300_000;
/// How many readers come, one after another.
const MANY: u32 = 10_000_000;
const LARGEST: u32 = 100_000;

/// Measures archives of these sizes; those of [`SIZES`] if none are named.
pub async fn measure(report: &mut Report, folder: &Path, sizes: &[u32]) -> Result<(), BenchError> {
    let sizes = if sizes.is_empty() { &SIZES[..] } else { sizes };
    let mut single: Vec<(u32, Measured)> = Vec::new();
    for &articles in sizes {
        println!("\n{articles} articles");
        single.push((articles, measure_one(report, folder, articles).await?));
    }
    println!("\nmetered article, returning readers, by size of the archive");
    for (articles, one) in &single {
        println!("{articles:>8} articles: {} p99 {:.2?}", crate::rate(one), one.p99);
    }
    if let ([(10, small), ..], Some((LARGEST, large))) = (&single[..], single.last()) {
        let share = large.per_second / small.per_second;
        let seen = format!("{share:.2}");
        report.promise("100,000 articles, of the rate of 10", &seen, "at least 0.90", share >= 0.9);
    }
    Ok(())
}

async fn measure_one(
    report: &mut Report,
    folder: &Path,
    articles: u32,
) -> Result<Measured, BenchError> {
    let paper = folder.join(format!("paper-{articles}"));
    let addresses = Box::pin(publication::make(&paper, articles)).await?;
    let server = Server::masthead(&paper)?;
    println!("all can be searched after {:.1} s", server.wait_for_index()?.as_secs_f64());
    let archive = Archive {
        folder,
        server: &server,
        hot_path: HotPath { folder, paper: &paper, addresses: &addresses },
    };
    let one = archive.returning()?;
    if articles > 10 {
        let spread = archive.spread()?;
        let share = spread.per_second / one.per_second;
        let seen = format!("{share:.2} ({})", crate::rate(&spread));
        let what = "spread by Zipf's law, of the single-article figure";
        report.promise(what, &seen, "at least 0.80", share >= 0.8);
    }
    if articles == LARGEST {
        archive.memory(report)?;
        archive.many(report, &one)?;
    }
    Ok(one)
}

/// A running publication.
struct Archive<'a> {
    folder: &'a Path,
    server: &'a Server,
    hot_path: HotPath<'a>,
}

impl Archive<'_> {
    fn returning(&self) -> Result<Measured, BenchError> {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let load = self.hot_path.load("one article", &[3])?;
            rounds.push(load.run(self.folder, self.server, SECONDS)?);
        }
        Ok(crate::median(rounds))
    }

    /// The same readers, spread over up to 10,000 articles.
    fn spread(&self) -> Result<Measured, BenchError> {
        let addresses = self.hot_path.addresses;
        let among = &addresses[..addresses.len().min(10_000)];
        // Every page is rendered once before the measurement, which is about serving.
        for address in among {
            self.server.get(address, "")?;
        }
        let paths = readers::zipf(among, 500_000);
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let mut load = Load::new(self.folder, "spread", &paths)?;
            load.cookies = Some(self.hot_path.cookies("spread", SPREAD_READERS, &[3])?);
            rounds.push(load.run(self.folder, self.server, SECONDS)?);
        }
        Ok(crate::median(rounds))
    }

    fn memory(&self, report: &mut Report) -> Result<(), BenchError> {
        let memory = self.server.memory()?;
        let bound = 60_000_000 + 1_000 * self.hot_path.addresses.len() as u64;
        let promised = format!("under {} MB", bound / 1_000_000);
        let seen = format!("{} MB", memory / 1_000_000);
        report.promise("resident memory", &seen, &promised, memory < bound);
        // Mostly pages of the search index, which the system can reclaim.
        println!("of which {} MB are files", self.server.mapped()? / 1_000_000);
        Ok(())
    }

    /// Measures ten million different readers, one after another.
    fn many(&self, report: &mut Report, one: &Measured) -> Result<(), BenchError> {
        let mut load = Load::new(self.folder, "single", &self.hot_path.addresses[..2])?;
        load.stride = MANY;
        load.cookies = Some(self.hot_path.cookies("many", MANY, &[3])?);
        let before = self.server.memory()?;
        // A third more time than needed, so that every reader has a turn.
        let seconds = (f64::from(MANY) * 1.3 / one.per_second).ceil();
        let seconds = Duration::from_secs_f64(seconds).as_secs();
        let measured = load.run(self.folder, self.server, u32::try_from(seconds)?)?;
        if measured.requests < u64::from(MANY) {
            return Err(format!("only {} of {MANY} readers came", measured.requests).into());
        }
        let grown = self.server.memory()?.saturating_sub(before);
        let seen = format!("{} MB", grown / 1_000_000);
        let what = "ten million readers: memory grows by";
        report.promise(what, &seen, "under 16 MB", grown < 16_000_000);
        let share = measured.per_second / one.per_second;
        let what = "and the speed is, of that of fewer readers";
        report.promise(what, &format!("{share:.2}"), "at least 0.90", share >= 0.9);
        Ok(())
    }
}
