// What is worked out from the whole text, such as its length: not while somebody types, and not when only the cursor moves.

const REST = 400;

// Returns a function that takes each document, and calls `act` with the first one, and then with one that has not changed for a moment.
export function whenResting(act) {
  let known = null;
  let resting;
  return (doc) => {
    if (doc === known) return;
    clearTimeout(resting);
    resting = setTimeout(act, known ? REST : 0, doc);
    known = doc;
  };
}
