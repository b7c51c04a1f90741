//! The API's own description (OpenAPI 3.1), at `/api/v1/openapi.json`.

use axum::response::Response;
use http::StatusCode;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Description,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{access, answer, app, live, live_updates, me, search};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Masthead",
        description = "For apps and edge workers: what a reader may read, finding it, live coverage, who they are, and signing an app in. No answer holds a text that the reader may not read, and none spends a read. An app's token opens what its scopes cover: `articles` the articles themselves, `/api/v1/access`, `/api/v1/live`, `/api/v1/live-updates` and `/api/v1/search`, `account` `/api/v1/me`. It opens no page of the account and no page of the desk.",
        version = "1"
    ),
    paths(access::access, live::posts, live_updates::updates, search::search, me::me, app::request_code, app::token, app::sign_out),
    modifiers(&SecuritySchemes)
)]
struct Api;

/// How a client says who its reader is.
struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, description: &mut Description) {
        let components = description.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "The token of an app, with the scopes `articles`, `account` or both. In a cookie it opens nothing.",
            ))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            "masthead-session",
            "With https its name is `__Host-masthead-session`.",
        ));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
}

/// The description.
pub(super) async fn serve() -> Response {
    answer(StatusCode::OK, &Api::openapi())
}
