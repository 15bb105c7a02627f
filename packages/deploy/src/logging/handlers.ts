import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import strftime from "strftime";

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;

/** Where formatted lines go. */
export interface Output {
  write(line: string): void;
  close(): void;
}

export const NULL: Output = { write: () => {}, close: () => {} };

/** `StreamHandler`: the standard streams, which nobody closes. */
export function streamOutput(stream: "stdout" | "stderr"): Output {
  return { write: (line) => (stream === "stdout" ? console.log(line) : console.error(line)), close: () => {} };
}

/** `FileHandler`: a file that lines are added to. */
export class FileOutput implements Output {
  protected readonly path: string;
  private fd: number | undefined;
  private failed = false;
  private closed = false;

  /** @throws the system's error when the file cannot be opened */
  constructor(path: string, mode: "a" | "w" = "a") {
    this.path = path;
    // what is begun anew is added to as well: another process may still write to it
    this.fd = openSync(path, mode === "a" ? mode : O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  }

  write(line: string): void {
    if (this.closed) return;
    try {
      this.prepare(`${line}\n`);
      this.fd ??= openSync(this.path, "a");
      writeSync(this.fd, `${line}\n`);
      this.failed = false;
    } catch (error) {
      // a full disk must not end the process: it is said once, and tried again with the next line
      if (!this.failed) console.error(`logging: ${this.path}: ${String(error)}`);
      this.failed = true;
    }
  }

  /** Before a line is written: a file that rotates does so here. */
  protected prepare(_line: string): void {}

  /** The next line opens the file again. */
  protected release(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  protected get size(): number {
    return this.fd === undefined ? 0 : fstatSync(this.fd).size;
  }

  /** Whether the file has been moved away, as logrotate does. */
  protected get isMoved(): boolean {
    if (this.fd === undefined) return false;
    const there = statSync(this.path, { throwIfNoEntry: false });
    return there === undefined || there.ino !== fstatSync(this.fd).ino;
  }

  close(): void {
    this.release();
    this.closed = true;
  }
}

/** `handlers.WatchedFileHandler`: opens its file again when somebody has moved it away. */
export class WatchedFileOutput extends FileOutput {
  protected override prepare(): void {
    if (this.isMoved) this.release();
  }
}

/** `handlers.RotatingFileHandler`: at `maxBytes` the file becomes `.1`, that one `.2`, up to `backupCount`. */
export class RotatingFileOutput extends FileOutput {
  private readonly maxBytes: number;
  private readonly backupCount: number;

  constructor(path: string, mode: "a" | "w", maxBytes: number, backupCount: number) {
    super(path, maxBytes > 0 ? "a" : mode);
    this.maxBytes = maxBytes;
    this.backupCount = backupCount;
  }

  protected override prepare(line: string): void {
    // "if either of maxBytes or backupCount is zero, rollover never occurs" (Python's documentation)
    if (this.maxBytes <= 0 || this.backupCount <= 0) return;
    if (this.size === 0 || this.size + Buffer.byteLength(line) < this.maxBytes) return;
    const moved = this.isMoved;
    this.release();
    if (moved) return; // another process has done it
    for (let i = this.backupCount - 1; i >= 1; i--)
      if (existsSync(`${this.path}.${i}`)) renameSync(`${this.path}.${i}`, `${this.path}.${i + 1}`);
    renameSync(this.path, `${this.path}.1`);
  }
}

const SECOND = 1000;
const UNITS: Readonly<Record<string, readonly [milliseconds: number, suffix: string]>> = {
  S: [SECOND, "%Y-%m-%d_%H-%M-%S"],
  M: [60 * SECOND, "%Y-%m-%d_%H-%M"],
  H: [3600 * SECOND, "%Y-%m-%d_%H"],
  D: [86_400 * SECOND, "%Y-%m-%d"],
  MIDNIGHT: [86_400 * SECOND, "%Y-%m-%d"],
  W: [7 * 86_400 * SECOND, "%Y-%m-%d"],
};

/** `handlers.TimedRotatingFileHandler`: every hour, day or at midnight the file gets the time it is of as its suffix. */
export class TimedRotatingFileOutput extends FileOutput {
  private readonly backupCount: number;
  private readonly suffix: string;
  private readonly next: (from: Date) => number;
  private readonly now: () => Date;
  private from: Date;
  private at: number;

  /**
   * @param when `S M H D midnight W0` to `W6` (Monday to Sunday), in any case
   * @throws RangeError for another word
   */
  constructor(path: string, when: string, interval: number, backupCount: number, now: () => Date = () => new Date()) {
    const word = when.toUpperCase();
    const weekday = /^W([0-6])$/.exec(word);
    const unit = Object.hasOwn(UNITS, word) && word !== "W" ? UNITS[word] : weekday === null ? undefined : UNITS.W;
    if (unit === undefined) throw new RangeError(`when '${when}' is none of S, M, H, D, midnight, W0 to W6`);
    super(path);
    this.backupCount = backupCount;
    this.suffix = unit[1];
    this.next =
      weekday !== null
        ? (from) => midnightAfter(from, ((Number(weekday[1]) - ((from.getDay() + 6) % 7) + 7) % 7) + 1)
        : word === "MIDNIGHT"
          ? (from) => midnightAfter(from, interval)
          : (from) => from.getTime() + interval * unit[0];
    this.now = now;
    const written = statSync(path).size > 0 ? statSync(path).mtime : now();
    this.from = written;
    this.at = this.next(written);
  }

  protected override prepare(): void {
    const now = this.now();
    if (now.getTime() < this.at) return;
    // of several processes the first moves it, and the others follow: moved twice, the day would be overwritten
    const moved = this.isMoved;
    this.release();
    if (!moved && existsSync(this.path)) renameSync(this.path, `${this.path}.${strftime(this.suffix, this.from)}`);
    this.from = now;
    this.at = this.next(now);
    this.forget();
  }

  /** The oldest go; their names sort by time. */
  private forget(): void {
    if (this.backupCount <= 0) return;
    const start = `${basename(this.path)}.`;
    const old = readdirSync(dirname(this.path)).filter(
      (name) => name.startsWith(start) && /^[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9_-]*$/.test(name.slice(start.length)),
    );
    for (const name of old.sort().slice(0, Math.max(0, old.length - this.backupCount)))
      rmSync(join(dirname(this.path), name), { force: true });
  }
}

function midnightAfter(from: Date, days: number): number {
  return new Date(from.getFullYear(), from.getMonth(), from.getDate() + days).getTime();
}
