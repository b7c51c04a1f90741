//! Pictures that were replaced or cropped. Texts keep the name under which a picture was first stored, and every page shows the current file
//! in its place. So a replacement needs no change of any text, and a text that somebody is editing meanwhile undoes nothing.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use lol_html::{RewriteStrSettings, element, html_content::Element, rewrite_str};

use crate::{Picture, clean::StoredPicture, crops::CropPlace, renditions};

/// The path below which pictures are served.
const MEDIA_PATH: &str = "/media/";
/// How many pictures are followed one after another, each the file of the one before. The store makes no cycles.
const MAX_STEPS: usize = 16;

/// A file that readers have had of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicFile {
    /// The [`stem`](renditions::stem) of its name.
    pub stem: String,
    /// Whether readers do not get it any more.
    pub is_withheld: bool,
}

/// A picture that is shown otherwise than it was stored, or was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedPicture {
    /// The stem of the name under which it was first stored, which texts have.
    pub stem: String,
    /// The file that pages show.
    pub file: StoredPicture,
    /// Every file that readers have had of it, with the current one.
    pub files: Vec<PublicFile>,
    /// The parts of the current file that are shown in places of a fixed shape.
    pub crops: Vec<(CropPlace, StoredPicture)>,
}

/// All pictures that are shown otherwise than they were stored, or were before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplacedPictures {
    by_stem: HashMap<String, ReplacedPicture>,
    /// The stems of the pictures that have a file.
    by_file: HashMap<String, Vec<String>>,
}

impl ReplacedPictures {
    /// Notes the files of a picture, in place of what was noted.
    pub fn update(&mut self, picture: ReplacedPicture) {
        if let Some(known) = self.by_stem.remove(&picture.stem) {
            for file in &known.files {
                if let Some(owners) = self.by_file.get_mut(&file.stem) {
                    owners.retain(|owner| *owner != known.stem);
                }
            }
        }
        for file in &picture.files {
            self.by_file.entry(file.stem.clone()).or_default().push(picture.stem.clone());
        }
        self.by_stem.insert(picture.stem.clone(), picture);
    }

    /// Returns the picture whose file is shown in place of the one with this stem: itself, or the last of those that follow each other.
    fn latest(&self, stem: &str) -> Option<&ReplacedPicture> {
        let mut latest = self.by_stem.get(stem)?;
        for _ in 0..MAX_STEPS {
            let file = stem_at(&latest.file.src)?;
            let next = self.by_stem.get(file).filter(|next| stem_at(&next.file.src) != Some(file));
            match next {
                Some(next) => latest = next,
                None => break,
            }
        }
        Some(latest)
    }

    /// Returns the file that is shown in place of the picture with this stem; `None` if it is shown as it is.
    pub fn file_of(&self, stem: &str) -> Option<&StoredPicture> {
        let file = &self.latest(stem)?.file;
        (stem_at(&file.src) != Some(stem)).then_some(file)
    }

    /// Returns the stem of the picture whose crops are shown for the one with this stem: itself, or the last of pictures of which each is
    /// the file of the one before.
    pub fn cropped_as<'a>(&'a self, stem: &'a str) -> &'a str {
        self.latest(stem).map_or(stem, |picture| &picture.stem)
    }

    /// Returns the part of the picture at an address that is shown in a place; `None` if none was chosen.
    pub fn crop(&self, src: &str, place: CropPlace) -> Option<&StoredPicture> {
        self.crop_of(stem_at(src)?, place)
    }

    /// Returns the part of the picture with this stem that is shown in a place; `None` if none was chosen.
    pub fn crop_of(&self, stem: &str, place: CropPlace) -> Option<&StoredPicture> {
        let crops = &self.latest(stem)?.crops;
        crops.iter().find(|(cropped, _)| *cropped == place).map(|(_, part)| part)
    }

    /// Returns the file that is shown in place of another; that file itself if it was not replaced.
    pub fn current<'a>(&'a self, file: &'a StoredPicture) -> &'a StoredPicture {
        stem_at(&file.src).and_then(|stem| self.file_of(stem)).unwrap_or(file)
    }

    /// Returns the address of the file that is shown in place of the picture at an address.
    pub fn src<'a>(&'a self, src: &'a str) -> &'a str {
        let file = stem_at(src).and_then(|stem| self.file_of(stem));
        file.map_or(src, |file| file.src.as_str())
    }

