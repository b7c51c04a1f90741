// Tables: a new one, and the keys in it.

import { addRowAfter, goToNextCell, isInTable } from "prosemirror-tables";
import { insertBlock } from "./insertion.js";
import { schema } from "./schema.js";

const { nodes } = schema;
const COLUMNS = [1, 2, 3];

function newTable() {
  const row = (cell) => nodes.table_row.create(null, COLUMNS.map(() => cell.createAndFill()));
  return nodes.table.create(null, [row(nodes.table_header), row(nodes.table_cell), row(nodes.table_cell)]);
}

// The cursor is in its first cell.
export const insertTable = insertBlock(newTable, { inside: true });

// To the next cell; behind the last one there is a new row. The arrow keys lead out of a table.
export function nextCell(state, dispatch, view) {
  if (goToNextCell(1)(state, dispatch)) return true;
  if (!isInTable(state)) return false;
  addRowAfter(state, dispatch);
  return !view || goToNextCell(1)(view.state, dispatch);
}

export function previousCell(state, dispatch) {
  return goToNextCell(-1)(state, dispatch) || isInTable(state);
}
