import { Command, CommanderError, Option } from "commander";
import { report } from "./failure.ts";
import { rerun, RUNTIMES, running, type RuntimeName } from "./runtime.ts";
import { colors, endWithReader } from "./terminal.ts";
import { version } from "./version.ts";

// The command line: what there is to be typed, and what it means in a sentence. Each command is one file, imported when
// it is asked for, so that `tsgi serve` does not wait for what draws pictures.

/**
 * Runs the command.
 *
 * @param args what stands after `tsgi`
 * @returns the exit status: 0, 1 when something failed, 2 for a command line that means nothing
 */
export async function main(args: readonly string[]): Promise<number> {
  let status = 0;
  endWithReader();
  const program = programOf(args, (code) => (status = code));
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    // commander has said what was wrong
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(
      error,
      args.some((arg) => arg === "--verbose" || /^-[a-z]*v[a-z]*$/.test(arg)),
    );
  }
}

type Result = Promise<number>;

function programOf(args: readonly string[], done: (status: number) => void): Command {
  const program = new Command("tsgi")
    .description("Serves, shows and builds what an INI file composes of TSGI apps, filters and servers.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .showHelpAfterError(`(tsgi --help lists the commands)`)
    .exitOverride()
    .configureHelp({
      styleTitle: (text) => colors.bold(text),
      styleCommandText: (text) => colors.cyan(text),
      styleSubcommandText: (text) => colors.cyan(text),
      styleOptionText: (text) => colors.cyan(text),
    });

  const command = (name: string, summary: string): Command => {
    return program
      .command(name)
      .summary(summary)
      .description(summary)
      .exitOverride()
      .showHelpAfterError(`(tsgi ${name.split(" ", 1)[0]} --help says what there is)`)
      .addOption(new Option("--runtime <name>", "run the command in another runtime").choices(RUNTIMES));
  };
  const act =
    <Given extends unknown[]>(run: (...given: Given) => Result) =>
    async (...given: unknown[]): Promise<void> => {
      const { runtime } = (given.at(-1) as Command).opts<{ runtime?: RuntimeName }>();
      if (runtime !== undefined && runtime !== running()) done(await rerun(runtime, withoutRuntime(args)));
      else done(await run(...(given as Given)));
    };

  command("serve [app] [name=value...]", "serve what an INI file or a module has, until Ctrl-C")
    .addHelpText("after", EXAMPLES.serve)
    .option("-n, --app-name <name>", "the app of the file to serve (default: main)")
    .option("-s, --server <uri>", "a server instead of the file's: node, bun, deno, egg:waitress#main")
    .option("--server-name <name>", "the server section of the file (default: main)")
    .option("--host <host>", "name or address to listen on (default: the file's, else 127.0.0.1)")
    .option("--port <port>", "port to listen on, 0 for a free one (default: the file's, else 8080)")
    .option("--listen <address>", "host:port, [ipv6]:port, unix:/path or fd:3; may be repeated", collect)
    .option("--reload", "serve anew when a file changes, and lose no request")
    .option("--dev", "check the app against the contract, show errors in the browser, log requests")
    .option("--no-dev", "production, whatever the file says")
    .option("--open", "open the app in the browser")
    .option("-e, --eval <code>", "an app as an expression; `app` in it is the app of the file")
    .addOption(envFile())
    .option("--no-env-file", "read no .env")
    .option("-v, --verbose", "say more: stacks of errors")
    .option("-q, --quiet", "say errors only")
    .action(
      act(async (app: string | undefined, variables: string[], options: object) =>
        (await import("./commands/serve.ts")).serve(app, variables, options, args),
      ),
    );

  command("static [dir]", "serve the files of a folder, with listings")
    .addHelpText("after", EXAMPLES.static)
    .option("--bind <address>", "name or address to listen on", "127.0.0.1")
    .option("--port <port>", "port to listen on, 0 for a free one", "8000")
    .option("-q, --quiet", "no line for each request")
    .option("-v, --verbose", "say more: stacks of errors")
    .action(
      act(async (folder: string | undefined, options: { bind: string; port: string }) =>
        (await import("./commands/static.ts")).serveStatic(folder ?? ".", options),
      ),
    );

  command("request <app> <path> [name=value...]", "send one request to an app, without a server")
    .addHelpText("after", EXAMPLES.request)
    .option("-n, --app-name <name>", "the app of the file (default: main)")
    .option("-X, --method <method>", "the request's method (default: GET, with a body POST)")
    .option("-H, --header <name: value>", "a header field; may be repeated", collect)
    .option("-d, --data <text>", "the body; - reads it from the standard input")
    .option("-i, --include", "print status and header too")
    .addOption(envFile())
    .option("-v, --verbose", "say more: stacks of errors")
    .action(
      act(async (app: string, path: string, variables: string[], options: object) =>
        (await import("./commands/request.ts")).request(app, path, variables, options),
      ),
    );

  command("show <app> [name=value...]", "print what a file composes, with every setting and where it comes from")
    .addHelpText("after", EXAMPLES.show)
    .option("-n, --app-name <name>", "the app of the file (default: main)")
    .option("--json", "as JSON, for programs")
    .option("--svg <file>", "draw it into a file")
    .addOption(envFile())
    .option("-v, --verbose", "say more: stacks of errors")
    .action(
      act(async (app: string, variables: string[], options: object) =>
        (await import("./commands/show.ts")).show(app, variables, options),
      ),
    );

  command("check <file> [name=value...]", "report every problem of a file at once")
    .addHelpText("after", EXAMPLES.check)
    .option("--json", "as JSON, for programs")
    .addOption(envFile())
    .option("-v, --verbose", "say more: stacks of errors")
    .action(
      act(async (file: string, variables: string[], options: object) =>
        (await import("./commands/check.ts")).check(file, variables, options),
      ),
    );

  command("routes <app> [name=value...]", "list which path leads where")
    .addHelpText("after", EXAMPLES.routes)
    .option("-n, --app-name <name>", "the app of the file (default: main)")
    .option("--json", "as JSON, for programs")
    .addOption(envFile())
    .option("-v, --verbose", "say more: stacks of errors")
    .action(
      act(async (app: string, variables: string[], options: object) =>
        (await import("./commands/routes.ts")).routes(app, variables, options),
      ),
    );

  command("build <app> [name=value...]", "compile a file to one module, for Workers and elsewhere")
    .addHelpText("after", EXAMPLES.build)
    .option("-n, --app-name <name>", "the app of the file (default: main)")
    .addOption(
      new Option("--target <target>", "where the module will run")
        .choices(["workers", "node", "bun", "deno", "fetch"])
        .default("workers"),
    )
    .option("--out <file>", "the module to write", "dist/app.js")
    .option("--entry", "a whole worker or server rather than the app alone")
    .option("--server-name <name>", "the server section that an entry serves with (default: main)")
    .option("--nodejs-compat", "the Worker has the compatibility flag nodejs_compat")
    .option("--bundle", "with everything it imports in the one file (needs esbuild)")
    .option("--watch", "build again when a file changes")
    .option("-v, --verbose", "say more: stacks of errors")
    .option("-q, --quiet", "say errors only")
    .action(
      act(async (app: string, variables: string[], options: { target: "workers"; out: string }) =>
        (await import("./commands/build.ts")).build(app, variables, options),
      ),
    );

  command("create [dir]", "make a new app, filter or worker from a template")
    .addHelpText("after", EXAMPLES.create)
    .addOption(new Option("--template <template>", "what to make").choices(["app", "filter", "worker"]))
    .option("--name <name>", "the package's name (default: the folder's)")
    .option("-y, --yes", "ask nothing; what is not said is the default")
    .option("-v, --verbose", "say more: stacks of errors")
    .action(
      act(async (folder: string | undefined, options: object) =>
        (await import("./commands/create.ts")).create(folder, options),
      ),
    );
  return program;
}

function envFile(): Option {
  return new Option(
    "--env-file <file>",
    "variables for the process (default: .env beside the file); may be repeated",
  ).argParser(collect);
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The arguments for the same command in another runtime. */
export function withoutRuntime(args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index++) {
    if (args[index] === "--") return [...kept, ...args.slice(index)];
    if (args[index] === "--runtime") index++;
    else if (!args[index].startsWith("--runtime=")) kept.push(args[index]);
  }
  return kept;
}

const EXAMPLES = {
  serve: `
Examples:
  tsgi serve app.ini --reload --dev
  tsgi serve app.ini#admin --port 9000 debug=true
  tsgi serve app.ts:hello --runtime bun
  tsgi serve -e '(environ, start) => { start("200 OK", []); return ["Hello"]; }'`,
  static: `
Examples:
  tsgi static
  tsgi static public --bind 0.0.0.0 --port 8080`,
  request: `
The exit status is 0 for an answer below 400, else its status modulo 256 as a shell
has that of paster request: 148 for 404, 244 for 500.

Examples:
  tsgi request app.ini /wiki/Start -i
  echo '{"a": 1}' | tsgi request app.ini /api -H 'Content-Type: application/json' -d -`,
  show: `
Examples:
  tsgi show app.ini
  tsgi show app.ini#admin --svg app.svg`,
  check: `
The exit status is 1 when there is an error; warnings alone leave it 0.

Examples:
  tsgi check production.ini`,
  routes: `
Examples:
  tsgi routes app.ini`,
  build: `
Examples:
  tsgi build app.ini --target workers --out dist/worker.js --entry
  tsgi build app.ini --out dist/app.js --watch`,
  create: `
Examples:
  tsgi create wiki --template app
  tsgi create --template worker --name edge --yes .`,
};
