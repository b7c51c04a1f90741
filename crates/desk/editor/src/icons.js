// The signs of the tools, drawn for this editor: lines on a grid of 24 × 24. To add one, add its path.

const PATHS = {
  add: "M12 5v14M5 12h14",
  bold: "M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z",
  italic: "M14 5l-4 14M10 5h7M7 19h7",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.3 1.3M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.3-1.3",
  comment: "M4 5h16v11H11l-5 4v-4H4zM8 9h8M8 12.5h5",
  paragraph: "M4 7h16M4 12h16M4 17h10",
  subheading: "M5 5v14M13 5v14M5 12h8M17 17a2 2 0 1 1 3.7 1L17 22h4",
  minor_subheading: "M5 5v14M13 5v14M5 12h8M17 15h4l-2.4 2.8a2.1 2.1 0 1 1-1.8 3.2",
  quote: "M5 4v16M9 8h11M9 12h11M9 16h7",
  pull_quote: "M4 4h16M4 20h16M7 14c0-3 1-4.5 3-5M14 14c0-3 1-4.5 3-5M7 13.5h2.5v2H7zM14 13.5h2.5v2H14z",
  fact_box: "M4 5h16v14H4zM4 9h16M8 13h8M8 16h5",
  ingredients: "M5 4h14v16H5zM9 9h6M9 13h6M9 17h3",
  bullets: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  numbers: "M10 6h10M10 12h10M10 18h10M4 4.5L5.5 4v4.5M4 15.5a1.3 1.3 0 1 1 2.3.9L4 19.5h2.6",
  picture: "M4 5h16v14H4zM4 16l4.5-4.5 4 4L16 12l4 4M15.5 8.5h.01",
  library_picture: "M4 7h16v12H4zM7 4h10M4 16l4-4 3.5 3.5L15 12l5 5M15.5 10h.01",
  gallery: "M3 7h12v12H3zM7 7V4h14v12h-6M3 16l3.5-3.5L10 16l2-2 3 3",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14M15 5v14",
  embed: "M3 5h18v14H3zM10 9l5 3-5 3z",
  related: "M4 5h11v14H4zM7.5 9h4M7.5 12.5h4M18 8l3 4-3 4",
  footnote: "M4 8h9M4 12h12M4 16h7M18 4v6M15.4 5.5l5.2 3M20.6 5.5l-5.2 3",
  divider: "M4 12h4M10 12h4M16 12h4",
  undo: "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3",
  redo: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h3",
  find: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
  accept: "M4 12.5l5 5L20 6.5",
  add_row: "M4 4h16v8H4zM12 4v8M12 15v6M9 18h6",
  add_column: "M4 4h8v16H4zM4 12h8M18 9v6M15 12h6",
  delete_row: "M4 4h16v8H4zM12 4v8M9 18h6",
  delete_column: "M4 4h8v16H4zM4 12h8M15 12h6",
  header_row: "M4 5h16v14H4zM4 10h16M4 6.5h16M4 8h16M12 10v9",
  delete_table: "M4 5h16v14H4zM8 9l8 6M16 9l-8 6",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
  match_case: "M3 18l4.5-12L12 18M4.5 14h6M20 10v8M20 14a3 3 0 1 0-6 .5 3 3 0 0 0 6-.5",
  close: "M6 6l12 12M18 6L6 18",
};

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const lines = document.createElementNS(SVG, "path");
  lines.setAttribute("d", PATHS[name] ?? PATHS.paragraph);
  drawing.append(lines);
  return drawing;
}
