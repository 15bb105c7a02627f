import type { Environ, Middleware } from "@tsgi/core";

/**
 * Refuses what a page of another site makes a browser send (cross-site request forgery): every browser says where a
 * form came from. Who is no browser says nothing, and brings no cookies of anybody.
 */
export function sameOrigin(): Middleware {
  return (app) => (environ, startResponse) => {
    if (/^(?:GET|HEAD|OPTIONS)$/.test(environ.REQUEST_METHOD) || isOwn(environ)) return app(environ, startResponse);
    startResponse("403 Forbidden", [["Content-Type", "text/plain; charset=utf-8"]]);
    return ["This was sent from a page of another site, and is not taken.\n"];
  };
}

function isOwn(environ: Environ): boolean {
  const site = environ["HTTP_SEC_FETCH_SITE"];
  if (site !== undefined) return site === "same-origin" || site === "none";
  const origin = environ.HTTP_ORIGIN;
  if (origin === undefined) return true;
  // a proxy that speaks https to the browser need not say so: host and port tell enough
  return URL.canParse(origin) && new URL(origin).host === environ.HTTP_HOST;
}
