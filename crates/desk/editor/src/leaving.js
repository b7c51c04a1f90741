// What leads away from the page waits until every picture is here and everything is saved.

import { isUploading, uploaded } from "./uploads.js";
import { say } from "./words.js";

export function leaveWhenSaved(saving, messages) {
  let isWaiting = false;
  const settle = async (leave) => {
    if (isWaiting) return;
    isWaiting = true;
    if (isUploading()) messages.tell("leaving", say("still_sending"));
    const isComplete = await uploaded();
    if (isComplete) await saving.save();
    messages.clear("leaving");
    isWaiting = false;
    if (isComplete) leave();
  };
  const isSettled = () => saving.isOver || (!saving.isDirty() && !isUploading());
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target || link.hasAttribute("download") || event.metaKey || event.ctrlKey || link.closest(".ProseMirror") || isSettled()) return;
    event.preventDefault();
    settle(() => (location.href = link.href));
  });
  for (const form of document.querySelectorAll("#workflow, #assignment-form")) {
    form.addEventListener("submit", (event) => {
      if (isSettled()) return;
      event.preventDefault();
      const { target, submitter } = event;
      settle(() => saving.failures || target.requestSubmit(submitter));
    });
  }
  window.addEventListener("beforeunload", (event) => (isUploading() || (saving.isOver && saving.isDirty())) && event.preventDefault());
}
