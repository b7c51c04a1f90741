//! `/desk/readers/import`: uploading a file of readers, which is checked and stored, and imports nobody yet.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use masthead_media::{WorkError, WorkOwner};
use masthead_store::{NewReaderImport, ReaderImport};
use masthead_web::{
    body::BodyLimits,
    form::FormError,
    multipart::{self, FormPart},
};
use serde::Serialize;

use super::{
    PAGE, address,
    checked::CheckedFile,
    table::{MAX_ROWS, ReaderTable, TableFault},
};
use crate::{
    error::{DeskError, Handled},
    form::form_status,
    http::see_other,
    in_force::pairs,
    newsroom::{upload_room::ReservedRoom, uploads::kilobytes},
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// The maximum size of a file, in bytes.
const MAX_BYTES: usize = 20 * 1024 * 1024;
/// The size of what a browser sends around it, in bytes.
const ENVELOPE: usize = 64 * 1024;
/// Earlier files that are listed.
const MAX_LISTED: u64 = 20;
/// Characters of the name of a file.
const MAX_FILE_NAME: usize = 200;

#[derive(Default, Serialize)]
struct UploadPage {
    /// The slugs and names of what readers can get.
    plans: Vec<(String, String)>,
    imports: Vec<ImportListRow>,
    most: String,
    fault: String,
    at: &'static str,
}

#[derive(Default, Serialize)]
struct ImportListRow {
    address: String,
    name: String,
    text: String,
}

impl Page for UploadPage {
    const TEMPLATE: &'static str = "reader-import-new.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/readers/import`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    show(&desk, &staff, String::new()).await
}

/// `POST /desk/readers/import`
pub(crate) async fn upload(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    request: Request,
) -> Handled {
    let words = staff.words;
    let size = kilobytes(request.body(), MAX_BYTES + ENVELOPE);
    let Some(memory) = desk.uploads.reserve(staff.account.id, size).await else {
        return show(&desk, &staff, words.text("import_fault_busy").to_owned()).await;
    };
    let parts = match multipart::read(request, BodyLimits::upload(MAX_BYTES + ENVELOPE)).await {
        Ok(parts) => parts,
        Err(FormError::TooLarge) => return show(&desk, &staff, too_large(words)).await,
        Err(error) => return Err(error.into()),
    };
    let Some(file) = parts.file("file") else {
        return show(&desk, &staff, words.text("import_fault_none").to_owned()).await;
    };
    match check(&desk, staff.work_owner(), (file.content.clone(), memory)).await? {
        Ok((checked, _memory)) => {
            Ok(see_other(&address(store(&desk, &staff, file, checked).await?)))
        }
        Err(fault) => show(&desk, &staff, in_words(&fault, words)).await,
    }
}

fn too_large(words: DeskWords) -> String {
    words.fill("import_fault_large", &[("most", &(MAX_BYTES / 1024 / 1024))])
}

fn in_words(fault: &UploadFault, words: DeskWords) -> String {
    let fault = match fault {
        UploadFault::Busy => return words.text("import_fault_busy").to_owned(),
        UploadFault::Slow => return words.text("import_fault_slow").to_owned(),
        UploadFault::Table(fault) => *fault,
    };
    match fault {
        TableFault::Empty => words.text("import_fault_empty").to_owned(),
        TableFault::Encoding => words.text("import_fault_encoding").to_owned(),
        TableFault::Headings => words.text("import_fault_headings").to_owned(),
        TableFault::NoEmail => words.text("import_fault_no_email").to_owned(),
        TableFault::TooManyRows => {
            words.fill("import_fault_rows", &[("most", &words.number(MAX_ROWS as u64))])
        }
    }
}

/// Why a file was not checked, or cannot be imported.
enum UploadFault {
    Table(TableFault),
    /// There is no thread for it in time.
    Busy,
    /// It takes too long.
    Slow,
}

/// Checks a file on another thread, within the limits of such work. The thread holds the memory that was reserved, also when the client
/// has gone.
async fn check(
    desk: &DeskState,
    owner: WorkOwner,
    (content, memory): (Bytes, ReservedRoom),
) -> Result<Result<(CheckedFile, ReservedRoom), UploadFault>, DeskError> {
    let (catalogue, now, zone) = (desk.catalogue(), desk.now(), desk.publication().zone);
    let checked = desk.media.work_on_text(owner, move || {
        let table = ReaderTable::of(&content).map_err(UploadFault::Table)?;
        Ok((CheckedFile::of(&table, &catalogue, |given| given.is_over(now, &zone)), memory))
    });
    match checked.await {
        Ok(checked) => Ok(checked),
        Err(WorkError::Busy) => Ok(Err(UploadFault::Busy)),
        Err(WorkError::TooSlow(_)) => Ok(Err(UploadFault::Slow)),
        Err(error) => Err(DeskError::failed("readers: import", error)),
    }
}

async fn store(
    desk: &DeskState,
    staff: &CurrentStaff,
    file: &FormPart,
    checked: CheckedFile,
) -> Result<i32, DeskError> {
    let CheckedFile { details, readers, faults, parts } = checked;
    let details = serde_json::to_string(&details)
        .map_err(|error| DeskError::failed("readers: import", error))?;
    let name = file.file_name.as_deref().unwrap_or_default();
    let name: String = name.chars().take(MAX_FILE_NAME).collect();
    let (by, at) = (staff.account.id, desk.now());
    let new = NewReaderImport { file_name: &name, readers, faults, details: &details, by, at };
    Ok(desk.store.add_reader_import(&new, parts.into_iter()).await?)
}

async fn show(desk: &DeskState, staff: &CurrentStaff, fault: String) -> Handled {
    let words = staff.words;
    let imports = desk.store.reader_imports(MAX_LISTED).await?;
    let imports = imports.into_iter().map(|import| row(desk, import, words)).collect();
    let plans = pairs(desk.snapshot().prices());
    let most = words.number(MAX_ROWS as u64);
    Ok(desk.page(staff, &UploadPage { plans, imports, most, fault, at: "file" }))
}

fn row(desk: &DeskState, import: ReaderImport, words: DeskWords) -> ImportListRow {
    let name = match (import.started, import.finished) {
        (None, _) => "import_listed_open",
        (Some(_), None) if import.is_stopped => "import_listed_stopped",
        (Some(_), None) => "import_listed_running",
        (Some(_), Some(_)) => "import_listed_done",
    };
    let time = words.date_time(import.at, &desk.publication().zone);
    let readers = words.count("readers_found", import.readers);
    let text = words.fill(name, &[("time", &time), ("readers", &readers)]);
    ImportListRow { address: address(import.id), name: import.file_name, text }
}

/// The page where files are uploaded.
pub(super) fn away() -> Response {
    see_other(PAGE)
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for UploadPage {
        fn samples() -> Vec<Self> {
            let row = ImportListRow { name: "readers.csv".into(), ..ImportListRow::default() };
            let plans = vec![("web".into(), "The web".into())];
            let full = Self { plans, imports: vec![row], fault: "Wrong".into(), ..Self::default() };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<UploadPage>();
    }
}
