// New posts of live coverage: says that there are some, and shows them when the reader asks. Without this file readers reload the page.
(() => {
  const section = document.querySelector("[data-live]");
  const bar = section?.querySelector(".live-bar");
  if (!bar) return;
  // How often the server is asked where it cannot tell by itself, and how long it has to say something first.
  const POLL = 30000;
  const SILENCE = 10000;
  const FIRST = 5000;
  const language = document.documentElement.lang;
  const reload = bar.querySelector("a");
  let source = null;
  let timer = 0;
  let announced = 0;
  let over = false;
  // Raised by everything that stops what was going on: an answer that comes later is for nobody.
  let turn = 0;
  const address = () => `${section.dataset.live}?since=${section.dataset.revision}`;
  const say = (text, ...more) => bar.replaceChildren(text, ...more);
  const stop = () => {
    turn += 1;
    source?.close();
    source = null;
    clearTimeout(timer);
  };
  const end = (text) => {
    over = true;
    stop();
    say(`${text} `, reload);
  };
  // The forms of "3 new posts" for the counts beside them: that of the same plural category is the one.
  const rules = new Intl.PluralRules(language);
  const parts = bar.dataset.counts.split("|");
  const label = (count) => {
    const forms = parts.flatMap((part, index) => (index % 2 ? [] : [[Number(part), parts[index + 1]]]));
    const same = forms.find(([sample]) => rules.select(sample) === rules.select(count)) ?? forms.at(-1);
    return same[1].replace("{number}", count.toLocaleString(language));
  };
  const hear = ({ running, newPosts }) => {
    if (newPosts > announced) {
      announced = newPosts;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label(newPosts);
      button.addEventListener("click", show);
      say(button);
    }
    if (!running && announced) stop();
    else if (!running) end(bar.dataset.ended);
  };
  // Not all readers at once: a part of the time is left to chance.
  const soon = (time) => time * (0.75 + Math.random() / 2);
  const poll = async () => {
    const mine = turn;
    const answer = await fetch(address()).catch(() => null);
    const updates = answer?.ok ? await answer.json().catch(() => null) : null;
    if (mine !== turn) return;
    if (answer?.status === 403 || answer?.status === 404) return end(bar.dataset.lost);
    if (updates) hear(updates);
    if (mine === turn && !over) timer = setTimeout(poll, soon(POLL));
  };
  const pollInstead = () => {
    stop();
    timer = setTimeout(poll, Math.random() * FIRST);
  };
  const listen = () => {
    stop();
    if (over) return;
    if (!window.EventSource) return poll();
    source = new EventSource(address());
    source.onmessage = (event) => {
      clearTimeout(timer);
      hear(JSON.parse(event.data));
    };
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) pollInstead();
    };
    // Something in between may hold events back.
    timer = setTimeout(pollInstead, SILENCE);
  };
  // The page itself has the posts: who may not read them any more gets none.
  const show = async () => {
    const answer = await fetch(location.pathname, { headers: { "masthead-update": "1" } }).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page && page.querySelector("[data-live]");
    const posts = fresh?.querySelector(".posts");
    if (!posts || !fresh.querySelector(".live-bar")) return location.reload();
    const known = new Set([...section.querySelectorAll(".post")].map((post) => post.id));
    section.querySelector(".posts").replaceWith(document.importNode(posts, true));
    section.dataset.revision = fresh.dataset.revision;
    announced = 0;
    say(bar.dataset.waiting);
    const first = [...section.querySelectorAll(".post")].find((post) => !known.has(post.id));
    if (first) {
      first.tabIndex = -1;
      first.focus();
    }
    listen();
  };
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && listen());
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  say(bar.dataset.waiting);
  if (!document.hidden) listen();
})();
