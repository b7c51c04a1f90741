//! Benchmark of what an author may send: 360 KB of nested lists, saved, previewed and compared, while the front page goes on.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{BenchError, Report, desk::Staff, publication, servers::Server};

/// The size of the text, in bytes.
const BYTES: usize = 360 * 1024;
const OPEN: &str = "<ul><li>";
const CLOSE: &str = "</li></ul>";

pub async fn measure(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    println!("\n360 KB of nested lists, SQLite");
    let paper = folder.join("nesting");
    publication::make(&paper, 10).await?;
    let server = Server::masthead(&paper)?;
    let staff = Staff::join(&paper, &server)?;
    let story = staff.begin()?;
    let levels = BYTES / (OPEN.len() + CLOSE.len());
    let body = format!("{}{}", OPEN.repeat(levels), CLOSE.repeat(levels));
    // Two versions, to be compared.
    let text =
        |version: u32| format!("version={version}&headline=Deep&body=Version+{version}{body}");
    server.get("/", "")?;
    let (saved, front) = beside(&server, || {
        let begun = Instant::now();
        for version in [1, 2] {
            let answer = staff.ask("POST", &story, &text(version))?;
            if !answer.starts_with("HTTP/1.1 303") {
                return Err(answer.lines().next().unwrap_or_default().into());
            }
        }
        Ok(begun.elapsed() / 2)
    })?;
    let kept = saved < Duration::from_millis(500);
    report.promise("nested lists, saved", &format!("{saved:.1?}"), "under 0.5 s", kept);
    within_50_ms(report, "the front page meanwhile", front);
    let (seen, front) = beside(&server, || {
        let begun = Instant::now();
        staff.ask("GET", &format!("{story}/preview/page"), "")?;
        staff.ask("GET", &format!("{story}/revisions?with=1"), "")?;
        Ok(begun.elapsed())
    })?;
    let kept = seen < Duration::from_secs(1);
    let seen = format!("{seen:.1?}");
    report.promise("nested lists, previewed and compared", &seen, "under 1 s", kept);
    within_50_ms(report, "the front page meanwhile", front);
    Ok(())
}

fn within_50_ms(report: &mut Report, what: &str, slowest: Duration) {
    let kept = slowest < Duration::from_millis(50);
    report.promise(what, &format!("{slowest:.1?} at most"), "under 50 ms", kept);
}

/// Does `work` while a reader requests the front page again and again. Returns what it returns, and the slowest of the reader's
/// requests.
fn beside<T: Send>(
    server: &Server,
    work: impl FnOnce() -> Result<T, BenchError> + Send,
) -> Result<(T, Duration), BenchError> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut slowest = Duration::ZERO;
            while !is_over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                server.get("/", "")?;
                slowest = slowest.max(begun.elapsed());
            }
            Ok::<_, BenchError>(slowest)
        });
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        let slowest = reader.join().map_err(|_| "the reader failed")??;
        Ok((done?, slowest))
    })
}
