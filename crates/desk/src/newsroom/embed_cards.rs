//! `POST /desk/embeds`: the title of an embed and a small picture of it, which its site is asked for once.
//!
//! Readers get both from this server. What the site does not say, or not in time, is left out: the card then says only where
//! it leads.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, response::IntoResponse};
use jiff::SignedDuration;
use masthead_circulation::{AuditAction, Digest};
use masthead_publication::embeds::{self, EmbedDescription};
use masthead_store::RateLimit;
use masthead_web::outside::{OutsideClient, OutsideError};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use url::Url;

use crate::{error::Handled, form::StaffForm, staff::CurrentStaff, state::DeskState};

/// The maximum size of a description, in bytes.
const MAX_DESCRIPTION: usize = 64 * 1024;
/// The maximum size of a picture, in bytes.
const MAX_PICTURE: usize = 4 * 1024 * 1024;
/// How long a card waits for its title, and as long again for its picture.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// Embeds of one account for which sites are asked. More than a live report has, and too few to search a network with.
const OF_ACCOUNT: RateLimit = RateLimit { times: 60, within: SignedDuration::from_mins(10) };
/// The room that a picture takes among uploads, in kilobytes.
const PICTURE_KILOBYTES: u32 = 4 * 1024;

/// Returns where a site describes what is at an address.
type DescriptionAddress = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Asks sites what is at their addresses, and how large files are.
pub struct EmbedSites {
    client: OutsideClient,
    /// Where a site describes an address.
    describes: DescriptionAddress,
}

impl EmbedSites {
    /// Asks the sites that are known ([`embeds::description_address`]).
    pub fn new(client: OutsideClient) -> Self {
        Self::at(client, embeds::description_address)
    }

    /// Asks where `describes` says.
    pub fn at(
        client: OutsideClient,
        describes: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self { client, describes: Box::new(describes) }
    }

    async fn description(&self, url: &str) -> Result<Option<EmbedDescription>, OutsideError> {
        let Some(address) = (self.describes)(url) else { return self.file(url).await };
        let answer = self.client.get(&address, MAX_DESCRIPTION).await?;
        Ok(EmbedDescription::parse(&answer))
    }

    /// The name and size of a PDF or audio file. Without an answer, it is only its name.
    async fn file(&self, address: &str) -> Result<Option<EmbedDescription>, OutsideError> {
        let url = Url::parse(address).ok();
        let Some(name) = url.as_ref().and_then(embeds::file_name) else { return Ok(None) };
        let bytes = match self.client.length(address).await {
            // The address is none that may be asked.
            Err(error @ (OutsideError::Scheme | OutsideError::Private)) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, address, "embeds: size not known");
                None
            }
            Ok(bytes) => bytes,
        };
        let title = embeds::file_title(&name, bytes);
        Ok(Some(EmbedDescription { title, ..EmbedDescription::default() }))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct EmbedForm {
    url: String,
}

#[derive(Default, Serialize)]
struct EmbedCard {
    title: String,
    /// The path of the stored picture; empty if there is none.
    picture: String,
}

/// `POST /desk/embeds`
pub(crate) async fn describe(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<EmbedForm>,
) -> Handled {
    let limit = Digest::of(&[b"embeds\n", &staff.account.id.0.to_be_bytes()]);
    if !desk.store.claim_rate(&limit, OF_ACCOUNT, desk.now()).await? {
        return Ok(Json(EmbedCard::default()).into_response());
    }
    let description = describe_in_time(&desk, &form.url).await;
    let stored = timeout(MAX_WAIT, store_picture(&desk, &staff, &description.thumbnail)).await;
    let card = EmbedCard { title: description.name(), picture: stored.unwrap_or_default() };
    Ok(Json(card).into_response())
}

/// What the site says about an address, or nothing if it does not answer in time.
async fn describe_in_time(desk: &DeskState, url: &str) -> EmbedDescription {
    match timeout(MAX_WAIT, desk.embeds.description(url)).await {
        Ok(Ok(description)) => description.unwrap_or_default(),
        Ok(Err(error)) => {
            tracing::warn!(%error, url, "embeds: no description");
            EmbedDescription::default()
        }
        Err(_) => {
            tracing::warn!(url, "embeds: no description in time");
            EmbedDescription::default()
        }
    }
}

/// Stores the picture at an address. Returns its path, or nothing if it cannot be had.
async fn store_picture(desk: &DeskState, staff: &CurrentStaff, address: &str) -> String {
    if address.is_empty() {
        return String::new();
    }
    let stored = async {
        // It is in memory, as an upload is.
        let _room = desk.uploads.reserve(staff.account.id, PICTURE_KILOBYTES).await?;
        let content = desk.embeds.client.get(address, MAX_PICTURE).await.ok()?;
        let picture = desk.media.upload(staff.work_owner(), content).await.ok()?;
        let (action, by) = (AuditAction::UploadedPicture, Some(staff.account.id));
        let recorded = desk.store.record_action(action, &picture.src, Vec::new(), by, desk.now());
        recorded.await.ok()?;
        Some(picture.src)
    };
    stored.await.unwrap_or_default()
}
