import type { Bytes, Chunk } from "./contract.ts";

/** What a FileWrapper reads from: a synchronous or asynchronous `read(size)`, and `close()` when it has one. */
export interface FileLike {
  read(size: number): Chunk | null | undefined | Promise<Chunk | null | undefined>;
  close?(): unknown;
}

/** What `open` of node:fs/promises gives, on each runtime that has files: its own `read` takes no size. */
interface FileHandle {
  createReadStream(options: { autoClose: boolean; highWaterMark: number }): AsyncIterable<Bytes>;
  close(): Promise<void>;
}

/**
 * Turns a file-like object into a body that gives it block by block from its current position, and closes it.
 * Source of the rule: PEP 3333 "Optional Platform-Specific File Handling", wsgiref.util.FileWrapper.
 *
 * @param file a FileHandle of node:fs/promises, an object with `read(size)`, or anything that already iterates chunks (it
 *   is handed through)
 * @param blockSize bytes asked for at a time, 8192 when absent
 * @throws TypeError when `file` can be neither read nor iterated
 * @example return new FileWrapper(file, 65536);
 */
export class FileWrapper implements AsyncIterable<Chunk> {
  private readonly file: FileLike | FileHandle | (AsyncIterable<Chunk> & { close?(): unknown });
  private readonly blockSize: number;

  constructor(file: unknown, blockSize = 8192) {
    const given = file as Partial<FileLike> & Partial<AsyncIterable<Chunk>> & Partial<Iterable<Chunk>>;
    if (
      given === null ||
      typeof given !== "object" ||
      (typeof given.read !== "function" &&
        given[Symbol.asyncIterator] === undefined &&
        given[Symbol.iterator] === undefined)
    )
      throw new TypeError("tsgi.file_wrapper: the file has no read(size) and is no iterable of chunks");
    if (!Number.isInteger(blockSize) || blockSize < 1)
      throw new TypeError(`tsgi.file_wrapper: block size ${String(blockSize)} is not a whole number of at least 1`);
    this.file = given as FileLike;
    this.blockSize = blockSize;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, undefined> {
    const file = this.file;
    // a node:stream has both: its read(size) may say null for "not yet", so iterating comes first
    if (Symbol.asyncIterator in file || Symbol.iterator in file) yield* file as AsyncIterable<Chunk>;
    // close() is the body's, and comes when the server is done
    else if ("createReadStream" in file)
      yield* file.createReadStream({ autoClose: false, highWaterMark: this.blockSize });
    else {
      for (;;) {
        const block = await file.read(this.blockSize);
        if (block === null || block === undefined || block.length === 0) return;
        yield block as Bytes;
      }
    }
  }

  close(): unknown {
    return this.file.close?.();
  }
}
