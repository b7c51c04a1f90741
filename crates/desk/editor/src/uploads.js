// Pictures on their way to the server. What leads away from the page waits for them.

const underway = new Set();

export function isUploading() {
  return underway.size > 0;
}

// Remembers an upload until it is done: a promise of whether the picture is in its place.
export function track(upload) {
  underway.add(upload);
  upload.finally(() => underway.delete(upload)).catch(() => {});
  return upload;
}

// Waits for all uploads. Gives false if one failed.
export async function uploaded() {
  let isComplete = true;
  while (isUploading()) {
    const results = await Promise.allSettled(underway);
    isComplete &&= results.every(({ value }) => value === true);
  }
  return isComplete;
}
