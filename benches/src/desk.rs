//! Benchmarks of the desk: the article list of an archive of 100,000 articles, the time until a
//! published article is visible, a year's statistics, and counting a million readers.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use masthead_access::{self as access, Article, ArticleId, Policy, Reads, WallReason, decide};
use masthead_audience::{
    CountedEvent, CountedReader, CounterBatch, Counters, EventTime, ReaderGroup, Sketch, Subject,
    TrafficSource,
};
use masthead_store::{Location, Store};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{BenchError, Report, editor, publication, servers::Server};

const ARTICLES: u32 = 100_000;
const DAYS: i32 = 365;
/// The number of articles read per day: the new ones and some of the archive.
const READ_DAILY: u32 = 3000;
/// The number of timed requests of each kind, of which the slowest counts.
const REQUESTS: usize = 20;
const MILLION: u128 = 1_000_000;
/// A page of the list that begins after a headline.
const HEADLINES: &str = "/desk/articles?sort=headline&after=1-m";
/// A filter that no index answers alone.
const FILTERED: &str =
    "/desk/articles?kind=opinion&access=default&from=2020-01-01&until=2030-01-01&sort=headline";
const VISITS: u32 = 2_000_000;

pub async fn measure(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    println!("\nthe desk, {ARTICLES} articles, a year of counts, SQLite");
    let paper = folder.join("desk");
    publication::make(&paper, ARTICLES).await?;
    let store = Store::open(&Location::Sqlite(paper.join("data/masthead.db"))).await?;
    count_a_year(&store).await?;
    let server = Server::masthead(&paper)?;
    println!("all can be searched after {:.1} s", server.wait_for_index()?.as_secs_f64());
    let staff = Staff::join(&paper, &server)?;
    let promised = |report: &mut Report, what, path: &str, most| {
        let slowest = staff.slowest(path)?;
        let kept = slowest < Duration::from_millis(most);
        report.promise(what, &format!("{slowest:.1?}"), &format!("under {most} ms"), kept);
        Ok::<_, BenchError>(())
    };
    promised(report, "list of articles, first screen", "/desk/articles", 100)?;
    promised(report, "list, one section", "/desk/articles?section=section-3", 150)?;
    promised(report, "list, a word of many headlines", "/desk/articles?q=anbe", 150)?;
    promised(report, "list, words of no headline", "/desk/articles?q=nothing+such", 150)?;
    let deep = staff.page_of_list("/desk/articles?list=published&sort=published", 10)?;
    promised(report, "list, published, the tenth page", &deep, 150)?;
    promised(report, "list by headline, a page in the middle", HEADLINES, 100)?;
    promised(report, "list by date, the oldest", "/desk/articles?sort=published-oldest", 100)?;
    promised(report, "list, one author", "/desk/articles?author=author", 150)?;
    promised(report, "list, type, access and dates", FILTERED, 150)?;
    promised(report, "calendar of a month", "/desk/calendar", 150)?;
    promised(report, "search, a word of many articles", "/search?q=anbe", 150)?;
    promised(report, "search, a word that is misspelt", "/search?q=anbbe+wrods", 150)?;
    promised(report, "figures of 30 days", "/desk/figures", 300)?;
    promised(report, "figures of a year", "/desk/figures?days=365", 300)?;
    let visible = publish(&staff, &server)?;
    let kept = visible < Duration::from_millis(200);
    report.promise(
        "publish, until a reader has it",
        &format!("{visible:.1?}"),
        "under 200 ms",
        kept,
    );
    editor::measure(report, &staff).await?;
    counting(report);
    sketches(report);
    Ok(())
}

/// Measures the cost of counting, compared with the CPU time for an article of about 15 µs (see the
/// comparison with nginx).
fn counting(report: &mut Report) {
    let counters = Counters::new(7);
    let policy = Policy::new(TimeZone::UTC);
    let (now, reads) = (Timestamp::now(), Reads::default());
    let when = EventTime {
        day: now.to_zoned_datetime(TimeZone::UTC).date(),
        hour: now.as_second() / 3600,
    };
    let article = Article::plain(1, now);
    let decision = decide(&policy, &access::Reader::anonymous(&reads), &article, now);
    let begun = Instant::now();
    for visit in 0..VISITS {
        let number = u128::from(visit).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        let reader = CountedReader { number, registered: false };
        let article = ArticleId(u32::try_from(number % 5000).unwrap_or(0));
        let from = TrafficSource::of(Some("https://www.some-paper.example/a"), |host| {
            host == "own.example"
        });
        counters.visit(when, article, &decision, reader, from);
        // As often as a busy server writes.
        if visit % 60_000 == 0 {
            let mut batch = CounterBatch::default();
            counters.move_into(&mut batch);
            std::hint::black_box(batch);
        }
    }
    let each = begun.elapsed() / VISITS;
    let kept = each < Duration::from_nanos(450);
    report.promise("counting a visit", &format!("{each:.0?}"), "under 3 % of an article", kept);
}

