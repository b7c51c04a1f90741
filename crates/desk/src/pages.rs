//! Rendering pages: a context becomes a response.

use axum::response::Response;
use http::StatusCode;
use masthead_publication::Sales;
use serde::Serialize;

use crate::{
    http::{bare_error, html},
    language,
    notice::{Notice, NoticeWords},
    staff::CurrentStaff,
    state::DeskState,
    templates::{Layout, Me, Page},
    words::DeskWords,
};

#[derive(Serialize)]
struct NoticePage {
    #[serde(flatten)]
    notice: NoticeWords,
}

impl Page for NoticePage {
    const TEMPLATE: &'static str = "notice.html";
}

impl DeskState {
    /// A page for a member of the staff.
    pub(crate) fn page<P: Page>(&self, staff: &CurrentStaff, page: &P) -> Response {
        self.render(page.status(), Some(staff), staff.words, page)
    }

    /// A page for somebody who is not signed in.
    pub(crate) fn public_page<P: Page>(&self, words: DeskWords, page: &P) -> Response {
        self.render(page.status(), None, words, page)
    }

    /// A page that says one thing.
    pub(crate) fn notice(
        &self,
        status: StatusCode,
        staff: Option<&CurrentStaff>,
        notice: Notice,
        words: DeskWords,
    ) -> Response {
        self.render(status, staff, words, &NoticePage { notice: notice.words(words) })
    }

    fn render<P: Page>(
        &self,
        status: StatusCode,
        staff: Option<&CurrentStaff>,
        words: DeskWords,
        page: &P,
    ) -> Response {
        let settings = self.settings();
        let layout = Layout {
            publication: &settings.name,
            lang: words.tag(),
            languages: language::choices(),
            scripts: self.assets.script_addresses(),
            sandbox: settings.sales == Sales::Sandbox,
            sales_closed: settings.sales == Sales::Closed,
            processor_keys: masthead_payments::processor_keys(),
            me: staff.map(Me::new),
            page,
        };
        match self.templates.render(words, P::TEMPLATE, &layout) {
            Ok(page) => html(status, page),
            Err(error) => {
                tracing::error!(%error, template = P::TEMPLATE, "pages: rendering failed");
                bare_error(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use strum::VariantArray as _;

    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for NoticePage {
        const IS_PUBLIC: bool = true;

        fn samples() -> Vec<Self> {
            let of = |notice: &Notice| Self { notice: notice.words(DeskWords::default()) };
            Notice::VARIANTS.iter().map(of).collect()
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<NoticePage>();
    }
}
