// Where the server is: one level above the folder of the built script, under whatever prefix a proxy put it.

/** The address of the whole server, with a slash at its end. */
export const ROOT: URL = new URL(/* @vite-ignore */ "../", import.meta.url);

/** Gives the absolute address of a path below the server's root; `path` has no slash in front. */
export function at(path: string): string {
  return new URL(path, ROOT).href;
}

/** Gives the path of a page, to be shown in the address bar. */
export function pathOf(path: string): string {
  return new URL(path, ROOT).pathname + new URL(path, ROOT).search + new URL(path, ROOT).hash;
}
