//! Renders the text of a manuscript as HTML.

pub(super) fn markdown(body: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.superscript = true;
    options.extension.footnotes = true;
    options.parse.smart = true;
    // The output is sanitized afterwards.
    options.render.r#unsafe = true;
    footnotes(&comrak::markdown_to_html(body, &options))
}

/// Writes footnotes without the wrapper and the attributes that a body may not have.
fn footnotes(html: &str) -> String {
    const LIST: &str = "<section class=\"footnotes\" data-footnotes>\n<ol>";
    let Some((text, notes)) = html.split_once(LIST) else { return html.to_owned() };
    let text = text.replace("<sup class=\"footnote-ref\">", "<sup class=\"footnote\">");
    format!("{text}<ol class=\"footnotes\">{}", notes.replacen("</section>", "", 1))
}

/// Turns a picture that is alone in its paragraph into a figure, with its title as the caption.
pub(super) fn figures(html: &str) -> String {
    use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};
    let html = html
        .replace("<p><img ", "<figure><img ")
        .split("<figure>")
        .enumerate()
        .map(|(index, part)| match (index, part.find("</p>")) {
            (0, _) | (_, None) => part.to_owned(),
            (_, Some(end)) if part[..end].matches('<').count() == 1 => {
                format!("<figure>{}</figure>{}", &part[..end], &part[end + 4..])
            }
            (_, Some(_)) => format!("<p>{part}"),
        })
        .collect::<String>();
    let settings = [element!("figure > img[title]", |image| {
        let title = image.get_attribute("title").unwrap_or_default();
        image.after(&format!("<figcaption>{title}</figcaption>"), ContentType::Html);
        Ok(())
    })]
    .into_iter()
    .fold(RewriteStrSettings::new(), RewriteStrSettings::append_element_content_handler);
    rewrite_str(&html, settings).unwrap_or(html)
}
