//! The form of a front.

use masthead_editorial::{
    Front,
    fronts::{FrontBlock, ListLayout, Pick},
};
use masthead_settings::SettingsPart;

use super::fault_in_words;
use crate::{
    form::{Button, Fields},
    http::with_query,
    state::DeskState,
    words::DeskWords,
};

/// The maximum number of blocks of the home page.
const MAX_BLOCKS: usize = 24;

/// The names of the places at the top.
pub(crate) fn place_names(words: DeskWords) -> [&'static str; Front::TOP] {
    let names =
        ["fronts_place_lead", "fronts_place_second", "fronts_place_third", "fronts_place_fourth"];
    names.map(|name| words.text(name))
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrontForm {
    pub page: String,
    pub version: String,
    pub top: Vec<Place>,
    pub blocks: Vec<BlockRow>,
}

/// A block below the top: its rule, and its layout, which is empty if the theme chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockRow {
    pub pick: String,
    pub layout: String,
}

impl BlockRow {
    fn of(block: &FrontBlock) -> Self {
        let layout = block.layout.map_or("", ListLayout::name).to_owned();
        Self { pick: block.pick.to_string(), layout }
    }

    /// The block as settings have it.
    fn setting(&self) -> String {
        match self.layout.as_str() {
            "" => self.pick.clone(),
            layout => format!("{} as {layout}", self.pick),
        }
    }
}

/// What was chosen for a place, and the address that was written instead, if any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub chosen: String,
    pub address: String,
}

impl FrontForm {
    /// A front as it is now.
    pub fn in_force(desk: &DeskState, page: &str) -> Self {
        // The version first, so that the form never names a newer one than it shows.
        let version = desk.settings_version(SettingsPart::Fronts).to_string();
        let front = desk.settings().fronts.clone().into_iter().find(|front| front.page == page);
        let (top, blocks) = front.map(|front| (front.top, front.lists)).unwrap_or_default();
        let latest = std::iter::repeat(Pick::Latest);
        let place = |pick: Pick| Place { chosen: pick.to_string(), address: String::new() };
        Self {
            page: page.to_owned(),
            version,
            top: top.into_iter().chain(latest).take(Front::TOP).map(place).collect(),
            blocks: blocks.iter().map(BlockRow::of).collect(),
        }
    }

    pub fn sent(fields: &Fields) -> Self {
        let place = |index: usize| Place {
            chosen: fields.text(&format!("place-{index}")),
            address: fields.text(&format!("address-{index}")),
        };
        let block = |index: usize| {
            let name = format!("block-{index}");
            let layout = || fields.text(&format!("layout-{index}"));
            fields.has(&name).then(|| BlockRow { pick: fields.text(&name), layout: layout() })
        };
        Self {
            page: fields.text("page"),
            version: fields.text("version"),
            top: (0..Front::TOP).map(place).collect(),
            blocks: (0..MAX_BLOCKS).map_while(block).collect(),
        }
    }

    pub fn rearrange(&mut self, button: &Button) {
        let new = || BlockRow { pick: "most-read".to_owned(), layout: String::new() };
        button.rearrange(&mut self.blocks, MAX_BLOCKS, new);
    }

    /// The front of this form.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn front(&self, desk: &DeskState, words: DeskWords) -> Result<Front, String> {
        let site_address = desk.publication().address;
        let mut top = Vec::new();
        for (place, name) in self.top.iter().zip(place_names(words)) {
            let written = place.address.strip_prefix(&site_address).unwrap_or(&place.address);
            let pick = if written.is_empty() { place.chosen.as_str() } else { written };
            if pick.starts_with('/') {
                top.push(article_at(desk, pick, (name, top.is_empty()), words)?);
            } else {
                top.push(if pick.is_empty() { "latest" } else { pick }.to_owned());
            }
        }
        // Places at the end that hold the latest anyway need not be stored.
        while top.last().is_some_and(|pick| pick == "latest") {
            top.pop();
        }
        let blocks: Vec<String> = self.blocks.iter().map(BlockRow::setting).collect();
        let (top, blocks) = (top.iter().map(String::as_str), blocks.iter().map(String::as_str));
        Front::check(&self.page, top, blocks).map_err(|error| fault_in_words(desk, &error, words))
    }

    /// The address of the front as it would be.
    pub fn preview_address(&self) -> String {
        let mut pairs = vec![("page".to_owned(), self.page.clone())];
        for (index, place) in self.top.iter().enumerate() {
            let pick = if place.address.is_empty() { &place.chosen } else { &place.address };
            pairs.push((format!("place-{index}"), pick.clone()));
        }
        for (index, block) in self.blocks.iter().enumerate() {
            pairs.push((format!("block-{index}"), block.pick.clone()));
            if !block.layout.is_empty() {
                pairs.push((format!("layout-{index}"), block.layout.clone()));
            }
        }
        with_query("/desk/fronts/page", &pairs)
    }
}

/// The address of the published article that is, or was, at `address`.
fn article_at(
    desk: &DeskState,
    address: &str,
    (place, leads): (&str, bool),
    words: DeskWords,
) -> Result<String, String> {
    let article = desk.snapshot().article_at(address).ok_or_else(|| {
        words.fill("fronts_fault_article", &[("place", &place), ("address", &address)])
    })?;
    if article.is_sponsored && leads {
        return Err(words.fill("fronts_fault_sponsored", &[("headline", &article.headline)]));
    }
    Ok(article.address)
}
