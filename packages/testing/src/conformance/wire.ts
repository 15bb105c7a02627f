import { readdirSync, readFileSync } from "node:fs";
import { equal, ok } from "./check.ts";
import { echo } from "./echo.ts";
import type { Answer, Client, Connection, Row } from "./row.ts";

// Wire fixtures: `wire/{valid,invalid}/*.http` is what is sent, the `.json` beside it what must come of it. In a fixture
// line breaks mean nothing and \r \n \t \0 \xNN \\ \" are what they are in JavaScript; `{host}` is the server's name and
// port, and `{text*100}` is that text a hundred times.

/** What an echo of a valid request must say. */
interface Echo {
  readonly status: number;
  readonly environ?: Readonly<Record<string, string>>;
  /** Keys that must not be there. */
  readonly absent?: readonly string[];
  readonly body?: string;
  readonly size?: number;
}

interface Expected {
  readonly title: string;
  readonly rule: string;
  /** Invalid: the statuses that refuse it; no answer and a closed connection always do. */
  readonly refused?: readonly number[];
  /** It may as well be taken, for the reason in `why`. */
  readonly accepted?: boolean;
  /** A second request is hidden behind it, and must not be served. */
  readonly smuggled?: boolean;
  /** The client half-closes when it has sent everything. */
  readonly finish?: boolean;
  /** Valid: the answers in turn. */
  readonly answers?: readonly Echo[];
  /** What the first answer may be instead. */
  readonly also?: readonly Echo[];
  /** It may as well be refused, for the reason in `why`. */
  readonly or_refused?: readonly number[];
  /** The connection may close after so many answers. */
  readonly or_closed_after?: number;
  readonly why?: string;
  /** The server must end the connection, and answer nothing more. */
  readonly then?: "closed";
}

const FOLDER = new URL(import.meta.url.endsWith(".ts") ? "../../wire/" : "../wire/", import.meta.url);

/** The bytes of a fixture, one character a byte. */
export function unescapeWire(text: string, host: string): string {
  return text
    .replace(/\r?\n/g, "")
    .replaceAll("{host}", host)
    .replace(/\{([^{}]*)\*([0-9]+)\}/g, (_, piece: string, count: string) => piece.repeat(Number(count)))
    .replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex: string | undefined, char: string) =>
      hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

const ESCAPES: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "0": "\0" };

/** A row for each fixture. */
export function wireRows(): Row[] {
  return (["valid", "invalid"] as const).flatMap((kind) => {
    const folder = new URL(`${kind}/`, FOLDER);
    const names = readdirSync(folder)
      .filter((name) => name.endsWith(".http"))
      .map((name) => name.slice(0, -5))
      .sort();
    return names.map((name): Row => {
      const expected = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Expected;
      const text = readFileSync(new URL(`${name}.http`, folder), "latin1");
      const client = async (t: Client): Promise<void> => {
        const connection = await t.connect();
        connection.write(unescapeWire(text, t.host));
        if (expected.finish === true) connection.finish();
        await (kind === "valid" ? checkValid : checkInvalid)(t, connection, expected);
        equal((await t.ask({ target: "/alive" })).status, 200, "another request afterwards");
      };
      return [`wire: ${expected.title} (${kind}/${name})`, echo, client, expected.rule];
    });
  });
}

async function checkInvalid(t: Client, connection: Connection, expected: Expected): Promise<void> {
  const answer = await connection.answer();
  if (expected.accepted !== true || answer.status !== 200) t.refused(answer, ...(expected.refused ?? [400]));
  if (expected.accepted === true) t.permits(answer, expected.why ?? "");
  if (expected.smuggled === true) await nothingMore(t, connection);
}

/** No second request was served: nothing came, or an error for what was left. */
async function nothingMore(t: Client, connection: Connection): Promise<void> {
  if (await connection.quiet(250)) return;
  const second = await connection.answer();
  ok(second.status === 0 || second.status >= 400, `a second answer of status ${second.status}: ${second.text}`);
  t.permits(second, "what is left of a refused message may be refused again");
}

async function checkValid(t: Client, connection: Connection, expected: Expected): Promise<void> {
  for (const [index, wanted] of (expected.answers ?? []).entries()) {
    if (index === expected.or_closed_after && (await connection.ended(500)) !== "open") return;
    const answer = await connection.answer();
    if (index === 0 && expected.or_refused !== undefined && answer.status !== 200) {
      t.refused(answer, ...expected.or_refused);
      t.permits(answer, expected.why ?? "");
      return;
    }
    const also = index === 0 ? (expected.also ?? []) : [];
    checkOne(t, answer, [wanted, ...also]);
    if (also.length > 0 || expected.or_refused !== undefined) t.permits(answer, expected.why ?? "");
  }
  if (expected.then !== "closed") return;
  ok((await connection.ended(3000)) !== "open", "the connection is closed");
  ok(await connection.quiet(50), "nothing more was answered");
}

/** The answer is one of the wanted ones; else the difference from the first is thrown. */
function checkOne(t: Client, answer: Answer, wanted: readonly Echo[]): void {
  let first: unknown;
  for (const one of wanted)
    try {
      checkEcho(t, answer, one);
      return;
    } catch (error) {
      first ??= error;
    }
  throw first;
}

function checkEcho(t: Client, answer: Answer, wanted: Echo): void {
  equal(answer.status, wanted.status, "status");
  const seen = answer.json();
  for (const [key, value] of Object.entries(wanted.environ ?? {}))
    equal(seen[key], value.replaceAll("{host}", t.host), key);
  for (const key of wanted.absent ?? []) equal(seen[key], undefined, key);
  if (wanted.body !== undefined) equal(seen.body, wanted.body, "body");
  if (wanted.size !== undefined) equal(seen.size, wanted.size, "size of the body");
}
