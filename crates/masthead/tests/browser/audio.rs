//! An audio file that an article has as a card.

use masthead_circulation::staff::Role;

use crate::{account::look, newsroom::at_the_desk, visitor::Visitor, workshop::Workshop};

#[tokio::test]
async fn audio_plays_after_a_click_and_nothing_is_requested_before() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    let publish = "(async () => { const send = (path, form) => fetch(path, { method: 'POST', body: new URLSearchParams(form) }); \
         const body = '<p>Listen.</p><figure class=\"embed\"><a href=\"https://audio.example/waves.mp3\"><strong>waves.mp3 (4 MB)</strong></a></figure>'; \
         await send('/desk/articles', { section: 'news', headline: 'Waves', authors: 'Bob', body }); \
         return (await send('/desk/articles/1/publication', 'version=1&when=now')).url.includes('/desk/articles/1?told='); })()";
    assert!(bob.ask::<bool>(publish).await, "it is not published");
    bob.leave().await;
    let reader = Visitor::of(&server).await;
    reader.go("/news/waves").await.wait_for(".embed", "waves.mp3 (4 MB)").await;
    look(&reader, "article-audio", &mut faults).await;
    let asked = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('audio.example')).length";
    assert_eq!(reader.ask::<u32>(asked).await, 0);
    reader.click(".embed a").await;
    let player = "(() => { const audio = document.querySelector('.embed audio'); \
                  return [audio.src, audio.controls, audio.getAttribute('aria-label')].join(); })()";
    assert_eq!(
        reader.ask::<String>(player).await,
        "https://audio.example/waves.mp3,true,waves.mp3 (4 MB)"
    );
    reader.wait_for(".embed", "waves.mp3 (4 MB)").await;
    look(&reader, "article-audio-player", &mut faults).await;
    reader.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
