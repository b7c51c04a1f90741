//! What many articles cost: the time of a start, memory, and the time until a reader has what was published.
//!
//! The archives have short texts: what is in memory of an article does not depend on its length.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{BenchError, Report, desk::Staff, publication, servers::Server};

/// The number of starts that are measured. The median counts.
const STARTS: usize = 9;
/// The number of articles that are published. The median counts.
const PUBLISHED: u32 = 90;
const MEGABYTE: u64 = 1_000_000;

/// The time from the start of the program to its first answer.
pub async fn start(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    println!("\nstart, server on one core");
    for (articles, most) in [(100_000, 1), (1_000_000, 10)] {
        let paper = archive(folder, articles).await?;
        let (mut starts, mut busy) = (Vec::new(), Vec::new());
        for _ in 0..STARTS {
            let server = Server::masthead(&paper)?;
            starts.push(server.start);
            busy.push(server.processor_time());
        }
        let (start, busy) = (median(starts), median(busy));
        let seen =
            format!("{:.2} s ({:.2} s of processor)", start.as_secs_f64(), busy.as_secs_f64());
        let kept = start < Duration::from_secs(most);
        report.promise(&format!("{articles} articles"), &seen, &format!("under {most} s"), kept);
    }
    Ok(())
}

/// Memory of the demonstration, and of archives. Mapped files are what the system can reclaim: the program, the index.
pub async fn memory(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    println!("\nmemory, after every page was read");
    let demo = Server::demo(&folder.join("demo"))?;
    read(&demo, usize::MAX)?;
    let seen = memory_of(&demo)?;
    report.promise("demonstration", &seen, "under 60 MB", demo.memory()? < 60 * MEGABYTE);
    let mut own = Vec::new();
    for articles in [10, 100_000, 1_000_000] {
        let paper = archive(folder, articles).await?;
        let server = Server::masthead(&paper)?;
        read(&server, 100)?;
        own.push(server.memory()? - server.mapped()?);
        let seen = memory_of(&server)?;
        let most = 60 * MEGABYTE + 1_000 * u64::from(articles);
        let promised = format!("under {} MB", most / MEGABYTE);
        let what = format!("{articles} articles");
        report.promise(&what, &seen, &promised, server.memory()? < most);
    }
    let each = own[2].saturating_sub(own[1]) / 900_000;
    report.promise("each article", &format!("{each} bytes"), "under 1000 bytes", each < 1_000);
    Ok(())
}

/// The time and the work until a reader has what was published.
pub async fn publish(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    println!("\npublishing an article");
    let mut work = Vec::new();
    for articles in [1_000, 100_000] {
        let paper = archive(folder, articles).await?;
        let server = Server::masthead(&paper)?;
        server.wait_for_index()?;
        let staff = Staff::join(&paper, &server)?;
        let idle = idle(&server);
        let (mut times, before, begun) = (Vec::new(), server.processor_time(), Instant::now());
        for number in 0..PUBLISHED {
            times.push(staff.publish(number, &server)?);
        }
        let used = server.processor_time().saturating_sub(before).as_secs_f64();
        let own = used - idle * begun.elapsed().as_secs_f64();
        work.push(own * 1000.0 / f64::from(PUBLISHED));
        let visible = median(times);
        let kept = visible < Duration::from_millis(100);
        let what = format!("{articles} articles, until it is visible");
        report.promise(&what, &format!("{visible:.1?}"), "under 100 ms", kept);
    }
    let seen = format!("{:.1} and {:.1} ms", work[0], work[1]);
    report.promise("processor time each", &seen, "less than twice", work[1] < 2.0 * work[0]);
    Ok(())
}

/// Returns the publication with this many articles, which is made first if it is not there.
async fn archive(folder: &Path, articles: u32) -> Result<PathBuf, BenchError> {
    let paper = folder.join(format!("archive-{articles}"));
    if !paper.exists() {
        publication::make_short(&paper, articles).await?;
        let server = Server::masthead(&paper)?;
        println!("{articles} articles can be searched after {:.0?}", server.wait_for_index()?);
    }
    Ok(paper)
}

/// Reads the pages that the site map names, at most so many of them, in every encoding.
fn read(server: &Server, most: usize) -> Result<(), BenchError> {
    let map = String::from_utf8(server.get_as("/sitemap/1.xml", "identity")?)?;
    let addresses = map.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next());
    for address in addresses.take(most) {
        let path = address.splitn(4, '/').nth(3).unwrap_or_default();
        for encoding in ["br", "gzip", "identity"] {
            server.get_as(&format!("/{path}"), encoding)?;
        }
    }
    // Until the threads that made them have ended, and the system has back what they freed.
    std::thread::sleep(Duration::from_secs(45));
    Ok(())
}

fn memory_of(server: &Server) -> Result<String, BenchError> {
    let (all, mapped) = (server.memory()?, server.mapped()?);
    Ok(format!("{} MB, {} of them files", all / MEGABYTE, mapped / MEGABYTE))
}

/// Returns the share of a processor that a server takes that nobody asks anything.
fn idle(server: &Server) -> f64 {
    std::thread::sleep(Duration::from_secs(2));
    let (before, begun) = (server.processor_time(), Instant::now());
    std::thread::sleep(Duration::from_secs(5));
    let used = server.processor_time().saturating_sub(before);
    used.as_secs_f64() / begun.elapsed().as_secs_f64()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}
