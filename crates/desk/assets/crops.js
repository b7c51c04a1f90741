// Crops of a picture: a frame on the picture is moved with the pointer or the arrow keys, and resized at its corner or with + and -.
// A preview shows the result. The values are those of the fields, which also work without this script.

(() => {
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const SIZES = { "+": 2, "=": 2, "-": -2, "−": -2 };
  // The smallest width, in percent of the picture's.
  const MIN = 5;
  const within = (number, most) => Math.min(Math.max(number, 0), Math.max(most, 0));
  // One decimal, rounded down so that the frame stays within the picture.
  const tenths = (number) => Math.floor(number * 10 + 1e-6) / 10;

  const start = (place) => {
    const find = (selector) => place.querySelector(selector);
    const [stage, box, preview, numbers, chosen] = [".crop-stage", ".crop-box", ".crop-preview", ".crop-numbers", "[type=checkbox]"].map(find);
    const [image, shown] = [stage, preview].map((parent) => parent.querySelector("img"));
    const fields = ["left", "top", "width"].map((name) => find(`[name^=${name}-]`));
    const shape = Number(place.dataset.shape);
    // The height of a frame in percent of the picture's height.
    const tall = (width) => (width * image.getAttribute("width")) / image.getAttribute("height") / shape;
    const get = () => fields.map((field) => Number(field.value.replace(",", ".")) || 0);
    const show = () => {
      const [left, top, width] = get();
      const part = Math.max(width, 1);
      Object.assign(box.style, { left: `${left}%`, top: `${top}%`, width: `${part}%`, height: `${tall(part)}%` });
      preview.lastElementChild.style.aspectRatio = shape;
      Object.assign(shown.style, { width: `${10000 / part}%`, left: `${(-100 * left) / part}%`, top: `${(-100 * top) / tall(part)}%` });
      for (const element of [stage, preview, numbers]) element.hidden = !chosen.checked;
    };
    // A width with which the frame is within the picture.
    const limited = (width) => {
      const most = Math.min(100, 100 / tall(1));
      return Math.max(Math.min(width, most), Math.min(MIN, most));
    };
    const set = (left, top, width) => {
      const part = limited(width);
      const values = [within(left, 100 - part), within(top, 100 - tall(part)), part];
      values.forEach((value, index) => { fields[index].value = tenths(value); });
      place.dispatchEvent(new Event("input", { bubbles: true }));
    };
    box.addEventListener("keydown", (event) => {
      const [[left, top, width], move, size] = [get(), MOVES[event.key], SIZES[event.key]];
      if (event.ctrlKey || event.metaKey || event.altKey || !(move || size)) return;
      event.preventDefault();
      const step = event.shiftKey ? 10 : 1;
      if (move) set(left + move[0] * step, top + move[1] * step, width);
      // The middle stays where it is.
      else {
        const part = limited(width + size);
        set(left - (part - width) / 2, top - tall(part - width) / 2, part);
      }
    });
    let drag = null;
    box.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      box.setPointerCapture(event.pointerId);
      box.focus();
      drag = { x: event.clientX, y: event.clientY, from: get(), isCorner: event.target !== box };
    });
    box.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const { width, height } = image.getBoundingClientRect();
      const [across, down] = [((event.clientX - drag.x) / width) * 100, ((event.clientY - drag.y) / height) * 100];
      const [left, top, part] = drag.from;
      if (drag.isCorner) set(left, top, Math.min(part + Math.max(across, down / tall(1)), 100 - left, (100 - top) / tall(1)));
      else set(left + across, top + down, part);
    });
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => { drag = null; });
    place.addEventListener("input", show);
    show();
    return show;
  };

  const form = document.querySelector("#crops");
  if (!form) return;
  const all = [...form.querySelectorAll("fieldset")].map(start);
  // The fields have their former values only after the event.
  form.addEventListener("reset", () => setTimeout(() => all.forEach((show) => show())));
  for (const element of form.parentElement.querySelectorAll("[data-with-script]")) element.hidden = false;
})();
