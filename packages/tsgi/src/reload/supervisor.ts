import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import process from "node:process";
import { urlOf } from "@tsgi/core/adapter";
import { describe } from "../failure.ts";
import { listening } from "../listening.ts";
import { openInBrowser } from "../open.ts";
import { commandLine, running, runningVersion } from "../runtime.ts";
import { untilSignal } from "../signals.ts";
import { errorColors, print, say, shown } from "../terminal.ts";
import { CHILD_VARIABLE, onServing, type Serving } from "./child.ts";
import { Relay, type Inner } from "./relay.ts";
import { watching, type Watched } from "./watch.ts";

// `tsgi serve --reload`: this process holds the sockets and watches the files; another one loads the app and serves. A
// change starts a second one; when it serves, connections go to it, and the first finishes what it has and ends. One that
// does not start changes nothing: it has said why, and the next change may mend it.

export interface SupervisorOptions {
  /** The command's arguments, for the processes that serve. */
  readonly args: readonly string[];
  /** What is watched before any process has said what it read. */
  readonly watched: Watched;
  readonly quiet: boolean;
  readonly open: boolean;
}

/** A process that serves, or is about to. */
interface Worker {
  readonly process: ChildProcess;
  /** What it said when it began to serve; `undefined` when it ended instead. */
  readonly serving: Promise<Serving | undefined>;
  readonly gone: Promise<void>;
}

/** Serves until a signal comes. @returns the exit status */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const supervisor = new Supervisor(options);
  await supervisor.start();
  await untilSignal();
  await supervisor.close();
  return 0;
}

class Supervisor {
  private readonly relays = new Map<string, Relay>();
  private current: Worker | undefined;
  private starting: Worker | undefined;
  private closing = false;
  private shownOnce = false;
  private watched: Watched;
  private unwatch: (() => Promise<void>) | undefined;
  private readonly workers = new Set<Worker>();

  constructor(private readonly options: SupervisorOptions) {
    this.watched = options.watched;
    // whatever ends this process, no server stays behind
    process.on("exit", () => {
      for (const worker of this.workers) worker.process.kill("SIGKILL");
    });
  }

  async start(): Promise<void> {
    await this.watch();
    await this.replace();
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.unwatch?.();
    const closed = [...this.relays.values()].map((relay) => relay.close());
    // it serves nobody yet, and might not hear
    this.starting?.process.kill("SIGKILL");
    for (const worker of this.workers) retire(worker);
    await Promise.all([...this.workers].map(({ gone }) => gone));
    for (const relay of this.relays.values()) relay.cut();
    await Promise.all(closed);
  }

  private async watch(): Promise<void> {
    const before = this.unwatch;
    this.unwatch = await watching(this.watched, (files) => {
      if (!this.options.quiet) say(errorColors.dim(`${files.slice(0, 3).map(shown).join(", ")} changed`));
      void this.replace();
    });
    await before?.();
  }

  /** Starts a process, and puts it in the place of the one that serves. */
  private async replace(): Promise<void> {
    if (this.closing) return;
    // its files have changed before it was ready
    const overtaken = this.starting;
    overtaken?.process.kill("SIGKILL");
    if (this.current !== undefined && this.relays.size === 0) {
      // a server of the user's own listens by itself, and two cannot have its address
      const before = this.current;
      this.current = undefined;
      retire(before);
      await before.gone;
    }
    const worker = launch(this.options.args);
    this.starting = worker;
    this.workers.add(worker);
    void worker.gone.then(() => this.ended(worker));
    if (this.current === undefined)
      for (const relay of this.relays.values()) void relay.lead(innerOf(worker, relay), false);
    const serving = await worker.serving;
    if (this.starting !== worker || this.closing) return;
    this.starting = undefined;
    if (serving === undefined) return this.wait();
    const before = this.current;
    this.current = worker;
    try {
      await this.direct(serving);
    } catch (error) {
      say(await describe(error));
      if (!this.shownOnce) process.exit(1);
      // an address that could not be had: the one that serves keeps its own
      if (this.current === worker) this.current = before;
      retire(worker);
      return this.wait();
    }
    if (before !== undefined) retire(before);
    // what it says is to be ignored is ignored from the moment that it is announced
    await this.follow(serving);
    this.announce(serving);
  }

