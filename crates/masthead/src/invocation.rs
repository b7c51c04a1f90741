//! How commands are run for the publication at hand, so that the commands in remedies can be copied as they are.
//!
//! Everywhere in the program a remedy names a command as `masthead outbox --failed`. What prints it, a command, `doctor` or the log of a
//! server, passes it through [`literal`], which adds the folder and the user.

use std::{
    borrow::Cow,
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf, absolute},
    sync::OnceLock,
};

use masthead_settings::ServerSettings;
use url::Url;

use crate::{commands::serve::Place, folder::Folder, ownership};

/// What a remedy begins with.
const PROGRAM: &str = "masthead ";
/// The numbers of users of services, in whose name nobody types commands.
const SERVICE_USERS: std::ops::Range<u32> = 1..1000;
/// What is there in a container, where commands run as the user of the server.
const CONTAINER_MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];
/// What Kubernetes sets in its containers, which have none of those files.
const KUBERNETES_VARIABLE: &str = "KUBERNETES_SERVICE_HOST";
/// What names the database, unless `--database` does.
const DATABASE_VARIABLE: &str = "MASTHEAD_DATABASE";

/// What a URL of a database may have after its path and still be shown. Others may hold a password.
const SHOWN_PARAMETERS: [&str; 7] =
    ["sslmode", "sslrootcert", "host", "hostaddr", "port", "dbname", "user"];

static CURRENT: OnceLock<Invocation> = OnceLock::new();

/// How commands are run for a publication.
#[derive(Debug, Default)]
pub struct Invocation {
    /// What replaces `masthead` in a command.
    program: String,
    /// The commands that this is true of.
    commands: Vec<String>,
}

impl Invocation {
    /// Commands for the publication in `dir`, named like `commands`. Those of a server are read by people in other folders.
    pub fn new(dir: &Path, place: &Place, is_server: bool, commands: Vec<String>) -> Self {
        let user = ownership::owner_of(&data_of(dir, place)).and_then(other_user);
        let mut words: Vec<String> = Vec::new();
        if let Some(user) = user {
            words.extend(["sudo".to_owned(), "-u".to_owned(), user]);
            if place.database.as_deref().is_some_and(is_from_environment) {
                words.push(format!("--preserve-env={DATABASE_VARIABLE}"));
            }
        }
        words.push("masthead".to_owned());
        if is_server || dir != Path::new(".") {
            words.extend(["--dir".to_owned(), quoted_path(dir)]);
        }
        if let Some(data) = &place.data {
            words.extend(["--data".to_owned(), quoted_path(data)]);
        }
        let database = place.database.as_deref().filter(|it| !is_from_environment(it));
        if let Some(database) = database.and_then(without_password) {
            words.extend(["--database".to_owned(), quoted(&database)]);
        }
        Self { program: words.join(" "), commands }
    }

    /// Returns the text of a command, such as `serve`.
    pub fn command(&self, rest: &str) -> String {
        format!("{} {rest}", self.program)
    }

    /// Returns `text` with the commands of this program as they work for this publication.
    fn literal<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut literal = String::new();
        let mut copied = 0;
        for (at, _) in text.match_indices(PROGRAM) {
            if self.is_command(&text[..at], &text[at + PROGRAM.len()..]) {
                literal.push_str(&text[copied..at]);
                literal.push_str(&self.program);
                copied = at + PROGRAM.len() - 1;
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        literal.push_str(&text[copied..]);
        Cow::Owned(literal)
    }

    /// Whether a command of this program is between these texts.
    fn is_command(&self, before: &str, after: &str) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
        let name = after.split(|c: char| !c.is_alphanumeric() && c != '-').next();
        !before.ends_with(is_word)
            && name.is_some_and(|name| self.commands.iter().any(|it| it == name))
    }
}

/// Notes how commands are run from now on. The first call counts.
pub fn note(invocation: Invocation) {
    // There is one for each process.
    let _ = CURRENT.set(invocation);
}

/// Returns a text, such as a remedy, with the commands of this program as they work for the publication that this process was started for.
pub fn literal(text: &str) -> Cow<'_, str> {
    CURRENT.get().map_or(Cow::Borrowed(text), |invocation| invocation.literal(text))
}

/// Returns a line of a log with commands as they work here. A line that is JSON stays JSON.
fn literal_line<'a>(invocation: Option<&Invocation>, line: &'a str) -> Cow<'a, str> {
    let is_json = line.starts_with('{');
    match invocation {
        Some(invocation) if !(is_json && invocation.program.contains(['"', '\\'])) => {
            invocation.literal(line)
        }
        _ => Cow::Borrowed(line),
    }
}

/// Standard error for the lines of a log, each of which is written at once, with commands as they work here.
pub struct LiteralStderr;

impl Write for LiteralStderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr().write_all(literal_line(CURRENT.get(), &text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The data directory of the publication in `dir`. If the settings cannot be read, it is where it is by default.
fn data_of(dir: &Path, place: &Place) -> PathBuf {
    if let Some(data) = &place.data {
        return data.clone();
    }
    let config = Folder::config(dir);
    config.map_or_else(
        |_| dir.join(ServerSettings::default().data),
        |config| Folder::new(dir, &config, None).data().to_path_buf(),
    )
}

/// The user that commands must be run as, if that is not the reader of the remedy: a server has a user of its own. Nobody is told to
/// become root, who may not even own the publication: its folder may not exist yet.
fn other_user(owner: u32) -> Option<String> {
    let is_own = owner == rustix::process::geteuid().as_raw();
    let is_container = CONTAINER_MARKS.iter().any(|mark| Path::new(mark).exists())
        || env::var_os(KUBERNETES_VARIABLE).is_some();
    let is_typed = is_own && (is_container || !SERVICE_USERS.contains(&owner));
    (!is_typed && owner != 0).then(|| user_name(owner))
}

/// The name of a user as a shell reads it, or `'#…'` with the number, which `sudo` understands too.
pub fn user_name(number: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number.to_string()).then(|| name.to_owned())
    });
    quoted(&name.unwrap_or_else(|| format!("#{number}")))
}

