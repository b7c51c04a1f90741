// The menus: rows are moved with their arrows or dragged by their handles, without a request. They are saved with the form, which has
// them in the order of the page.
(() => {
  const form = document.getElementById("menus");
  const said = document.getElementById("menu-moved");
  const isHeading = (row) => row.classList.contains("menu-group");
  const arrow = (row, way) => row.querySelector(`button[value^="${way}-"]`);

  const mark = (list) => {
    for (const row of list.children) {
      arrow(row, "up").setAttribute("aria-disabled", row === list.firstElementChild);
      arrow(row, "down").setAttribute("aria-disabled", row === list.lastElementChild);
    }
  };
  // Swaps a row with one beside it. The footer begins with a heading.
  const swap = (row, other) => {
    const list = row.parentElement;
    const [first, second] = row.nextElementSibling === other ? [row, other] : [other, row];
    if (first === list.firstElementChild && isHeading(first) && !isHeading(second)) return false;
    // The other row moves, so that this one keeps the focus and the pointer.
    if (other === second) row.before(other);
    else row.after(other);
    mark(list);
    return true;
  };
  const announce = (row) => {
    const rows = [...row.parentElement.children];
    const gaps = { name: row.dataset.label, place: rows.indexOf(row) + 1, all: rows.length };
    said.textContent = said.dataset.text.replace(/\{(\w+)\}/g, (_, gap) => gaps[gap]);
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[value^="up-"], button[value^="down-"]');
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    const other = button.value.startsWith("up-") ? row.previousElementSibling : row.nextElementSibling;
    if (other && swap(row, other)) announce(row);
  });

  let dragged, places;
  const end = () => {
    dragged.classList.remove("dragged");
    dragged = undefined;
  };
  for (const handle of form.querySelectorAll(".handle")) {
    handle.hidden = false;
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      dragged = handle.closest("li");
      places = [...dragged.parentElement.children];
      dragged.classList.add("dragged");
    });
  }
  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const middle = (row) => {
      const { top, height } = row.getBoundingClientRect();
      return top + height / 2;
    };
    for (let above = dragged.previousElementSibling; above && event.clientY < middle(above); above = dragged.previousElementSibling) {
      if (!swap(dragged, above)) break;
    }
    for (let below = dragged.nextElementSibling; below && event.clientY > middle(below); below = dragged.nextElementSibling) {
      if (!swap(dragged, below)) break;
    }
  });
  document.addEventListener("pointerup", () => {
    if (!dragged) return;
    announce(dragged);
    end();
  });
  const restore = () => {
    if (!dragged) return;
    const list = dragged.parentElement;
    list.append(...places);
    mark(list);
    end();
  };
  document.addEventListener("pointercancel", restore);
  document.addEventListener("keydown", (event) => event.key === "Escape" && restore());
})();
