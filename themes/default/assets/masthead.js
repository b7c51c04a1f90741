// Only improvements: every page reads, is metered and prints without this file.
(() => {
  document.documentElement.classList.add("js");
  const banner = document.querySelector("[data-banner]");
  if (banner && sessionStorage.getItem("banner-closed")) banner.remove();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-close")) {
      sessionStorage.setItem("banner-closed", "1");
      button.closest("[data-banner]").remove();
    } else if (button.hasAttribute("data-print")) {
      window.print();
    } else if (button.dataset.copy) {
      navigator.clipboard.writeText(button.dataset.copy).then(() => {
        const said = document.querySelector("[data-copied]");
        said.textContent = said.dataset.copied;
      });
    }
  });
})();
