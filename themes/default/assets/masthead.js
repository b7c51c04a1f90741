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

  // A thing of another site is shown in the page when somebody asks for it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-frame]");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    frame.src = link.dataset.frame;
    frame.title = link.textContent;
    frame.allowFullscreen = true;
    frame.referrerPolicy = "strict-origin";
    link.parentElement.replaceChildren(frame);
    frame.focus();
  });

  // Passkeys: the device is asked with a challenge of ours, and its answer goes back as a form.
  const keys = window.PublicKeyCredential;
  const form = async (path, fields) => {
    const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields) });
    const said = await answer.json();
    if (answer.status === 401 && said.to) {
      // The reader confirms first that it is them, and comes back to this page.
      location.assign(said.to);
      return new Promise(() => {});
    }
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return said;
  };
  const withPasskey = async (path, from) => {
    const { challenge, options } = await form(`${path}/challenge`, {});
    const { publicKey } = options;
    const key = path === "/account/passkeys"
      ? await navigator.credentials.create({ publicKey: keys.parseCreationOptionsFromJSON(publicKey) })
      : await navigator.credentials.get({ publicKey: keys.parseRequestOptionsFromJSON(publicKey) });
    const { to } = await form(path, { challenge, answer: JSON.stringify(key), from: from ?? "" });
    location.assign(to);
    if (to === location.pathname) location.reload();
  };
  for (const place of document.querySelectorAll("[data-passkey]")) {
    place.hidden = !keys?.parseRequestOptionsFromJSON;
    const fault = place.querySelector("[data-fault]");
    place.querySelector("button").addEventListener("click", () => {
      fault.textContent = "";
      withPasskey(place.dataset.passkey, place.dataset.from).catch(() => {
        fault.textContent = fault.dataset.fault;
      });
    });
  }
})();
