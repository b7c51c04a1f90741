//! An archive that an owner uploads, checks and imports in the browser.

use masthead_circulation::staff::Role;

use crate::{
    account::look,
    newsroom::{at_the_desk, draw},
    visitor::Visitor,
    workshop::Workshop,
};

/// Chooses an export with 250 posts and a menu in the field for files, as if it were on the disk.
const CHOOSE: &str = "(() => { \
     const item = (n, kind) => `<item><title>Post ${n}</title><link>https://old.example/${n}</link><wp:post_id>${n}</wp:post_id>` + \
       `<wp:post_type>${kind}</wp:post_type><wp:post_name>post-${n}</wp:post_name><wp:status>publish</wp:status>` + \
       `<wp:post_date_gmt>2026-01-02 03:04:05</wp:post_date_gmt><content:encoded><![CDATA[<p>It left.</p>${n === 7 ? '<img src=\"https://old.example/wp-content/uploads/2026/01/boat-300x200.jpg\">' : ''}]]></content:encoded>` + \
       `<category domain=\"category\" nicename=\"news\"><![CDATA[News]]></category></item>`; \
     const posts = Array.from({ length: 250 }, (_, n) => item(n + 1, 'post')).join(''); \
     const text = `<rss xmlns:wp=\"w\" xmlns:content=\"c\"><channel><link>https://old.example</link>${posts}${item(999, 'nav_menu_item')}</channel></rss>`; \
     const data = new DataTransfer(); data.items.add(new File([text], 'export.xml', { type: 'text/xml' })); \
     const input = document.querySelector('#file'); input.files = data.files; \
     input.dispatchEvent(new Event('change')); return input.checkValidity(); })()";

/// Chooses a folder in which the picture that was drawn is the original of one that an article shows.
const FOLDER: &str = "const picture = new File([blob], 'boat.jpg', { type: 'image/jpeg' }); \
     Object.defineProperty(picture, 'webkitRelativePath', { value: 'wp-content/uploads/2026/01/boat.jpg' }); \
     Object.defineProperty(document.querySelector('#folder'), 'files', { value: [picture] });";

#[tokio::test]
async fn an_export_is_uploaded_checked_and_imported_in_the_browser() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let olu = at_the_desk(&workshop, &server, "Olu", Role::Owner).await;
    olu.follow("nav a[href='/desk/imports']", "/desk/imports").await;
    look(&olu, "desk-imports", &mut faults).await;
    // A file that is too large is not sent.
    let refused = "(() => { const input = document.querySelector('#file'); input.dataset.most = 9; \
                   const data = new DataTransfer(); data.items.add(new File(['0123456789'], 'a.xml')); input.files = data.files; \
                   input.dispatchEvent(new Event('change')); input.dataset.most = 1e8; return input.validationMessage; })()";
    assert!(olu.ask::<String>(refused).await.contains("larger than 100 MB"));
    assert!(olu.ask::<bool>(CHOOSE).await, "it can be sent");
    olu.click("[data-archive-upload] button").await.wait_for("h1", "export.xml").await;
    // The page follows the check, and then the import, without being loaded by hand.
    olu.wait_for("main", "Nothing was changed yet").await;
    olu.wait_for("main", "250 new articles and pages").await;
    look(&olu, "desk-import-checked", &mut faults).await;
    // Of a folder, what is missing is sent, and the archive is checked again.
    draw(&olu, (300, 200), FOLDER).await;
    olu.click("[data-send]").await.wait_for("main", "1 picture is here").await;
    olu.wait_for("main", "250 new articles and pages").await;
    olu.click("button[value=start]").await.wait_for("main", "is finished").await;
    olu.wait_for("main", "1 item left out").await;
    look(&olu, "desk-import-done", &mut faults).await;
    olu.go("/desk/imports").await.wait_for("main", "imported by Olu").await;
    olu.leave().await;

    let reader = Visitor::of(&server).await;
    reader.go("/news/post-250").await.wait_for("h1", "Post 250").await;
    reader.go("/news/post-7").await.wait_for("h1", "Post 7").await;
    assert!(
        reader.ask::<bool>("Boolean(document.querySelector('.text img[src^=\"/media/\"]'))").await
    );
    reader.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
