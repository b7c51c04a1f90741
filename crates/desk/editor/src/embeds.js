// Embeds: asking for the address of one, and the sites whose address becomes a card when it is pasted on an empty line.

import { ask } from "./ask.js";
import { insertBlock } from "./insertion.js";
import { addressOf } from "./links.js";
import { hostOf, schema } from "./schema.js";
import { say } from "./words.js";

const HOSTS = ["youtube.com", "youtu.be", "youtube-nocookie.com", "vimeo.com", "spotify.com", "datawrapper.de", "dwcdn.net", "flourish.studio", "flo.uri.sh", "x.com", "twitter.com", "instagram.com", "tiktok.com", "soundcloud.com"];
const FILES = /\.(pdf|mp3|m4a|ogg|oga|opus|wav)$/i;

// Whether readers get more of an address as a card than as a link.
export function isEmbed(address) {
  const host = hostOf(address);
  const isKnown = HOSTS.some((known) => host === known || host.endsWith(`.${known}`));
  return isKnown || (host !== "" && FILES.test(new URL(address).pathname));
}

// Puts the card in, and then its title and picture, which the server asks the site for.
export const insertEmbed = (href) => (state, dispatch, view) => {
  insertBlock(() => schema.nodes.embed.create({ href }))(state, dispatch);
  if (view) describe(view, href);
  return true;
};

async function describe(view, href) {
  try {
    const answer = await fetch("/desk/embeds", { method: "POST", body: new URLSearchParams({ url: href }), headers: { accept: "application/json" } });
    if (answer.ok) named(view, href, await answer.json());
  } catch {
    // Without a connection the card says only where it leads.
  }
}

function named(view, href, { title = "", picture = "" }) {
  if (!title && !picture) return;
  const change = view.state.tr;
  view.state.doc.descendants((node, at) => {
    if (node.type === schema.nodes.embed && node.attrs.href === href && !node.attrs.title) change.setNodeMarkup(at, null, { href, title, picture });
    return !node.isTextblock;
  });
  // Undo takes the card back, and not only its title.
  if (change.docChanged) view.dispatch(change.setMeta("addToHistory", false));
}

export function askEmbed(state, dispatch, view) {
  const field = { name: "href", label: say("address"), required: true, hint: say("embed_hint") };
  const check = ({ href }) => (/^https?:/.test(addressOf(href) ?? "") ? "" : say("embed_refused"));
  ask(say("add_embed"), [field], { check, done: say("save_embed") }).then((answer) => {
    view.focus();
    if (answer && hostOf(addressOf(answer.href))) insertEmbed(addressOf(answer.href))(view.state, view.dispatch, view);
  });
  return true;
}