  private wait(): void {
    const goesOn = this.current === undefined ? "" : "; the app as it was goes on";
    say(errorColors.yellow(`waiting for a change of the files${goesOn}`));
  }

  /** Opens the addresses that a process is for, and sends their connections there: all of them, or none. */
  private async direct(serving: Serving): Promise<void> {
    const opened: [string, Relay][] = [];
    try {
      for (const { listen, inner } of serving.doors)
        if (!this.relays.has(listen))
          opened.push([listen, await listening([listen], () => Relay.listen(listen, inner, serving.secure))]);
    } catch (error) {
      for (const [, relay] of opened) void relay.close();
      throw error;
    }
    for (const { listen, inner } of serving.doors)
      await this.relays.get(listen)?.lead(Promise.resolve(inner), serving.secure);
    for (const [listen, relay] of opened) this.relays.set(listen, relay);
    for (const [listen, relay] of this.relays)
      if (!serving.doors.some((door) => door.listen === listen)) {
        this.relays.delete(listen);
        void relay.close();
      }
  }

  private announce({ tree, secure, openUrl, urls: own }: Serving): void {
    const urls = [
      ...own.map((url) => `${url}/`),
      ...[...this.relays.values()].map(({ address }) => `${urlOf(address, secure)}/`),
    ];
    if (!this.options.quiet) {
      if (this.shownOnce) say(errorColors.green("reloaded"));
      else {
        print(`TSGI on ${runningVersion()} serves ${urls.join(" ")} and reloads`);
        for (const line of tree) print(line);
      }
    }
    if (!this.shownOnce && (this.options.open || openUrl !== undefined)) void openInBrowser(openUrl ?? urls[0]);
    this.shownOnce = true;
  }

  /** Watches what a process has read, when that is more than before. */
  private async follow({ files, watch, ignore }: Serving): Promise<void> {
    const watched = { files: [...new Set([...this.options.watched.files, ...files])], globs: watch, ignore };
    if (JSON.stringify(watched) === JSON.stringify(this.watched)) return;
    this.watched = watched;
    await this.watch();
  }

  private ended(worker: Worker): void {
    this.workers.delete(worker);
    // one that was cut off has left the files of its sockets
    void worker.serving.then((serving) => {
      for (const { inner } of serving?.doors ?? []) if ("path" in inner) rmSync(inner.path, { force: true });
    });
    if (this.current !== worker || this.closing) return;
    this.current = undefined;
    say(errorColors.yellow("the process that served has ended; waiting for a change of the files"));
    if (this.starting === undefined)
      for (const relay of this.relays.values()) void relay.lead(Promise.resolve(undefined), false);
  }
}

/** Where the process that starts will listen for an address; nobody when it does not come to it. */
async function innerOf(worker: Worker, relay: Relay): Promise<Inner | undefined> {
  const serving = await worker.serving;
  return serving?.doors.find(({ listen }) => listen === relay.asked)?.inner;
}

function launch(args: readonly string[]): Worker {
  const [file, given] = commandLine(running(), process.execPath, args);
  const child = spawn(file, given, {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [CHILD_VARIABLE]: "reload" },
  });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const serving = new Promise<Serving | undefined>((resolve) => {
    onServing(child, resolve);
    void gone.then(() => resolve(undefined));
  });
  return { process: child, serving, gone };
}

/** Lets a process finish what it has, and end. */
function retire({ process: child }: Worker): void {
  if (child.connected)
    child.send({ type: "close" }, () => {}); // it may have ended meanwhile
  else child.kill();
}
