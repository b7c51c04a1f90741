// A new article gets its number when the first of it is saved: then the page is that of the article.

export function beginner(form, kept) {
  if (form.dataset.story) return null;
  return (number) => {
    const address = `/desk/articles/${number}`;
    form.dataset.story = number;
    form.action = address;
    kept.rename(`${form.dataset.account}-${number}`);
    history.replaceState(null, "", address);
    for (const link of document.querySelectorAll("[data-to]")) link.href = `${address}/${link.dataset.to}`;
    for (const button of document.querySelectorAll("[data-do]")) button.formAction = `${address}/${button.dataset.do}`;
    for (const waiting of document.querySelectorAll("[data-once-saved]")) waiting.hidden = false;
  };
}
