//! The form with the crops of a picture: for each place, whether a part was chosen, and which, in percent of the picture.

use masthead_editorial::crops::{Crop, CropPlace};
use masthead_store::PictureCrop;
use serde::Serialize;
use strum::VariantArray as _;

use crate::{form::Fields, words::DeskWords};

/// The crop for a place, as it is entered.
#[derive(Clone, Serialize)]
pub(super) struct PlaceForm {
    #[serde(skip)]
    pub place: CropPlace,
    /// The end of the names of its fields.
    pub name: &'static str,
    pub label: &'static str,
    /// Width and height of its shape.
    pub shape: (u32, u32),
    pub is_cropped: bool,
    pub left: String,
    pub top: String,
    pub width: String,
    /// What somebody else has stored since the form was opened; empty if that is the same.
    pub stored: String,
}

impl PlaceForm {
    /// The crops that are stored, and for other places the largest part in a picture of this size.
    pub fn all(stored: &[PictureCrop], size: (u32, u32), words: DeskWords) -> Vec<Self> {
        let form = |place: &CropPlace| {
            let known = stored.iter().find(|crop| crop.place == *place).map(|crop| crop.crop);
            let crop = known.unwrap_or_else(|| Crop::largest(*place, size));
            Self {
                place: *place,
                name: place.name(),
                label: words.text(label(*place)),
                shape: place.shape(),
                is_cropped: known.is_some(),
                left: percent(crop.left),
                top: percent(crop.top),
                width: percent(crop.width),
                stored: String::new(),
            }
        };
        CropPlace::VARIANTS.iter().map(form).collect()
    }

    /// The same with what was sent. The numbers of a place without a crop stay as they are.
    pub fn sent(self, fields: &Fields) -> Self {
        if !fields.has(&format!("own-{}", self.name)) {
            return Self { is_cropped: false, ..self };
        }
        let text = |field: &str| fields.text(&format!("{field}-{}", self.name));
        let (left, top, width) = (text("left"), text("top"), text("width"));
        Self { is_cropped: true, left, top, width, ..self }
    }

    /// The same, which was sent, with what is stored if that differs.
    pub fn beside(self, stored: &Self, words: DeskWords) -> Self {
        let numbers = |place: &Self| {
            let read = [&place.left, &place.top, &place.width].map(|text| thousandths(text));
            place.is_cropped.then_some(read)
        };
        if numbers(&self) == numbers(stored) {
            return self;
        }
        let said = if stored.is_cropped {
            let Self { left, top, width, .. } = stored;
            words.fill("crops_stored", &[("left", left), ("top", top), ("width", width)])
        } else {
            words.text("crops_stored_none").to_owned()
        };
        Self { stored: said, ..self }
    }

    /// The crop in a picture of this size, or the name of the word for what is wrong with it.
    pub fn crop(&self, size: (u32, u32)) -> Result<Crop, &'static str> {
        let read = || {
            let (left, top) = (thousandths(&self.left)?, thousandths(&self.top)?);
            let width = thousandths(&self.width).filter(|width| *width > 0)?;
            Some(Crop { left, top, width })
        };
        let crop = read().ok_or("crops_fault_number")?;
        crop.pixels(self.place, size).map(|_| crop).ok_or("crops_fault_outside")
    }
}

/// The name of the word for a place.
fn label(place: CropPlace) -> &'static str {
    match place {
        CropPlace::Card => "crop_card",
        CropPlace::Square => "crop_square",
        CropPlace::Share => "crop_share",
    }
}

fn percent(thousandths: u16) -> String {
    format!("{}.{}", thousandths / 10, thousandths % 10)
}

/// The thousandths in a percentage between 0 and 100, of which the first decimal counts.
fn thousandths(percent: &str) -> Option<u16> {
    let percent = percent.replace(',', ".");
    let (whole, part) = percent.split_once('.').unwrap_or((percent.as_str(), "0"));
    let tenth: u16 = part.get(..1)?.parse().ok()?;
    let thousandths = whole.parse::<u16>().ok()?.checked_mul(10)?.checked_add(tenth)?;
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    impl PlaceForm {
        /// One with a crop, and one without.
        pub fn samples() -> Vec<Self> {
            let form = |place: CropPlace, is_cropped| Self {
                place,
                name: place.name(),
                label: "",
                shape: place.shape(),
                is_cropped,
                left: String::new(),
                top: String::new(),
                width: String::new(),
                stored: if is_cropped { String::new() } else { "Stored".into() },
            };
            vec![form(CropPlace::Card, true), form(CropPlace::Share, false)]
        }
    }

    #[test]
    fn percentages_have_one_decimal() {
        for (text, number) in [("12.5", 125), ("0", 0), ("100", 1000), ("33,3", 333), ("7.19", 71)]
        {
            assert_eq!(thousandths(text), Some(number), "{text}");
        }
        for wrong in ["", "a", "100.1", "-1", "1.x", "99999", "1.", "1.é"] {
            assert_eq!(thousandths(wrong), None, "{wrong}");
        }
        assert_eq!(percent(125), "12.5");
    }
}
