//! The publication's logo, which takes the place of the name at the top of pages: one that was uploaded, or a drawing of the theme.

use masthead_editorial::{Logo, LogoFile};
use minijinja::{Value, context};

use crate::assets::Assets;

/// The name of its file in the folder `assets` of a theme.
const FILE: &str = "logo.svg";

/// The size of a logo in emails at most, in CSS pixels.
const IN_EMAILS: (u32, u32) = (280, 48);

/// The logo for templates, with its size, so that nothing moves once it is there: the one that is set, or else that of the theme. It is
/// nothing if there is none, or if the drawing of the theme does not say its size.
pub(super) fn logo(set: Option<&Logo>, assets: &Assets) -> Value {
    let Some(Logo { light, dark }) = set else { return of_theme(assets) };
    let shown = |file: &LogoFile| {
        let (src, width, height) = (file.shown(), file.width(), file.height());
        context! { src, width, height }
    };
    let (dark, email) = (dark.as_ref().map(shown), in_emails(light));
    context! { dark, email, ..shown(light) }
}

/// The logo as emails show it; nothing for a drawing, which email programs do not show.
fn in_emails(logo: &LogoFile) -> Option<Value> {
    if logo.is_drawing() {
        return None;
    }
    let (width, height) = fit((logo.width(), logo.height()), IN_EMAILS);
    let src = logo.src();
    Some(context! { src, width, height })
}

/// The largest size with the same shape within `most`, in whole pixels. A size that fits stays.
fn fit((width, height): (u32, u32), most: (u32, u32)) -> (u32, u32) {
    let scale = (f64::from(most.0) / f64::from(width)).min(f64::from(most.1) / f64::from(height));
    let side = |side: u32| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is at most `side`"
        )]
        ((f64::from(side) * scale.min(1.0)).round().max(1.0) as u32)
    };
    (side(width), side(height))
}

fn of_theme(assets: &Assets) -> Value {
    let Some(asset) = assets.get(FILE) else { return Value::from(()) };
    let (content, _) = asset.content(crate::compression::Encoding::Identity);
    match std::str::from_utf8(content).ok().and_then(size) {
        Some((width, height)) => {
            let src = format!("/assets/{FILE}?v={}", asset.version);
            let (dark, email) = (Value::from(()), Value::from(()));
            context! { src, width, height, dark, email }
        }
        None => {
            tracing::warn!(
                "themes: assets/{FILE} is not shown, because it has no viewBox of four numbers"
            );
            Value::from(())
        }
    }
}

/// The width and height of a drawing's view box, in whole units.
fn size(svg: &str) -> Option<(u32, u32)> {
    let (_, rest) = svg.split_once("viewBox=")?;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let numbers = rest[1..].split(quote).next()?;
    let mut numbers = numbers.split([' ', ',']).filter(|number| !number.is_empty()).skip(2);
    let mut side = || numbers.next()?.parse::<f64>().ok().filter(|side| (1.0..1e6).contains(side));
    let (width, height) = (side()?, side()?);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 1 and a million"
    )]
    Some((width.round() as u32, height.round() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_keeps_its_shape_in_emails() {
        assert_eq!(fit((2000, 500), IN_EMAILS), (192, 48));
        assert_eq!(fit((2000, 100), IN_EMAILS), (280, 14));
        assert_eq!(fit((100, 20), IN_EMAILS), (100, 20));
        assert_eq!(fit((20_000, 1), IN_EMAILS), (280, 1));
    }

    #[test]
    fn the_size_is_that_of_the_view_box() {
        assert_eq!(size("<svg viewBox=\"0 0 240 48\"/>"), Some((240, 48)));
        assert_eq!(size("<svg viewBox='0,0 , 99.6,10'>"), Some((100, 10)));
        for none in
            ["<svg>", "<svg viewBox=\"0 0 240\"/>", "<svg viewBox=\"0 0 0 0\"/>", "<svg viewBox="]
        {
            assert_eq!(size(none), None, "{none}");
        }
    }
}
