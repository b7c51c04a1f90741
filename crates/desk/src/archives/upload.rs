//! `/desk/imports`: uploading an archive, which is stored as it arrives and then checked. The page also lists earlier archives.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use masthead_circulation::{Account, staff::Staff};
use masthead_store::{ArticleImport, MAX_STORED_ARCHIVES, NewArticleImport, StoreError};
use masthead_web::{body::BodyLimits, form::FormError, multipart::upload::FileUpload};
use serde::Serialize;

use super::{
    PAGE, address,
    opened::MAX_TEXT,
    page::{job, job_parameters},
    progress,
};
use crate::{
    error::{DeskError, Handled},
    form::form_status,
    format::colleague_or_former,
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// The maximum size of a file, in bytes.
const MAX_BYTES: usize = 100 * 1024 * 1024;
/// The size of what a browser sends around it, in bytes.
const ENVELOPE: usize = 64 * 1024;
/// Earlier archives that are listed.
const MAX_LISTED: u64 = 50;
/// Characters of the name of a file.
const MAX_FILE_NAME: usize = 200;

#[derive(Default, Serialize)]
struct UploadPage {
    imports: Vec<ArchiveListRow>,
    /// The size of the largest file and of the longest text, in MB.
    most: String,
    most_text: String,
    /// The size of the largest file, in bytes.
    max_bytes: usize,
    /// What the page says about a larger one.
    too_large: String,
    fault: String,
    at: &'static str,
}

#[derive(Default, Serialize)]
struct ArchiveListRow {
    address: String,
    name: String,
    text: String,
}

impl Page for UploadPage {
    const TEMPLATE: &'static str = "archives.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// Why a file is not stored.
enum UploadError {
    Form(FormError),
    Store(StoreError),
}

impl From<FormError> for UploadError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// `GET /desk/imports`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    show(&desk, &staff, String::new()).await
}

/// `POST /desk/imports`
pub(crate) async fn upload(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    request: Request,
) -> Handled {
    let limits = BodyLimits::upload(MAX_BYTES + ENVELOPE);
    let mut file = match FileUpload::open(request, limits).await {
        Ok(file) => file,
        Err(error) => return refuse(&desk, &staff, error).await,
    };
    let file_name: String = file.file_name.chars().take(MAX_FILE_NAME).collect();
    let (by, at) = (staff.account.id, desk.now());
    let new = NewArticleImport { file_name: &file_name, by, at };
    let Some(import) = desk.store.add_article_import(&new).await? else {
        // A browser shows no answer before it has sent everything.
        while let Ok(Some(_)) = file.next().await {}
        let fault = too_many(staff.words);
        return show(&desk, &staff, fault).await;
    };
    match store(&desk, import, &mut file).await {
        Ok(0) => {
            desk.store.discard_article_upload(import).await?;
            show(&desk, &staff, staff.words.text("archive_fault_none").to_owned()).await
        }
        Ok(bytes) => {
            let parameters = job_parameters(import)?;
            let job = job(&parameters, by);
            desk.store.finish_article_upload(import, bytes, job, desk.now()).await?;
            desk.jobs_wakeup.notify_one();
            Ok(see_other(&address(import)))
        }
        Err(error) => {
            desk.store.discard_article_upload(import).await?;
            match error {
                UploadError::Form(error) => refuse(&desk, &staff, error).await,
                UploadError::Store(error) => Err(error.into()),
            }
        }
    }
}

/// Stores a file chunk by chunk. Returns its size, in bytes.
async fn store(desk: &DeskState, import: i32, file: &mut FileUpload) -> Result<u64, UploadError> {
    let (mut number, mut bytes) = (0, 0);
    while let Some(chunk) = file.next().await? {
        number += 1;
        bytes += chunk.len() as u64;
        desk.store.add_import_chunk(import, number, chunk).await?;
    }
    Ok(bytes)
}

async fn refuse(desk: &DeskState, staff: &CurrentStaff, error: FormError) -> Handled {
    match error {
        FormError::TooLarge => show(desk, staff, too_large(staff.words)).await,
        error => Err(DeskError::from(error)),
    }
}

fn too_large(words: DeskWords) -> String {
    words.fill("archive_fault_large", &[("most", &(MAX_BYTES / 1024 / 1024))])
}

fn too_many(words: DeskWords) -> String {
    words.fill("archive_fault_waiting", &[("most", &MAX_STORED_ARCHIVES)])
}

async fn show(desk: &DeskState, staff: &CurrentStaff, fault: String) -> Handled {
    let words = staff.words;
    let everybody = desk.store.all_staff().await?;
    let imports = desk.store.article_imports(MAX_LISTED).await?;
    let imports = imports.into_iter().map(|import| row(desk, import, &everybody, words)).collect();
    let page = UploadPage {
        imports,
        most: words.number((MAX_BYTES / 1024 / 1024) as u64),
        most_text: words.number(MAX_TEXT / 1024 / 1024),
        max_bytes: MAX_BYTES,
        too_large: too_large(words),
        fault,
        at: "file",
    };
    Ok(desk.page(staff, &page))
}

fn row(
    desk: &DeskState,
    import: ArticleImport,
    everybody: &[(Staff, Account)],
    words: DeskWords,
) -> ArchiveListRow {
    let name = match progress::state(&import) {
        "checking" | "check-stopped" | "ready" => "archive_listed_open",
        "importing" => "archive_listed_importing",
        "stopped" => "archive_listed_stopped",
        "done" => "archive_listed_done",
        _ => "archive_listed_failed",
    };
    let by = colleague_or_former(everybody, import.by, words);
    let time = import.started.unwrap_or(import.at);
    let time = words.date_time(time, &desk.publication().zone);
    let text = words.fill(name, &[("by", &by), ("time", &time)]);
    ArchiveListRow { address: address(import.id), name: import.file_name, text }
}

/// The page where archives are uploaded.
pub(super) fn away() -> Response {
    see_other(PAGE)
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for UploadPage {
        fn samples() -> Vec<Self> {
            let row = ArchiveListRow { name: "export.xml".into(), ..ArchiveListRow::default() };
            let full = Self { imports: vec![row], fault: "Wrong".into(), ..Self::default() };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<UploadPage>();
    }
}
