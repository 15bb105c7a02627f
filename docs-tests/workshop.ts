import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { ROOT, binary, command, environment, startWorkerd, type RuntimeName } from "../tools/runtimes.mjs";
import type { Block } from "./blocks.ts";

// Where blocks become files. It lies under node_modules, so that packages are found from there as a reader's are.

const SHOP = join(ROOT, "node_modules/.cache/docs");
const TSGI = join(ROOT, "packages/tsgi/dist/command.js");
const execute = promisify(execFile);

/** How the front door and the packages are found on each runtime: as sources. */
const CONDITIONS = {
  node: ["@tsgi/source", "node", "import"],
  bun: ["@tsgi/source", "bun", "import"],
  deno: ["@tsgi/source", "deno", "import"],
  workers: ["@tsgi/source", "workerd", "worker", "import"],
};

/** Node says where it listens; the port itself is a free one. */
const SAY_PORT = `import { Server as AnyServer } from "node:net";
const listenAnywhere = AnyServer.prototype.listen;
AnyServer.prototype.listen = function (...where) {
  this.once("listening", () => console.log(\`@listens localhost:\${this.address().port}\`));
  return listenAnywhere.apply(this, where);
};`;

/** What a command that has ended said. */
export interface Said {
  readonly status: number;
  /** On both outputs, the folder of the page called /srv/wiki. */
  readonly text: string;
}

/** A place of its own for the blocks of one test. */
export class Workshop {
  private readonly folder: string;

  constructor(name: string) {
    this.folder = join(SHOP, name);
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
  }

  /** Writes a block as a file whose lines have the numbers that they have on its page. */
  lay(block: Block, name = fileOf(block)): string {
    const file = this.fileFor(block.page, name);
    const before = `${block.marks.get("with") ?? ""}${"\n".repeat(block.line - 1)}`;
    writeFileSync(file, before + block.code);
    return file;
  }

  /** Writes a block to be run: whatever port it names, it gets a free one. */
  layToRun(block: Block, name = fileOf(block)): string {
    const file = this.fileFor(block.page, name);
    writeFileSync(file, block.code.replace(/\b8080\b/g, "0"));
    return file;
  }

  /** Writes a block that is no program as it stands. */
  layAsIs(block: Block): string {
    const file = this.fileFor(block.page, fileOf(block));
    writeFileSync(file, block.code);
    return file;
  }

  /** Runs the built command `tsgi` on Node, among a page's files. */
  async tsgi(page: string, args: readonly string[], variables: Record<string, string>): Promise<Said> {
    const cwd = realpathSync(dirname(this.fileFor(page, "_")));
    const { file, args: line, env } = command("node", TSGI, ...args);
    // a head is printed as it stands on the wire, with CRLF
    const said = (output: string): string => output.replaceAll(cwd, "/srv/wiki").replaceAll("\r\n", "\n");
    try {
      const options = { cwd, env: { ...env, ...variables, NO_COLOR: "1" }, timeout: 15_000 };
      const { stdout, stderr } = await execute(file, line, options);
      return { status: 0, text: said(stdout + stderr) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout: string; stderr: string };
      if (typeof code !== "number") throw error;
      return { status: code, text: said(stdout + stderr) };
    }
  }

  /** Serves an INI file with the built command, on a free port whatever the file says. */
  async serveFile(file: string, runtime: "node" | "bun", variables: Record<string, string>): Promise<Serving> {
    const { file: program, args, env } = command(runtime, TSGI, "serve", basename(file), "--listen", "127.0.0.1:0");
    const child = spawn(program, args, {
      cwd: dirname(file),
      env: { ...env, ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return listening(child);
  }

  /** Compiles files as one program. @returns what the compiler says, nothing when all is well */
  async compile(files: readonly string[], options: object, name: string): Promise<string> {
    const config = join(this.folder, `tsconfig.${name}.json`);
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, moduleDetection: "force", ...options };
    writeFileSync(config, JSON.stringify({ extends: join(ROOT, "tsconfig.base.json"), compilerOptions, files }));
    const tsc = join(ROOT, "node_modules/typescript-7/bin/tsc");
    try {
      await execute(process.execPath, [tsc, "-p", config, "--pretty", "false"], { cwd: this.folder });
      return "";
    } catch (error) {
      const { stdout } = error as { stdout?: string };
      return stdout === undefined || stdout === "" ? String(error) : stdout;
    }
  }

  /** Runs a file to its end. @returns what it prints @throws when it fails, is noisy on stderr, or goes on for ever */
  async run(file: string, runtime: Exclude<RuntimeName, "workers">): Promise<string> {
    const { file: program, args, env } = command(runtime, await this.bundle(file, runtime));
    const { stdout, stderr } = await execute(program, args, { env: { ...env, NO_COLOR: "1" }, timeout: 15_000 });
    if (stderr !== "") throw new Error(`it said on stderr: ${stderr}`);
    return stdout;
  }

  /** Starts a file as its page says: `node FILE`, `bun run FILE`, `deno serve FILE`, or workerd. */
  async serve(file: string, runtime: RuntimeName): Promise<Serving> {
    const bundled = await this.bundle(file, runtime);
    if (runtime === "workers") {
      const { child, port, exited } = await startWorkerd(bundled);
      return { url: `http://127.0.0.1:${await port}`, stop: () => ended(child, exited) };
    }
    const args = {
      node: [bundled],
      bun: ["run", "--port=0", bundled],
      deno: ["serve", "-A", "--no-lock", "--cached-only", "--host=127.0.0.1", "--port=0", bundled],
    }[runtime];
    return listening(spawn(binary(runtime), args, { env: environment(), stdio: ["ignore", "pipe", "pipe"] }));
  }

  private async bundle(entry: string, runtime: RuntimeName): Promise<string> {
    const outfile = entry.replace(/\.ts$/, `.${runtime}.mjs`);
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: "esm",
      platform: runtime === "node" ? "node" : "neutral",
      mainFields: ["module", "main"],
      external: ["node:*", "express", "express-session"],
      conditions: CONDITIONS[runtime],
      target: "es2022",
      logLevel: "silent",
      ...(runtime === "node" ? { banner: { js: SAY_PORT } } : {}),
    });
    return outfile;
  }

  private fileFor(page: string, name: string): string {
    const file = join(this.folder, page.replaceAll("/", "-").replace(/\.md$/, ""), name);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  }
}

function fileOf(block: Block): string {
  return block.marks.get("file") ?? `line-${block.line}.${block.language}`;
}

/** A server that runs. */
export interface Serving {
  readonly url: string;
  stop(): Promise<void>;
}

async function listening(child: ChildProcess): Promise<Serving> {
  const exited = new Promise<unknown>((resolve) => child.once("close", resolve));
  return { url: `http://127.0.0.1:${await portOf(child, exited)}`, stop: () => ended(child, exited) };
}

/** The first port that a child names on its output. */
function portOf(child: ChildProcess, exited: Promise<unknown>): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = /(?:localhost|127\.0\.0\.1):([0-9]+)\b(?!$)/.exec(said.replace(/\x1b\[[0-9;]*m/g, ""));
      if (found !== null) resolve(Number(found[1]));
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    void exited.then(() => reject(new Error(`it did not listen: ${said}`)));
  });
}

async function ended(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill("SIGKILL");
  await exited;
}
