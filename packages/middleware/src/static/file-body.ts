import type { FileHandle } from "node:fs/promises";
import type { Chunk } from "@tsgi/core";

/** Bytes that are read at a time; a file of no more is one chunk. */
export const BLOCK = 64 * 1024;

/** A part of an open file as a body; closes the file. */
export class FileBody implements AsyncIterable<Chunk> {
  private readonly file: FileHandle;
  private at: number;
  private readonly end: number;
  private closed: Promise<void> | undefined = undefined;

  /** @param end the last byte, which is sent too */
  constructor(file: FileHandle, start: number, end: number) {
    this.file = file;
    this.at = start;
    this.end = end;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, undefined> {
    while (this.at <= this.end) {
      const block = await readBlock(this.file, this.at, Math.min(BLOCK, this.end - this.at + 1));
      // the file has become shorter: the gateway breaks the connection over what is missing
      if (block.length === 0) return;
      this.at += block.length;
      yield block;
    }
  }

  close(): Promise<void> {
    return (this.closed ??= this.file.close());
  }
}

/** At most `size` bytes from a place in a file. */
export async function readBlock(file: FileHandle, at: number, size: number): Promise<Uint8Array> {
  const { bytesRead, buffer } = await file.read(new Uint8Array(size), 0, size, at);
  return buffer.subarray(0, bytesRead);
}
