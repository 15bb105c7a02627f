/**
 * Files of a directory: from code `staticFiles({ document_root: "public" })`, from a file
 * `use = npm:@tsgi/middleware#static`. Needs node:fs, so it runs on Node, Bun and Deno.
 *
 * @module
 */
import { realpathSync, statSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { defineApp, status, type App, type Body, type Defined, type Environ, type HeaderList } from "@tsgi/core";
import { encodePath } from "@tsgi/core/adapter";
import { asBool, asInt, asText, settingsSchema, type Read } from "@tsgi/core/settings";
import { judge, validatorHeaders, type Verdict } from "./conditions.ts";
import { BLOCK, FileBody, readBlock } from "./file-body.ts";
import { find, segmentsOf, unfound, type Found, type Unfound } from "./find.ts";
import { listing } from "./listing.ts";
import { encodingsFor, typeOf } from "./types.ts";

const FIELDS = {
  document_root: { cast: asText, required: true },
  index: { cast: asText, default: "index.html" },
  listing: { cast: asBool, default: false },
  cache_max_age: { cast: (value: unknown) => asInt(value, { min: 0 }) },
  precompressed: { cast: asBool, default: false },
  dot_files: { cast: asBool, default: false },
} as const;

type Checked = Read<typeof FIELDS>;

/** So often a path is looked at whose file is another one each time it is opened. */
const TRIES = 10;

/** What `staticFiles` takes; an INI file gives the same as text. */
export interface StaticSettings {
  /** The directory; a relative one starts from the folder of the INI file, in code from the working directory. */
  readonly document_root: string;
  /** The file that stands for its directory. Default `index.html`. */
  readonly index?: string;
  /** Whether a directory without such a file is shown as a page; else it is not found. Default false. */
  readonly listing?: boolean | string;
  /** Seconds for which a client may use a file without asking again. Default not said. */
  readonly cache_max_age?: number | string;
  /** Whether `name.br` or `name.gz` beside a file is sent to whoever takes it. Default false. */
  readonly precompressed?: boolean | string;
  /** Whether files whose name begins with a dot are there. Default false. */
  readonly dot_files?: boolean | string;
}

/**
 * An app that answers with the files below a directory: types by extension, ETag, Last-Modified, conditions and ranges
 * (RFC 9110), a redirect where a directory's slash is missing. Nothing outside the directory can be reached, neither by
 * a path nor by a link.
 *
 * @throws SettingsError for settings that do not fit; Error when `document_root` is no directory
 * @example urlmap({ "/": pages, "/static": staticFiles({ document_root: "public" }) })
 */
export const staticFiles: Defined<StaticSettings, App> = defineApp({
  settings: settingsSchema(FIELDS),
  create: (settings, globalConf) => {
    const here = typeof globalConf.here === "string" ? globalConf.here : "";
    const root = resolve(here, settings.document_root);
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new Error(`static: document_root ${JSON.stringify(root)} is no directory`);
    return appOf(realpathSync(root), settings);
  },
});

function appOf(root: string, settings: Checked): App {
  return async (environ, startResponse) => {
    const answer = await settled(environ, settings, root);
    try {
      startResponse(status(answer.status), [...answer.headers, ["X-Content-Type-Options", "nosniff"]]);
    } catch (error) {
      // the client has left meanwhile: nobody else gets to see this body, and its file
      await answer.body.close?.();
      throw error;
    }
    return answer.body;
  };
}

async function settled(environ: Environ, settings: Checked, root: string): Promise<Reply> {
  for (let tries = 0; tries < TRIES; tries++) {
    const reply = await respondTo(environ, settings, root);
    if (reply !== undefined) return reply;
  }
  throw new Error(`static: a file was replaced ${TRIES} times before it could be opened`);
}

interface Reply {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Body;
}

/** `undefined` when a file was replaced, or has gone, between the look at it and its opening. */
async function respondTo(environ: Environ, settings: Checked, root: string): Promise<Reply | undefined> {
  const { REQUEST_METHOD: method, PATH_INFO: path } = environ;
  if (method !== "GET" && method !== "HEAD") return plain(405, [["Allow", "GET, HEAD"]]);
  if (path === "") return redirect(environ);
  const segments = segmentsOf(path, settings.dot_files);
  if (segments === undefined) return plain(404);
  const found = await find(root, segments);
  if (found.kind === "file")
    return path.endsWith("/") ? plain(404) : fileReply(environ, settings, root, segments, found);
  if (found.kind !== "directory") return refusal(found);
  if (!path.endsWith("/")) return redirect(environ);
  const inside = [...segments, settings.index];
  const index = await find(root, inside);
  if (index.kind === "file") return fileReply(environ, settings, root, inside, index);
  if (!settings.listing) return plain(404);
  const html = await listing(root, segments, environ.SCRIPT_NAME + path, settings.dot_files);
  if (typeof html !== "string") return refusal(html);
  return {
    status: 200,
    headers: [
      ["Content-Type", "text/html; charset=utf-8"],
      ["Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"],
    ],
    body: [html],
  };
}

type File = Extract<Found, { kind: "file" }>;

async function fileReply(
  environ: Environ,
  settings: Checked,
  root: string,
  segments: readonly string[],
  original: File,
): Promise<Reply | undefined> {
  const headers: HeaderList = [["Content-Type", typeOf(segments.at(-1) as string)]];
  let file = original;
  let variant = "";
  if (settings.precompressed) {
    headers.push(["Vary", "Accept-Encoding"]);
    for (const [encoding, suffix] of encodingsFor(environ.HTTP_ACCEPT_ENCODING)) {
      const name = `${segments.at(-1) as string}${suffix}`;
      const packed = await find(root, [...segments.slice(0, -1), name]);
      // one that is older than the file is of another state of it
      if (packed.kind !== "file" || packed.stats.mtimeMs < original.stats.mtimeMs) continue;
      file = packed;
      variant = `-${encoding}`;
      headers.push(["Content-Encoding", encoding]);
      break;
    }
  }
  const { size, mtimeMs } = file.stats;
  // RFC 9110 8.8.3.3: .br and .gz may be of one size and time, and are never the same bytes
  const etag = `"${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}${variant}"`;
  // RFC 9110 8.8.2.1: a file of the future has changed now, at the latest
  const validators = { etag, modified: new Date(Math.min(mtimeMs, Date.now())).toUTCString() };
  headers.push(...validatorHeaders(validators), ["Accept-Ranges", "bytes"]);
  if (settings.cache_max_age !== undefined) headers.push(["Cache-Control", `max-age=${settings.cache_max_age}`]);
  return send(environ, file, judge(environ, validators, size), headers);
}

async function send(environ: Environ, file: File, verdict: Verdict, headers: HeaderList): Promise<Reply | undefined> {
  const { size } = file.stats;
  if (verdict.status === 412) return plain(412);
  if (verdict.status === 416) return plain(416, [["Content-Range", `bytes */${size}`]]);
  if (verdict.status === 304) {
    const kept = headers.filter(([name]) => name !== "Content-Type" && name !== "Content-Encoding");
    return { status: 304, headers: kept, body: [] };
  }
  const [start, end] = verdict.status === 206 ? [verdict.start, verdict.end] : [0, size - 1];
  if (verdict.status === 206) headers.push(["Content-Range", `bytes ${start}-${end}/${size}`]);
  headers.push(["Content-Length", String(end - start + 1)]);
  if (environ.REQUEST_METHOD === "HEAD" || size === 0) return { status: verdict.status, headers, body: [] };
  const handle = await open(file.path, "r").catch(unfound);
  if ("kind" in handle) return handle.kind === "none" ? undefined : refusal(handle);
  let body: Body | undefined;
  try {
    if (!isSame(await handle.stat(), file.stats)) return undefined;
    if (end - start < BLOCK)
      return { status: verdict.status, headers, body: [await readBlock(handle, start, end - start + 1)] };
    body = new FileBody(handle, start, end);
    return { status: verdict.status, headers, body };
  } finally {
    // a longer one is closed by its body
    if (body === undefined) await handle.close();
  }
}

/** Whether it is the file that length and ETag were taken from: one that is renamed over it is another. */
function isSame(now: Stats, then: Stats): boolean {
  return now.ino === then.ino && now.size === then.size && now.mtimeMs === then.mtimeMs;
}

/** To the same path with a slash. It stays a path of this host: two slashes at its start would name another. */
function redirect(environ: Environ): Reply {
  const path = encodePath(environ.SCRIPT_NAME + environ.PATH_INFO).replace(/^\/+/, "/");
  const query = environ.QUERY_STRING ? `?${environ.QUERY_STRING}` : "";
  return plain(301, [["Location", `${path}/${query}`]]);
}

function refusal({ kind }: Unfound): Reply {
  return plain(kind === "forbidden" ? 403 : 404);
}

function plain(code: number, headers: HeaderList = []): Reply {
  return {
    status: code,
    headers: [["Content-Type", "text/plain; charset=utf-8"], ...headers],
    body: [`${status(code).slice(4)}\n`],
  };
}
