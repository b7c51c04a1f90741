//! Rendering whole responses: pages that many handlers share, pages for one reader, notices, and error pages.

use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use masthead_publication::{
    PageKey, ReaderLinks, SiteSnapshot, Template, ThemeError,
    compression::Encoding,
    contexts::{Link, NoticeContext},
    page::{CommonParts, Page},
};
use serde::Serialize;

use crate::{
    error::{Handled, SiteError},
    note::{TakenNote, with_note},
    notice::{Notice, Row},
    response::{self, NO_STORE},
    state::Site,
};

impl Site {
    /// A page that is rendered for this one response.
    pub(crate) fn personal_page<C: Serialize>(
        &self,
        encoding: Encoding,
        status: StatusCode,
        links: ReaderLinks,
        template: Template,
        context: &C,
    ) -> Handled {
        let html = self.snapshot().theme.render(template, context)?;
        Ok(self.personal_html(encoding, status, (links, None), &html))
    }

    /// The same, with the note that waits for the reader.
    pub(crate) async fn personal_page_with_note<C: Serialize>(
        &self,
        headers: &HeaderMap,
        links: ReaderLinks,
        template: Template,
        context: &C,
    ) -> Handled {
        let html = self.snapshot().theme.render(template, context)?;
        let encoding = Encoding::accepted(headers);
        let note = self.take_note(headers, links, encoding).await;
        Ok(self.personal_html(encoding, StatusCode::OK, (links, note), &html))
    }

    fn personal_html(
        &self,
        encoding: Encoding,
        status: StatusCode,
        (links, note): (ReaderLinks, Option<TakenNote>),
        html: &str,
    ) -> Response {
        let snapshot = self.snapshot();
        let page = Page::new(html, encoding, &CommonParts::default());
        let slots = snapshot.only_links(links, encoding);
        let page = page.assemble(with_note(note.as_ref(), slots));
        let mut answer = response::page(status, page, encoding, &HeaderMap::new(), None);
        TakenNote::delete_cookie(note, &mut answer);
        let headers = answer.headers_mut();
        headers.insert(header::CACHE_CONTROL, NO_STORE);
        headers.remove(header::ETAG);
        headers.insert(header::CONTENT_SECURITY_POLICY, self.form_policy.clone());
        answer
    }

