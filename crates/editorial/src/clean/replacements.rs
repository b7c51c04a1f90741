//! Replaces what a body may not have but whose meaning can be kept.

use std::cell::RefCell;

use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};

use super::{
    FindPicture, StoredPicture,
    allowed::BOXES,
    anchors::Anchors,
    objects::{is_address, opened},
};
use crate::import::{Changes, MISSING_PICTURE};

/// Returns `html` with pictures, embeds and headings as they may be in a body.
pub(super) fn rewrite(html: &str, find_picture: &FindPicture<'_>, changes: &mut Changes) -> String {
    let changes = RefCell::new(changes);
    let anchors = Anchors::of(html);
    let settings = [
        element!("[id], a[name]", |element| {
            let name = element.get_attribute("id").or_else(|| element.get_attribute("name"));
            match name.and_then(|name| anchors.target(&name)) {
                Some(name) => element.set_attribute("id", &name)?,
                None => element.remove_attribute("id"),
            }
            Ok(())
        }),
        element!("a[href^='#']", |element| {
            let address = element.get_attribute("href").unwrap_or_default();
            if let Some(address) = Anchors::link(&address) {
                element.set_attribute("href", &address)?;
            }
            Ok(())
        }),
        element!("script, style, form, input, button, select, textarea", |element| {
            changes.borrow_mut().count(format!("<{}> removed", element.tag_name()));
            element.remove();
            Ok(())
        }),
        element!("aside", |element| {
            let classes = element.get_attribute("class").unwrap_or_default();
            if !classes.split_ascii_whitespace().any(|class| BOXES.contains(&class)) {
                element.before("\n", ContentType::Html);
                element.after("\n", ContentType::Html);
                element.remove_and_keep_content();
            }
            Ok(())
        }),
        element!("h1", |element| element.set_tag_name("h2").map_err(Into::into)),
        element!("iframe, embed, object, video, audio", |element| {
            let name = element.tag_name();
            let source = element.get_attribute("src").or_else(|| element.get_attribute("data"));
            match source.filter(|source| is_address(source)) {
                Some(source) => {
                    changes.borrow_mut().count(format!("<{name}> replaced by a card"));
                    element.replace(&card(&source), ContentType::Html);
                }
                None => {
                    changes.borrow_mut().count(format!("<{name}> removed"));
                    element.remove();
                }
            }
            Ok(())
        }),
        element!("img", |element| {
            let src = element.get_attribute("src").unwrap_or_default();
            let alt = element.get_attribute("alt").unwrap_or_default();
            match find_picture(&src) {
                Some(picture) => {
                    element.replace(&picture_tag(&picture, &alt), ContentType::Html);
                }
                None => {
                    changes.borrow_mut().count(MISSING_PICTURE);
                    element.replace(&picture_link(&src, &alt), ContentType::Html);
                }
            }
            Ok(())
        }),
    ]
    .into_iter()
    .fold(RewriteStrSettings::new(), RewriteStrSettings::append_element_content_handler);
    // If rewriting fails, the allow-list below removes what is unsafe.
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

fn picture_tag(picture: &StoredPicture, alt: &str) -> String {
    let mut tag = format!(
        "<img src=\"{}\" alt=\"{}\" loading=\"lazy\" decoding=\"async\"",
        html_escape::encode_double_quoted_attribute(&picture.src),
        // The attribute value still contains entities.
        html_escape::encode_double_quoted_attribute(&html_escape::decode_html_entities(alt)),
    );
    if picture.width > 0 && picture.height > 0 {
        tag.push_str(&format!(" width=\"{}\" height=\"{}\"", picture.width, picture.height));
    }
    tag.push('>');
    tag
}

/// The replacement for a picture that is not available: an inline link.
fn picture_link(src: &str, alt: &str) -> String {
    if !src.starts_with("http://") && !src.starts_with("https://") {
        return String::new();
    }
    let alt = html_escape::decode_html_entities(alt);
    let name = src.rsplit('/').next().unwrap_or(src);
    let label = if alt.trim().is_empty() { name } else { alt.trim() };
    format!(
        "<a href=\"{}\">Picture: {}</a>",
        html_escape::encode_double_quoted_attribute(&html_escape::decode_html_entities(src)),
        html_escape::encode_text(label),
    )
}

/// The replacement for an embed: a link. Nothing is requested from the other site until the reader
/// follows it.
fn card(source: &str) -> String {
    let source = opened(&html_escape::decode_html_entities(source));
    let host = source.split('/').nth(2).unwrap_or("another site").trim_start_matches("www.");
    format!(
        "<figure class=\"embed\"><a href=\"{}\">See this on {}</a></figure>",
        html_escape::encode_double_quoted_attribute(&source),
        html_escape::encode_text(host),
    )
}
