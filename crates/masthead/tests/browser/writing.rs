//! The page on which an article is written: what is on the first screen, the menu of blocks, the blocks themselves, finding
//! and replacing, and the panel with the details.

use crate::{
    account::look,
    editor::{at_a_new_article, saved_text},
    newsroom::TEXT,
    visitor::{DESKTOP, PHONE, Visitor},
    workshop::Workshop,
};

/// Writes into the text, from its beginning.
async fn in_the_text(visitor: &Visitor) {
    visitor.click(TEXT).await.wait_until("document.activeElement.matches('.ProseMirror')").await;
}

/// Puts a block into the empty line that the cursor is in, with the menu.
async fn add(visitor: &Visitor, typed: &str, name: &str) {
    visitor.go_on("/").await.wait_until("!document.querySelector('#blocks').hidden").await;
    visitor.go_on(typed).await;
    let chosen = format!(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent === '{name}'"
    );
    visitor.wait_until(&chosen).await.press("Enter").await;
    visitor.wait_until("document.querySelector('#blocks').hidden").await;
}

#[tokio::test]
async fn the_page_is_nothing_but_the_page_and_the_text_is_on_the_first_screen() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_a_new_article(&workshop, &server).await;
    let mut faults = Vec::new();
    // The keys lead from the headline to the text.
    bob.wait_until("document.activeElement.id === 'headline'").await;
    bob.go_on("The last ferry").await.press("Enter").await.go_on("It left at nine.").await;
    bob.press("Enter").await.go_on("The harbour was empty.").await;
    assert_eq!(saved_text(&bob).await, "<p>The harbour was empty.</p>");
    let counted = "document.querySelector('#count').textContent.startsWith('4 words')";
    bob.wait_until(counted).await;
    look(&bob, "desk-writing", &mut faults).await;
    let is_shown = "(() => { const text = document.querySelector('.ProseMirror p').getBoundingClientRect(); \
                    const tools = [...document.querySelectorAll('.tools button')].filter((tool) => !tool.hidden).map((tool) => tool.offsetTop); \
                    return text.bottom < innerHeight / 2 && new Set(tools).size === 1; })()";
    for size in [DESKTOP, (1280, 900), PHONE] {
        assert!(bob.resize(size).await.ask::<bool>(is_shown).await, "{size:?}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}

#[tokio::test]
async fn the_menu_of_blocks_is_used_with_the_keyboard() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_a_new_article(&workshop, &server).await;
    let mut faults = Vec::new();
    in_the_text(&bob).await;
    bob.go_on("/").await.wait_until("!document.querySelector('#blocks').hidden").await;
    let chosen = "document.querySelector('#blocks [aria-selected=true]').textContent";
    assert_eq!(bob.ask::<String>(chosen).await, "Picture");
    look(&bob, "desk-writing-menu", &mut faults).await;
    bob.press("ArrowDown").await.press("ArrowDown").await;
    bob.wait_until(&format!("{chosen} === 'Quote'")).await;
    // What is no block closes it, and stays.
    bob.press("Escape").await.wait_until("document.querySelector('#blocks').hidden").await;
    bob.go_on(" and so on").await;
    assert_eq!(saved_text(&bob).await, "<p>/ and so on</p>");
    bob.press("Enter").await;
    add(&bob, "numb", "Numbers").await;
    bob.go_on("First").await;
    assert_eq!(saved_text(&bob).await, "<p>/ and so on</p>\n<ol><li>First</li></ol>");
    // In a line with words a slash is a slash; beside an empty one is the button that opens the same menu.
    bob.press("Enter").await.press("Enter").await.go_on("Either/or").await.press("Enter").await;
    assert!(bob.ask::<bool>("document.querySelector('#blocks').hidden").await);
    bob.click(".plus").await.wait_until("!document.querySelector('#blocks').hidden").await;
    bob.go_on("div").await.press("Enter").await.go_on("Below.").await;
    let saved = saved_text(&bob).await;
    assert!(saved.ends_with("<p>Either/or</p>\n<hr>\n<p>Below.</p>"), "{saved}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}

#[tokio::test]
async fn each_block_is_put_in_saved_and_there_again_after_a_reload() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_a_new_article(&workshop, &server).await;
    let mut faults = Vec::new();
    in_the_text(&bob).await;
    add(&bob, "sub", "Subheading").await;
    bob.go_on("Head").await.press("Enter").await;
    add(&bob, "fact", "Fact box").await;
    bob.go_on("The bridge").await.press("ArrowDown").await.go_on("Old").await;
    bob.press("ArrowDown").await;
    add(&bob, "pull", "Pull quote").await;
    bob.go_on("Said large").await.press("ArrowDown").await;
    add(&bob, "rela", "Related article").await;
    bob.write("#asked-article", "/news/ferries").await.write("#asked-text", "Ferries").await;
    bob.press("Enter").await.wait_for(TEXT, "Ferries").await;
    bob.go_on("With a note").await.click("[aria-label=Footnote]").await;
    bob.go_on("The note").await.press("Enter").await.go_on(" and on.").await.press("Enter").await;
    add(&bob, "tab", "Table").await;
    bob.go_on("Year").await.press("ArrowDown").await.press("ArrowDown").await;
    bob.press("ArrowDown").await;
    add(&bob, "emb", "Embed").await;
    bob.write("#asked-href", "https://vimeo.com/1").await.press("Enter").await;
    bob.wait_for(TEXT, "Card for vimeo.com").await;
    let saved = saved_text(&bob).await;
    for block in [
        "<h2>Head</h2>",
        "<aside class=\"fact\" role=\"note\"><h2>The bridge</h2><p>Old</p></aside>",
        "<blockquote class=\"pullquote\"><p>Said large</p></blockquote>",
        "<aside class=\"related\" role=\"note\"><p><a href=\"/news/ferries\" rel=\"noopener\">Ferries</a></p></aside>",
        "<th>Year</th>",
        "<figure class=\"embed\"><a href=\"https://vimeo.com/1\" rel=\"noopener\">",
    ] {
        assert!(saved.contains(block), "{block} is not in {saved}");
    }
    let (text, notes) = saved.split_once("<ol class=\"footnotes\">").expect("notes");
    assert!(text.contains("<p>With a note<sup class=\"footnote\"><a href=\"#fn-"), "{text}");
    assert!(text.contains("1</a></sup> and on.</p>"), "{text}");
    assert!(notes.contains(">The note <a href=\"#fnref-"), "{notes}");
    bob.go("/desk/articles/1").await.wait_for(".ProseMirror .footnotes", "The note").await;
    bob.click(".ProseMirror th:nth-child(2)").await.go_on("Ships").await;
    bob.click(".ProseMirror th:nth-child(3)").await.go_on("Cargo").await;
    let saved = saved_text(&bob).await;
    look(&bob, "desk-writing-blocks", &mut faults).await;
    bob.click(".ProseMirror h2").await.press("End").await.go_on("s").await;
    assert_eq!(saved_text(&bob).await, saved.replacen("Head", "Heads", 1));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}

#[tokio::test]
async fn a_gallery_holds_several_pictures() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_a_new_article(&workshop, &server).await;
    let mut faults = Vec::new();
    // The dialog of the system, which nobody would close, does not open.
    bob.ask::<bool>("(HTMLInputElement.prototype.click = () => {}, true)").await;
    bob.write(TEXT, "Before.").await.press("Enter").await;
    add(&bob, "gal", "Gallery").await;
    let choose = "Promise.all([1, 2].map((n) => new Promise((made) => { const canvas = Object.assign(document.createElement('canvas'), \
         {width: 60 * n, height: 40}); canvas.getContext('2d').fillRect(0, 0, 9, 9); \
         canvas.toBlob((blob) => made(new File([blob], `picture-${n}.png`, {type: 'image/png'})), 'image/png'); }))).then((files) => { \
         const data = new DataTransfer(); files.forEach((file) => data.items.add(file)); \
         const input = document.querySelector('body > input[type=file]'); input.files = data.files; input.dispatchEvent(new Event('change')); return true; })";
    assert!(bob.ask::<bool>(choose).await);
    bob.wait_until("document.querySelectorAll('.ProseMirror .gallery img').length === 2 && !document.querySelector('.uploading')").await;
    bob.click(".ProseMirror > p:last-child").await.go_on("After.").await;
    let saved = saved_text(&bob).await;
    let (before, gallery) = saved.split_once("<figure class=\"gallery\">").expect("a gallery");
    assert_eq!(before, "<p>Before.</p>\n");
    assert!(gallery.find("-60x") < gallery.find("-120x"), "{saved}");
    assert!(gallery.ends_with("</figure></figure>\n<p>After.</p>"), "{saved}");
    look(&bob, "desk-writing-gallery", &mut faults).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}

#[tokio::test]
async fn words_are_found_and_replaced() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_a_new_article(&workshop, &server).await;
    let mut faults = Vec::new();
    bob.write(TEXT, "Old ferry. The old ferry's old bell.").await.chord("Control", "f").await;
    bob.wait_until("document.activeElement.id === 'find-words'").await;
    bob.go_on("old").await.wait_for(".matches", "of 3").await;
    look(&bob, "desk-writing-find", &mut faults).await;
    bob.press("Enter").await.wait_for(".matches", "2 of 3").await;
    bob.click("[aria-label='Match case']").await.wait_for(".matches", "of 2").await;
    bob.click("[aria-label='Match case']").await.wait_for(".matches", "of 3").await;
    bob.write("#find-replacement", "new").await.click(".find p:last-child button:last-child").await;
    bob.wait_for(".matches", "3 replaced").await;
    assert_eq!(saved_text(&bob).await, "<p>new ferry. The new ferry’s new bell.</p>");
    bob.press("Escape").await.wait_until("document.querySelector('.find').hidden").await;
    bob.wait_until("document.activeElement.matches('.ProseMirror')").await;
    // All of it is undone in one step.
    bob.chord("Control", "z").await;
    bob.wait_for(TEXT, "Old ferry. The old ferry’s old bell.").await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}

