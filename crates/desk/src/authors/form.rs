//! The form of an author.

use masthead_access::printable;
use masthead_circulation::{AccountId, EmailAddress};
use masthead_editorial::{Author, Picture, biography, renditions, slug::is_slug};
use masthead_store::{AuthorRecord, StoreError};
use serde::Serialize;

use crate::{
    form::Fields, settings::save::FormFault, staff::CurrentStaff, state::DeskState,
    words::DeskWords,
};

/// Characters of a line.
const MAX_LINE: usize = 200;
/// Characters of a biography.
const MAX_BIO: usize = 5000;
/// Characters of the form: a biography and seven lines.
pub(super) const MAX_FORM: usize = MAX_BIO + 7 * MAX_LINE;
/// The address of the page of a new author, which no author can have.
pub(super) const NEW: &str = "new";

/// What is entered.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct AuthorForm {
    pub name: String,
    pub slug: String,
    pub role: String,
    pub bio: String,
    /// The address of the portrait.
    pub portrait: String,
    pub alt: String,
    pub is_desk: bool,
    /// The number of the account; empty for none.
    pub account: String,
    pub email: String,
}

impl AuthorForm {
    /// The form of an author who is stored.
    pub fn of(AuthorRecord { author, account, .. }: &AuthorRecord) -> Self {
        let portrait = author.portrait.clone().unwrap_or_default();
        Self {
            name: author.name.clone(),
            slug: author.slug.clone(),
            role: author.role.clone(),
            bio: biography::text(&author.bio),
            portrait: portrait.src,
            alt: portrait.alt,
            is_desk: author.is_desk,
            account: account.map(|account| account.0.to_string()).unwrap_or_default(),
            email: author.email.clone(),
        }
    }

    /// The form as it was sent.
    pub fn sent(fields: &Fields) -> Self {
        let text = |name: &str| printable(&fields.text(name)).into_owned();
        Self {
            name: text("name"),
            slug: text("slug"),
            role: text("role"),
            // A browser counts the end of a line as one character and sends two.
            bio: text("bio").replace("\r\n", "\n"),
            portrait: text("portrait"),
            alt: text("alt"),
            is_desk: fields.has("is_desk"),
            account: text("account"),
            email: text("email"),
        }
    }

    /// What is too long.
    fn too_long(&self, words: DeskWords) -> Vec<FormFault> {
        let lines = [
            ("name", &self.name),
            ("slug", &self.slug),
            ("role", &self.role),
            ("portrait", &self.portrait),
            ("alt", &self.alt),
            ("email", &self.email),
        ];
        let lines = lines.into_iter().map(|(field, text)| (field, text, MAX_LINE));
        let long = lines
            .chain([("bio", &self.bio, MAX_BIO)])
            .filter(|(_, text, most)| text.chars().count() > *most);
        long.map(|(field, _, most)| {
            let most = words.number(most as u64);
            FormFault::at(field, words.fill("authors_fault_long", &[("most", &most)]))
        })
        .collect()
    }

    /// The author and the account that are to be stored, or everything that is to be corrected. What the form does not have stays
    /// as it is `known`.
    pub async fn author(
        &self,
        desk: &DeskState,
        staff: &CurrentStaff,
        known: Option<&Author>,
    ) -> Result<Result<(Author, Option<AccountId>), FormFault>, StoreError> {
        let words = staff.words;
        let mut faults = self.too_long(words);
        if !faults.is_empty() {
            return Ok(Err(FormFault::all(faults)));
        }
        if self.name.is_empty() {
            faults.push(FormFault::at("name", words.text("authors_fault_name")));
        }
        let slugs = desk.publication().slugs;
        let slug = if self.slug.is_empty() { slugs.slugify(&self.name) } else { self.slug.clone() };
        // One that they have already stays, whatever is set now.
        let is_own = known.is_some_and(|known| known.slug == slug) && is_slug(&slug);
        let is_free = (is_own || slugs.accepts(&slug)) && slug != NEW;
        if !is_free && !self.name.is_empty() {
            faults.push(FormFault::at("slug", words.text("authors_fault_slug")));
        }
        let email = self.email(words).map_err(|fault| faults.push(fault)).unwrap_or_default();
        let bio = biography::html(&self.bio).unwrap_or_else(|fault| {
            let text = words.fill("authors_fault_bio", &[("fault", &fault)]);
            faults.push(FormFault::at("bio", text));
            String::new()
        });
        let account = self.account(desk).await?;
        if account.is_none() && !self.account.is_empty() {
            faults.push(FormFault::at("account", words.text("authors_fault_account")));
        }
        let portrait = self.portrait(desk, known).await?;
        if portrait.is_none() && !self.portrait.is_empty() {
            faults.push(FormFault::at("portrait", words.text("authors_fault_portrait")));
        }
        if !faults.is_empty() {
            return Ok(Err(FormFault::all(faults)));
        }
        let (name, role, is_desk) = (self.name.clone(), self.role.clone(), self.is_desk);
        Ok(Ok((Author { slug, name, role, bio, portrait, is_desk, email }, account)))
    }

    fn email(&self, words: DeskWords) -> Result<String, FormFault> {
        if self.email.is_empty() {
            return Ok(String::new());
        }
        let address = self.email.parse::<EmailAddress>();
        let fault = words.fill("authors_fault_email", &[("text", &self.email)]);
        address.map(|address| address.to_string()).map_err(|_| FormFault::at("email", fault))
    }

    /// The account of a member of the staff; `None` if none is chosen, or it is not on the staff.
    async fn account(&self, desk: &DeskState) -> Result<Option<AccountId>, StoreError> {
        let Ok(number) = self.account.parse() else { return Ok(None) };
        let staff = desk.store.staff(AccountId(number)).await?;
        Ok(staff.map(|staff| staff.account))
    }

    /// The portrait from the library; `None` if none is chosen, or it is not in the library.
    async fn portrait(
        &self,
        desk: &DeskState,
        known: Option<&Author>,
    ) -> Result<Option<Picture>, StoreError> {
        let own = known.and_then(|known| known.portrait.as_ref());
        if let Some(own) = own.filter(|own| own.src == self.portrait) {
            return Ok(Some(Picture { alt: self.alt.clone(), ..own.clone() }));
        }
        let Some((_, name)) = self.portrait.rsplit_once("/media/") else { return Ok(None) };
        let stem = renditions::stem(name).to_owned();
        let found = desk.store.pictures_named(&[stem]).await?.into_iter().next();
        Ok(found.map(|found| Picture {
            src: format!("/media/{}", found.name),
            alt: self.alt.clone(),
            width: found.width,
            height: found.height,
            ..Picture::default()
        }))
    }
}
