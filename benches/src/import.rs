//! Benchmark of an import: a large export of WordPress, into a publication on SQLite.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{BenchError, Report, publication};

/// The number of posts. There are as many pictures, which are named and not at hand.
const POSTS: u32 = 100_000;
/// How many authors, sections and topics they have.
const AUTHORS: u32 = 50;
const SECTIONS: u32 = 12;
const TOPICS: u32 = 2_000;
const SENTENCE: &str = "The harbour council said on Monday that the last ferry of the day would leave an hour later from now on. ";

pub async fn measure(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    println!("\n{POSTS} posts of WordPress, SQLite");
    let paper = folder.join("import");
    publication::make(&paper, 10).await?;
    let file = folder.join("export.xml");
    write(&file)?;
    println!("the export has {} MB", fs::metadata(&file)?.len() / 1_000_000);
    let (taken, peak) = import(&file, &paper)?;
    let rate = f64::from(POSTS) / taken.as_secs_f64();
    report.promise("import", &format!("{rate:.0} posts/s"), "at least 2,000/s", rate >= 2_000.0);
    let seen = format!("{} MB", peak / 1_000_000);
    report.promise("its memory at most", &seen, "under 150 MB", peak < 150_000_000);
    let (taken, _) = import(&file, &paper)?;
    println!("again, without a change: {:.0} posts/s", f64::from(POSTS) / taken.as_secs_f64());
    Ok(())
}

/// Imports a file. Returns how long that took, and the most memory that was resident, in bytes.
fn import(file: &Path, paper: &Path) -> Result<(Duration, u64), BenchError> {
    let program = std::env::current_exe()?.with_file_name("masthead");
    let mut command = Command::new(program);
    command.args(["import", "wordpress"]).arg(file).arg("--dir").arg(paper);
    let begun = Instant::now();
    let mut import = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak = 0;
    let status = loop {
        if let Some(status) = import.try_wait()? {
            break status;
        }
        peak = peak.max(peak_memory(import.id()));
        thread::sleep(Duration::from_millis(20));
    };
    if status.success() { Ok((begun.elapsed(), peak)) } else { Err("the import failed".into()) }
}

/// The most memory of a process that was resident so far, in bytes; 0 once it has ended.
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.and_then(|number| number.trim().parse::<u64>().ok()).unwrap_or_default() * 1024
}

fn write(path: &Path) -> Result<(), BenchError> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><rss version=\"2.0\" xmlns:excerpt=\"e\" xmlns:content=\"c\" \
         xmlns:dc=\"d\" xmlns:wp=\"w\"><channel><title>Old</title><link>https://old.example</link>"
    )?;
    for number in 0..AUTHORS {
        writeln!(
            file,
            "<wp:author><wp:author_login>a{number}</wp:author_login>\
             <wp:author_display_name>Author {number}</wp:author_display_name></wp:author>"
        )?;
    }
    let body = format!("<p>{}</p>\n", SENTENCE.repeat(4)).repeat(8);
    for number in 1..=POSTS {
        let mut tags = String::new();
        for step in 0..4 {
            let topic = (number * 7 + step * 531) % TOPICS;
            write!(
                tags,
                "<category domain=\"post_tag\" nicename=\"topic-{topic}\">Topic {topic}</category>"
            )?;
        }
        let (year, month, day) = (2000 + number % 25, 1 + number % 12, 1 + number % 28);
        writeln!(
            file,
            "<item><title>Headline {number} of the day</title><link>https://old.example/{year}/headline-{number}/</link>\
             <dc:creator>a{author}</dc:creator><guid>https://old.example/?p={number}</guid>\
             <content:encoded><![CDATA[{body}]]></content:encoded><excerpt:encoded>The deck of {number}.</excerpt:encoded>\
             <wp:post_id>{number}</wp:post_id><wp:post_date_gmt>{year}-{month:02}-{day:02} 08:00:00</wp:post_date_gmt>\
             <wp:post_name>headline-{number}</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>\
             <category domain=\"category\" nicename=\"section-{section}\">Section {section}</category>{tags}\
             <wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>{picture}</wp:meta_value></wp:postmeta></item>\n\
             <item><title>Picture {number}</title><wp:post_id>{picture}</wp:post_id><wp:post_type>attachment</wp:post_type>\
             <wp:attachment_url>https://old.example/wp-content/uploads/{number}.jpg</wp:attachment_url></item>",
            author = number % AUTHORS,
            section = number % SECTIONS,
            picture = POSTS + number,
        )?;
    }
    writeln!(file, "</channel></rss>")?;
    Ok(file.flush()?)
}
