// What the reader has chosen on this device: before the page is drawn, so that it does not change before their eyes.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    for (const name of ["size", "colours"]) {
      const chosen = localStorage.getItem(name);
      if (chosen) root.dataset[name] = chosen;
    }
  } catch {
    // The device keeps nothing.
  }
})();
