// What this device can do, and what its reader has chosen: before the page is drawn, so that it does not change before their eyes.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (window.speechSynthesis) root.classList.add("speaks");
  if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) root.classList.add("passkeys");
  try {
    for (const name of ["size", "colours"]) {
      const chosen = localStorage.getItem(name);
      if (chosen) root.dataset[name] = chosen;
    }
  } catch {
    // The device keeps nothing.
  }
})();
