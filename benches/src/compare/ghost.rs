//! Ghost in production mode on SQLite, with the article once for everybody and once for its members.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use super::{Reader, Subject, install::Installed, request};
use crate::{
    BenchError, publication,
    servers::{Server, free_port, on_first_core},
};

const ADMIN: &str = "/ghost/api/admin";
const STAFF: &str = "staff@example.org";
const PASSWORD: &str = "six geese on the quay, 1911";
/// The first start creates the database, which takes long.
const PATIENCE: Duration = Duration::from_mins(5);
/// Who may read a post.
const PUBLIC: &str = "public";
const MEMBERS: &str = "members";

/// A running Ghost with the article in it.
pub struct Ghost {
    server: Server,
    /// The file of a member's cookies.
    member: PathBuf,
    /// The versions of Ghost and of Node.js.
    pub versions: [String; 2],
}

impl Ghost {
    /// Starts Ghost with a new database in `folder`, and publishes the article.
    pub fn start(folder: &Path, installed: &Installed) -> Result<Self, BenchError> {
        let port = free_port()?;
        // Ghost reads its configuration in the folder in which it is started, which has to be its own.
        let file = installed.folder.join("config.production.json");
        fs::write(file, configuration(folder, installed, port).to_string())?;
        let log = folder.join("ghost.log");
        let mut command = on_first_core(installed.node().as_ref());
        command.arg("index.js").current_dir(&installed.folder).env("NODE_ENV", "production");
        command.stdout(File::create(&log)?).stderr(File::create(folder.join("ghost.errors"))?);
        let server = Server::start(&mut command, port, PATIENCE).map_err(|error| {
            format!("Ghost: {error}: {}", fs::read_to_string(&log).unwrap_or_default())
        })?;
        let staff = GhostSession::sign_in(port)?;
        staff.publish(PUBLIC)?;
        staff.publish(MEMBERS)?;
        let member = folder.join("ghost.cookies");
        fs::write(&member, staff.member()?)?;
        Ok(Self { server, member, versions: installed.versions()? })
    }

    /// A visitor of the public article, and a member who reads the members' article.
    pub fn subjects(&self) -> [Subject<'_>; 2] {
        let subject = |what, visibility, reader| Subject {
            what,
            server: &self.server,
            html: &self.server,
            paths: vec![format!("/{}/", slug(visibility))],
            reader,
            meter: false,
            wall: true,
        };
        let member = Reader::SignedIn(self.member.clone());
        [
            subject("Ghost, public post, visitors", PUBLIC, Reader::Visitor),
            subject("Ghost, members' post, a member", MEMBERS, member),
        ]
    }
}

fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Returns the slug of the article with this visibility.
fn slug(visibility: &str) -> String {
    format!("article-{visibility}")
}

/// Sends no email and asks nobody outside.
fn configuration(folder: &Path, installed: &Installed, port: u16) -> Value {
    json!({
        "url": address(port),
        "server": { "host": "127.0.0.1", "port": port },
        "database": {
            "client": "better-sqlite3",
            "connection": { "filename": folder.join("ghost.db") },
            "useNullAsDefault": true,
        },
        "mail": { "transport": "stub" },
        "paths": { "contentPath": installed.folder.join("content") },
        "logging": { "level": "error", "transports": ["stdout"] },
        "privacy": { "useUpdateCheck": false, "useIndexNow": false },
        "security": { "staffDeviceVerification": false },
    })
}

/// A signed-in member of staff.
struct GhostSession {
    port: u16,
    cookies: String,
}

impl GhostSession {
    /// Registers the first member of staff and signs them in.
    fn sign_in(port: u16) -> Result<Self, BenchError> {
        let mut staff = Self { port, cookies: String::new() };
        let setup = json!({ "name": "Staff", "email": STAFF, "password": PASSWORD, "blogTitle": "The Bench" });
        staff.ask("POST", "/authentication/setup/", &json!({ "setup": [setup] }))?;
        let session = json!({ "username": STAFF, "password": PASSWORD });
        staff.cookies = staff.ask("POST", "/session/", &session)?.cookies();
        Ok(staff)
    }

    /// Publishes the article with this visibility.
    fn publish(&self, visibility: &str) -> Result<(), BenchError> {
        let article = publication::first();
        let post = json!({
            "title": article.headline,
            "slug": slug(visibility),
            "custom_excerpt": article.deck,
            "html": article.body,
            "status": "published",
            "visibility": visibility,
        });
        self.ask("POST", "/posts/?source=html", &json!({ "posts": [post] }))?;
        Ok(())
    }

    /// Registers a member and returns their cookies.
    fn member(&self) -> Result<String, BenchError> {
        let member = json!({ "members": [{ "email": "member@example.org" }] });
        let answer = self.ask("POST", "/members/", &member)?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        let id = answer["members"][0]["id"].as_str().ok_or("Ghost has registered no member")?;
        let answer = self.ask("GET", &format!("/members/{id}/signin_urls/"), &Value::Null)?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        let link = answer["member_signin_urls"][0]["url"].as_str();
        let path = link.and_then(|link| link.strip_prefix(&address(self.port)));
        let path = path.ok_or("Ghost has made no link to sign in")?;
        Ok(request::plain(self.port, &format!("GET {path}"), "", "")?.cookies())
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<request::Answer, BenchError> {
        let headers = format!(
            "Content-Type: application/json\r\nOrigin: {}\r\nCookie: {}\r\n",
            address(self.port),
            self.cookies
        );
        let request = format!("{method} {ADMIN}{path}");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = request::plain(self.port, &request, &headers, &body)?;
        if answer.status >= 300 {
            let said = String::from_utf8_lossy(&answer.body);
            return Err(format!("Ghost: {path}: {}: {said}", answer.status).into());
        }
        Ok(answer)
    }
}
