// Comments on a passage: select words, and say what is to be said about them. They are beside the article, never in its text.

import { ask } from "./ask.js";
import { markSelection } from "./commented.js";
import { say, sayCount } from "./words.js";

// How much of the words around a passage is sent, so that it is found again when the text was changed elsewhere.
const AROUND = 60;

// The passage that is selected, with the words around it; the quote is empty where nothing is selected.
export function passageAt({ doc, selection: { from, to } }) {
  const text = (start, end) => doc.textBetween(Math.max(0, start), Math.min(doc.content.size, end), " ", " ");
  return { quote: text(from, to).trim(), prefix: text(from - AROUND, from), suffix: text(to, to + AROUND) };
}

async function send(address, comment) {
  try {
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams(comment), headers: { accept: "application/json" } });
    const told = await answer.json();
    return answer.ok ? told : { fault: told.fault ?? say("comment_failed") };
  } catch {
    return { fault: say("comment_failed") };
  }
}

function show(open) {
  const link = document.getElementById("comments");
  if (link) link.textContent = sayCount("comments_open", open);
}

// Asks for a comment on the selected passage. What was written is asked for again until the server has it.
export const commenting = (form, tell) => (state, dispatch, view) => {
  if (!form.dataset.story) {
    tell(say("comment_first"));
    return true;
  }
  const passage = passageAt(state);
  const request = crypto.randomUUID();
  const begin = async (value) => {
    const field = { name: "text", label: say("comment_text"), value, rows: 4, required: true, hint: passage.quote ? `“${passage.quote.slice(0, 80)}”` : say("comment_whole") };
    const answer = await ask(say("add_comment"), [field], { done: say("save_comment") });
    view.focus();
    if (!answer) return;
    const told = await send(`${form.action}/comments`, { ...passage, request, text: answer.text });
    if (told.fault === undefined) {
      // Others may have changed the text meanwhile: then it is marked when the page is opened again.
      if (view.state.doc.eq(state.doc)) view.dispatch(markSelection(view.state, state.selection));
      return show(told.open);
    }
    tell(told.fault);
    begin(answer.text);
  };
  begin("");
  return true;
};
