/** Anything with `fetch`; it sees the path below its mount. */
export default {
  fetch(request: Request): Response {
    return Response.json({ path: new URL(request.url).pathname });
  },
};
