// The search for pages and articles: Ctrl+K anywhere but in a text, where that adds a link, or the button at the top.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox
(() => {
  const palette = document.getElementById("palette");
  const open = document.getElementById("palette-open");
  if (!palette || !open) return;
  const input = document.getElementById("palette-words");
  const list = document.getElementById("palette-found");
  const none = document.getElementById("palette-none");
  const { articles, readers } = palette.dataset;
  const REST = 120;
  open.parentElement.hidden = false;

  const groupOf = (link) => link.closest("[aria-labelledby]")?.previousElementSibling.textContent ?? "";
  const pages = [...palette.querySelectorAll("a"), ...document.querySelectorAll("#menu a")].map((link) => ({ name: link.textContent, hint: groupOf(link), to: link.getAttribute("href") }));
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const searches = (words) => {
    if (!words) return [];
    const search = (label, path) => label && { name: label.replace("{words}", words), hint: "", to: `${path}?q=${encodeURIComponent(words)}` };
    return [search(articles, "/desk/articles"), search(readers, "/desk/readers")].filter(Boolean);
  };

  let found = [];
  let chosen = 0;
  let asked = 0;
  let resting;

  const choose = (index) => {
    chosen = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (found.length) input.setAttribute("aria-activedescendant", `palette-${index}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[index]?.scrollIntoView({ block: "nearest" });
  };
  const option = ({ name, hint, to }, index) => {
    const item = document.createElement("li");
    Object.assign(item, { id: `palette-${index}`, role: "option" });
    item.append(Object.assign(document.createElement("span"), { textContent: name }));
    if (hint) item.append(Object.assign(document.createElement("small"), { textContent: hint }));
    item.addEventListener("click", () => location.assign(to));
    item.addEventListener("mousemove", () => chosen !== index && choose(index));
    return item;
  };
  const show = (all) => {
    found = all;
    list.replaceChildren(...all.map(option));
    none.textContent = all.length ? "" : none.dataset.text;
    choose(0);
  };
  const look = async () => {
    const words = input.value.trim();
    const time = ++asked;
    const parts = folded(words).split(/\s+/);
    const known = pages.filter(({ name, hint }) => parts.every((part) => folded(`${name} ${hint}`).includes(part)));
    show([...known, ...searches(words)]);
    if (!articles || words.length < 2) return;
    try {
      const answer = await fetch(`/desk/articles/find?q=${encodeURIComponent(words)}`, { headers: { accept: "application/json" } });
      const { articles: hits } = answer.ok ? await answer.json() : { articles: [] };
      if (time === asked) show([...known, ...hits, ...searches(words)]);
    } catch {
      // Without a connection the pages are offered.
    }
  };

  const begin = () => {
    input.value = "";
    look();
    palette.showModal();
  };
  open.addEventListener("click", begin);
  addEventListener("keydown", (event) => {
    const isShortcut = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!isShortcut || event.defaultPrevented || palette.open || document.querySelector("dialog:modal")) return;
    event.preventDefault();
    begin();
  });
  input.addEventListener("input", () => {
    clearTimeout(resting);
    resting = setTimeout(look, REST);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = found.length - 1;
    const to = { ArrowDown: chosen >= last ? 0 : chosen + 1, ArrowUp: chosen <= 0 ? last : chosen - 1 }[event.key];
    if (to !== undefined) choose(to);
    else if (event.key === "Enter" && found.length) location.assign(found[chosen].to);
    else return;
    event.preventDefault();
  });
  palette.addEventListener("click", (event) => event.target === palette && palette.close());
})();
