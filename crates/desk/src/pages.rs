//! How the desk's pages are made and sent.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_circulation::staff::Permission;
use masthead_web::form;
use minijinja::{AutoEscape, Environment, context, value::Serde};
use serde::Serialize;

use crate::{Desk, auth::Insider, format::called, script::Script};

/// Bundled by `scripts/editor` from `crates/desk/editor`.
const EDITOR: &str = include_str!("../assets/editor.js");
const FRAMES: &str = include_str!("../assets/frames.js");
const MESSAGES: &str = include_str!("../assets/messages.js");
const STYLE: &str = include_str!("../assets/desk.css");
const TEMPLATES: [(&str, &str); 26] = [
    ("base.html", include_str!("../templates/base.html")),
    ("article.html", include_str!("../templates/article.html")),
    ("articles.html", include_str!("../templates/articles.html")),
    ("preview.html", include_str!("../templates/preview.html")),
    ("publication.html", include_str!("../templates/publication.html")),
    ("revisions.html", include_str!("../templates/revisions.html")),
    ("experiments.html", include_str!("../templates/experiments.html")),
    ("charts.html", include_str!("../templates/charts.html")),
    ("figures.html", include_str!("../templates/figures.html")),
    ("home.html", include_str!("../templates/home.html")),
    ("fronts.html", include_str!("../templates/fronts.html")),
    ("history.html", include_str!("../templates/history.html")),
    ("join.html", include_str!("../templates/join.html")),
    ("message.html", include_str!("../templates/message.html")),
    ("messages.html", include_str!("../templates/messages.html")),
    ("meter.html", include_str!("../templates/meter.html")),
    ("offer.html", include_str!("../templates/offer.html")),
    ("offers.html", include_str!("../templates/offers.html")),
    ("people.html", include_str!("../templates/people.html")),
    ("product.html", include_str!("../templates/product.html")),
    ("products.html", include_str!("../templates/products.html")),
    ("reader.html", include_str!("../templates/reader.html")),
    ("readers.html", include_str!("../templates/readers.html")),
    ("notice.html", include_str!("../templates/notice.html")),
    ("sections.html", include_str!("../templates/sections.html")),
    ("why.html", include_str!("../templates/why.html")),
];

/// Stricter than for readers: no picture from elsewhere, and no string becomes a script
/// (<https://www.w3.org/TR/trusted-types>).
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
);
/// For a page of the site in a frame of the desk: nothing in it runs, or is sent.
const FRAMED: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; \
     frame-ancestors 'self'",
);
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const CSS: HeaderValue = HeaderValue::from_static("text/css; charset=utf-8");
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");
const SHORT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// One thing that the desk has to say, and where to go from there.
pub(crate) struct Said {
    heading: &'static str,
    text: &'static str,
    to: &'static str,
    link: &'static str,
}

impl Said {
    pub const FOREIGN: Self = Self {
        heading: "Nothing was changed",
        text: "This was sent from a page that is not ours. If you did it, do it again from the desk.",
        to: "/desk",
        link: "To the desk",
    };
    pub const NO_STAFF: Self = Self {
        heading: "The desk is for staff",
        text: "You are signed in as a reader. If you work here, ask an owner to invite you, or sign in \
               with the address that was invited.",
        to: "/",
        link: "To the front page",
    };
    pub const SIGN_IN_AGAIN: Self = Self {
        heading: "Please sign in again",
        text: "You have been signed out, or signed in more than 16 hours ago. Nothing was changed. Sign \
               in in another tab, come back here, and send it once more.",
        to: "/sign-in?from=/desk&again=true",
        link: "Sign in",
    };
    pub const OTHERS: Self = Self {
        heading: "This is for others",
        text: "What you do here does not include this page. An owner can change that.",
        to: "/desk",
        link: "To the desk",
    };
    pub const NO_INVITATION: Self = Self {
        heading: "This invitation is over",
        text: "Each can be used once, within seven days, and was perhaps taken back. Ask whoever sent it \
               for another. If you have used it, sign in.",
        to: "/sign-in?from=/desk",
        link: "Sign in",
    };
    pub const UNREADABLE: Self = Self {
        heading: "Nothing was changed",
        text: "The form did not arrive whole. Go back, and send it again.",
        to: "/desk",
        link: "To the desk",
    };
    pub const NO_READER: Self = Self {
        heading: "There is no such reader",
        text: "Perhaps they have deleted their account. Look for them by their address.",
        to: "/desk/readers",
        link: "Find a reader",
    };
    pub const NO_STORY: Self = Self {
        heading: "There is no such article",
        text: "Look for it in the list of articles; the spike has a shelf of its own there.",
        to: "/desk/articles",
        link: "To the articles",
    };
    pub const NOT_THEIRS: Self = Self {
        heading: "This is somebody else’s article",
        text: "Authors write in their own. Ask an editor to take up what you would like to see changed.",
        to: "/desk/articles",
        link: "To your articles",
    };
    pub const NO_MESSAGE: Self = Self {
        heading: "There is no such message",
        text: "Choose the moment and the place from the list.",
        to: "/desk/messages",
        link: "To the messages",
    };
    pub const UNSAID: Self = Self {
        heading: "Something in the message is wrong",
        text: "The page of the message says what.",
        to: "/desk/messages",
        link: "To the messages",
    };
    pub const NO_PRODUCT: Self = Self {
        heading: "There is no such product",
        text: "Somebody may have taken it out. Choose from the list.",
        to: "/desk/products",
        link: "To the products",
    };
    pub const NO_OFFER: Self = Self {
        heading: "There is no such offer",
        text: "Somebody may have taken it out. Choose from the list.",
        to: "/desk/offers",
        link: "To the offers",
    };
    pub const NO_FRONT: Self = Self {
        heading: "There is no such front",
        text: "Choose the home page, or a section that has articles.",
        to: "/desk/fronts",
        link: "To the fronts",
    };
    pub const NO_ARTICLE: Self = Self {
        heading: "There is nothing to see",
        text: "There is no such article, or no such reader. Ask again.",
        to: "/desk/why",
        link: "Ask again",
    };
    const FAILED: Self = Self {
        heading: "That did not work",
        text: "The database does not answer, and nothing was changed. Try again in a minute; the log of \
               the server says why.",
        to: "/desk",
        link: "To the desk",
    };
}

