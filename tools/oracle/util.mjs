// Utility cases: calls of the helpers, with native strings (one character a byte) turned into ours and back.
import { bytesOf, fromNative, keyOf, textOf, toNative, UnknownConstruct } from "./values.mjs";

const PATHS = ["SCRIPT_NAME", "PATH_INFO"];

/** Runs a case; gives an object of the same form as its `expect`. */
export async function runUtil(core, test) {
  const environ = environOf(test.environ ?? {});
  switch (test.call) {
    case "shift_path_info": {
      const name = core.shiftPathInfo(environ);
      return { returns: name === undefined ? null : toNative(name), environ: nativeOf(environ) };
    }
    case "application_uri":
      return { returns: core.applicationUri(environ) };
    case "request_uri":
      return { returns: test.include_query === undefined ? core.requestUri(environ) : core.requestUri(environ, test.include_query) };
    case "guess_scheme":
      return { returns: core.guessScheme(environ) };
    case "is_hop_by_hop":
      return { returns: core.isHopByHop(nameIn(test)) };
    case "setup_testing_defaults":
      core.setupTestingDefaults(environ);
      return defaultsOf(environ);
    case "file_wrapper":
      return runFile(core, test);
    case "headers":
      return runHeaders(core, test);
    default:
      throw new UnknownConstruct(`call ${test.call}`);
  }
}

/** Whether an answer is the one that is wanted; of the result of `is_hop_by_hop` only whether it holds. */
export function sameResult(test, want, got) {
  if (test.call === "is_hop_by_hop") return Boolean(want.returns) === got.returns;
  return Object.keys(want).every((key) => JSON.stringify(sorted(want[key])) === JSON.stringify(sorted(got[key])));
}

function sorted(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function environOf(given) {
  const environ = {};
  for (const [key, value] of Object.entries(given))
    environ[keyOf(key)] = PATHS.includes(key) && typeof value === "string" ? fromNative(value) : value;
  return environ;
}

function nativeOf(environ) {
  const native = {};
  for (const [key, value] of Object.entries(environ)) native[key.replace(/^tsgi\./, "wsgi.")] = PATHS.includes(key) ? toNative(value) : value;
  return native;
}

/** Strings as `environ`, the names of everything else as `other_keys`. */
function defaultsOf(environ) {
  const strings = {};
  const others = [];
  for (const [key, value] of Object.entries(nativeOf(environ))) {
    if (typeof value === "string") strings[key] = value;
    else others.push(key);
  }
  return { environ: strings, other_keys: others.toSorted() };
}

function nameIn({ id, call, what, expect, ...rest }) {
  const [name, ...more] = Object.values(rest).flat();
  if (typeof name !== "string" || more.length > 0) throw new UnknownConstruct(`${id}: ${call} ${what ?? ""} ${JSON.stringify(expect)}`);
  return name;
}

async function runFile(core, { data, block }) {
  let rest = bytesOf(data);
  let closed = 0;
  const file = {
    read(size) {
      const taken = rest.subarray(0, size);
      rest = rest.subarray(size);
      return taken;
    },
    close: () => void closed++,
  };
  const wrapper = block === undefined ? new core.FileWrapper(file) : new core.FileWrapper(file, block);
  const returns = [];
  for await (const piece of wrapper) returns.push(textOf(piece));
  await wrapper.close();
  return { returns, closed };
}

function runHeaders(core, test) {
  const list = (test.initial ?? []).map(([name, value]) => [name, value]);
  const map = new core.HeaderMap(list);
  const returns = test.steps.map(([method, ...args]) => callHeaders(map, method, args) ?? null);
  return { returns, items: list };
}

function callHeaders(map, method, [name, value, params]) {
  switch (method) {
    case "len":
      return map.size;
    case "get":
      return map.get(name) ?? value;
    case "getitem":
      return map.get(name);
    case "get_all":
      return map.getAll(name);
    case "contains":
      return map.has(name);
    case "keys":
    case "values":
      return [...map[method]()];
    case "items":
      return [...map.entries()];
    case "text":
    case "str":
    case "bytes":
      return map.toString();
    case "set":
    case "setitem":
      return void map.set(name, value);
    case "del":
    case "delete":
    case "delitem":
      return void map.delete(name);
    case "setdefault":
      return map.setDefault(name, value);
    case "add":
    case "add_header":
      return void map.add(name, value, params);
    default:
      throw new UnknownConstruct(`the step ${method}`);
  }
}
