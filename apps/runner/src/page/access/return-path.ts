/** Where to go after signing in: only to a path of the page itself, never to another site. Anything else leads to the start. Pure. */
export function toReturnPath(wanted: string | undefined): string {
  if (wanted === undefined || wanted.length > 2000 || !/^\/(?![/\\])[\x21-\x5B\x5D-\x7E]*$/.test(wanted)) return "/";
  const base = "http://page.invalid";
  const url = new URL(wanted, base);
  if (url.origin !== base || !/^\/($|syncs\/|quota$)/.test(url.pathname)) return "/";
  return `${url.pathname}${url.search}`;
}
