// The list of articles: one box that selects all of them.
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
