import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment } from "../../../../tools/runtimes.mjs";

// A server in a process of its own: what it says line by line, and what it must not say on its error output.

export interface Message {
  url?: string;
  address?: { kind: string; host?: string; port?: number; path?: string };
  error?: string;
  code?: string;
  message?: string;
  log?: string;
  disposed?: boolean;
  closed?: boolean;
  [key: string]: unknown;
}

export class Child {
  readonly process: ChildProcess;
  readonly said: Message[] = [];
  /** Lines that are no message of ours, such as a runtime's own banner. */
  output = "";
  errors = "";
  exitCode: number | null | undefined = undefined;
  private readonly exited: Promise<unknown>;
  private buffer = "";

  constructor(
    command: readonly string[],
    options: { env?: Record<string, string>; fds?: readonly number[]; cwd?: string } = {},
  ) {
    const [program, ...args] = command;
    this.process = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe", ...(options.fds ?? [])],
      env: { ...environment(), NO_COLOR: "1", ...options.env },
      cwd: options.cwd,
    });
    this.process.stdout?.on("data", (data: Buffer) => this.take(data.toString()));
    this.process.stderr?.on("data", (data: Buffer) => (this.errors += data.toString()));
    this.exited = once(this.process, "exit").then(([code]) => (this.exitCode = code as number | null));
  }

  private take(data: string): void {
    this.buffer += data;
    for (let end = this.buffer.indexOf("\n"); end >= 0; end = this.buffer.indexOf("\n")) {
      const line = this.buffer.slice(0, end);
      this.buffer = this.buffer.slice(end + 1);
      if (line.startsWith("{")) this.said.push(JSON.parse(line) as Message);
      else this.output += `${line}\n`;
    }
  }

  /** The first message that has a key; fails when the process ends before, or after `ms`. */
  async says(key: keyof Message, ms = 15_000): Promise<Message> {
    return this.until(() => this.said.find((message) => message[key] !== undefined), ms, `the message ${String(key)}`);
  }

  async until<T>(what: () => T | undefined, ms = 15_000, name = "what was expected"): Promise<T> {
    for (const deadline = Date.now() + ms; ;) {
      const found = what();
      if (found !== undefined) return found;
      if (this.exitCode !== undefined || Date.now() > deadline)
        throw new Error(
          `${name} did not come (exit ${String(this.exitCode)}): ${JSON.stringify(this.said)} ${this.output} ${this.errors}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  get port(): number {
    return Number(new URL(this.said.find(({ url }) => url !== undefined)?.url as string).port);
  }

  term(): void {
    this.process.kill("SIGTERM");
  }

  async exit(ms = 15_000): Promise<number | null> {
    await Promise.race([this.exited, new Promise((resolve) => setTimeout(resolve, ms))]);
    if (this.exitCode === undefined)
      throw new Error(`still running after ${ms} ms: ${JSON.stringify(this.said)} ${this.errors}`);
    return this.exitCode;
  }

  /** Ends the process, whatever it does. */
  async kill(): Promise<void> {
    if (this.exitCode === undefined) this.process.kill("SIGKILL");
    await this.exited;
  }
}

/** A folder that is gone again after `use`. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "tsgi-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
