// The articles of this site for words of their headlines. Without a connection there are none to offer.

export async function articlesFor(words) {
  if (words.trim().length < 2) return [];
  try {
    const answer = await fetch(`/desk/articles/links?q=${encodeURIComponent(words)}`, { headers: { accept: "application/json" } });
    return answer.ok ? (await answer.json()).articles : [];
  } catch {
    return [];
  }
}
