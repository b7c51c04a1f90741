//! Who wrote a post: the user who typed it, or the authors that a plugin names (Co-Authors Plus, PublishPress Authors).

use std::collections::HashMap;

use super::wxr::{Channel, Item, percent_decode};
use crate::{
    import::Changes,
    manuscript::named_author,
    piece::{Author, is_same_name},
    slug::{SlugScript, is_of_name, slugify},
    text,
};

/// The taxonomy in which plugins keep the authors of a post, in their order.
const TAXONOMY: &str = "author";
/// What Co-Authors Plus puts before the slugs of its authors.
const PREFIX: &str = "cap-";

/// The authors of a file.
pub(super) struct Bylines {
    slugs: SlugScript,
    /// The authors by login, and by the slug of the login.
    by_login: HashMap<String, Author>,
    /// The slugs that are taken, with the login and the name of each who has it.
    taken: HashMap<String, Vec<(String, String)>>,
}

impl Bylines {
    /// The authors that the channel lists. Others are added with [`add_guest`](Self::add_guest).
    pub(super) fn new(channel: &Channel, slugs: SlugScript) -> Self {
        let mut bylines = Self { slugs, by_login: HashMap::new(), taken: HashMap::new() };
        for (login, name) in &channel.authors {
            let name = if name.is_empty() { login } else { name };
            let author = bylines.apart(login, named_author(name.clone(), slugs));
            bylines.enter(login, author);
        }
        bylines
    }

    /// Adds an author who is no user, from an item of the type `guest-author`.
    pub(super) fn add_guest(&mut self, item: &Item) {
        let slug = percent_decode(&item.name);
        let own = slug.strip_prefix(PREFIX).unwrap_or(&slug);
        let login = item.meta("cap-user_login").unwrap_or(own);
        let name = item.meta("cap-display_name").unwrap_or(&item.title);
        let name = text::plain(name).replace('\n', " ");
        if name.is_empty() {
            return;
        }
        let linked = item.meta("cap-linked_account").and_then(|user| self.find(user)).cloned();
        let mut author = match linked.filter(|user| is_same_name(&user.name, &name)) {
            Some(user) => user,
            None => self.apart(login, named_author(name, self.slugs)),
        };
        author.role = item.meta("cap-job_title").map(text::plain).unwrap_or_default();
        author.bio = item.meta("cap-description").map(biography).unwrap_or_default();
        for key in [login, own] {
            self.enter(key, author.clone());
        }
        if let Some(user) = item.meta("cap-linked_account").map(str::to_owned) {
            self.enter(&user, author);
        }
    }

    /// The authors of a post.
    pub(super) fn of(&self, item: &Item, changes: &mut Changes) -> Vec<Author> {
        let mut authors: Vec<Author> = Vec::new();
        for term in item.terms(TAXONOMY) {
            let key = term.slug.strip_prefix(PREFIX).unwrap_or(&term.slug);
            let known = self.find(&term.name).or_else(|| self.find(key));
            let author = known.cloned().unwrap_or_else(|| self.unlisted(&term.name, key, changes));
            let is_other = |other: &Author| {
                other.slug != author.slug || !is_same_name(&other.name, &author.name)
            };
            if !author.slug.is_empty() && authors.iter().all(is_other) {
                authors.push(author);
            }
        }
        if authors.is_empty() && !item.creator.is_empty() {
            let known = self.find(&item.creator).cloned();
            let unlisted = || self.unlisted(&item.creator, &item.creator, changes);
            authors.push(known.unwrap_or_else(unlisted));
        }
        authors
    }

    /// An author of whom the file says nothing else. A login is not a name for readers, but the only one that there is.
    fn unlisted(&self, name: &str, key: &str, changes: &mut Changes) -> Author {
        changes.count("author who is not listed in the file, named as in the post");
        let mut author = named_author(name.trim().to_owned(), self.slugs);
        if author.slug.is_empty() {
            author.slug = self.slugs.slugify(key);
        }
        author
    }

    fn find(&self, login: &str) -> Option<&Author> {
        self.by_login.get(login).or_else(|| self.by_login.get(&slugify(login)))
    }

    fn enter(&mut self, login: &str, author: Author) {
        let by_slug = slugify(login);
        self.by_login.entry(by_slug).or_insert_with(|| author.clone());
        self.by_login.insert(login.to_owned(), author);
    }

    /// Gives an author whose slug another person has a slug with a number: two people may have one name. Those whose names are alike in
    /// Latin letters only keep one slug. The store tells them apart, also from authors of other files.
    fn apart(&mut self, login: &str, mut author: Author) -> Author {
        if author.slug.is_empty() {
            author.slug = self.slugs.slugify(login);
        }
        let wanted = author.slug.clone();
        let mut number = 2;
        while self.is_taken(login, &author) {
            author.slug = format!("{wanted}-{number}");
            number += 1;
        }
        let name = author.name.clone();
        self.taken.entry(author.slug.clone()).or_default().push((login.to_owned(), name));
        author
    }

    /// Whether another person has the slug of an author, and the store cannot tell the two apart by their names.
    fn is_taken(&self, login: &str, author: &Author) -> bool {
        let is_of_name = |name: &str| is_of_name(&author.slug, name);
        let is_apart = |name: &str| {
            is_of_name(name) && is_of_name(&author.name) && !is_same_name(name, &author.name)
        };
        let mut holders = self.taken.get(&author.slug).into_iter().flatten();
        holders.any(|(whose, name)| whose != login && !is_apart(name))
    }
}

fn biography(html: &str) -> String {
    let paragraphs: Vec<String> = text::plain(html)
        .lines()
        .map(|line| format!("<p>{}</p>", html_escape::encode_text(line)))
        .collect();
    paragraphs.concat()
}