    /// A page that is the same for everyone, and on which nothing is counted.
    pub(crate) async fn shared_page(
        &self,
        key: PageKey,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Handled {
        let encoding = Encoding::accepted(headers);
        let snapshot = self.snapshot();
        let (links, follows) = self.reader_links(headers, Some(&key)).await;
        let page = snapshot.page(key, encoding, &self.store).await?;
        let note = self.take_note(headers, links, encoding).await;
        let slots = with_note(note.as_ref(), snapshot.only_links(links, encoding));
        let page = page.assemble_for(follows, slots);
        let cookie = self.anonymous_meter.refresh_cookie(headers);
        let mut answer = response::page(status, page, encoding, headers, cookie);
        TakenNote::delete_cookie(note, &mut answer);
        Ok(answer)
    }

    /// The page of a notice, with the status of the error that it stands for and these links in its header. It leads back to
    /// `from`.
    pub(crate) fn notice_page(
        &self,
        encoding: Encoding,
        status: StatusCode,
        links: ReaderLinks,
        (notice, from): (Notice, &str),
    ) -> Handled {
        let html = notice_html(&self.snapshot(), notice, from)?;
        let links = if notice == Notice::AccountDeleted { ReaderLinks::Guest } else { links };
        Ok(self.personal_html(encoding, status, (links, None), &html))
    }

    /// The page for a status that is an error: that there is no such page, that it may be there again soon, or that something
    /// broke.
    pub(crate) async fn error_page(&self, encoding: Encoding, status: StatusCode) -> Handled {
        let key = PageKey::Error(match status {
            StatusCode::SERVICE_UNAVAILABLE => 503,
            status if status.is_client_error() => 404,
            _ => 500,
        });
        let snapshot = self.snapshot();
        let page = snapshot.page(key, encoding, &self.store).await.map_err(SiteError::Page)?;
        let page = page.assemble(snapshot.only_links(ReaderLinks::Account, encoding));
        Ok(response::page(status, page, encoding, &HeaderMap::new(), None))
    }
}

fn notice_html(snapshot: &SiteSnapshot, notice: Notice, from: &str) -> Result<String, ThemeError> {
    let Row { key, leads_to, .. } = notice.row();
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    let heading = word(&format!("{key}_title"));
    let (address, is_on_the_way) = leads_to.address(from);
    let back = (!is_on_the_way && from != "/").then(|| Link::to(from, &word("go_back")));
    let context = NoticeContext {
        chrome: snapshot.layout().bare_chrome(&heading),
        heading,
        text: word(&format!("{key}_text")),
        link: Link::to(&address, &word(leads_to.word())),
        back,
    };
    snapshot.theme.render(Template::Notice, &context)
}

/// The status of a form's page: 422 while there is something to correct.
pub(crate) fn form_status(is_faulty: bool) -> StatusCode {
    if is_faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use jiff::{SignedDuration, Timestamp, tz::TimeZone};
    use masthead_access::{
        Policy,
        message::{Locale, Messages},
        robots::Crawlers,
    };
    use masthead_circulation::Catalogue;
    use masthead_editorial::{Menus, SlugScript, TeaserLength};
    use masthead_publication::{
        HttpSettings, Publication, SnapshotParts, Theme, assets::DefaultTheme,
        page_cache::PageCache,
    };

    use super::*;

    fn snapshot(language: &str) -> SiteSnapshot {
        let publication = Publication {
            desk_versions: masthead_publication::publication::DeskVersions::default(),
            name: "The Paper".into(),
            tagline: String::new(),
            address: "https://paper.example".into(),
            locale: Locale::new(language).expect("a locale").into(),
            slugs: SlugScript::Latin,
            policy: Policy::new(TimeZone::UTC),
            messages: Messages::default(),
            own_messages: Vec::new(),
            experiment: None,
            sections: Vec::new(),
            menus: Menus::default(),
            topics: Vec::new(),
            fronts: Vec::new(),
            strips: Vec::new(),
            breaking: None,
            teaser: TeaserLength::Paragraphs(1),
            crawlers: Crawlers::new(Vec::new()),
            http: HttpSettings::default(),
            is_demo: false,
            sales: masthead_publication::Sales::Open,
            catalogue: Catalogue::default(),
            grace: SignedDuration::from_hours(24),
            addresses: masthead_publication::publication::AddressRules::default(),
            withdrawal: masthead_circulation::WithdrawalPeriod::default(),
            cancels_at_once: false,
            transfer: String::new(),
            includes_tax: false,
            accent: None,
            logo: None,
            retention: masthead_publication::publication::RetentionSettings::default(),
            backups: masthead_publication::publication::BackupSettings::default(),
            seller: String::new(),
        };
        let parts = SnapshotParts {
            publication: Arc::new(publication),
            theme: Arc::new(Theme::load(None, language, &[]).expect("a theme")),
            edition: Arc::default(),
            most_read: Arc::default(),
            sold_out: Arc::default(),
            strips: Arc::default(),
        };
        SiteSnapshot::new(parts, Timestamp::UNIX_EPOCH, Arc::new(PageCache::new(0)))
    }

    /// English and every language that the built-in theme is translated to.
    fn languages() -> Vec<String> {
        let translation = |name: &str| {
            name.strip_prefix("words/")
                .and_then(|name| name.strip_suffix(".toml"))
                .map(str::to_owned)
        };
        let translations = DefaultTheme::iter().filter_map(|name| translation(&name));
        std::iter::once("en".to_owned()).chain(translations).collect()
    }

    #[test]
    fn every_notice_is_rendered_in_every_language() {
        let last = Notice::ALL.last().map(|last| *last as usize + 1);
        assert_eq!(last, Some(Notice::ALL.len()), "a notice is missing in ALL");
        assert!(languages().contains(&"de".to_owned()));
        for language in languages() {
            let snapshot = snapshot(&language);
            for notice in Notice::ALL {
                let Row { key, leads_to, .. } = notice.row();
                let html = notice_html(&snapshot, notice, "/").expect("a page");
                let [title, text, link] =
                    [&format!("{key}_title"), &format!("{key}_text"), leads_to.word()].map(
                        |name| {
                            html_escape::encode_quoted_attribute(snapshot.theme.word(name))
                                .into_owned()
                        },
                    );
                assert!(!title.is_empty() && !text.is_empty() && !link.is_empty(), "{notice:?}");
                for part in [&title, &text, &format!(r#"href="{}">{link}"#, leads_to.path())] {
                    assert!(html.contains(part.as_str()), "{language}, {notice:?}: no {part}");
                }
            }
        }
    }

    #[test]
    fn the_theme_has_words_for_no_other_notice() {
        let words = DefaultTheme::get("words.toml").expect("words");
        let words: toml::Table =
            toml::from_str(&String::from_utf8_lossy(&words.data)).expect("TOML");
        let mut keys: BTreeSet<&str> =
            words.keys().filter_map(|name| name.strip_suffix("_title")).collect();
        for page in ["cancel_done", "withdraw_done", "error_404", "error_500", "error_503"] {
            keys.remove(page);
        }
        assert_eq!(keys, Notice::ALL.iter().map(|notice| notice.row().key).collect());
    }
}