/// The templates, ready.
pub(crate) struct Pages {
    environment: Environment<'static>,
    scripts: [Script; 3],
}

impl Pages {
    pub fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|name| match name.rsplit_once('.') {
            Some((_, "txt")) => AutoEscape::None,
            _ => AutoEscape::Html,
        });
        for (name, source) in TEMPLATES {
            if let Err(error) = environment.add_template(name, source) {
                tracing::error!(%error, name, "desk: template does not parse");
            }
        }
        let scripts = [("editor", EDITOR), ("frames", FRAMES), ("messages", MESSAGES)]
            .map(|(name, content)| Script::new(name, content));
        Self { environment, scripts }
    }

    /// Where each script is, by its name.
    fn script_addresses(&self) -> BTreeMap<&'static str, String> {
        self.scripts.iter().map(|script| (script.name, script.address().to_owned())).collect()
    }

    /// The script of this file name.
    fn script(&self, file: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| file.strip_suffix(".js") == Some(script.name))
    }

    fn render(&self, name: &str, context: minijinja::Value) -> Result<String, minijinja::Error> {
        self.environment.get_template(name)?.render(context)
    }
}

impl Desk {
    /// A page, for whoever has come in.
    pub(crate) fn page(
        &self,
        status: StatusCode,
        insider: Option<&Insider>,
        template: &str,
        context: &impl Serialize,
    ) -> Response {
        let me = insider.map(|insider| {
            let role = insider.staff.role;
            context! {
                name => called(&insider.account),
                number => insider.account.id.0,
                may_write => role.may(Permission::Write),
                may_edit => role.may(Permission::Edit),
                may_steer => role.may(Permission::Steer),
                may_measure => role.may(Permission::Measure),
                may_help => role.may(Permission::Help),
                may_appoint => role.may(Permission::Appoint),
            }
        });
        let whole = context! {
            publication => self.imprint().name,
            scripts => self.pages.script_addresses(),
            me,
            ..minijinja::Value::from(Serde(context))
        };
        match self.pages.render(template, whole) {
            Ok(html) => answer(status, HTML, NO_STORE, html),
            Err(error) => {
                tracing::error!(%error, template, "desk: page template failed");
                unmade()
            }
        }
    }

    /// A page that says one thing.
    pub(crate) fn say(
        &self,
        status: StatusCode,
        insider: Option<&Insider>,
        said: &Said,
    ) -> Response {
        let context = context! {
            heading => said.heading, text => said.text, to => said.to, link => said.link
        };
        self.page(status, insider, "notice.html", &context)
    }

    /// Says in the log what cannot be done, and why, and gives the page for it.
    pub(crate) fn cannot(
        &self,
        insider: &Insider,
        what: &str,
        error: &dyn std::fmt::Display,
    ) -> Response {
        tracing::error!(%error, what, "desk: request failed");
        self.broken(insider)
    }

    /// The page for something that does not work, of which the log says more.
    pub(crate) fn broken(&self, insider: &Insider) -> Response {
        self.say(StatusCode::SERVICE_UNAVAILABLE, Some(insider), &Said::FAILED)
    }

    /// The page for a database that does not do what it is asked.
    pub(crate) fn failed(&self, error: &dyn std::fmt::Display) -> Response {
        tracing::error!(%error, "desk: request failed");
        self.say(StatusCode::SERVICE_UNAVAILABLE, None, &Said::FAILED)
    }
}

/// Whether a script of the desk asks, and not a browser for its window.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// What is shown where a page cannot be made.
pub(crate) fn unmade() -> Response {
    answer(
        StatusCode::INTERNAL_SERVER_ERROR,
        HTML,
        NO_STORE,
        "<!doctype html><title>The desk</title><p>This page could not be made; the log of the server says why.",
    )
}

/// A page of the site, for a frame.
pub(crate) fn framed(page: Vec<u8>) -> Response {
    let mut answer = answer(StatusCode::OK, HTML, NO_STORE, page);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, FRAMED);
    answer
}

/// The desk's own style and script.
pub(crate) async fn asset(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    match name.as_str() {
        "desk.css" => answer(StatusCode::OK, CSS, SHORT, STYLE),
        script => match desk.pages.script(script) {
            Some(script) => script.answer(&headers),
            None => form::see("/desk", &[]),
        },
    }
}

pub(crate) fn answer(
    status: StatusCode,
    kind: HeaderValue,
    cache: HeaderValue,
    content: impl Into<Body>,
) -> Response {
    let mut answer = Response::new(content.into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, cache);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // The address of an invitation is a secret; without any, browsers would not say where a form is from.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_sound() {
        let pages = Pages::new();
        for (name, _) in TEMPLATES {
            assert!(pages.environment.get_template(name).is_ok(), "{name}");
        }
    }
}
