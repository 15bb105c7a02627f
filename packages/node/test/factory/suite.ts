import { readFile, writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { selfSigned } from "../serving/certificate.ts";
import { Child, inFolder } from "../serving/child.ts";

/** A runtime whose server factory is tried, in a process of its own. */
export interface FactorySuite {
  name: string;
  command: readonly string[];
}

/** What `[server:main]` may say, by the server factory of each runtime. */
export function factorySuite({ name, command }: FactorySuite): void {
  const children: Child[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
  });

  const begin = (settings: object, overrides: object = {}, globalConf: object = {}): Child => {
    const child = new Child([...command, ...[settings, overrides, globalConf].map((given) => JSON.stringify(given))]);
    children.push(child);
    return child;
  };
  const urlOf = async (child: Child): Promise<string> => (await child.says("url")).url as string;
  const refusal = async (settings: object, overrides: object = {}): Promise<string> =>
    (await begin(settings, overrides).says("error")).error as string;
  const closed = async (child: Child): Promise<void> => {
    child.term();
    expect(await child.exit()).toBe(0);
    expect(child.said.filter(({ disposed }) => disposed === true)).toHaveLength(1);
  };

  describe(`the server factory of ${name}`, () => {
    test("serves by settings that are text", async () => {
      const child = begin({ host: "127.0.0.1", port: "0", grace: "2s", body_limit: "1kB", trusted_proxy: "loopback" });
      const url = await urlOf(child);
      const headers = {
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "wiki.test",
      };
      expect(await (await fetch(url, { headers })).text()).toBe("https 203.0.113.7 wiki.test");
      const statuses = await Promise.all(
        [1000, 1001].map(
          async (size) => (await fetch(`${url}/length`, { method: "POST", body: "x".repeat(size) })).status,
        ),
      );
      expect(statuses).toEqual([200, 413]);
      await closed(child);
    });

    test("listens at several addresses, and the app ends once with the last", async () => {
      const child = begin({ listen: "127.0.0.1:0, 127.0.0.1:0" });
      const { urls } = (await child.says("url")) as unknown as { urls: string[] };
      expect(new Set(urls).size).toBe(2);
      for (const url of urls) expect(await (await fetch(url)).text()).toMatch(/^http 127\.0\.0\.1 /);
      await closed(child);
    });

    test("listens on a unix socket", async () => {
      await inFolder(async (folder) => {
        const socketPath = join(folder, "app.sock");
        const child = begin({ listen: `unix:${socketPath}` });
        await urlOf(child);
        const status = await new Promise((resolve, reject) => {
          httpRequest({ socketPath, path: "/", headers: { Host: "x" } }, (res) => resolve(res.resume().statusCode))
            .on("error", reject)
            .end();
        });
        expect(status).toBe(200);
        await closed(child);
      });
    });

    test("reads certificate and key beside the configuration file", async () => {
      await inFolder(async (here) => {
        const { cert, key } = selfSigned();
        await writeFile(join(here, "cert.pem"), cert);
        await writeFile(join(here, "key.pem"), key);
        const child = begin({ port: "0", tls_cert: "cert.pem", tls_key: join(here, "key.pem") }, {}, { here });
        const url = new URL(await urlOf(child));
        expect(url.protocol).toBe("https:");
        const text = await new Promise((resolve, reject) => {
          const options = {
            host: "127.0.0.1",
            port: url.port,
            ca: cert,
            servername: "localhost",
            agent: false as const,
          };
          httpsRequest(options, (res) => {
            let body = "";
            res.on("data", (chunk: Buffer) => (body += chunk.toString())).on("end", () => resolve(body));
          })
            .on("error", reject)
            .end();
        });
        expect(text).toMatch(/^https 127\.0\.0\.1 /);
        await closed(child);
      });
    });

    test("writes the access log into a file, or to standard output", async () => {
      await inFolder(async (here) => {
        const child = begin({ port: "0", access_log: "access.log", access_log_format: "%m %U %>s %b" }, {}, { here });
        await (await fetch(`${await urlOf(child)}/seen`)).text();
        await closed(child);
        expect(await readFile(join(here, "access.log"), "utf8")).toMatch(/^GET \/seen 200 \d+\n$/);
      });
      const child = begin({ port: "0", access_log: "-", access_log_format: "line %U" });
      await (await fetch(`${await urlOf(child)}/shown`)).text();
      await child.until(() => (child.output.includes("line /shown\n") ? true : undefined), 5000, "the line");
      await closed(child);
    });

    test("what the command says beats the file", async () => {
      const child = begin({ listen: "192.0.2.1:1" }, { host: "127.0.0.1", port: 0, grace: undefined });
      expect(await urlOf(child)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      await closed(child);
      const other = begin({ host: "192.0.2.1", port: "1" }, { listen: ["127.0.0.1:0"] });
      expect(await urlOf(other)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      await closed(other);
    });

    test.each<[object, string]>([
      [{ prot: "1" }, "unknown setting 'prot' (did you mean 'port'?); known are host, port, listen, tls_cert"],
      [{ port: "70000" }, "\"port\": '70000' is out of range; 0 to 65535 is wanted"],
      [{ grace: "soon" }, "\"grace\": Bad duration: 'soon'; such as 250ms, 30s, 5m or 1h30m is wanted"],
      [{ body_limit: "big" }, "\"body_limit\": Bad size: 'big'"],
      [{ trusted_proxy: "nobody" }, '"trusted_proxy": trustedProxy: "nobody" is no IP address'],
      [{ listen: "here" }, '"listen": serve: listen "here" is none of "host:port"'],
      [{ listen: "127.0.0.1:0", port: "1" }, "give either listen or host and port, not both"],
      [{ tls_cert: "a.pem" }, "tls_cert and tls_key are wanted together"],
      [{ workers: "2" }, "workers = 2: this starts one process; `tsgi serve` starts several"],
      [{ access_log: "-", access_log_format: "%y" }, "is no directive of an access log"],
    ])("%j is refused: %s", async (settings, message) => {
      expect(await refusal(settings)).toContain(message);
    });
  });
}
