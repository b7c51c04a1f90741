//! The desk's own stylesheet and scripts: sent compressed, and cached by browsers until they change.

use std::{io::Write, sync::OnceLock};

use axum::{body::Bytes, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::http::respond;

/// Bundled by `scripts/editor` from `crates/desk/editor`.
const EDITOR: &str = include_str!("../assets/editor.js");
const ARCHIVES: &str = include_str!("../assets/archives.js");
const CROPS: &str = include_str!("../assets/crops.js");
const FORMS: &str = include_str!("../assets/forms.js");
const FRAMES: &str = include_str!("../assets/frames.js");
const LIVE: &str = include_str!("../assets/live.js");
const MENTIONS: &str = include_str!("../assets/mentions.js");
const MENUS: &str = include_str!("../assets/menus.js");
const MESSAGES: &str = include_str!("../assets/messages.js");
const PALETTE: &str = include_str!("../assets/palette.js");
const PLANNING: &str = include_str!("../assets/planning.js");
const STYLE: &str = include_str!("../assets/desk.css");

const JAVASCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");
const CSS: HeaderValue = HeaderValue::from_static("text/css; charset=utf-8");
const FIVE_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const BROTLI: HeaderValue = HeaderValue::from_static("br");

/// All scripts.
pub(crate) struct Assets {
    scripts: [Script; 11],
    addresses: ScriptAddresses,
}

/// Where pages load scripts from. Each address changes with the script's content.
#[derive(Serialize)]
pub(crate) struct ScriptAddresses {
    archives: String,
    crops: String,
    editor: String,
    forms: String,
    frames: String,
    live: String,
    mentions: String,
    menus: String,
    messages: String,
    palette: String,
    planning: String,
}

impl Assets {
    pub fn new() -> Self {
        let scripts = [
            ("archives", ARCHIVES),
            ("crops", CROPS),
            ("editor", EDITOR),
            ("forms", FORMS),
            ("frames", FRAMES),
            ("live", LIVE),
            ("mentions", MENTIONS),
            ("menus", MENUS),
            ("messages", MESSAGES),
            ("palette", PALETTE),
            ("planning", PLANNING),
        ];
        let scripts = scripts.map(|(name, content)| Script::new(name, content));
        let [
            archives,
            crops,
            editor,
            forms,
            frames,
            live,
            mentions,
            menus,
            messages,
            palette,
            planning,
        ] = scripts.each_ref().map(|script| script.address.clone());
        Self {
            scripts,
            addresses: ScriptAddresses {
                archives,
                crops,
                editor,
                forms,
                frames,
                live,
                mentions,
                menus,
                messages,
                palette,
                planning,
            },
        }
    }

    pub fn script_addresses(&self) -> &ScriptAddresses {
        &self.addresses
    }

    /// The file with this name, as a client with these headers gets it. Returns `None` if there is none.
    pub fn file(&self, name: &str, headers: &HeaderMap) -> Option<Response> {
        if name == "desk.css" {
            return Some(respond(StatusCode::OK, CSS, FIVE_MINUTES, STYLE));
        }
        let name = name.strip_suffix(".js")?;
        self.scripts.iter().find(|script| script.name == name).map(|script| script.respond(headers))
    }
}

/// One script.
struct Script {
    /// Its file name without the extension.
    name: &'static str,
    address: String,
    content: &'static str,
    /// Compressed when first requested.
    compressed: OnceLock<Option<Bytes>>,
}

impl Script {
    fn new(name: &'static str, content: &'static str) -> Self {
        let version: String =
            Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let address = format!("/desk/assets/{name}.js?v={version}");
        Self { name, address, content, compressed: OnceLock::new() }
    }

    fn respond(&self, headers: &HeaderMap) -> Response {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let accepts = accepted.is_some_and(|accepted| {
            accepted.split(',').any(|encoding| encoding.trim().split(';').next() == Some("br"))
        });
        let compressed = self.compressed.get_or_init(|| compress(self.content)).as_ref();
        let (body, encoding) = match compressed.filter(|_| accepts) {
            Some(compressed) => (compressed.clone(), Some(BROTLI)),
            None => (Bytes::from_static(self.content.as_bytes()), None),
        };
        let mut response = respond(StatusCode::OK, JAVASCRIPT, FOREVER, body);
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, encoding);
        }
        response
    }
}

fn compress(content: &str) -> Option<Bytes> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    writer.write_all(content.as_bytes()).ok()?;
    Some(writer.into_inner().into())
}
