//! Files that are served as they are: styles, scripts, fonts. A theme's own file takes the place of the
//! built-in one of the same name.

use std::{collections::HashMap, path::Path};

use bytes::Bytes;

use crate::compression::Encoding;

/// The files of the built-in theme, compiled into the binary.
#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../themes/default"]
pub struct DefaultTheme;

/// One file.
#[derive(Clone, Debug)]
pub struct Asset {
    identity: Bytes,
    /// The same compressed with gzip and Brotli, where that helps.
    compressed: Option<[Bytes; 2]>,
    /// Its media type.
    pub media_type: &'static str,
    /// A name for this very content.
    pub version: String,
}

impl Asset {
    /// The asset of a file's content, typed by its name.
    pub fn new(name: &str, content: Vec<u8>) -> Self {
        let media_type = media_type(name);
        let compresses = media_type.starts_with("text/") || media_type.contains("svg");
        Self {
            compressed: compresses
                .then(|| [Encoding::Gzip, Encoding::Brotli].map(|e| e.whole(&content))),
            version: version(&content),
            media_type,
            identity: content.into(),
        }
    }

    /// The asset of this content: that of `known` if the content is the same, because compressing takes long.
    pub(crate) fn reuse_or_new(name: &str, content: Vec<u8>, known: Option<&Assets>) -> Self {
        match known.and_then(|known| known.get(name)) {
            Some(known) if known.identity == content => known.clone(),
            Some(_) | None => Self::new(name, content),
        }
    }

    /// Its bytes for a client that takes `encoding`, and the encoding that they are in.
    pub fn content(&self, encoding: Encoding) -> (&Bytes, Encoding) {
        match (&self.compressed, encoding) {
            (Some([gzip, _]), Encoding::Gzip) => (gzip, encoding),
            (Some([_, brotli]), Encoding::Brotli) => (brotli, encoding),
            (_, Encoding::Identity) | (None, _) => (&self.identity, Encoding::Identity),
        }
    }
}

/// Every file of the built-in theme, by its name in it, with its words in a language.
pub fn built_in(language: &str) -> impl Iterator<Item = (String, Vec<u8>)> {
    let words = DefaultTheme::get(&words_file(language));
    DefaultTheme::iter().filter(|name| !name.starts_with(WORDS)).filter_map(move |name| {
        let own = words.as_ref().filter(|_| name == "words.toml");
        let data = own.map(|file| file.data.to_vec());
        let data = data.or_else(|| DefaultTheme::get(&name).map(|file| file.data.into_owned()))?;
        Some((name.into_owned(), data))
    })
}

/// The folder of the words in other languages than English.
const WORDS: &str = "words/";

/// Where the words in a language are, if there are any.
pub fn words_file(language: &str) -> String {
    format!("{WORDS}{language}.toml")
}

/// Whether there are built-in words in a language.
pub(crate) fn has_words(language: &str) -> bool {
    language == "en" || DefaultTheme::get(&words_file(language)).is_some()
}

/// Every asset of a theme, by its name below `assets/`.
pub type Assets = HashMap<String, Asset>;

/// Returns every asset of a theme. Those of `known` are used again if their content is the same.
pub fn load(theme: Option<&Path>, known: Option<&Assets>) -> Assets {
    let own = built_in("en")
        .filter_map(|(path, content)| Some((path.strip_prefix("assets/")?.to_owned(), content)));
    let mut files: HashMap<String, Vec<u8>> = own.collect();
    if let Some(theme) = theme {
        let folder = theme.join("assets");
        add_folder(&folder, &folder, &mut files);
    }
    name_versions(&mut files);
    let asset = |(name, content): (String, Vec<u8>)| {
        let asset = Asset::reuse_or_new(&name, content, known);
        (name, asset)
    };
    files.into_iter().map(asset).collect()
}

/// Lets style sheets name the very version of a file that pages name, so that it is fetched once.
fn name_versions(files: &mut HashMap<String, Vec<u8>>) {
    let versions: Vec<(String, String)> =
        files.iter().map(|(name, content)| (name.clone(), version(content))).collect();
    let is_style = |name: &str| media_type(name).starts_with("text/css");
    for (_, content) in files.iter_mut().filter(|(name, _)| is_style(name)) {
        let Ok(mut style) = String::from_utf8(content.clone()) else { continue };
        for (file, version) in &versions {
            let (plain, named) =
                (format!("url(\"{file}\")"), format!("url(\"{file}?v={version}\")"));
            style = style.replace(&plain, &named);
        }
        *content = style.into_bytes();
    }
}

fn version(content: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(content))
}

fn add_folder(root: &Path, folder: &Path, files: &mut HashMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            add_folder(root, &path, files);
        } else if let (Ok(name), Ok(content)) = (path.strip_prefix(root), std::fs::read(&path)) {
            files.insert(name.to_string_lossy().into_owned(), content);
        }
    }
}

/// The media type of a file with this ending.
pub fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "ico" => "image/x-icon",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
