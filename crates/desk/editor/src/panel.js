// The panel with the details of the article: beside the text where there is room, and otherwise a sheet over all of the
// window, which keeps the focus until it is closed.

const BESIDE = "(min-width: 60rem)";
const OPEN = "masthead-details";

function remember(isOpen) {
  try {
    sessionStorage.setItem(OPEN, isOpen ? "open" : "closed");
  } catch {
    // A browser that keeps nothing begins with a closed panel.
  }
}

function wasOpen() {
  try {
    return sessionStorage.getItem(OPEN) === "open";
  } catch {
    return false;
  }
}

export function panel(dialog, toggle) {
  const beside = matchMedia(BESIDE);
  const close = () => dialog.open && dialog.close();
  const open = () => {
    close();
    if (beside.matches) dialog.show();
    else dialog.showModal();
    toggle.setAttribute("aria-expanded", "true");
  };
  // A dialog takes the focus when it opens; on opening beside the text only on request.
  const without = (run) => {
    const focused = document.activeElement;
    run();
    if (focused instanceof HTMLElement && focused !== document.body) focused.focus({ preventScroll: true });
    else document.activeElement?.blur?.();
  };
  // The event comes later, when the panel may be open again.
  dialog.addEventListener("close", () => toggle.setAttribute("aria-expanded", String(dialog.open)));
  toggle.addEventListener("click", () => {
    remember(!dialog.open);
    if (!dialog.open) return open();
    close();
    toggle.focus();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => {
    remember(false);
    close();
    toggle.focus();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || dialog.matches(":modal") || event.defaultPrevented) return;
    remember(false);
    close();
    toggle.focus();
  });
  beside.addEventListener("change", () => dialog.open && without(open));
  // A link to a field, such as from what is to be done before publishing.
  const target = () => {
    const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!named || !dialog.contains(named)) return false;
    open();
    named.closest("details")?.setAttribute("open", "");
    named.focus();
    return true;
  };
  addEventListener("hashchange", target);
  without(close);
  toggle.hidden = false;
  if (!target() && beside.matches && wasOpen()) without(open);
}
