//! The desk's templates, compiled into the binary.
//!
//! To add a page: write its template in `templates/`, name it in [`SOURCES`], and implement [`Page`] for its context. A
//! test renders every template with the samples of its context, so a variable that the context lacks is found there.

use http::StatusCode;
use masthead_circulation::staff::Permission;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value, value::Serde};
use serde::Serialize;

use crate::{
    assets::ScriptAddresses,
    format::display_name,
    language::LanguageChoice,
    notifications::badge,
    staff::CurrentStaff,
    words::{DeskWords, in_templates},
};

const SOURCES: [(&str, &str); 73] = [
    ("errors.html", include_str!("../templates/errors.html")),
    ("base.html", include_str!("../templates/base.html")),
    ("appearance.html", include_str!("../templates/appearance.html")),
    ("article.html", include_str!("../templates/article.html")),
    ("article-actions.html", include_str!("../templates/article-actions.html")),
    ("article-appearance.html", include_str!("../templates/article-appearance.html")),
    ("article-assignment.html", include_str!("../templates/article-assignment.html")),
    ("article-details.html", include_str!("../templates/article-details.html")),
    ("article-picture.html", include_str!("../templates/article-picture.html")),
    ("archive.html", include_str!("../templates/archive.html")),
    ("archives.html", include_str!("../templates/archives.html")),
    ("author.html", include_str!("../templates/author.html")),
    ("authors.html", include_str!("../templates/authors.html")),
    ("audit.html", include_str!("../templates/audit.html")),
    ("breaking.html", include_str!("../templates/breaking.html")),
    ("calendar.html", include_str!("../templates/calendar.html")),
    ("articles.html", include_str!("../templates/articles.html")),
    ("picture.html", include_str!("../templates/picture.html")),
    ("picture-crops.html", include_str!("../templates/picture-crops.html")),
    ("picture-replacement.html", include_str!("../templates/picture-replacement.html")),
    ("picture-uses.html", include_str!("../templates/picture-uses.html")),
    ("pictures.html", include_str!("../templates/pictures.html")),
    ("comments.html", include_str!("../templates/comments.html")),
    ("preview.html", include_str!("../templates/preview.html")),
    ("publication.html", include_str!("../templates/publication.html")),
    ("publication-settings.html", include_str!("../templates/publication-settings.html")),
    ("revisions.html", include_str!("../templates/revisions.html")),
    ("email.html", include_str!("../templates/email.html")),
    ("backups.html", include_str!("../templates/backups.html")),
    ("exports.html", include_str!("../templates/exports.html")),
    ("own-pages.html", include_str!("../templates/own-pages.html")),
    ("experiments.html", include_str!("../templates/experiments.html")),
    ("authenticator.html", include_str!("../templates/authenticator.html")),
    ("recovery-codes.html", include_str!("../templates/recovery-codes.html")),
    ("second-factor.html", include_str!("../templates/second-factor.html")),
    ("security.html", include_str!("../templates/security.html")),
    ("charts.html", include_str!("../templates/charts.html")),
    ("figures.html", include_str!("../templates/figures.html")),
    ("article-figures.html", include_str!("../templates/article-figures.html")),
    ("home.html", include_str!("../templates/home.html")),
    ("fronts.html", include_str!("../templates/fronts.html")),
    ("history.html", include_str!("../templates/history.html")),
    ("join.html", include_str!("../templates/join.html")),
    ("live.html", include_str!("../templates/live.html")),
    ("live-fields.html", include_str!("../templates/live-fields.html")),
    ("live-post.html", include_str!("../templates/live-post.html")),
    ("menus.html", include_str!("../templates/menus.html")),
    ("message.html", include_str!("../templates/message.html")),
    ("messages.html", include_str!("../templates/messages.html")),
    ("meter.html", include_str!("../templates/meter.html")),
    ("notice.html", include_str!("../templates/notice.html")),
    ("notifications.html", include_str!("../templates/notifications.html")),
    ("notification-settings.html", include_str!("../templates/notification-settings.html")),
    ("offer.html", include_str!("../templates/offer.html")),
    ("offers.html", include_str!("../templates/offers.html")),
    ("payment.html", include_str!("../templates/payment.html")),
    ("payment-processor.html", include_str!("../templates/payment-processor.html")),
    ("people.html", include_str!("../templates/people.html")),
    ("product.html", include_str!("../templates/product.html")),
    ("products.html", include_str!("../templates/products.html")),
    ("reader.html", include_str!("../templates/reader.html")),
    ("readers.html", include_str!("../templates/readers.html")),
    ("reader-import.html", include_str!("../templates/reader-import.html")),
    ("reader-import-new.html", include_str!("../templates/reader-import-new.html")),
    ("reader-new.html", include_str!("../templates/reader-new.html")),
    ("reader-price.html", include_str!("../templates/reader-price.html")),
    ("retention.html", include_str!("../templates/retention.html")),
    ("seller.html", include_str!("../templates/seller.html")),
    ("redirects.html", include_str!("../templates/redirects.html")),
    ("sections.html", include_str!("../templates/sections.html")),
    ("topic.html", include_str!("../templates/topic.html")),
    ("topics.html", include_str!("../templates/topics.html")),
    ("why.html", include_str!("../templates/why.html")),
];