    /// Returns a picture with the file that is shown in its place.
    pub fn picture<'a>(&self, picture: &'a Picture) -> Cow<'a, Picture> {
        match stem_at(&picture.src).and_then(|stem| self.file_of(stem)) {
            Some(StoredPicture { src, width, height }) => Cow::Owned(Picture {
                src: src.clone(),
                width: *width,
                height: *height,
                ..picture.clone()
            }),
            None => Cow::Borrowed(picture),
        }
    }

    /// Returns clean HTML with the files that are shown in place of its pictures, also where it links to them.
    pub fn html<'a>(&self, html: &'a str) -> Cow<'a, str> {
        let is_replaced = |stem: &&str| self.file_of(stem).is_some();
        if self.by_stem.is_empty() || !renditions::stems_in(html).iter().any(is_replaced) {
            return Cow::Borrowed(html);
        }
        let settings = RewriteStrSettings::new()
            .append_element_content_handler(element!("img[src]", |image| {
                if let Some(file) = self.at(image, "src") {
                    image.set_attribute("src", &file.src)?;
                    image.set_attribute("width", &file.width.to_string())?;
                    image.set_attribute("height", &file.height.to_string())?;
                }
                Ok(())
            }))
            .append_element_content_handler(element!("a[href]", |link| {
                if let Some(file) = self.at(link, "href") {
                    link.set_attribute("href", &file.src)?;
                }
                Ok(())
            }));
        // Clean HTML can be rewritten.
        rewrite_str(html, settings).map_or(Cow::Borrowed(html), Cow::Owned)
    }

    fn at(&self, element: &Element<'_, '_>, attribute: &str) -> Option<&StoredPicture> {
        let src = element.get_attribute(attribute)?;
        self.file_of(stem_at(&src)?)
    }

    /// Whether readers get the file with this stem: that of a picture that `is_used`, or one that they have had of it. One that is
    /// withheld is served only where such a picture is shown with it.
    pub fn serves(&self, stem: &str, is_used: impl Fn(&str) -> bool) -> bool {
        let shows = |picture: &str| is_used(picture) && self.shown_stem(picture) == stem;
        self.is_file_of(stem, shows) || (!self.is_withheld(stem) && self.is_file_of(stem, is_used))
    }

    /// The stem of the file that is shown for a picture.
    fn shown_stem<'a>(&'a self, picture: &'a str) -> &'a str {
        self.file_of(picture).and_then(|file| stem_at(&file.src)).unwrap_or(picture)
    }

    /// Whether the file with this stem is withheld as a file of some picture.
    fn is_withheld(&self, stem: &str) -> bool {
        let mut owners = self.owners(stem).iter().filter_map(|owner| self.by_stem.get(owner));
        owners.any(|owner| owner.files.iter().any(|file| file.stem == stem && file.is_withheld))
    }

    /// Whether the file with this stem is one of a picture that `is_used`, directly or as the file of another.
    fn is_file_of(&self, stem: &str, is_used: impl Fn(&str) -> bool) -> bool {
        let (mut waiting, mut known) = (vec![stem], HashSet::from([stem]));
        while let Some(stem) = waiting.pop() {
            if is_used(stem) {
                return true;
            }
            waiting.extend(
                self.owners(stem).iter().map(String::as_str).filter(|owner| known.insert(*owner)),
            );
        }
        false
    }

    /// Returns what is shown in place of a withheld file: a file for each of the pictures that have it.
    pub fn in_place_of_withheld(&self, stem: &str) -> impl Iterator<Item = &StoredPicture> {
        let owners = if self.is_withheld(stem) { self.owners(stem) } else { &[] };
        let files = owners.iter().filter_map(move |owner| {
            // A picture that is shown with its first file again is not replaced, so it has no other.
            self.file_of(owner).or_else(|| self.by_stem.get(owner).map(|picture| &picture.file))
        });
        files.filter(move |file| stem_at(&file.src).is_some_and(|now| now != stem))
    }

    fn owners(&self, stem: &str) -> &[String] {
        self.by_file.get(stem).map_or(&[], Vec::as_slice)
    }
}

