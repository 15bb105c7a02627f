import type { App, Environ } from "../contract.ts";
import { isHost, quote } from "../grammar.ts";
import { disposerOf } from "../lifespan.ts";

/** One path segment of the mounts: found by name, however many there are. */
interface Node {
  app: App | undefined;
  /** The mount's path as it was written, once slashes are collapsed. */
  path: string;
  children: Map<string, Node> | undefined;
}

/** Options of `urlmap`. */
export interface UrlmapOptions {
  /** What answers where nothing is mounted; SCRIPT_NAME and PATH_INFO are left alone. Default a plain 404. */
  notFound?: App;
}

/**
 * Mounts apps under paths and hosts. A mounted app sees its own path in SCRIPT_NAME and the rest in PATH_INFO; the two
 * together stay the whole. The longest mount wins, one with a host before one without; a host whose paths do not match
 * falls through to those without a host. The cost does not grow with the number of mounts.
 *
 * @param map keys: `"/blog"`, `"http://host/x"`, `"http://host:8080/x"` (that port only), `"domain host port 80 /x"`
 * @throws TypeError for a key that is none of these, or a value that is no app
 * @example urlmap({ "/": home, "/api": fromFetch(api), "http://admin.example.com/": admin })
 */
export function urlmap(map: Readonly<Record<string, App>>, options: UrlmapOptions = {}): App {
  const anyHost: Node = newNode("");
  const hosts = new Map<string, Node>();
  for (const [key, app] of Object.entries(map)) {
    if (typeof app !== "function") throw new TypeError(`urlmap: ${quote(key)} is ${typeof app}; an app is wanted`);
    const { host, path } = parseMount(key);
    let root = anyHost;
    if (host !== "") {
      root = hosts.get(host) ?? newNode("");
      hosts.set(host, root);
    }
    mount(root, path, app);
  }
  const notFound = options.notFound ?? plainNotFound;
  const mapped: App = (environ, startResponse) => {
    const given = environ.PATH_INFO ?? "";
    const path = given.includes("//") ? given.replace(/\/{2,}/g, "/") : given;
    let found: Node | undefined;
    if (hosts.size > 0) {
      const { name, port } = hostOf(environ);
      const withPort = hosts.get(`${name}:${port}`);
      const without = hosts.get(name);
      // the longest path of the host wins; where both name it the entry with the port is the closer one
      found = longer(withPort && find(withPort, path), without && find(without, path));
    }
    found ??= find(anyHost, path);
    if (found === undefined) return notFound(environ, startResponse);
    if (found.path !== "" || path !== given) {
      environ.SCRIPT_NAME = (environ.SCRIPT_NAME ?? "") + found.path;
      environ.PATH_INFO = path.slice(found.path.length);
    }
    return (found.app as App)(environ, startResponse);
  };
  return Object.assign(
    mapped,
    disposerOf(...new Set([...Object.values(map), ...(options.notFound ? [options.notFound] : [])])),
  );
}

function newNode(path: string): Node {
  return { app: undefined, path, children: undefined };
}

function mount(root: Node, path: string, app: App): void {
  let node = root;
  if (path !== "")
    for (const segment of path.slice(1).split("/")) {
      node.children ??= new Map();
      let next = node.children.get(segment);
      if (next === undefined) node.children.set(segment, (next = newNode(`${node.path}/${segment}`)));
      node = next;
    }
  node.app = app;
}

/** The deepest mount on the way down a path: it ends where no mount goes on, not where the path does. */
function find(root: Node, path: string): Node | undefined {
  let best = root.app === undefined ? undefined : root;
  let node: Node | undefined = root;
  for (let start = 1; path.charCodeAt(start - 1) === 47 && node.children !== undefined;) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    node = node.children.get(path.slice(start, end));
    if (node === undefined) break;
    if (node.app !== undefined) best = node;
    start = end + 1;
  }
  return best;
}

