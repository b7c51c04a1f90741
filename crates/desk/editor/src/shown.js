// Where a picture is shown from. It may have been replaced in the library since it was put into the text, which keeps its name: with this
// query the server leads to the file that readers get.

export const shownAt = (src) => (src.startsWith("/media/") ? `${src}?now` : src);