#[tokio::test]
async fn the_details_move_the_text_aside_and_are_a_sheet_on_a_phone() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_a_new_article(&workshop, &server).await;
    let mut faults = Vec::new();
    assert!(!bob.ask::<bool>("document.querySelector('#details').open").await);
    bob.resize((1280, 900)).await.click("#details-toggle").await;
    bob.write("#kicker", "Harbour").await.wait_for("#saved", "Saved ").await;
    let beside = "document.querySelector('.sheet-of-paper').getBoundingClientRect().right <= document.querySelector('#details').getBoundingClientRect().left";
    assert!(bob.ask::<bool>(beside).await, "it covers the text");
    look(&bob, "desk-writing-details", &mut faults).await;
    bob.resize((1280, 900)).await.write(TEXT, "Both at once.").await;
    assert_eq!(saved_text(&bob).await, "<p>Both at once.</p>");
    bob.resize(PHONE)
        .await
        .wait_until("document.querySelector('#details').matches(':modal')")
        .await;
    let fills = "(() => { const { width, height } = document.querySelector('#details').getBoundingClientRect(); return width === innerWidth && height === innerHeight; })()";
    assert!(bob.ask::<bool>(fills).await);
    bob.press("Escape").await.wait_until("!document.querySelector('#details').open").await;
    bob.click("#details-toggle").await.press("Escape").await;
    bob.wait_until("!document.querySelector('#details').open").await;
    assert_eq!(bob.ask::<String>("document.activeElement.id").await, "details-toggle");
    // What is to be done before publishing leads to the field.
    bob.go("/desk/articles").await;
    bob.go("/desk/articles/1#section")
        .await
        .wait_until("document.activeElement.id === 'section'")
        .await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}
