// Only improvements: every page reads, is metered and prints without this file.
(() => {
  const root = document.documentElement;
  // For themes with a frame of an earlier version, which does not have choices.js.
  root.classList.add("js");
  const canonical = document.querySelector("link[rel=canonical]")?.href ?? location.href;
  // A device that keeps nothing refuses what is asked here: it then holds for this page.
  const kept = (ask) => {
    try {
      return ask();
    } catch {
      return null;
    }
  };
  // The next of the choices, kept on this device. The first one is what the page has by itself.
  const choose = (name, choices) => {
    const next = choices[(choices.indexOf(root.dataset[name] ?? "") + 1) % choices.length];
    if (next) root.dataset[name] = next;
    else delete root.dataset[name];
    kept(() => localStorage.setItem(name, next));
    return next;
  };
  // The line below a list of tools, where screen readers hear what a tool has done; themes of an earlier version have one on the
  // page.
  const report = (button, text) => {
    const list = button.closest("ul")?.nextElementSibling;
    const said = list?.matches(".said") ? list : document.querySelector(".said");
    if (said && text) said.textContent = text;
  };
  // What a tool with several states has in this one, for its name and for the line below.
  const show = (button, choices, current) => {
    const text = button.dataset.states?.split("|")[choices.indexOf(current)];
    if (text) button.querySelector("svg")?.setAttribute("aria-label", text);
    return text;
  };
  const SIZES = ["", "large", "larger"];
  const COLOURS = ["", "light", "dark"];
  for (const [name, choices] of [["size", SIZES], ["colours", COLOURS]]) {
    for (const button of document.querySelectorAll(`[data-${name}][data-states]`)) show(button, choices, root.dataset[name] ?? "");
  }
  const speech = window.speechSynthesis;
  // How often somebody has pressed the button: sentences of an earlier press report their end late.
  let presses = 0;
  const listen = (button) => {
    const starts = button.getAttribute("aria-pressed") === "false";
    const press = ++presses;
    speech.cancel();
    button.setAttribute("aria-pressed", String(starts));
    if (!starts) return;
    const story = button.closest(".story");
    const said = [...story.querySelectorAll("h1, .deck, .text :is(p, h2, h3, li)")];
    said.forEach((element, index) => {
      const utterance = new SpeechSynthesisUtterance(element.textContent);
      utterance.lang = element.closest("[lang]")?.lang ?? "";
      const ended = () => {
        if (press === presses) button.setAttribute("aria-pressed", "false");
      };
      utterance.onerror = ended;
      if (index === said.length - 1) utterance.onend = ended;
      speech.speak(utterance);
    });
  };
  if (speech) addEventListener("pagehide", () => speech.cancel());
  if (navigator.share) {
    document.querySelector("[data-share]")?.addEventListener("click", (event) => {
      event.preventDefault();
      // The reader may change their mind.
      navigator.share({ title: document.title, url: canonical }).catch(() => {});
    });
  }
  // The section of the page is in sight, also in a navigation that scrolls.
  const here = document.querySelector(".masthead nav [aria-current]");
  const sections = here?.closest("ul");
  if (sections) {
    const [inner, outer] = [here, sections].map((element) => element.getBoundingClientRect());
    sections.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
  }
  const banner = document.querySelector("[data-banner]");
  if (banner && kept(() => sessionStorage.getItem("banner-closed"))) banner.remove();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-close")) {
      button.closest("[data-banner]").remove();
      kept(() => sessionStorage.setItem("banner-closed", "1"));
    } else if (button.hasAttribute("data-print")) {
      window.print();
    } else if (button.hasAttribute("data-size")) {
      report(button, show(button, SIZES, choose("size", SIZES)));
    } else if (button.hasAttribute("data-colours")) {
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      report(button, show(button, COLOURS, choose("colours", dark ? COLOURS : ["", "dark", "light"])));
    } else if (button.hasAttribute("data-listen")) {
      listen(button);
    } else if (button.hasAttribute("data-copy")) {
      navigator.clipboard.writeText(button.dataset.copy || canonical).then(() => {
        report(button, document.querySelector("[data-copied]").dataset.copied);
      });
    }
  });

  // Saving and following stay on the page, and the button becomes the one that takes it back. Who is not signed in is led to where
  // they can sign in.
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-keep]");
    if (!form) return;
    event.preventDefault();
    const pressed = event.submitter ?? form.querySelector("button");
    // Without an address of its own, a button says that of the page.
    const address = pressed.hasAttribute("formaction") ? pressed.formAction : form.action;
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
    const landed = answer && new URL(answer.url);
    if (answer?.ok && landed.pathname === new URL(form.action).pathname) {
      exchange(form, pressed);
      report(pressed, pressed.hasAttribute("formaction") ? form.dataset.removed : form.dataset.keep);
    } else if (answer?.ok && answer.redirected) {
      location.assign(landed);
    } else {
      form.action = address;
      form.submit();
    }
  });
  // Themes of an earlier version have one button only.
  const exchange = (form, pressed) => {
    const other = [...form.querySelectorAll("button")].find((button) => button !== pressed);
    if (!other) return pressed.setAttribute("aria-pressed", "true");
    other.hidden = false;
    pressed.hidden = true;
    other.focus();
  };

  // The browser's own player takes the place of what the card says, except for its title.
  const play = (link) => {
    const title = link.querySelector("strong") ?? Object.assign(document.createElement("strong"), { textContent: link.textContent });
    const player = Object.assign(document.createElement("audio"), { src: link.dataset.audio, controls: true, autoplay: true });
    player.setAttribute("aria-label", title.textContent);
    link.parentElement.replaceChildren(title, player);
    player.focus();
  };
  // A thing of another site is shown in the page when somebody asks for it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-frame], a[data-audio]");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (link.dataset.audio) return play(link);
    const frame = document.createElement("iframe");
    frame.src = link.dataset.frame;
    frame.className = link.dataset.shape ?? "";
    frame.title = link.textContent;
    frame.allowFullscreen = true;
    frame.referrerPolicy = "strict-origin";
    link.parentElement.replaceChildren(frame);
    frame.focus();
  });

  // How far readers have read is kept on this device alone, while they keep a history, as the page of the history says.
  const places = kept(() => JSON.parse(localStorage.getItem("places")));
  const keepPlaces = (what) => kept(() => (what ? localStorage.setItem("places", JSON.stringify(what)) : localStorage.removeItem("places")));
  const history = document.querySelector("[data-history]")?.dataset.history;
  if (history) keepPlaces(history === "on" && (places ?? {}));
  for (const link of document.querySelectorAll("[data-part]")) {
    const part = places?.[link.pathname];
    if (!(part > 5 && part < 95)) continue;
    link.textContent = link.dataset.part.replace("{percent}", part);
    link.parentElement.hidden = false;
  }
  document.querySelector("form[action='/account/sessions/end']")?.addEventListener("submit", () => keepPlaces());
  const body = document.querySelector(".story .text:not(.locked)");
  if (places && body) {
    const part = places[location.pathname];
    if (location.hash === "#continue" && part) scrollTo(0, body.offsetTop + (body.offsetHeight * part) / 100 - innerHeight);
    addEventListener("pagehide", () => {
      const { top, height } = body.getBoundingClientRect();
      // The latest hundred articles.
      const others = Object.entries(places).filter(([path]) => path !== location.pathname).slice(-99);
      const read = Math.round(Math.min(Math.max((innerHeight - top) / height, 0), 1) * 100);
      keepPlaces(Object.fromEntries([...others, [location.pathname, read]]));
    });
  }

  // A page that the browser has kept is shown again after the reader has signed in or out, here or in another tab, or has subscribed:
  // only a new one is right then. The links of the header say which of these the reader has done. A theme with a header of its own
  // may only show whether the reader is signed in. A wall is always asked for again: the reader may have begun a trial since.
  const ear = document.querySelector(".ear");
  const links = () => [...ear.querySelectorAll("a")].map((link) => link.pathname).join(" ");
  const session = ear ? links() : document.querySelector('a[href="/account"]') ? "in" : "out";
  kept(() => localStorage.setItem("session", session));
  addEventListener("pageshow", (event) => {
    const latest = kept(() => localStorage.getItem("session"));
    const isOutdated = latest !== null && latest !== session;
    if (event.persisted && (isOutdated || document.querySelector(".message.wall"))) location.reload();
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
