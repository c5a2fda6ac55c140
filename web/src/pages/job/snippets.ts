// How a picture or a page is put into another page. Pure.

const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Writes a text into HTML. */
export function html(text: string): string {
  return text.replace(/[&<>"']/g, (each) => HTML[each] ?? each);
}

/** Writes a text into Markdown so that nothing of it is markup, in brackets too. */
export function markdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, (each) => `\\${each}`).replace(/\s+/g, " ");
}

/** Gives the ways to show a picture that leads to a page, or only to name a page. */
export function snippets(name: string, page: string, picture: string | null): { html: string; markdown: string; url: string } {
  const link = page.replaceAll("(", "%28").replaceAll(")", "%29");
  if (picture === null) {
    return { html: `<a href="${html(page)}">${html(name)}</a>`, markdown: `[${markdown(name)}](${link})`, url: page };
  }
  const source = picture.replaceAll("(", "%28").replaceAll(")", "%29");
  return {
    html: `<a href="${html(page)}"><img src="${html(picture)}" alt="${html(name)}"></a>`,
    markdown: `[![${markdown(name)}](${source})](${link})`,
    url: picture,
  };
}
