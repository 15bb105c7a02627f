// On Workers static files are the platform's: a binding answers for them.

interface Env {
  readonly ASSETS: { fetch(request: Request): Promise<Response> };
}

const TYPES: Record<string, string> = { css: "text/css; charset=utf-8", svg: "image/svg+xml" };

/** `tsgi.fetch = ./src/assets.ts` */
const assets = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const answer = await env.ASSETS.fetch(request);
    // a binding that is a bare disk, as on a developer's machine, knows no types
    const type = TYPES[new URL(request.url).pathname.split(".").at(-1) ?? ""];
    if (!answer.ok || type === undefined) return answer;
    const headers = new Headers(answer.headers);
    headers.set("Content-Type", type);
    return new Response(answer.body, { status: answer.status, headers });
  },
};
export default assets;
