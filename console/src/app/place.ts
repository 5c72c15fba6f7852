/** Where the console is, and what its server says of itself in the page. */
export interface Place {
  /** The tenant's OpenID issuer: origin, and the path before /console. */
  issuer: string;
  /** Path before /console, without a slash at its end: "" or "/t/acme". */
  root: string;
  /** Tenant of the path, undefined for the default one. */
  tenant: string | undefined;
  /** Management scopes that there are. */
  scopes: string[];
}

/** readPlace reads the page's meta elements. What the server did not fill in is that of the address bar. */
export function readPlace(page: Document, location: Location): Place {
  const meta = (name: string) => page.querySelector<HTMLMetaElement>(`meta[name="usher-${name}"]`)?.content ?? "";
  const issuer = meta("issuer") || location.origin;
  const root = new URL(issuer).pathname.replace(/\/$/, "");
  return { issuer, root, tenant: /\/t\/([^/]+)$/.exec(root)?.[1], scopes: meta("scopes").split(" ").filter(Boolean) };
}

/**
 * elsewhere returns where the console should have been opened, where that is another origin than this: nobody can sign in to this one, because codes
 * are sent to the server's public URL only.
 */
export function elsewhere(place: Place, location: Location): string | undefined {
  const home = new URL(place.issuer);
  if (home.origin === location.origin && location.pathname.startsWith(`${place.root}/console/`)) return undefined;
  const at = location.pathname.indexOf("/console/", location.pathname.startsWith("/t/") ? 3 : 0);
  return home.origin + place.root + location.pathname.slice(at) + location.search + location.hash;
}
