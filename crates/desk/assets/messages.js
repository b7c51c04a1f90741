// Writing a message: a variable is inserted at the cursor, mistakes are marked and the page is
// shown as one types.
(() => {
  const form = document.getElementById("message");
  let field = form.elements.text;
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea, input:not([type=hidden])")) field = event.target;
  });
  form.addEventListener("click", (event) => {
    const template = event.target.dataset.insert;
    if (!template) return;
    field.setRangeText(template, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const frames = document.getElementById("seen-frames");
  const note = document.getElementById("unseen-note");
  let resting;
  let asked = 0;
  const look = async () => {
    const turn = ++asked;
    const body = new URLSearchParams(new FormData(form));
    let told;
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
      told = await answer.json();
    } catch {
      return;
    }
    if (turn !== asked) return;
    for (const mistake of form.querySelectorAll(".mistake")) {
      const said = mistake.id === `${told.at}-mistake` ? told.fault : "";
      if (mistake.textContent !== said) mistake.textContent = said;
    }
    frames.hidden = Boolean(told.fault);
    note.hidden = !told.fault;
    if (!told.fault) for (const frame of frames.querySelectorAll("iframe")) frame.contentWindow.location.replace(told.page);
  };
  form.addEventListener("input", () => {
    clearTimeout(resting);
    resting = setTimeout(look, 400);
  });
})();
