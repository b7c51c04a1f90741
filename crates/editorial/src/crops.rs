//! Crops: the part of a picture that is shown in a place of another shape.
//!
//! To add a place: a variant of [`CropPlace`] with its shape, its words at the desk, and where the layout asks for it
//! (`publication::layout`).

/// A place where pictures are cropped to one shape.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum CropPlace {
    /// On fronts and in lists.
    Card,
    /// On fronts and in lists where it is small, and as a portrait.
    Square,
    /// Where the link of an article is shared.
    Share,
}

impl CropPlace {
    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Its proportions: width and height.
    pub fn shape(self) -> (u32, u32) {
        match self {
            Self::Card => (3, 2),
            Self::Square => (1, 1),
            Self::Share => (191, 100),
        }
    }
}

/// A part of a picture. Its height follows from the shape of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    /// The distance from the left, in thousandths of the picture's width.
    pub left: u16,
    /// The distance from the top, in thousandths of the picture's height.
    pub top: u16,
    /// The width, in thousandths of the picture's.
    pub width: u16,
}

/// A part of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelRect {
    /// The distance from the left.
    pub x: u32,
    /// The distance from the top.
    pub y: u32,
    /// The width, at least 1.
    pub width: u32,
    /// The height, at least 1.
    pub height: u32,
}

impl Crop {
    /// Returns the largest crop for a place in a picture of this size, from its middle.
    pub fn largest(place: CropPlace, (width, height): (u32, u32)) -> Self {
        let (across, down) = place.shape();
        let (width, height) = (u64::from(width.max(1)), u64::from(height.max(1)));
        // The width that a crop of the whole height has.
        let fitting = 1000 * height * u64::from(across) / (width * u64::from(down));
        let part = fitting.clamp(1, 1000);
        let tall = (part * width * u64::from(down) / (height * u64::from(across))).min(1000);
        let middle = |part: u64| thousandths((1000 - part) / 2);
        Self { left: middle(part), top: middle(tall), width: thousandths(part) }
    }

    /// Returns the part of a picture of this size, or `None` if the crop is not within it.
    pub fn pixels(self, place: CropPlace, (width, height): (u32, u32)) -> Option<PixelRect> {
        let (across, down) = place.shape();
        let of = |part: u16, whole: u32| (u64::from(part) * u64::from(whole) + 500) / 1000;
        let part = of(self.width, width).max(1);
        let tall = (part * u64::from(down) / u64::from(across)).max(1);
        // A thousandth is less than what is seen, so rounding is no fault.
        let start = |place: u16, part: u64, whole: u32| {
            let (start, whole) = (of(place, whole), u64::from(whole));
            let fits = part <= whole && start + part <= whole + whole / 500 + 1;
            fits.then(|| start.min(whole - part))
        };
        let pixels = |number: u64| u32::try_from(number).ok();
        Some(PixelRect {
            x: pixels(start(self.left, part, width)?)?,
            y: pixels(start(self.top, tall, height)?)?,
            width: pixels(part)?,
            height: pixels(tall)?,
        })
    }
}

fn thousandths(number: u64) -> u16 {
    u16::try_from(number.min(1000)).unwrap_or(1000)
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn the_largest_crop_is_as_wide_or_as_tall_as_the_picture() {
        let square = Crop::largest(CropPlace::Square, (1000, 500));
        assert_eq!(square, Crop { left: 250, top: 0, width: 500 });
        let card = Crop::largest(CropPlace::Card, (600, 800));
        assert_eq!(card, Crop { left: 0, top: 250, width: 1000 });
        for size in [(1, 1), (3, 4000), (2400, 1), (0, 0), (1601, 1067)] {
            for place in CropPlace::VARIANTS {
                let crop = Crop::largest(*place, size);
                let (width, height) = (size.0.max(1), size.1.max(1));
                // A picture that is too flat or too narrow for a place has no crop for it.
                if let Some(part) = crop.pixels(*place, (width, height)) {
                    assert!(
                        part.x + part.width <= width && part.y + part.height <= height,
                        "{size:?} {part:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_crop_is_within_the_picture_and_has_the_shape_of_its_place() {
        let crop = Crop { left: 100, top: 200, width: 500 };
        let part = crop.pixels(CropPlace::Card, (1600, 1000)).expect("within");
        assert_eq!(part, PixelRect { x: 160, y: 200, width: 800, height: 533 });
        assert_eq!(crop.pixels(CropPlace::Square, (1600, 900)), None, "it is too tall");
        let outside = Crop { left: 600, ..crop };
        assert_eq!(outside.pixels(CropPlace::Card, (1600, 1000)), None);
        let whole = Crop { left: 0, top: 0, width: 1000 };
        assert!(whole.pixels(CropPlace::Card, (1599, 1066)).is_some(), "it is rounded");
    }
}
