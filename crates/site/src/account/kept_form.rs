//! A form that was kept while its sender signed in again: it is sent by a button, with everything that was entered.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use masthead_circulation::Secret;
use masthead_publication::{
    Template,
    contexts::{FieldContext, KeptFormContext},
};

use crate::{
    error::Handled,
    extract::{Accepts, ConfirmedReader, UrlPath},
    notice::Notice,
    state::Site,
};

/// The page with the button.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    UrlPath(secret): UrlPath<String>,
    Accepts(encoding): Accepts,
    ConfirmedReader(reader): ConfirmedReader,
) -> Handled {
    let secret = secret.parse::<Secret>().map_err(|_| Notice::FormExpired)?;
    let account = reader.account.id;
    let form = site.store.kept_form(&secret.digest(), account, (site.clock)()).await?;
    let form = form.ok_or(Notice::FormExpired)?;
    let fields = url::form_urlencoded::parse(form.body.as_bytes());
    let field = |(name, value): (_, _)| FieldContext { name, value };
    let snapshot = site.snapshot();
    let context = KeptFormContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("kept_form")),
        action: form.path,
        fields: fields.into_owned().map(field).collect(),
    };
    site.personal_page(encoding, StatusCode::OK, reader.links(&site), Template::KeptForm, &context)
}
