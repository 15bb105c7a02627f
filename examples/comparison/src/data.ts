// What both applications serve.

export const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);

export const DOWNLOAD_CHUNKS = 16;
/** One piece of the download: 16 KiB, another byte each. */
export const downloadChunk = (i: number): Uint8Array => new Uint8Array(16 * 1024).fill(i);

export const LONG_VALUE = "x".repeat(7000);
export const EVENTS = ["one", "two", "three"];
export const ETAG = '"v1"';
export const UNICODE = "Grüße, 世界 👋\n";

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A number that tells two contents apart. */
export const sum = (bytes: Uint8Array): number =>
  bytes.reduce((before, byte) => (before * 31 + byte) % 1_000_000_007, 7);