async fn count_a_year(store: &Store) -> Result<(), BenchError> {
    let mut chance = StdRng::seed_from_u64(5);
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    for back in (0..DAYS).rev() {
        let day = today.checked_sub(back.days())?;
        let mut batch = CounterBatch::default();
        for nth in 0..READ_DAILY {
            let article = Subject::Article(ArticleId(if nth < 300 {
                nth + 1
            } else {
                chance.random_range(1..=ARTICLES)
            }));
            *batch
                .counts
                .entry((EventTime { day, hour: 0 }, CountedEvent::MeteredRead, article))
                .or_default() += 7;
            if nth % 9 == 0 {
                let wall = CountedEvent::Wall(WallReason::Register);
                *batch.counts.entry((EventTime { day, hour: 0 }, wall, article)).or_default() += 1;
            }
        }
        for (group, readers) in [(ReaderGroup::Readers, 20_000), (ReaderGroup::Walled, 900)] {
            let mut sketch = Sketch::default();
            (0..readers).for_each(|_| sketch.add(u128::from(chance.random_range(0..400_000_u32))));
            batch.uniques.insert((day, group), sketch);
        }
        store.add_to_audience(&batch).await?;
    }
    Ok(())
}

/// A member of staff who is signed in.
pub struct Staff {
    pub port: u16,
    pub cookie: String,
}

impl Staff {
    pub fn join(paper: &Path, server: &Server) -> Result<Self, BenchError> {
        let program = std::env::current_exe()?.with_file_name("masthead");
        let said =
            Command::new(program).args(["staff", "link", "owner", "--dir"]).arg(paper).output()?;
        let said = String::from_utf8(said.stdout)?;
        let start = said.find("/desk/join/").ok_or("no link to the desk")?;
        let path = said[start..].split_whitespace().next().unwrap_or_default();
        let mut staff = Self { port: server.port, cookie: String::new() };
        let answer = staff.ask("POST", path, "email=ada@example.org&name=Ada")?;
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie =
            cookie.and_then(|cookie| cookie.split(';').next()).ok_or("nobody was let in")?;
        cookie.clone_into(&mut staff.cookie);
        Ok(staff)
    }

    /// Creates an article and returns its address.
    pub fn begin(&self) -> Result<String, BenchError> {
        let begun = self.ask("POST", "/desk/articles", "")?;
        let story = begun.lines().find_map(|line| line.strip_prefix("location: "));
        Ok(story.ok_or("no article was begun")?.to_owned())
    }

    /// Publishes an article, and returns how long it takes until a reader gets it.
    pub fn publish(&self, number: u32, server: &Server) -> Result<Duration, BenchError> {
        let story = self.begin()?;
        let headline = format!("headline=Fresh+{number}&section=section-1&body=<p>Now.</p>");
        self.ask("POST", &story, &format!("version=1&{headline}"))?;
        let begun = Instant::now();
        self.ask("POST", &format!("{story}/publication"), "version=2&when=now")?;
        let path = format!("/section-1/fresh-{number}");
        while server.get(&path, "").is_err() {
            if begun.elapsed() > Duration::from_secs(10) {
                return Err("what was published did not come".into());
            }
        }
        Ok(begun.elapsed())
    }

    /// Returns the address of a page of a list, which is found by following the links to the next.
    fn page_of_list(&self, first: &str, number: u32) -> Result<String, BenchError> {
        let mut path = first.to_owned();
        for _ in 1..number {
            let page = self.ask("GET", &path, "")?;
            let before =
                page.split("\" rel=\"next\"").next().filter(|start| start.len() < page.len());
            let link = before.and_then(|start| start.rsplit("href=\"").next());
            path =
                link.ok_or("there is no next page")?.replace("&amp;", "&").replace("&#x2f;", "/");
        }
        Ok(path)
    }

    /// Returns the longest duration of several requests.
    fn slowest(&self, path: &str) -> Result<Duration, BenchError> {
        let mut slowest = Duration::ZERO;
        for _ in 0..REQUESTS {
            let begun = Instant::now();
            let answer = self.ask("GET", path, "")?;
            slowest = slowest.max(begun.elapsed());
            if !answer.starts_with("HTTP/1.1 200") {
                return Err(format!("{path}: {}", answer.lines().next().unwrap_or_default()).into());
            }
        }
        Ok(slowest)
    }

    pub fn ask(&self, method: &str, path: &str, form: &str) -> Result<String, BenchError> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
            self.cookie,
            form.len()
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

/// Measures the time from publishing until a reader gets the article.
fn publish(staff: &Staff, server: &Server) -> Result<Duration, BenchError> {
    let mut slowest = Duration::ZERO;
    for number in 0..5 {
        slowest = slowest.max(staff.publish(number, server)?);
    }
    Ok(slowest)
}

/// Measures the error of counting a million readers in one sketch and in the union of thirty.
fn sketches(report: &mut Report) {
    let mut worst: f64 = 0.0;
    for seed in 0..20_u128 {
        let numbers = (0..MILLION)
            .map(|number| (seed * MILLION + number).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut days = vec![Sketch::default(); 30];
        for number in numbers {
            let day = usize::try_from(number % 30).unwrap_or_default();
            days[day].add(number);
        }
        let mut all = Sketch::default();
        for day in &days {
            all.merge(day);
        }
        #[allow(clippy::cast_precision_loss)] // a share
        let off = (all.count() as f64 / MILLION as f64 - 1.0).abs();
        worst = worst.max(off);
    }
    let seen = format!("{:.2} % at most", worst * 100.0);
    report.promise("a million readers, counted 20 times", &seen, "within 2 %", worst <= 0.02);
}
