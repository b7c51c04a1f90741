//! The form of a story.

use jiff::tz::TimeZone;
use masthead_editorial::{Appearance, Focus, Picture, clean::FindPicture, draft::Draft};
use masthead_web::body::BodyLimits;
use serde::{Deserialize, Serialize};

use super::local_time::{LocalTimeError, local_text, parse_local, zone_name, zone_of_form};

/// The maximum size of the form in bytes: that of a book.
pub(super) const STORY_LIMITS: BodyLimits = BodyLimits::upload(4 * 1024 * 1024);

/// The value of a choice that is made.
const YES: &str = "yes";

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct StoryForm {
    pub kind: String,
    pub design: String,
    pub section: String,
    pub kicker: String,
    pub headline: String,
    pub deck: String,
    /// Names separated by commas.
    pub authors: String,
    pub dateline: String,
    pub picture: String,
    pub picture_alt: String,
    pub picture_caption: String,
    pub picture_credit: String,
    /// The focus of the picture in percent from the left and from above; empty for the middle.
    pub picture_across: String,
    pub picture_down: String,
    pub body: String,
    /// Names separated by commas.
    pub topics: String,
    pub tier: String,
    pub sponsor: String,
    pub disclosure: String,
    pub slug: String,
    pub search_title: String,
    pub search_description: String,
    pub social_title: String,
    pub social_description: String,
    pub social_picture: String,
    /// The address that search engines should prefer, if it is on another site.
    pub canonical: String,
    /// `yes` to ask search engines not to list it.
    pub noindex: String,
    /// In the time zone of the form.
    pub embargo: String,
    /// The name of the time zone of the form: the publication's may have changed since an editor was opened.
    pub time_zone: String,
}

impl StoryForm {
    pub fn of(draft: &Draft, zone: &TimeZone) -> Self {
        let picture = draft.picture.clone().unwrap_or_default();
        let appearance = draft.appearance.clone();
        Self {
            kind: draft.kind.clone(),
            design: draft.design.clone(),
            section: draft.section.clone(),
            kicker: draft.kicker.clone(),
            headline: draft.headline.clone(),
            deck: draft.deck.clone(),
            authors: draft.authors.join(", "),
            dateline: draft.dateline.clone(),
            picture: picture.src,
            picture_alt: picture.alt,
            picture_caption: picture.caption,
            picture_credit: picture.credit,
            picture_across: picture.focus.map(|f| f.across.to_string()).unwrap_or_default(),
            picture_down: picture.focus.map(|f| f.down.to_string()).unwrap_or_default(),
            body: draft.body.clone(),
            topics: draft.topics.join(", "),
            tier: draft.tier.clone(),
            sponsor: draft.sponsor.clone(),
            disclosure: draft.disclosure.clone(),
            slug: draft.slug.clone(),
            search_title: appearance.search_title,
            search_description: appearance.search_description,
            social_title: appearance.social_title,
            social_description: appearance.social_description,
            social_picture: appearance.social_picture,
            canonical: draft.canonical.clone().unwrap_or_default(),
            noindex: if appearance.noindex { YES.to_owned() } else { String::new() },
            embargo: draft.embargo.map(|at| local_text(at, zone)).unwrap_or_default(),
            time_zone: zone_name(zone),
        }
    }

    /// The cleaned draft of this form. If the embargo is not a time, also returns why, and what was
    /// sent; the draft is then without it.
    pub fn draft(
        self,
        zone: &TimeZone,
        find: &FindPicture<'_>,
    ) -> (Draft, Option<(LocalTimeError, String)>) {
        let zone = zone_of_form(&self.time_zone, zone);
        let (embargo, fault) = match self.embargo.trim() {
            "" => (None, None),
            text => match parse_local(text, &zone) {
                Ok(at) => (Some(at), None),
                Err(error) => (None, Some((error, text.to_owned()))),
            },
        };
        let names = |text: &str| text.split(',').map(str::to_owned).collect();
        let percent = |text: &str| text.trim().parse().ok().filter(|percent| *percent <= 100);
        let focus = percent(&self.picture_across)
            .zip(percent(&self.picture_down))
            .map(|(across, down)| Focus { across, down });
        let picture = Picture {
            focus,
            src: self.picture,
            alt: self.picture_alt,
            caption: self.picture_caption,
            credit: self.picture_credit,
            ..Picture::default()
        };
        let appearance = Appearance {
            search_title: self.search_title,
            search_description: self.search_description,
            social_title: self.social_title,
            social_description: self.social_description,
            social_picture: self.social_picture,
            noindex: self.noindex == YES,
        };
        let canonical = Some(self.canonical.trim().to_owned()).filter(|text| !text.is_empty());
        let draft = Draft {
            kind: self.kind,
            design: self.design,
            section: self.section,
            kicker: self.kicker,
            headline: self.headline,
            deck: self.deck,
            authors: names(&self.authors),
            dateline: self.dateline,
            picture: (!picture.src.is_empty()).then_some(picture),
            body: self.body,
            topics: names(&self.topics),
            tier: self.tier,
            sponsor: self.sponsor,
            disclosure: self.disclosure,
            slug: self.slug,
            appearance,
            canonical,
            embargo,
        };
        (draft.cleaned(find), fault)
    }
}
