//! The publication's logo: a drawing that a theme may have, which takes the place of the name at the top of pages.

use minijinja::{Value, context};

use crate::assets::Assets;

/// The name of its file in the folder `assets` of a theme.
const FILE: &str = "logo.svg";

/// The logo for templates, with its size, so that nothing moves once it is there. It is nothing if the theme has none, or if
/// the drawing does not say its size.
pub(super) fn logo(assets: &Assets) -> Value {
    let Some(asset) = assets.get(FILE) else { return Value::from(()) };
    let (content, _) = asset.content(crate::compression::Encoding::Identity);
    match std::str::from_utf8(content).ok().and_then(size) {
        Some((width, height)) => {
            let src = format!("/assets/{FILE}?v={}", asset.version);
            context! { src, width, height }
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
