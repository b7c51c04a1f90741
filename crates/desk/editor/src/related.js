// Links to other articles of the publication: a box with the headline, which readers know from a link in a sentence.

import { articlesFor } from "./articles.js";
import { ask } from "./ask.js";
import { insertBlock } from "./insertion.js";
import { addressOf } from "./links.js";
import { schema } from "./schema.js";
import { say } from "./words.js";

const { nodes, marks } = schema;

function relatedBox(href, text) {
  const words = schema.text(text, [marks.link.create({ href })]);
  return nodes.box.create({ kind: "related" }, nodes.paragraph.create(null, words));
}

export function askRelated(state, dispatch, view) {
  const known = new Map();
  const suggest = async (typed) => {
    const found = await articlesFor(typed);
    for (const { headline, address } of found) known.set(headline, address);
    return found.map(({ headline, address }) => ({ value: headline, label: address }));
  };
  const chosen = (typed) => known.get(typed.trim()) ?? addressOf(typed);
  const fields = [
    { name: "article", label: say("related_article"), hint: say("related_hint"), required: true, suggest },
    { name: "text", label: say("related_text"), hint: say("related_text_hint") },
  ];
  const check = ({ article, text }) => {
    if (!chosen(article)) return say("related_unknown");
    return known.has(article.trim()) || text.trim() ? "" : say("related_no_text");
  };
  ask(say("add_related"), fields, { check, done: say("add_related") }).then((answer) => {
    view.focus();
    if (answer) insertBlock(() => relatedBox(chosen(answer.article), answer.text.trim() || answer.article.trim()))(view.state, view.dispatch);
  });
  return true;
}
