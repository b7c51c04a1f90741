//! `masthead demo`: the demonstration publication.

mod audience;
mod filling;
mod folder;
mod live;
mod subscribers;

use std::{
    fs,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use masthead_editorial::manuscript::{self, Manuscript};
use masthead_media::Incoming;
use masthead_publication::config::Config;
use masthead_site::demo_clock::DemoClock;
use masthead_store::Store;
use tempfile::NamedTempFile;

use self::filling::Filling;
use super::{
    serve::{self, Place},
    store_pictures,
};
use crate::{error::CliError, folder::Folder, listeners::Sockets, ownership::refuse_root};

#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../demo"]
struct DemoFiles;

/// The time between two articles, so that the latest one is always recent.
const INTERVAL: SignedDuration = SignedDuration::from_mins(6 * 60 + 43);

/// The arguments of `masthead demo`.
#[derive(clap::Args)]
pub struct DemoArguments {
    /// The date in the demonstration, such as 2027-02-03: to see a trial end or an offer expire.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    #[command(flatten)]
    listen: serve::Listen,
}

/// Serves the demonstration: a new one that is deleted at the end, or the one in `--data`.
pub async fn run(arguments: &DemoArguments, place: &Place) -> Result<(), CliError> {
    let fresh;
    let dir = match &place.data {
        Some(dir) => dir.as_path(),
        None => {
            fresh =
                tempfile::Builder::new().prefix("masthead-demo-").tempdir().map_err(|error| {
                    CliError::new(format!(
                        "the folder for the demonstration cannot be created: {error}"
                    ))
                })?;
            fresh.path()
        }
    };
    refuse_root(dir)?;
    let is_earlier = folder::refuse_publication(dir)?;
    let in_folder = |error| if is_earlier { folder::in_earlier(dir, &error) } else { error };
    write_files(dir, arguments.today)?;
    let config = Folder::config(dir).map_err(in_folder)?;
    let folder = Folder::new(dir, &config, None);
    folder.prepare()?;
    let clock = Arc::new(DemoClock::open(folder.demo_clock()));
    if let Some(today) = arguments.today {
        let kept = clock.set(today, &config.publication.policy.zone);
        kept.map_err(|error| CliError::new(format!("the date cannot be kept: {error}")))?;
    }
    crate::log::start(config.server.log);
    let address = arguments.listen.listen.as_deref().unwrap_or(&config.server.listen);
    let mut sockets = Sockets::from_environment();
    let listener = sockets.listen(0, address).await?;
    let here = listener.local_addr().map(serve::on_this_machine).unwrap_or_default();
    let inside = Place { data: None, ..place.clone() };
    fill(dir, &config, &inside, clock.now()).await.map_err(in_folder)?;
    outln!("A publication to try everything on. Its folder is {};", dir.display());
    outln!("emails to its readers are not sent, but shown at /demo/outbox;");
    outln!("change masthead.toml there and reload a page. Press Ctrl+C to stop.");
    let demo = serve::DemoStart { address: here, clock };
    serve::open(dir, config, &inside, (sockets, listener), Some(demo)).await
}

/// Writes the demonstration's configuration and the tides that it shows, if they are not there. An earlier version may have made the
/// folder without the tides.
fn write_files(dir: &Path, today: Option<Date>) -> Result<(), CliError> {
    let today = today.unwrap_or_else(|| Timestamp::now().to_zoned_datetime(TimeZone::UTC).date());
    let ahead = today.saturating_add(2.months()).last_of_month();
    let config = text("masthead.toml").unwrap_or_default();
    let config = config.replace("TWO-MONTHS-AHEAD", &ahead.to_string());
    let tides = text("tides.json").unwrap_or_default();
    fs::create_dir_all(dir)
        .and_then(|()| write_new(&dir.join("tides.json"), &tides))
        .and_then(|()| write_new(&Folder::config_file(dir), &config))
        .map_err(|error| CliError::unwritable(dir.display(), &error))
}

/// Writes a file whole or not at all. One that is there stays, also if another process has written it meanwhile.
fn write_new(file: &Path, content: &str) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    let mut written = NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
    written.write_all(content.as_bytes())?;
    match written.persist_noclobber(file) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

/// Fills the demonstration's folder if that has not been done: by one process at a time, and from the start if it was
/// interrupted.
async fn fill(dir: &Path, config: &Config, place: &Place, now: Timestamp) -> Result<(), CliError> {
    let folder = Folder::new(dir, config, None);
    folder.prepare()?;
    let filling = Filling::lock(&folder).await?;
    let was_interrupted = filling.was_interrupted();
    if was_interrupted {
        filling.clear()?;
    }
    let store = folder.upgraded_store(config, place.database.as_deref()).await?;
    match (store.revision().await? > 0, was_interrupted) {
        (false, _) => filling.begin()?,
        (true, false) => return Ok(()),
        // It is not in this folder, and may not be the demonstration's alone.
        (true, true) => {
            return Err(CliError::new(
                "filling the demonstration's database was interrupted; give it an empty database with --database",
            ));
        }
    }
    publish_all(&folder, config, &store, now).await?;
    filling.end()
}

/// Publishes the demonstration's articles, and simulates its readers.
async fn publish_all(
    folder: &Folder,
    config: &Config,
    store: &Store,
    now: Timestamp,
) -> Result<(), CliError> {
    let media_library = folder.media_library(config)?;
    let incoming = Incoming::default();
    let mut names: Vec<String> =
        DemoFiles::iter().map(|name| name.to_string()).filter(|name| is_manuscript(name)).collect();
    names.sort();
    let today = now.to_zoned_datetime(config.publication.policy.zone.clone()).date();
    let mut published = now - SignedDuration::from_mins(25);
    for name in names {
        publish(&name, config, store, &incoming, (today, published)).await?;
        if name.starts_with("articles/") {
            published -= INTERVAL;
        }
    }
    store_pictures(&media_library, &incoming).await?;
    let pieces = store.changes_since(0, None, 1000).await?;
    live::cover(store, &pieces, now).await?;
    let mut articles: Vec<_> =
        pieces.into_iter().filter(|listed| listed.piece.section.is_some()).collect();
    articles.sort_by_key(|listed| std::cmp::Reverse(listed.piece.published));
    let articles: Vec<_> = articles.into_iter().map(|listed| listed.id).collect();
    audience::simulate(store, &articles, now, &config.publication.policy.zone).await?;
    subscribers::simulate(store, &config.publication.catalogue, now).await
}

async fn publish(
    name: &str,
    config: &Config,
    store: &Store,
    incoming: &Incoming,
    (today, now): (Date, Timestamp),
) -> Result<(), CliError> {
    let context = manuscript::ManuscriptContext {
        zone: &config.publication.policy.zone,
        sections: &config.sections(),
        find_picture: &|picture| {
            let file = DemoFiles::get(&format!("pictures/{picture}"))?;
            incoming.own_picture(picture, file.data)
        },
        now,
        slugs: config.publication.slugs,
    };
    // The files are numbered in the order of publication. The number is not part of the address.
    let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
    let slug = stem.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    let fault = |error: &dyn std::fmt::Display| CliError::new(format!("demo/{name}, {error}"));
    // A correction is of the day on which the demonstration begins; its article is some days older.
    let text = text(name).unwrap_or_default().replace("TODAYS-DATE", &today.to_string());
    let manuscript = manuscript::read(&text, slug, &context);
    match manuscript.map_err(|error| fault(&error))? {
        Manuscript::Author(author) => {
            store.save_author(&author).await?;
        }
        Manuscript::Piece(piece) => {
            store.save(&piece, Timestamp::now()).await?;
        }
    }
    Ok(())
}

fn is_manuscript(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "md")
}

fn text(name: &str) -> Option<String> {
    DemoFiles::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}
