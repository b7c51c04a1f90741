// The list of articles: one box that selects all of them. The calendar: what is scheduled or due is dragged to another day.
// The library of pictures: files that are uploaded.
(() => {
  const boxes = [...document.querySelectorAll("[name=story][form=selection]")];
  for (const label of document.querySelectorAll("[data-select-all]")) {
    const all = label.querySelector("input");
    label.hidden = false;
    const show = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      all.checked = chosen === boxes.length;
      all.indeterminate = chosen > 0 && !all.checked;
    };
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
    });
    for (const box of boxes) box.addEventListener("change", show);
    show();
  }
})();

(() => {
  const THRESHOLD = 6;
  const dayAt = ({ clientX, clientY }) => document.elementFromPoint(clientX, clientY)?.closest("[data-date]");
  let drag;
  const mark = (day) => {
    drag.day?.classList.remove("over");
    drag.day = day;
    day?.classList.add("over");
  };
  const end = () => {
    mark(undefined);
    drag.item.classList.remove("dragged");
    drag.item.style.removeProperty("translate");
    drag = undefined;
  };
  const move = (event) => {
    const [across, down] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.isMoving && Math.hypot(across, down) < THRESHOLD) return;
    if (!drag.isMoving) drag.item.setPointerCapture(event.pointerId);
    drag.isMoving = true;
    drag.item.classList.add("dragged");
    drag.item.style.translate = `${across}px ${down}px`;
    mark(dayAt(event));
  };
  const drop = (event) => {
    const [{ item, isMoving }, day] = [drag, drag.isMoving && dayAt(event)];
    end();
    if (!isMoving) return;
    // The click that follows opens no article.
    const stop = (click) => click.preventDefault();
    item.addEventListener("click", stop, { capture: true });
    setTimeout(() => item.removeEventListener("click", stop, { capture: true }), 50);
    if (!day || day === item.closest("[data-date]")) return;
    const form = item.querySelector("form");
    const { at } = form.elements;
    at.value = `${day.dataset.date} ${at.value.slice(11)}`;
    form.requestSubmit();
  };
  for (const item of document.querySelectorAll("[data-date] [data-movable]")) {
    item.addEventListener("pointerdown", (event) => {
      // A finger scrolls the page: for it there is the form.
      if (event.button !== 0 || event.pointerType === "touch" || event.target.closest("button, form")) return;
      drag = { item, x: event.clientX, y: event.clientY, isMoving: false };
    });
  }
  document.addEventListener("pointermove", (event) => drag && move(event));
  document.addEventListener("pointerup", (event) => drag && drop(event));
  document.addEventListener("pointercancel", () => drag && end());
  document.addEventListener("keydown", (event) => drag && event.key === "Escape" && end());
})();

(() => {
  const line = document.querySelector("[data-upload]");
  if (!line) return;
  line.hidden = false;
  const [input, said] = [line.querySelector("input"), line.querySelector("[role=status]")];
  // Where a file is looked at that may replace a picture.
  let next = "";
  const send = async (file) => {
    const address = `${line.dataset.to ?? "/desk/pictures"}?${new URLSearchParams({ name: file.name })}`;
    const answer = await fetch(address, { method: "POST", body: file, headers: { accept: "application/json" } });
    const { fault, to } = await answer.json();
    next = to;
    if (answer.ok) return "";
    return `${file.name}: ${fault ?? said.dataset.fault}`;
  };
  input.addEventListener("change", async () => {
    let faults = [];
    for (const [index, file] of [...input.files].entries()) {
      said.textContent = `${index + 1} / ${input.files.length}`;
      const fault = await send(file).catch(() => `${file.name}: ${said.dataset.fault}`);
      if (fault) faults.push(fault);
    }
    if (faults.length) said.textContent = faults.join(" ");
    else if (next) location.assign(next);
    else location.reload();
  });
})();
