// Imports of archives: the page says how far one is without being loaded again, a file that is too large is not sent, and of a folder of
// pictures those are sent that are missing. Without this script the page has a button for the first, the server says the second, and
// the command line does the third.

(() => {
  const PAUSE = 2000;
  const running = document.querySelector("[data-archive]");
  const form = document.querySelector("[data-archive-upload]");
  const pictures = document.querySelector("[data-archive-pictures]");

  const watch = () => {
    const [bar, text] = ["#progress", "#progress-text"].map((selector) => running.querySelector(selector));
    const look = async () => {
      const answer = await fetch(running.dataset.archive, { headers: { accept: "application/json" } }).catch(() => null);
      const now = answer?.ok ? await answer.json().catch(() => null) : null;
      // Signed out, or the archive is deleted: the page says so.
      if (answer && (answer.redirected || answer.status === 401)) return location.reload();
      if (now && now.state !== running.dataset.state) return location.reload();
      if (now) {
        if (now.all) Object.assign(bar, { max: now.all, value: now.done });
        text.textContent = now.text;
      }
      // No answer: the server is being restarted, and is asked again.
      setTimeout(look, PAUSE);
    };
    document.querySelector("[data-without-script]").hidden = true;
    setTimeout(look, PAUSE);
  };
  if (running && ["checking", "importing"].includes(running.dataset.state)) watch();

  // What a file in a folder may be called below the folder of uploads, of which it may be a part or which may be in it.
  const names = (file) => {
    const path = file.webkitRelativePath || file.name;
    const below = ["/uploads/", "/files/"].filter((folder) => `/${path}`.includes(folder));
    return [path, path.slice(path.indexOf("/") + 1), ...below.map((folder) => `/${path}`.split(folder).slice(1).join(folder))];
  };
  const ATTEMPTS = 5;
  const send = async (address, picture) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(address, { method: "POST", body: picture, headers: { accept: "application/json" } }).catch(() => null);
      if (answer?.ok) return { isSent: true };
      const said = await answer?.json().catch(() => null);
      if (answer && [413, 422].includes(answer.status)) return { fault: said?.fault || "" };
      // The server is busy, or being restarted.
      if (attempt === ATTEMPTS || (answer && answer.status < 500 && answer.status !== 408)) return {};
      await new Promise((done) => setTimeout(done, attempt * PAUSE));
    }
  };
  const sendPictures = async () => {
    const [folder, again] = ["#folder", "[value=check]"].map((selector) => pictures.querySelector(selector));
    const [button, status, list] = ["[data-send]", "[role=status]", "[data-refused-list]"].map((selector) => pictures.querySelector(selector));
    const say = (word, gaps = {}) => (status.textContent = status.dataset[word].replace(/{(\w+)}/g, (_, name) => gaps[name]));
    const needed = await fetch(pictures.dataset.archivePictures, { headers: { accept: "application/json" } })
      .then((answer) => answer.json())
      .catch(() => null);
    if (!needed) return say("interrupted", { done: 0 });
    const files = new Map();
    for (const file of folder.files) for (const name of names(file)) files.set(name, file);
    const found = needed.map((paths) => [paths[0], files.get(paths.find((path) => files.has(path)))]).filter(([, file]) => file);
    if (!found.length) return say("none");
    list.replaceChildren();
    button.disabled = true;
    let done = 0;
    for (const [path, file] of found) {
      say("sending", { done, all: found.length });
      const { isSent, fault } = await send(`${pictures.dataset.archivePictures}?path=${encodeURIComponent(path)}`, file);
      if (fault !== undefined) {
        const item = document.createElement("li");
        item.textContent = `${path}: ${fault}`;
        list.append(item);
      } else if (!isSent) {
        button.disabled = false;
        return say("interrupted", { done });
      }
      done++;
    }
    button.disabled = false;
    // Nothing to read: the archive is checked again, with the pictures.
    if (!list.children.length) return pictures.requestSubmit(again);
    say("refused", { number: list.children.length });
  };
  if (pictures) {
    pictures.hidden = false;
    pictures.querySelector("[data-send]").addEventListener("click", sendPictures);
  }

  if (form) {
    const [file, button] = ["input[type=file]", "button"].map((selector) => form.querySelector(selector));
    const status = form.querySelector("[role=status]");
    const check = () => {
      const [chosen] = file.files;
      file.setCustomValidity(chosen && chosen.size > Number(file.dataset.most) ? file.dataset.tooLarge : "");
    };
    file.addEventListener("change", check);
    form.addEventListener("submit", () => {
      status.textContent = status.dataset.uploading;
      button.disabled = true;
    });
    addEventListener("pageshow", () => {
      status.textContent = "";
      button.disabled = false;
    });
  }
})();
