//! The form of a redirect, and the lines of many.

use std::collections::HashSet;

use masthead_access::printable;
use masthead_editorial::{
    Redirect, RedirectStatus,
    paths::readable,
    redirect::{InvalidRedirect, local_target},
};
use masthead_store::StoredRedirect;
use masthead_web::csv::LimitedCells;
use serde::Serialize;

use crate::{form::Fields, settings::save::FormFault, words::DeskWords};

/// Characters of an address.
const MAX_ADDRESS: usize = 2000;

/// A redirect as it is entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct RedirectForm {
    /// The address that it has; empty for a new one.
    pub was: String,
    /// The version that was on the page.
    pub version: i64,
    pub path: String,
    pub target: String,
    pub status: u16,
}

impl RedirectForm {
    /// The form of a new redirect.
    pub fn new() -> Self {
        Self { status: RedirectStatus::default().code(), ..Self::default() }
    }

    /// The form of a redirect that is stored.
    pub fn of(StoredRedirect { redirect, version }: StoredRedirect) -> Self {
        let Redirect { path, target, status } = redirect;
        let target = readable(&target).into_owned();
        Self { was: path.clone(), version, path, target, status: status.code() }
    }

    /// The form as it was sent.
    pub fn sent(fields: &Fields) -> Self {
        let text = |name: &str| -> String {
            printable(&fields.text(name)).chars().take(MAX_ADDRESS).collect()
        };
        Self {
            was: text("was"),
            version: text("version").parse().unwrap_or_default(),
            path: text("path"),
            target: text("target"),
            status: text("status").parse().unwrap_or_default(),
        }
    }

    /// The redirect, or what to correct. `hosts` are those of the site.
    pub fn redirect(&self, hosts: &[&str], words: DeskWords) -> Result<Redirect, FormFault> {
        let status = RedirectStatus::of_code(self.status).unwrap_or_default();
        let target = local_target(&self.target, hosts);
        Redirect::new(&self.path, &target, status).map_err(|invalid| {
            let (field, name) = match invalid {
                InvalidRedirect::Path => ("path", "redirects_fault_path"),
                InvalidRedirect::OfTheSite => ("path", "redirects_fault_site"),
                InvalidRedirect::Target => ("target", "redirects_fault_target"),
                InvalidRedirect::Same => ("target", "redirects_fault_same"),
            };
            FormFault::at(field, words.text(name))
        })
    }
}

/// Cells of a line that are told apart. Three are read.
const MAX_CELLS: usize = 10;

/// The redirects of a file with two or three columns: from, to, and the status.
///
/// # Errors
///
/// What to correct, with the number of the line.
pub(super) fn lines(text: &str, hosts: &[&str], words: DeskWords) -> Result<Vec<Redirect>, String> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |mark: u8| first.bytes().filter(|byte| *byte == mark).count();
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|mark| (count(*mark), *mark == b','));
    let delimiter = delimiter.unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter)
        .from_reader(LimitedCells::new(text.as_bytes(), delimiter, MAX_CELLS));
    let (mut redirects, mut seen) = (Vec::new(), HashSet::new());
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|_| words.text("redirects_fault_file").to_owned())?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let is_heading = index == 0 && !cell(0).starts_with('/');
        if is_heading || record.iter().all(str::is_empty) {
            continue;
        }
        let fault =
            |text: &str| words.fill("redirects_fault_line", &[("line", &line), ("fault", &text)]);
        let status = match cell(2) {
            "" => RedirectStatus::default().code(),
            status => status.parse().unwrap_or_default(),
        };
        if RedirectStatus::of_code(status).is_none() {
            return Err(fault(words.text("redirects_fault_status")));
        }
        let form = RedirectForm {
            path: cell(0).to_owned(),
            target: cell(1).to_owned(),
            status,
            ..RedirectForm::default()
        };
        let redirect = form.redirect(hosts, words).map_err(|invalid| fault(&invalid.text))?;
        if !seen.insert(redirect.path.clone()) {
            return Err(fault(words.text("redirects_fault_twice")));
        }
        redirects.push(redirect);
    }
    if redirects.is_empty() {
        return Err(words.text("redirects_fault_file").to_owned());
    }
    Ok(redirects)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_that_is_sent_as_it_is_shown_stays_the_same() {
        for target in
            ["/b%2Fc%2Bd", "/%C3%B6l", "https://example.org/o%CC%88l?q=%C3%B6%26", "/100%"]
        {
            let redirect = Redirect::new("/a", target, RedirectStatus::default()).expect("one");
            let stored = StoredRedirect { redirect: redirect.clone(), version: 1 };
            let form = RedirectForm::of(stored);
            let again = form.redirect(&[], DeskWords::default());
            assert!(again.is_ok_and(|again| again == redirect), "{target}");
        }
    }

    fn read(text: &str) -> Result<Vec<(String, String, u16)>, String> {
        let redirects = lines(text, &["paper.example"], DeskWords::default())?;
        Ok(redirects.into_iter().map(|r| (r.path, r.target, r.status.code())).collect())
    }

    #[test]
    fn files_of_other_programs_are_read() {
        let one = vec![("/a".to_owned(), "/b".to_owned(), 308)];
        assert_eq!(read("/a,/b\n"), Ok(one.clone()));
        assert_eq!(read("From;To;Status\r\n/a;/b;308\r\n\r\n"), Ok(one.clone()));
        assert_eq!(read("/a\t/b"), Ok(one.clone()));
        assert_eq!(read("/a,https://paper.example/b"), Ok(one));
        let quoted = vec![("/a".to_owned(), "/b?x=1,2".to_owned(), 301)];
        assert_eq!(read("/a,\"/b?x=1,2\",301"), Ok(quoted));
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        for (text, line) in [
            ("/a,/b\nc,/d", "2"),
            ("/a,/b\n/c,javascript:x", "2"),
            ("/a,/b,302", "1"),
            ("/a,/b\n/a,/c", "2"),
            ("/a,https://paper.example/A", "1"),
        ] {
            let fault = read(text).expect_err(text);
            assert!(fault.contains(&format!("Line {line}")), "{fault}");
        }
        assert!(read("").is_err() && read("From,To").is_err());
    }
}