/// The context of a page.
pub(crate) trait Page: Serialize {
    /// The name of its template.
    const TEMPLATE: &'static str;

    /// The status of the response.
    fn status(&self) -> StatusCode {
        StatusCode::OK
    }
}

/// What every page shows around its own context.
#[derive(Serialize)]
pub(crate) struct Layout<'a, P> {
    pub publication: &'a str,
    /// The tag of the language of this page.
    pub lang: &'static str,
    /// The languages to choose from.
    pub languages: Vec<LanguageChoice>,
    pub scripts: &'a ScriptAddresses,
    /// Whether readers pay at the sandbox.
    pub sandbox: bool,
    /// Whether readers cannot pay, because there is no payment processor.
    pub sales_closed: bool,
    /// The settings that a payment processor needs.
    pub processor_keys: String,
    /// `None` if nobody is signed in.
    pub me: Option<Me>,
    #[serde(flatten)]
    pub page: &'a P,
}

/// The signed-in member of the staff, with what the navigation offers them.
#[derive(Serialize)]
#[allow(clippy::struct_excessive_bools)] // one for each permission
pub(crate) struct Me {
    name: String,
    number: u32,
    /// The key of their session, to end it.
    session: String,
    may_write: bool,
    may_edit: bool,
    may_edit_settings: bool,
    may_view_figures: bool,
    may_support_readers: bool,
    may_manage_staff: bool,
    /// The address of this page; empty if it cannot be opened again.
    here: String,
    /// Whether they have just saved a form.
    has_saved: bool,
    /// How many notifications they have not read, as the header shows it.
    unread: String,
}

impl Me {
    pub fn new(staff: &CurrentStaff) -> Self {
        Self {
            name: display_name(&staff.account),
            number: staff.account.id.0,
            session: staff.session.to_string(),
            may_write: staff.may(Permission::Write),
            may_edit: staff.may(Permission::Edit),
            may_edit_settings: staff.may(Permission::EditSettings),
            may_view_figures: staff.may(Permission::ViewFigures),
            may_support_readers: staff.may(Permission::SupportReaders),
            may_manage_staff: staff.may(Permission::ManageStaff),
            here: staff.here.clone(),
            has_saved: staff.has_saved,
            unread: badge(staff.unread),
        }
    }
}

