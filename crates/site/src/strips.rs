//! Reads the sources of strips: files, and addresses at other servers.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use masthead_editorial::strip::{DataStrip, StripItem, StripSource};
use masthead_publication::{
    Live,
    strips::{MAX_BYTES, StripDataError, StripReading, parse},
};
use masthead_web::outside::{OutsideClient, OutsideError};
use tokio::sync::Mutex;

/// Why a source cannot be shown.
#[derive(Debug, thiserror::Error)]
enum SourceError {
    #[error("{0}")]
    File(#[from] io::Error),
    #[error("it is not below the folder of masthead.toml")]
    Elsewhere,
    #[error("it is no file")]
    NoFile,
    #[error(transparent)]
    Outside(#[from] OutsideError),
    #[error(transparent)]
    Data(#[from] StripDataError),
    #[error("reading was interrupted")]
    Interrupted,
}

/// What is wrong with the sources, a sentence for each strip. Facts that were read before are shown until they are stale.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct StripsError(Vec<String>);

/// What is known of a source.
struct SourceState {
    /// When it was read, or was tried to be read.
    tried: Timestamp,
    reading: Option<StripReading>,
    /// Why it could not be read the last time.
    error: Option<String>,
}

impl SourceState {
    /// Whether it is read again. It is if the clock was set back as well.
    fn is_due(&self, strip: &DataStrip, now: Timestamp) -> bool {
        let age = now.duration_since(self.tried);
        age >= strip.every || age.is_negative()
    }
}

/// Reads the sources of the strips that are in force, each as often as the publisher has set.
pub struct StripReader {
    live: Arc<Live>,
    folder: PathBuf,
    client: OutsideClient,
    sources: Mutex<HashMap<String, SourceState>>,
}

impl StripReader {
    /// A reader of files below `folder`, and of what `client` may ask.
    pub fn new(live: Arc<Live>, folder: PathBuf, client: OutsideClient) -> Self {
        Self { live, folder, client, sources: Mutex::default() }
    }

    /// Reads what is due, and shows it.
    ///
    /// # Errors
    ///
    /// Returns an error for as long as a source cannot be read.
    pub async fn run(&self) -> Result<(), StripsError> {
        let strips = self.live.snapshot().publication.strips.clone();
        let mut sources = self.sources.lock().await;
        sources.retain(|known, _| strips.iter().any(|strip| strip.source.to_string() == *known));
        for strip in &strips {
            let name = strip.source.to_string();
            let before = sources.get(&name);
            if before.is_none_or(|known| known.is_due(strip, self.live.now())) {
                let reading = before.and_then(|known| known.reading.clone());
                let state = self.read(strip, reading).await;
                sources.insert(name, state);
            }
        }
        let readings = sources.iter();
        let readings =
            readings.filter_map(|(name, known)| Some((name.clone(), known.reading.clone()?)));
        self.live.set_strip_readings(readings.collect()).await;
        let errors = strips.iter().filter_map(|strip| {
            let error = sources.get(&strip.source.to_string())?.error.as_ref()?;
            Some(format!("the source of the strip \"{}\" cannot be used: {error}", strip.label))
        });
        let errors: Vec<_> = errors.collect();
        if errors.is_empty() { Ok(()) } else { Err(StripsError(errors)) }
    }

    /// Reads a source. If that fails, what was read `before` is kept.
    async fn read(&self, strip: &DataStrip, before: Option<StripReading>) -> SourceState {
        let read = match &strip.source {
            StripSource::File(path) => self.read_file(path).await,
            StripSource::Url(address) => self.ask(address).await,
        };
        let tried = self.live.now();
        match read {
            Ok(reading) => SourceState { tried, reading: Some(reading), error: None },
            Err(error) => SourceState { tried, reading: before, error: Some(error.to_string()) },
        }
    }

    async fn ask(&self, address: &str) -> Result<StripReading, SourceError> {
        let data = self.client.get(address, MAX_BYTES).await?;
        Ok(StripReading { items: parse(&data)?, at: self.live.now() })
    }

    async fn read_file(&self, path: &str) -> Result<StripReading, SourceError> {
        let (folder, path) = (self.folder.clone(), self.folder.join(path));
        let read = tokio::task::spawn_blocking(move || read_below(&folder, &path));
        let (items, at) = read.await.map_err(|_| SourceError::Interrupted)??;
        Ok(StripReading { items, at })
    }
}

/// Reads a file below a folder. Its facts are as old as its last change.
fn read_below(folder: &Path, path: &Path) -> Result<(Vec<StripItem>, Timestamp), SourceError> {
    // Links are followed, but not out of the folder.
    let path = path.canonicalize()?;
    if !path.starts_with(folder.canonicalize()?) {
        return Err(SourceError::Elsewhere);
    }
    // Before it is opened: opening a pipe would wait for its writer.
    let about = path.metadata()?;
    if !about.is_file() {
        return Err(SourceError::NoFile);
    }
    let at = Timestamp::try_from(about.modified()?).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut data = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut data)?;
    Ok((parse(&data)?, at))
}
