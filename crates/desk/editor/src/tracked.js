// Changes that a word processor has tracked: readers must not see them, so they are accepted.

import { schema } from "./schema.js";

const { styled } = schema.marks;
const isTracked = (mark) => mark.type === styled && /^(ins|del)$/.test(mark.attrs.tag);

export function hasTracked({ doc }) {
  let found = false;
  doc.descendants((node) => {
    found ||= node.marks.some(isTracked);
    return !found;
  });
  return found;
}

// Removes what is marked as deleted, and keeps what is marked as inserted without the mark.
export function acceptTracked(state, dispatch) {
  const change = state.tr;
  const deleted = [];
  state.doc.descendants((node, at) => {
    for (const mark of node.marks.filter(isTracked)) {
      if (mark.attrs.tag === "del") deleted.push([at, at + node.nodeSize]);
      change.removeMark(at, at + node.nodeSize, mark);
    }
  });
  for (const [from, to] of deleted.reverse()) change.delete(from, to);
  dispatch?.(change.scrollIntoView());
  return true;
}

// The same for HTML that is pasted, also where a word processor writes it in a way of its own.
export function acceptPasted(body) {
  for (const deleted of body.querySelectorAll("del, .msoDel, [style*='mso-deleted']")) deleted.remove();
  for (const inserted of body.querySelectorAll("ins, .msoIns")) inserted.replaceWith(...inserted.childNodes);
}