/// The stem of the picture at an address, if it is one of ours.
fn stem_at(src: &str) -> Option<&str> {
    src.strip_prefix(MEDIA_PATH).map(renditions::stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> StoredPicture {
        StoredPicture { src: format!("/media/{name}"), width: 300, height: 200 }
    }

    fn replaced(stem: &str, name: &str, is_withheld: bool) -> ReplacedPicture {
        let now = renditions::stem(name).to_owned();
        let former = PublicFile { stem: stem.to_owned(), is_withheld };
        let files = vec![former, PublicFile { stem: now, is_withheld: false }];
        ReplacedPicture { stem: stem.to_owned(), file: file(name), files, crops: Vec::new() }
    }

    #[test]
    fn every_mention_shows_the_current_file() {
        let mut all = ReplacedPictures::default();
        let html = r#"<p>A</p><img src="/media/a-6x4.jpg" alt="x" width="6" height="4"><a href="/media/a-6x4.480.webp">b</a><img src="/media/c-1x1.png" alt="">"#;
        assert_eq!(all.html(html), html);
        all.update(replaced("a-6x4", "b-300x200.jpg", false));
        assert_eq!(
            all.html(html),
            r#"<p>A</p><img src="/media/b-300x200.jpg" alt="x" width="300" height="200"><a href="/media/b-300x200.jpg">b</a><img src="/media/c-1x1.png" alt="">"#
        );
        let lead =
            Picture { src: "/media/a-6x4.jpg".into(), alt: "x".into(), ..Picture::default() };
        let now = all.picture(&lead).into_owned();
        assert_eq!(
            (now.src.as_str(), now.width, now.alt.as_str()),
            ("/media/b-300x200.jpg", 300, "x")
        );
        assert_eq!(all.src("/media/c-1x1.png"), "/media/c-1x1.png");
        // Back again: it is shown as it was.
        all.update(ReplacedPicture {
            file: file("a-6x4.jpg"),
            ..replaced("a-6x4", "b-300x200.jpg", false)
        });
        assert_eq!(all.html(html), html);
    }

    #[test]
    fn a_file_that_is_replaced_itself_is_followed() {
        let mut all = ReplacedPictures::default();
        all.update(replaced("a", "b.gif", false));
        all.update(replaced("b", "c.gif", true));
        assert_eq!(all.src("/media/a.jpg"), "/media/c.gif");
        assert!(
            all.is_file_of("c", |stem| stem == "a") && !all.is_file_of("c", |stem| stem == "x")
        );
        assert!(all.is_withheld("b") && !all.is_withheld("a") && !all.is_withheld("c"));
        let both = ["/media/c.gif"; 2];
        assert!(all.in_place_of_withheld("b").map(|file| &file.src).eq(both), "for a and for b");
        assert_eq!(all.in_place_of_withheld("a").count(), 0);
        assert!(
            !all.serves("b", |stem| stem == "a" || stem == "b"),
            "both are shown with the last"
        );
        // A cycle, which the store does not make, ends.
        all.update(replaced("c", "a.gif", false));
        assert!(all.file_of("a").is_some() && !all.is_file_of("c", |_| false));
    }

    #[test]
    fn a_withheld_file_is_served_only_where_readers_see_it() {
        let mut all = ReplacedPictures::default();
        // Shown again as it was, without the file that was shown meanwhile.
        let undone = |stem: &str, by: &str| ReplacedPicture {
            stem: stem.to_owned(),
            file: file(&format!("{stem}.gif")),
            files: vec![
                PublicFile { stem: stem.to_owned(), is_withheld: false },
                PublicFile { stem: by.to_owned(), is_withheld: true },
            ],
            crops: Vec::new(),
        };
        all.update(undone("a", "b"));
        assert!(all.serves("a", |stem| stem == "a") && !all.serves("b", |stem| stem == "a"));
        assert!(all.in_place_of_withheld("b").map(|file| &file.src).eq(["/media/a.gif"]));
        // A text has it under its own name.
        assert!(all.serves("b", |stem| stem == "a" || stem == "b"));
        // Another picture is shown with it, which readers see or do not see.
        all.update(replaced("x", "b.gif", false));
        assert!(all.serves("b", |stem| stem == "a" || stem == "x"));
        assert!(!all.serves("b", |stem| stem == "a"));
        // Once that has another file as well, nobody gets it.
        all.update(replaced("b", "c.gif", true));
        assert!(!all.serves("b", |stem| ["a", "b", "x"].contains(&stem)));
    }

    #[test]
    fn crops_are_those_of_the_current_file() {
        let mut all = ReplacedPictures::default();
        let part = (CropPlace::Share, file("a.0-0-3x2.jpg"));
        let own = ReplacedPicture { file: file("a.jpg"), ..replaced("a", "b.jpg", false) };
        all.update(ReplacedPicture { crops: vec![part], ..own });
        assert_eq!(all.src("/media/a.jpg"), "/media/a.jpg", "it is shown as it is");
        let crop = |all: &ReplacedPictures, place| all.crop("/media/a.jpg", place).cloned();
        assert_eq!(crop(&all, CropPlace::Share), Some(file("a.0-0-3x2.jpg")));
        assert_eq!(crop(&all, CropPlace::Card), None);
        all.update(replaced("a", "b.jpg", false));
        assert_eq!(crop(&all, CropPlace::Share), None);
        // The file is a picture of its own that was replaced.
        let part = (CropPlace::Share, file("c.0-0-3x2.jpg"));
        all.update(ReplacedPicture { crops: vec![part], ..replaced("b", "c.jpg", false) });
        assert_eq!(crop(&all, CropPlace::Share), Some(file("c.0-0-3x2.jpg")));
        assert_eq!((all.cropped_as("a"), all.cropped_as("x")), ("b", "x"));
    }
}