/// The compiled templates, with the words of each language.
pub(crate) struct Templates(Vec<Environment<'static>>);

impl Templates {
    pub fn new() -> Self {
        Self(DeskWords::all().map(environment).collect())
    }

    /// Renders a template with any context.
    ///
    /// # Errors
    ///
    /// If the template uses a variable or a word that there is not.
    pub fn render(
        &self,
        words: DeskWords,
        name: &str,
        context: &impl Serialize,
    ) -> Result<String, minijinja::Error> {
        let missing = || minijinja::Error::new(ErrorKind::TemplateNotFound, name.to_owned());
        let environment = self.0.get(words.index()).ok_or_else(missing)?;
        environment.get_template(name)?.render(Value::from(Serde(context)))
    }
}

fn environment(words: DeskWords) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| match name.rsplit_once('.') {
        Some((_, "txt")) => AutoEscape::None,
        _ => AutoEscape::Html,
    });
    in_templates::add(&mut environment, words);
    for (name, source) in SOURCES {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(%error, template = name, "templates: syntax error");
        }
    }
    environment
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        archives, assets::Assets, audit, authors, backups, exports, figures, home, language,
        newsroom, notifications, own_pages, people, reader_view, readers, redirects, second_factor,
        settings, topics,
    };

    /// Contexts of a page for the test below: one in which everything is empty, and one in which nothing is.
    pub(crate) trait Samples: Page + Sized {
        /// Whether somebody may see the page who is not signed in.
        const IS_PUBLIC: bool = false;

        fn samples() -> Vec<Self>;
    }

    /// Which templates are rendered, and what failed.
    #[derive(Default)]
    pub(crate) struct Rendered(BTreeSet<&'static str>, Vec<String>);

    impl Rendered {
        pub fn page<P: Samples>(&mut self) -> &mut Self {
            let (templates, assets) = (Templates::new(), Assets::new());
            for page in P::samples() {
                let viewers = if P::IS_PUBLIC {
                    vec![None, Some(Me::sample())]
                } else {
                    vec![Some(Me::sample())]
                };
                for me in viewers {
                    let layout = Layout {
                        publication: "The Paper",
                        lang: "en",
                        languages: language::choices(),
                        scripts: assets.script_addresses(),
                        sandbox: true,
                        sales_closed: true,
                        processor_keys: "key".to_owned(),
                        me,
                        page: &page,
                    };
                    for words in DeskWords::all() {
                        if let Err(error) = templates.render(words, P::TEMPLATE, &layout) {
                            self.1.push(format!("{}: {error:#}", P::TEMPLATE));
                        }
                    }
                }
            }
            self.0.insert(P::TEMPLATE);
            self
        }
    }

    impl Me {
        fn sample() -> Self {
            Self {
                name: "Ada".to_owned(),
                number: 1,
                session: "1".to_owned(),
                may_write: true,
                may_edit: true,
                may_edit_settings: true,
                may_view_figures: true,
                may_support_readers: true,
                may_manage_staff: true,
                here: "/desk".to_owned(),
                has_saved: true,
                unread: "3".to_owned(),
            }
        }
    }

    #[test]
    fn every_template_renders_with_every_context() {
        let mut rendered = Rendered::default();
        audit::samples::render(&mut rendered);
        crate::email::samples::render(&mut rendered);
        authors::samples::render(&mut rendered);
        redirects::samples::render(&mut rendered);
        topics::samples::render(&mut rendered);
        archives::samples::render(&mut rendered);
        backups::samples::render(&mut rendered);
        exports::samples::render(&mut rendered);
        crate::payment_processor::samples::render(&mut rendered);
        figures::samples::render(&mut rendered);
        own_pages::samples::render(&mut rendered);
        home::samples::render(&mut rendered);
        newsroom::samples::render(&mut rendered);
        notifications::samples::render(&mut rendered);
        people::samples::render(&mut rendered);
        reader_view::samples::render(&mut rendered);
        readers::samples::render(&mut rendered);
        second_factor::samples::render(&mut rendered);
        settings::samples::render(&mut rendered);
        crate::pages::samples::render(&mut rendered);
        assert!(rendered.1.is_empty(), "{}", rendered.1.join("\n"));
        let included = [
            "article-actions.html",
            "article-appearance.html",
            "article-assignment.html",
            "article-details.html",
            "article-picture.html",
            "base.html",
            "charts.html",
            "errors.html",
            "history.html",
            "live-fields.html",
            "picture-uses.html",
        ];
        for (name, _) in SOURCES {
            assert!(
                rendered.0.contains(name) || included.contains(&name),
                "{name} is not rendered by any sample"
            );
        }
    }
}
