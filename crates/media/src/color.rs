//! Conversion of pictures to sRGB, the colours of files without a profile: stored pictures have none.

use image::RgbaImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

/// The maximum size of a colour profile, in bytes. Those of cameras and displays take less than a kilobyte, those of printers
/// some megabytes. The colours of a file with a larger one stay as they are.
pub(crate) const MAX_PROFILE: usize = 4 * 1024 * 1024;

/// Bytes of a pixel.
const PIXEL: usize = 4;

/// Converts the colours of a picture to sRGB from those of its profile (ICC.1:2022). A profile that is broken, or is not one of RGB or
/// grey pictures, changes nothing: decoders have converted CMYK already. Neither does one of grey pictures if the picture has colour.
pub(crate) fn convert_to_srgb(picture: &mut RgbaImage, profile: &[u8], has_color: bool) {
    if profile.len() > MAX_PROFILE {
        return;
    }
    let Ok(profile) = ColorProfile::new_from_slice(profile) else { return };
    let srgb = ColorProfile::new_srgb();
    let layout = match profile.color_space {
        DataColorSpace::Rgb => Layout::Rgba,
        DataColorSpace::Gray if !has_color => Layout::Gray,
        _ => return,
    };
    let options = TransformOptions::default();
    let transform = profile.create_transform_8bit(layout, &srgb, Layout::Rgba, options);
    let Ok(transform) = transform else { return };
    if layout == Layout::Gray {
        convert_gray(picture, &*transform);
    } else {
        convert_rows(picture, &*transform);
    }
}

/// Converts row by row, so that it takes little memory.
fn convert_rows(picture: &mut RgbaImage, transform: &dyn TransformExecutor<u8>) {
    let length = picture.width() as usize * PIXEL;
    let mut converted = vec![0; length];
    for row in picture.chunks_exact_mut(length) {
        if transform.transform(row, &mut converted).is_ok() {
            row.copy_from_slice(&converted);
        }
    }
}

/// Converts the pixels of a grey picture, all of which have a red that is also their green and blue.
fn convert_gray(picture: &mut RgbaImage, transform: &dyn TransformExecutor<u8>) {
    let levels: Vec<u8> = (0..=u8::MAX).collect();
    let mut converted = vec![0; levels.len() * PIXEL];
    if transform.transform(&levels, &mut converted).is_err() {
        return;
    }
    for pixel in picture.pixels_mut() {
        let at = usize::from(pixel.0[0]) * PIXEL;
        pixel.0[..3].copy_from_slice(&converted[at..at + 3]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(pixel: [u8; 4], profile: &[u8]) -> [u8; 4] {
        let mut picture = RgbaImage::from_pixel(3, 2, image::Rgba(pixel));
        let has_color = pixel[0] != pixel[1] || pixel[1] != pixel[2];
        convert_to_srgb(&mut picture, profile, has_color);
        assert!(picture.pixels().all(|other| other == picture.get_pixel(0, 0)));
        picture.get_pixel(0, 0).0
    }

    fn encoded(profile: &ColorProfile) -> Vec<u8> {
        profile.encode().expect("a profile")
    }

    /// Whether no channel differs by more than one, which is less than ΔE 1.
    fn is_near(one: [u8; 4], other: [u8; 4]) -> bool {
        one.iter().zip(other).all(|(one, other)| one.abs_diff(other) <= 1)
    }

    #[test]
    fn colours_become_those_of_srgb() {
        let p3 = encoded(&ColorProfile::new_display_p3());
        let adobe = encoded(&ColorProfile::new_adobe_rgb());
        for (pixel, profile, shown) in [
            ([200, 70, 60, 255], &p3, [217, 56, 51, 255]),
            ([200, 70, 60, 9], &p3, [217, 56, 51, 9]),
            ([170, 60, 60, 255], &adobe, [197, 57, 57, 255]),
            ([255, 255, 255, 255], &p3, [255, 255, 255, 255]),
            ([0, 0, 0, 255], &adobe, [0, 0, 0, 255]),
        ] {
            let stored = converted(pixel, profile);
            assert!(is_near(stored, shown), "{stored:?} is not {shown:?}");
        }
    }

    #[test]
    fn greys_with_another_gamma_become_those_of_srgb() {
        let linear = encoded(&ColorProfile::new_gray_with_gamma(1.0));
        let stored = converted([55, 55, 55, 255], &linear);
        assert!(is_near(stored, [128, 128, 128, 255]), "{stored:?}");
        let colored = [200, 70, 60, 255];
        assert_eq!(converted(colored, &linear), colored, "it has colour");
    }

    #[test]
    fn a_profile_that_cannot_be_used_changes_nothing() {
        let pixel = [10, 20, 30, 255];
        let srgb = encoded(&ColorProfile::new_srgb());
        for profile in [&b""[..], b"no profile", &srgb[..srgb.len() / 2], &vec![0; MAX_PROFILE + 1]]
        {
            assert_eq!(converted(pixel, profile), pixel);
        }
        assert!(is_near(converted(pixel, &srgb), pixel));
    }
}
