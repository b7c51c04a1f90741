// Pages of the site in frames run no scripts. What theirs would do to a message is done from here: a banner stands at
// the foot of the window. Where a message is what one wants to see, it is brought into view.
(() => {
  const show = (frame) => {
    const page = frame.contentDocument;
    // Before anything has arrived there is no element; the event of loading comes later.
    if (!page?.documentElement) return;
    page.documentElement.classList.add("js");
    if (frame.closest("[data-show-message]")) page.querySelector(".message")?.scrollIntoView({ block: "center" });
    const offer = frame.closest("[data-show-offer]")?.dataset.showOffer;
    const cards = offer ? [...page.querySelectorAll(".offer")] : [];
    cards.find((card) => card.querySelector("h2")?.textContent === offer)?.scrollIntoView({ block: "center" });
  };
  for (const frame of document.querySelectorAll(".frames iframe")) {
    frame.addEventListener("load", () => show(frame));
    show(frame);
  }
})();
