//! The logo of the publication: a picture of the media library in place of the name.

use std::{fmt, str::FromStr};

use crate::renditions::{rendition, size, stem, widths};

/// The path below which pictures are served.
const MEDIA_PATH: &str = "/media/";
/// The formats of logos, as the endings of their names.
const ENDINGS: [&str; 3] = ["svg", "png", "jpg"];
/// The largest height in which pages show it, in CSS pixels; screens may have twice as many.
const SHOWN_HEIGHT: u32 = 104;

/// The logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// On light pages, and on dark ones if they have none of their own.
    pub light: LogoFile,
    /// On dark pages.
    pub dark: Option<LogoFile>,
}

impl Logo {
    /// Whether it has the picture with this file name, or one of its sizes.
    pub fn has(&self, name: &str) -> bool {
        let is_it = |file: &LogoFile| stem(file.name()) == stem(name);
        is_it(&self.light) || self.dark.as_ref().is_some_and(is_it)
    }
}

/// A picture whose name has its size, so that pages reserve its place. Its text is its address.
///
/// ```
/// use masthead_editorial::logo::LogoFile;
///
/// let logo: LogoFile = "/media/5f-240x48.svg".parse().unwrap();
/// assert_eq!((logo.width(), logo.height()), (240, 48));
/// assert!("/media/boat.gif".parse::<LogoFile>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoFile {
    src: String,
    size: (u32, u32),
}

/// The error for an address that is not that of a logo.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not the address of a logo; upload one at Appearance in the newsroom, which names it like /media/…-240x48.svg"
)]
pub struct ParseLogoError(String);

impl LogoFile {
    /// The maximum width and height, in pixels or in units of a drawing.
    pub const MAX_SIDE: u32 = 20_000;

    /// Its address.
    pub fn src(&self) -> &str {
        &self.src
    }

    /// The name of its file.
    pub fn name(&self) -> &str {
        self.src.strip_prefix(MEDIA_PATH).unwrap_or(&self.src)
    }

    /// Its width, in pixels or in units of a drawing.
    pub fn width(&self) -> u32 {
        self.size.0
    }

    /// Its height, in pixels or in units of a drawing.
    pub fn height(&self) -> u32 {
        self.size.1
    }

    /// Whether it is a drawing, which email programs do not show.
    pub fn is_drawing(&self) -> bool {
        self.src.rsplit('.').next() == Some("svg")
    }

    /// The address of the smallest file that is sharp on pages.
    pub fn shown(&self) -> String {
        format!("{MEDIA_PATH}{}", self.shown_name())
    }

    /// The name of that file.
    pub fn shown_name(&self) -> String {
        if self.is_drawing() {
            return self.name().to_owned();
        }
        let (width, height) = self.size;
        let is_sharp = |other: u32| {
            u64::from(other) * u64::from(height) >= u64::from(2 * SHOWN_HEIGHT) * u64::from(width)
        };
        let enough = widths(width).find(|other| is_sharp(*other)).unwrap_or(width);
        rendition(self.name(), enough, "webp")
    }
}

impl FromStr for LogoFile {
    type Err = ParseLogoError;

    fn from_str(src: &str) -> Result<Self, ParseLogoError> {
        let error = || ParseLogoError(src.to_owned());
        let name = src.strip_prefix(MEDIA_PATH).ok_or_else(error)?;
        let ending = name.rsplit('.').next().unwrap_or_default();
        let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
        let has_size = |side: u32| (1..=Self::MAX_SIDE).contains(&side);
        match size(name) {
            Some(size @ (width, height))
                if is_plain
                    && name.split('.').count() == 2
                    && ENDINGS.contains(&ending)
                    && has_size(width)
                    && has_size(height) =>
            {
                Ok(Self { src: src.to_owned(), size })
            }
            _ => Err(error()),
        }
    }
}

impl fmt::Display for LogoFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.src)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logo(src: &str) -> LogoFile {
        src.parse().expect(src)
    }

    #[test]
    fn a_logo_is_shown_in_the_smallest_size_that_is_sharp() {
        assert_eq!(logo("/media/5f-2000x1000.png").shown(), "/media/5f-2000x1000.480.webp");
        assert_eq!(logo("/media/5f-2000x250.png").shown(), "/media/5f-2000x250.2000.webp");
        assert_eq!(logo("/media/5f-300x60.jpg").shown(), "/media/5f-300x60.300.webp");
        assert_eq!(logo("/media/5f-240x48.svg").shown(), "/media/5f-240x48.svg");
    }

    #[test]
    fn only_pictures_with_a_size_in_their_name_are_logos() {
        for wrong in [
            "",
            "5f-240x48.svg",
            "/media/5f.svg",
            "/media/5f-240x48.gif",
            "/media/5f-240x48.480.webp",
            "/media/5f-0x48.png",
            "/media/5f-99999x48.png",
            "/media/../5f-240x48.svg",
            "/media/\"5f-240x48.svg",
            "https://example.org/media/5f-240x48.svg",
        ] {
            assert_eq!(wrong.parse::<LogoFile>(), Err(ParseLogoError(wrong.into())));
        }
    }

    #[test]
    fn all_sizes_of_its_pictures_belong_to_a_logo() {
        let dark = Some(logo("/media/6a-300x60.png"));
        let logo = Logo { light: logo("/media/5f-300x60.png"), dark };
        for name in ["5f-300x60.png", "5f-300x60.300.webp", "6a-300x60.300.avif"] {
            assert!(logo.has(name), "{name}");
        }
        assert!(!logo.has("7b-300x60.png"));
    }
}
