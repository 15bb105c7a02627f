import { mapResponse, type Middleware } from "@tsgi/core";

/** `policy` as the Cache-Control of good answers that say nothing of it themselves. */
export function cache(_globalConf: unknown, settings: { policy: string }): Middleware {
  return (app) =>
    mapResponse(app, {
      head(status, headers) {
        const silent = !headers.some(([name]) => name.toLowerCase() === "cache-control");
        return [status, silent && /^[23]/.test(status) ? [...headers, ["Cache-Control", settings.policy]] : headers];
      },
    });
}
