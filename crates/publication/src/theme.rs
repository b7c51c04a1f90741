//! The theme: templates, styles and words that a publisher may change. What templates get is in
//! [`crate::contexts`].

mod copies;
mod gaps;
mod logo;
mod sources;
mod typefaces;
mod words;

use std::{collections::HashMap, path::Path, sync::Arc};

use jiff::civil::Date;
use masthead_access::{message::Placement, printable};
use masthead_editorial::SectionStyle;
use masthead_print::{InvalidFont, Typeface};
use minijinja::{
    AutoEscape, Environment, Output, State, UndefinedBehavior, Value, syntax::SyntaxConfig,
    value::Serde,
};
use serde::Serialize;

use self::sources::ThemeSources;
use crate::{
    Accent, Publication,
    assets::{self, Asset, Assets, DefaultTheme},
    page::{NOTE_SLOT, READER_LINKS_SLOT, RELATED_SLOT, common_mark, only_if_mark, slot_mark},
    words::Words,
};

/// Why a theme cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    /// A template is broken.
    #[error("{file}, line {line}: {reason}")]
    Template {
        /// The template.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The words cannot be read.
    #[error("words.toml: {0}")]
    Words(#[from] toml::de::Error),
    /// A print font is not a valid font file.
    #[error("{file}: {reason}")]
    Typeface {
        /// The file.
        file: String,
        /// What is wrong.
        reason: InvalidFont,
    },
    /// The thread that checked it ended early.
    #[error("checking the theme was interrupted: {0}")]
    Interrupted(String),
    /// A word has a gap that nothing fills.
    #[error("words.toml, {word}: nothing fills {{{gap}}}; {allowed}")]
    Gap {
        /// The name of the word.
        word: String,
        /// The gap.
        gap: String,
        /// The gaps that the word may have.
        allowed: String,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
}

impl From<minijinja::Error> for ThemeError {
    fn from(error: minijinja::Error) -> Self {
        let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
        Self::Template {
            file: error.name().unwrap_or("a template").to_owned(),
            line: error.line().unwrap_or(1),
            reason: format!("{}{detail}", error.kind()),
        }
    }
}

/// A loaded theme.
pub struct Theme {
    sources: ThemeSources,
    templates: Environment<'static>,
    words: Arc<Words>,
    /// What is probably a mistake in the publisher's own files, a sentence each.
    pub warnings: Vec<String>,
    /// The files that are served as they are.
    pub assets: Assets,
    /// What text is printed in.
    pub print_text: Typeface,
    /// What headings are printed in.
    pub print_bold: Typeface,
}

impl Theme {
    /// Loads the built-in theme with the files of `folder` in place of those of the same name, its
    /// words in this language where they are known, and the accents of these sections.
    pub fn load(
        folder: Option<&Path>,
        language: &str,
        sections: &[SectionStyle],
    ) -> Result<Self, ThemeError> {
        Self::from_sources(
            ThemeSources::of(folder, language, accents(sections), None),
            folder,
            None,
        )
    }

    /// Loads the same. Returns `known` if it was made from the same files and settings, and otherwise uses those of its
    /// assets again whose content has not changed.
    pub(crate) fn load_reusing(
        folder: Option<&Path>,
        publication: &Publication,
        known: Option<&Arc<Self>>,
    ) -> Result<Arc<Self>, ThemeError> {
        let own = publication.accent.map(Accent::style).unwrap_or_default();
        let accents = format!("{own}{}", accents(&publication.sections));
        let language = publication.locale.language();
        let sources = ThemeSources::of(folder, language, accents, publication.logo.clone());
        match known {
            Some(known) if known.sources == sources => Ok(Arc::clone(known)),
            Some(known) => Self::from_sources(sources, folder, Some(&known.assets)).map(Arc::new),
            None => Self::from_sources(sources, folder, None).map(Arc::new),
        }
    }

    fn from_sources(
        sources: ThemeSources,
        folder: Option<&Path>,
        known: Option<&Assets>,
    ) -> Result<Self, ThemeError> {
        let mut assets = assets::load(folder, known);
        let accents = sources.accents.clone().into_bytes();
        let accents = Asset::reuse_or_new("sections.css", accents, known);
        assets.insert("sections.css".to_owned(), accents);
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
        templates.set_syntax(syntax);
        templates.set_formatter(escape);
        let (words, mut warnings) = words::load(folder, &sources.language)?;
        let words = Arc::new(words);
        templates.add_filter("safe", mark_safe);
        templates.add_global("logo", logo::logo(sources.logo.as_ref(), &assets));
        templates.add_global("words", Value::from(Serde(words.all())));
        let forms = Arc::clone(&words);
        templates.add_function("plural", move |name: &str, count: u32| {
            forms.for_count(name, count).to_owned()
        });
        templates.add_function("slot", slot);
        #[cfg(test)]
        templates.add_function("rendered", crate::theme_check::tests::note_rendered);
        templates.add_filter("common", |html: &str| Value::from_safe_string(common_mark(html)));
        for (name, is_kept) in [("if_kept", true), ("unless_kept", false)] {
            templates.add_filter(name, move |html: &str| {
                Value::from_safe_string(only_if_mark(is_kept, html))
            });
        }
        let versions: HashMap<String, String> =
            assets.iter().map(|(name, asset)| (name.clone(), asset.version.clone())).collect();
        templates.add_function("asset", move |name: &str| {
            let version = versions.get(name).map_or("", String::as_str);
            format!("/assets/{name}?v={version}")
        });
        for name in DefaultTheme::iter().filter(|name| is_template(name)) {
            let own = folder.map(|folder| folder.join(&*name)).filter(|path| path.exists());
            let source = match own {
                Some(path) => {
                    let own = std::fs::read_to_string(&path).map_err(|error| {
                        let reason = error.to_string();
                        ThemeError::Unreadable { file: name.to_string(), reason }
                    })?;
                    warnings.extend(copies::without_direction(&name, &own));
                    own
                }
                None => DefaultTheme::get(&name)
                    .map(|file| String::from_utf8_lossy(&file.data).into_owned())
                    .unwrap_or_default(),
            };
            templates.add_template_owned(name.to_string(), source)?;
        }
        let (print_text, print_bold, unusable) = typefaces::load(folder)?;
        warnings.extend(unusable);
        Ok(Self { sources, templates, words, warnings, assets, print_text, print_bold })
    }

    /// One of the theme's words; empty if it has no such word.
    pub fn word(&self, name: &str) -> &str {
        self.words.get(name).unwrap_or_default()
    }

    /// The form of a word for a count, by the plural rules of the language; empty if it has no such word.
    pub fn word_for_count(&self, name: &str, count: u32) -> &str {
        self.words.for_count(name, count)
    }

    /// Returns the first character of what every invoice of a publication says that its typefaces lack.
    pub fn missing_in_invoices(&self, publication: &Publication, today: Date) -> Option<char> {
        let words =
            ["invoice", "invoice_to", "invoice_total"].map(|word| self.word(word).to_owned());
        let products = publication.catalogue.products().iter().map(|product| product.name.clone());
        let own =
            [publication.name.clone(), publication.seller.clone(), publication.locale.date(today)];
        let mut texts = own.into_iter().chain(words).chain(products);
        texts.find_map(|text| {
            let missing = self.print_text.missing_glyph(&text);
            missing.or_else(|| self.print_bold.missing_glyph(&text))
        })
    }

    /// Renders a template with its context.
    pub fn render<C: Serialize>(
        &self,
        template: Template,
        context: &C,
    ) -> Result<String, ThemeError> {
        Ok(self.templates.get_template(template.file())?.render(Serde(context))?)
    }
}

/// Writes a value so that it is text wherever it is, in an element or in a quoted attribute.
fn escape(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    let text =
        value.as_str().filter(|_| !value.is_safe() && *state.auto_escape() == AutoEscape::Html);
    match text {
        Some(text) => {
            let text = printable(text);
            out.write_str(&html_escape::encode_quoted_attribute(&text)).map_err(Into::into)
        }
        None => minijinja::escape_formatter(out, state, value),
    }
}

/// The filter for text that is HTML already. Like escaped text it has no control characters, because the marks in a page
/// are made of them.
fn mark_safe(value: Value) -> Value {
    match value.as_str().filter(|_| !value.is_safe()) {
        Some(html) => Value::from_safe_string(printable(html).into_owned()),
        None => value,
    }
}

/// A style sheet with each section's accent, mixed with white where the page is dark.
fn accents(sections: &[SectionStyle]) -> String {
    let colored = sections.iter().filter(|section| !section.color.is_empty());
    let rule = |section: &SectionStyle| {
        let SectionStyle { slug, color, .. } = section;
        format!(
            "[data-section=\"{slug}\"]{{--accent:light-dark({color},color-mix(in oklab,{color} 45%,white))}}\n"
        )
    };
    colored.map(rule).collect()
}

/// Whether a file of the theme is a template.
pub(crate) fn is_template(name: &str) -> bool {
    let ending = Path::new(name).extension();
    !name.starts_with("assets/") && ending.is_some_and(|ending| ending == "html" || ending == "txt")
}

/// The templates that the site renders.
#[derive(Clone, Copy, Debug)]
pub enum Template {
    /// The front page.
    Home,
    /// A section, topic or author.
    List,
    /// Articles by the words in them.
    Search,
    /// An article.
    Article,
    /// What to read next, on the page of an article.
    Related,
    /// A page of the publication itself.
    Page,
    /// The page about the meter.
    Meter,
    /// The page of an error.
    Error,
    /// A message in its placement.
    Message,
    /// The links of the header to what a reader can do.
    ReaderLinks,
    /// What a reader is told once.
    Note,
    /// Asking to register or sign in.
    SignIn,
    /// The email for that is on its way.
    SignInSent,
    /// Says one thing and leads on.
    Notice,
    /// A reader's own page.
    Account,
    /// The articles that a reader has saved.
    Saved,
    /// The articles that a reader has opened.
    History,
    /// What a reader follows.
    Following,
    /// Agreeing to another address.
    Address,
    /// Asking to cancel a subscription without signing in.
    Cancel,
    /// Confirming that.
    CancelConfirm,
    /// The page that says what was cancelled, or withdrawn from.
    EndingDone,
    /// The page on which a reader who is signed in sees what they have cancelled or withdrawn from.
    OwnEnding,
    /// Asking to withdraw from a contract without signing in.
    Withdraw,
    /// Confirming that, signed in or not.
    WithdrawConfirm,
    /// The email that asks to confirm one of the two, or says that there is nothing to end.
    EndingMail,
    /// The same as plain text.
    EndingMailText,
    /// The email that asks for it.
    AddressMail,
    /// The same as plain text.
    AddressMailText,
    /// The email that tells what has changed about signing in.
    SecurityMail,
    /// The same as plain text.
    SecurityMailText,
    /// The demonstration's outbox.
    Outbox,
    /// The email to sign in with.
    SignInMail,
    /// The same as plain text.
    SignInMailText,
    /// Everything that can be bought.
    Offers,
    /// Agreeing to buy.
    Checkout,
    /// The sandbox's payment page.
    Sandbox,
    /// The page to which a reader comes who has cancelled a payment.
    PaymentCancelled,
    /// Letting an app in.
    App,
    /// Sending a form after signing in again.
    KeptForm,
    /// An invoice.
    Invoice,
    /// An email about a subscription.
    SubscriptionMail,
    /// The same as plain text.
    SubscriptionMailText,
}

impl Template {
    fn file(self) -> &'static str {
        match self {
            Self::Home => "home.html",
            Self::List => "list.html",
            Self::Search => "search.html",
            Self::Article => "article.html",
            Self::Related => "related.html",
            Self::Page => "page.html",
            Self::Meter => "meter.html",
            Self::Error => "error.html",
            Self::Message => "message.html",
            Self::ReaderLinks => "reader-links.html",
            Self::Note => "note.html",
            Self::SignIn => "sign-in.html",
            Self::SignInSent => "sign-in-sent.html",
            Self::Notice => "notice.html",
            Self::Account => "account.html",
            Self::Saved => "saved.html",
            Self::History => "history.html",
            Self::Following => "following.html",
            Self::Address => "address.html",
            Self::Cancel => "cancel.html",
            Self::CancelConfirm => "cancel-confirm.html",
            Self::EndingDone => "cancel-done.html",
            Self::OwnEnding => "own-ending.html",
            Self::Withdraw => "withdraw.html",
            Self::WithdrawConfirm => "withdraw-confirm.html",
            Self::EndingMail => "mail/cancellation.html",
            Self::EndingMailText => "mail/cancellation.txt",
            Self::AddressMail => "mail/address.html",
            Self::AddressMailText => "mail/address.txt",
            Self::SecurityMail => "mail/security.html",
            Self::SecurityMailText => "mail/security.txt",
            Self::Outbox => "outbox.html",
            Self::SignInMail => "mail/sign-in.html",
            Self::SignInMailText => "mail/sign-in.txt",
            Self::Offers => "offers.html",
            Self::Checkout => "checkout.html",
            Self::Sandbox => "sandbox.html",
            Self::PaymentCancelled => "payment-cancelled.html",
            Self::App => "app.html",
            Self::KeptForm => "kept-form.html",
            Self::Invoice => "invoice.html",
            Self::SubscriptionMail => "mail/subscription.html",
            Self::SubscriptionMailText => "mail/subscription.txt",
        }
    }
}

/// The function `slot` of templates.
fn slot(name: &str) -> Result<Value, minijinja::Error> {
    let placements = Placement::ALL.map(Placement::name);
    let mut names = placements.into_iter().chain([RELATED_SLOT, READER_LINKS_SLOT, NOTE_SLOT]);
    if names.any(|known| known == name) {
        return Ok(Value::from_safe_string(slot_mark(name)));
    }
    let known = placements.join(", ");
    let reason = format!(
        "there is no slot {name:?}; use {known}, {RELATED_SLOT}, {READER_LINKS_SLOT} or {NOTE_SLOT}"
    );
    Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_slot_is_an_error_that_names_the_known_ones() {
        let refused = slot("reader-link").expect_err("an error").to_string();
        for name in ["wall", "inline", "banner", "related", "reader-links"] {
            assert!(slot(name).is_ok() && refused.contains(name), "{refused}");
        }
    }

    #[test]
    fn no_value_can_contain_the_marks_of_a_page() {
        let mut templates = Environment::new();
        templates.set_formatter(escape);
        templates.add_filter("safe", mark_safe);
        let template = "{{ text }}{{ text | safe }}{{ slot | safe }}";
        templates.add_template("a.html", template).expect("a template");
        let slot = Value::from_safe_string(slot_mark(Placement::Wall.name()));
        let text = format!("<b>{}{}", slot_mark(Placement::Wall.name()), common_mark("x"));
        let page = templates.get_template("a.html").expect("a template");
        let html = page.render(minijinja::context! { text, slot }).expect("rendered");
        assert_eq!(
            html,
            format!("&lt;b&gt; wall x<b> wall x{}", slot_mark(Placement::Wall.name()))
        );
    }
}
