import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileWrapper, type Chunk } from "@tsgi/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tsgi-file-"));
  path = join(folder, "ten");
  await writeFile(path, "0123456789");
});
afterAll(() => rm(folder, { recursive: true }));

async function blocksOf(body: AsyncIterable<Chunk>): Promise<string[]> {
  const blocks: string[] = [];
  for await (const chunk of body) blocks.push(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));
  return blocks;
}

// `read(size)` of a FileHandle throws, so that the one kind of file that the runtimes have could not be given away.
describe("a FileHandle of node:fs/promises", () => {
  test("is given block by block from its position, and closed by close() alone", async () => {
    const file = await open(path);
    await file.read({ buffer: new Uint8Array(2), length: 2 });
    const body = new FileWrapper(file, 3);
    expect(await blocksOf(body)).toEqual(["234", "567", "89"]);
    expect(file.fd).toBeGreaterThan(0);
    await body.close();
    expect(file.fd).toBe(-1);
  });

  test("is closed when nobody reads it, and when somebody stops", async () => {
    for (const blocks of [0, 1]) {
      const file = await open(path);
      const body = new FileWrapper(file, 3);
      const iterator = body[Symbol.asyncIterator]();
      if (blocks > 0) await iterator.next();
      await iterator.return();
      await body.close();
      expect(file.fd).toBe(-1);
    }
  });
});

test("a file with read(size) is read until nothing comes", async () => {
  const parts = ["abc", "de", ""];
  expect(await blocksOf(new FileWrapper({ read: () => parts.shift() }))).toEqual(["abc", "de"]);
});