fn is_from_environment(database: &str) -> bool {
    env::var(DATABASE_VARIABLE).is_ok_and(|value| value == database)
}

/// The URL of a database with a placeholder for the password, which must not be in a log. `None` if a part of the URL may be the
/// password: one that is not escaped can end up in the path, the query or the fragment.
fn without_password(database: &str) -> Option<String> {
    if database == "sqlite" {
        return Some(database.to_owned());
    }
    let mut url = Url::parse(database).ok()?;
    let is_shown = url.fragment().is_none()
        && !url.path().contains('@')
        && url.query_pairs().all(|(name, _)| SHOWN_PARAMETERS.contains(&name.as_ref()));
    if !is_shown {
        return None;
    }
    if url.password().is_some() {
        url.set_password(Some("PASSWORD")).ok()?;
    }
    Some(url.into())
}

/// Returns the whole path as a shell reads it.
pub fn quoted_path(path: &Path) -> String {
    let whole = absolute(path).unwrap_or_else(|_| path.to_path_buf());
    quoted(&whole.components().collect::<PathBuf>().display().to_string())
}

/// Returns a word as a shell reads it.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@,+=%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation(program: &str) -> Invocation {
        let commands = ["outbox", "keys", "doctor"].map(str::to_owned).to_vec();
        Invocation { program: program.to_owned(), commands }
    }

    #[test]
    fn commands_in_a_text_name_the_user_and_the_folder() {
        let there = invocation("sudo -u paper masthead --dir /srv/paper");
        for (text, literal) in [
            ("run: masthead outbox --failed", "run: {} outbox --failed"),
            (
                "run `masthead keys replace`, or masthead doctor.",
                "run `{} keys replace`, or {} doctor.",
            ),
            (
                "systemctl start masthead, and masthead doctor",
                "systemctl start masthead, and {} doctor",
            ),
            (
                "masthead-outbox; /usr/bin/masthead outbox",
                "masthead-outbox; /usr/bin/masthead outbox",
            ),
            ("masthead outboxes and masthead is", "masthead outboxes and masthead is"),
            ("Łódź: masthead doctor", "Łódź: {} doctor"),
        ] {
            let literal = literal.replace("{}", &there.program);
            assert_eq!(there.literal(text), literal);
            assert_eq!(there.literal(&literal), literal, "twice is as once");
        }
    }

    #[test]
    fn only_what_was_given_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = Invocation::new(folder.path(), &Place::default(), false, Vec::new());
        let path = folder.path().display();
        assert!(own.command("serve").ends_with(&format!("masthead --dir {path} serve")));
        let place = Place {
            data: Some(folder.path().join("my data")),
            database: Some("postgres://paper:secret@db.example/paper".to_owned()),
        };
        let named = Invocation::new(Path::new("."), &place, false, Vec::new());
        let options = format!(
            "masthead --data '{path}/my data' --database postgres://paper:PASSWORD@db.example/paper"
        );
        assert!(named.program.ends_with(&options), "{}", named.program);
        for database in [
            "postgres://db/paper?user=p&password=geheim",
            "postgres://paper:123#secret@db/paper",
            "postgres://paper:12/3secret@db/paper",
        ] {
            let place = Place { database: Some(database.to_owned()), ..Place::default() };
            let named = Invocation::new(Path::new("."), &place, false, Vec::new());
            assert!(named.program.ends_with("masthead"), "{}", named.program);
        }
    }

    #[test]
    fn the_data_is_where_the_settings_say() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path();
        assert_eq!(data_of(dir, &Place::default()), dir.join("data"));
        let settings =
            include_str!("masthead.toml").replace("data = \"data\"", "data = \"elsewhere\"");
        fs::write(Folder::config_file(dir), settings).expect("written");
        assert_eq!(data_of(dir, &Place::default()), dir.join("elsewhere"));
    }

    #[test]
    fn nobody_is_told_to_become_root() {
        assert_eq!(other_user(0), None);
    }

    #[test]
    fn lines_of_a_log_in_json_stay_json() {
        let line = r#"{"message":"run: masthead doctor"}"#;
        let plain =
            literal_line(Some(&invocation("masthead --dir '/srv/my paper'")), line).into_owned();
        assert_eq!(plain, r#"{"message":"run: masthead --dir '/srv/my paper' doctor"}"#);
        let quoted = invocation(r"masthead --dir '/srv/it'\''s'");
        assert_eq!(literal_line(Some(&quoted), line), line);
        assert!(literal_line(Some(&quoted), "run: masthead doctor").contains("it'"));
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("/srv/paper-1"), "/srv/paper-1");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("#1001"), "'#1001'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn root_has_a_name() {
        assert_eq!(user_name(0), "root");
        assert_eq!(user_name(4_000_000_000), "'#4000000000'");
    }
}
