//! The library of pictures: replacing one.

use masthead_circulation::staff::Role;

use crate::{
    account::look,
    newsroom::{at_the_desk, draw},
    planning::drag,
    visitor::Visitor,
    workshop::Workshop,
};

/// Chooses what was drawn in the field for files.
const CHOSEN: &str = "const input = document.querySelector('#upload'); input.files = data.files; \
     input.dispatchEvent(new Event('change'));";

#[tokio::test]
async fn a_picture_is_replaced_and_readers_see_the_new_one() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    bob.go("/desk/pictures").await;
    draw(&bob, (300, 200), CHOSEN).await;
    bob.wait_for(".library", "harbour.png").await.click(".library a").await;
    bob.wait_for("h1", "harbour.png").await;
    let path: String = bob.ask("location.pathname").await;
    let old: String =
        bob.ask("document.querySelector('.library-picture img').getAttribute('src')").await;
    let publish = format!(
        "(async () => {{ const send = (path, form) => fetch(path, {{ method: 'POST', body: new URLSearchParams(form) }}); \
         await send('/desk/articles', `section=news&headline=Boats&authors=Bob&body=<p>It+left.</p><img src=\"{old}\" alt=\"A box\">`); \
         return (await send('/desk/articles/1/publication', 'version=1&when=now')).url.includes('/desk/articles/1?told='); }})()"
    );
    assert!(bob.ask::<bool>(&publish).await, "it is not published");
    bob.go(&path).await.wait_for("main", "Boats").await;
    look(&bob, "desk-picture", &mut faults).await;

    draw(&bob, (200, 300), CHOSEN).await;
    bob.wait_for("h1", "Replace picture").await.wait_for("main", "other proportions").await;
    look(&bob, "desk-picture-replacement", &mut faults).await;
    bob.click("#withhold").await.follow("form.roomy button", &path).await;
    bob.wait_for("main", "Readers don’t get it").await;
    look(&bob, "desk-picture-files", &mut faults).await;

    let reader = Visitor::of(&server).await;
    reader.go("/news/boats").await;
    let shown = "(async () => { const image = document.querySelector('.text picture img'); \
                 image.loading = 'eager'; await image.decode(); \
                 return [image.getAttribute('width'), image.getAttribute('height'), image.alt].join(); })()";
    assert_eq!(reader.ask::<String>(shown).await, "200,300,A box");
    let away = format!("fetch('{old}').then(({{redirected, ok}}) => redirected && ok)");
    assert!(reader.ask::<bool>(&away).await, "its address leads to the new file");
    reader.leave().await;

    // The editor shows the current file, and its text keeps the name.
    bob.go("/desk/articles/1").await.wait_for(".ProseMirror figure", "Alt text").await;
    let in_text = "(async () => { const image = document.querySelector('.ProseMirror figure img'); \
                   await image.decode(); return [image.naturalWidth, document.querySelector('#body').value.includes(image.getAttribute('src').split('?')[0])].join(); })()";
    assert_eq!(bob.ask::<String>(in_text).await, "200,true");

    bob.go(&path).await.click(".library a[href*='/files/']").await;
    bob.wait_for("h1", "Replace picture").await.follow("form.roomy button", &path).await;
    let now: String =
        bob.ask("document.querySelector('.library-picture img').getAttribute('src')").await;
    assert_eq!(now, old, "undone");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}

#[tokio::test]
async fn a_picture_is_cropped_with_the_keyboard_and_the_pointer() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    bob.go("/desk/pictures").await;
    draw(&bob, (400, 200), CHOSEN).await;
    bob.wait_for(".library", "harbour.png").await.click(".library a").await;
    bob.wait_for("h1", "harbour.png").await;
    let path: String = bob.ask("location.pathname").await;
    bob.click("a[href$='/crops']").await.wait_for("h1", "Crop picture").await;
    // In thousandths of the picture.
    let number = async |name: &str| {
        let value = format!("Math.round(document.querySelector('#{name}-square').value * 10)");
        bob.ask::<u32>(&value).await
    };
    let square = "fieldset:has(#own-square)";
    assert_eq!((number("left").await, number("width").await), (250, 500));
    assert!(!bob.ask::<bool>("document.querySelector('.crop-box').checkVisibility()").await);
    bob.click("#own-square").await;
    let focus = format!(
        "(() => {{ const box = document.querySelector('{square} .crop-box'); box.focus(); box.scrollIntoView({{ block: 'center' }}); return true; }})()"
    );
    assert!(bob.ask::<bool>(&focus).await);
    bob.press("ArrowLeft").await.press("ArrowLeft").await.press("-").await;
    assert_eq!((number("left").await, number("width").await), (240, 480));
    assert_eq!(number("top").await, 20, "its middle stays where it is");
    look(&bob, "desk-picture-crops", &mut faults).await;

    // At the corner it becomes larger; on it, it is moved, at most to the edge.
    assert!(bob.ask::<bool>(&focus).await);
    bob.press("-").await.press("-").await;
    let before = number("width").await;
    drag(&bob, &format!("{square} .crop-box span"), &format!("{square} .crop-preview figcaption"))
        .await;
    let after = (number("left").await, number("width").await);
    assert!(after.0 == 260 && after.1 != before, "{after:?}");
    bob.click("button[type=reset]").await;
    bob.wait_until("document.querySelector('#left-square').value === '25.0'").await;
    bob.click("#own-square").await;
    assert!(bob.ask::<bool>(&focus).await);
    bob.press("-").await.press("-").await.press("-").await.press("-").await;
    drag(&bob, &format!("{square} .crop-box"), &format!("{square} legend")).await;
    assert_eq!(number("top").await, 0, "it stays on the picture");
    let moved = number("left").await;
    assert!(moved < 250, "{moved}");
    bob.follow("#crops .buttons button", &path).await;
    bob.click("a[href$='/crops']").await.wait_for("h1", "Crop picture").await;
    assert_eq!(number("left").await, moved, "saved");
    let part = format!(
        "fetch('/media/' + location.pathname.split('/')[3] + '.{}-0-168x168.jpg').then(({{ ok }}) => ok)",
        (moved * 4 + 5) / 10
    );
    assert!(bob.ask::<bool>(&part).await, "{part}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}