function longer(a: Node | undefined, b: Node | undefined): Node | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.path.length > a.path.length ? b : a;
}

/** Name in lower case and port that a request is for; without a port that of the scheme. IPv6 literals keep their brackets. */
function hostOf(environ: Environ): { name: string; port: string } {
  // HTTP/1.0 has no Host: the listener's name and port stand in
  const host = environ.HTTP_HOST;
  if (host === undefined) return { name: bracketed(environ.SERVER_NAME ?? ""), port: environ.SERVER_PORT ?? "" };
  const match = /^(\[[^\]]*\]|[^:]*)(?::([0-9]*))?/.exec(host);
  const usual = environ["tsgi.url_scheme"] === "https" ? "443" : "80";
  return { name: (match?.[1] ?? "").toLowerCase(), port: plainPort(match?.[2] || usual) };
}

/** A host name as a Host field has it: in lower case, an IPv6 address in brackets. */
function bracketed(name: string): string {
  return (/^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(name) ? `[${name}]` : name).toLowerCase();
}

function plainPort(digits: string): string {
  return String(Number(digits));
}

/**
 * A mount key: `domain NAME`, `port N` and one path in any order, or a URL, or a path alone.
 *
 * @throws TypeError naming the key and what is wrong with it
 */
export function parseMount(key: string): { host: string; path: string } {
  let host: string | undefined;
  let port: string | undefined;
  let path: string | undefined;
  const words = key.trim().split(/\s+/);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === "domain") {
      if (host !== undefined) throw new TypeError(`urlmap: ${quote(key)}: 'domain' given twice`);
      host = words[++i];
      if (host === undefined)
        throw new TypeError(`urlmap: ${quote(key)}: 'domain' must be followed with a domain name`);
    } else if (word === "port") {
      if (port !== undefined) throw new TypeError(`urlmap: ${quote(key)}: 'port' given twice`);
      port = words[++i];
      if (port === undefined || !/^[0-9]+$/.test(port))
        throw new TypeError(`urlmap: ${quote(key)}: 'port' must be followed with a port number`);
    } else {
      if (path !== undefined)
        throw new TypeError(
          `urlmap: ${quote(key)}: more than one path given (have ${quote(path)}, got ${quote(word)})`,
        );
      path = word;
    }
  }
  const url = /^(https?):\/\/(\[[^\]]*\]|[^:/]+)(?::([0-9]+))?(\/.*)?$/i.exec(path ?? "");
  if (url !== null) {
    if (host !== undefined || port !== undefined)
      throw new TypeError(`urlmap: ${quote(key)}: a URL names its host itself, without 'domain' and 'port'`);
    host = url[2];
    // https://host is port 443 alone, while http://host is the host on any port (Paste)
    port = url[3] ?? (url[1].toLowerCase() === "https" ? "443" : undefined);
    path = url[4] ?? "/";
  }
  if (port !== undefined && host === undefined)
    throw new TypeError(`urlmap: ${quote(key)}: if you give a port, you must also give a domain`);
  path ??= "";
  // Paste puts a slash between a domain and its path; alone, a path without one is more likely a setting's name
  if (host !== undefined && path !== "" && !path.startsWith("/")) path = `/${path}`;
  if (path !== "" && !path.startsWith("/"))
    throw new TypeError(`urlmap: URL fragments must start with / or http:// (you gave ${quote(path)})`);
  const normal = path.replace(/\/{2,}/g, "/").replace(/\/$/, "");
  if (host === undefined) return { host: "", path: normal };
  const name = bracketed(host);
  const whole = port === undefined ? name : `${name}:${plainPort(port)}`;
  if (!isHost(whole)) throw new TypeError(`urlmap: ${quote(key)}: ${quote(whole)} is not one host and port`);
  return { host: whole, path: normal };
}

const plainNotFound: App = (_environ, startResponse) => {
  startResponse("404 Not Found", [["Content-Type", "text/plain; charset=utf-8"]]);
  return ["Not Found\n"];
};
