// The page around the text: what stays in sight, and how the keys lead from the headline to the text.

import { Selection } from "prosemirror-state";

// The bar and the tools stay in sight, and nothing that is looked at is below them.
export function keepInSight(bar, head, view) {
  const measure = () => {
    const high = bar.offsetHeight;
    const low = head.offsetHeight;
    document.documentElement.style.setProperty("--bar", `${high}px`);
    document.documentElement.style.setProperty("--tools", `${low}px`);
    const margin = { top: high + low + 16, bottom: 88, left: 0, right: 0 };
    view.setProps({ scrollMargin: margin, scrollThreshold: margin });
  };
  const sizes = new ResizeObserver(measure);
  sizes.observe(bar);
  sizes.observe(head);
  measure();
}

// Enter leads from the headline to the deck, and from there to the text: neither has line breaks. The arrow keys do so at
// their ends.
export function titles(form, view) {
  const { headline, deck } = form.elements;
  const toText = () => {
    view.focus();
    view.dispatch(view.state.tr.setSelection(Selection.atStart(view.state.doc)));
  };
  const next = new Map([
    [headline, () => deck.focus()],
    [deck, toText],
  ]);
  for (const [field, go] of next) {
    field.addEventListener("keydown", (event) => {
      const { selectionStart, selectionEnd, value } = field;
      const isAtEnd = selectionStart === value.length && selectionEnd === value.length;
      if (event.isComposing || !(event.key === "Enter" || (event.key === "ArrowDown" && isAtEnd))) return;
      event.preventDefault();
      go();
    });
  }
  view.dom.addEventListener("keydown", (event) => {
    const { selection, doc } = view.state;
    if (event.key !== "ArrowUp" || event.defaultPrevented || !selection.empty || selection.from > Selection.atStart(doc).from) return;
    event.preventDefault();
    deck.focus();
  });
}
