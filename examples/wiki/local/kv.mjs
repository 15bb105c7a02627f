// A KV namespace for a developer's machine: the HTTP that workerd speaks to whatever stands behind a KV binding, over a
// Map. What is saved lives as long as the process.
import pages from "pages";

const values = new Map(Object.entries(pages));

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const key = decodeURIComponent(url.pathname.slice(1));
    if (key === "" && request.method === "GET") return list(url.searchParams.get("prefix") ?? "");
    if (request.method === "PUT") values.set(key, await request.text());
    else if (request.method === "DELETE") values.delete(key);
    else return values.has(key) ? new Response(values.get(key)) : new Response("Not Found", { status: 404 });
    return new Response("");
  },
};

function list(prefix) {
  const names = [...values.keys()].filter((name) => name.startsWith(prefix)).sort();
  return Response.json({ keys: names.map((name) => ({ name })), list_complete: true });
}
