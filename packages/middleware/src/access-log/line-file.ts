/** A file that lines are added to. */
export interface LineFile {
  write(line: string): void;
  /** Writes what is held and closes the file. */
  close(): Promise<void>;
}

interface FileSystem {
  openSync(path: string, flags: string): number;
  writeSync(fd: number, text: string): number;
  closeSync(fd: number): void;
}

/**
 * Opens a file to add lines to. Lines of one turn of the event loop are written together.
 *
 * @throws Error of the system when it cannot be opened; Error where the runtime has no files
 */
export function openLines(path: string): LineFile {
  // no import: this file is part of Workers too
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const fs = process?.getBuiltinModule?.("node:fs") as FileSystem | undefined;
  if (fs?.openSync === undefined)
    throw new Error(`access log: ${JSON.stringify(path)} cannot be opened, this runtime has no files; use "-"`);
  const fd = fs.openSync(path, "a");
  let held = "";
  let closed = false;
  let failed = false;
  const flush = (): void => {
    const text = held;
    held = "";
    if (text === "" || closed) return;
    try {
      fs.writeSync(fd, text);
      failed = false;
    } catch (error) {
      // a full disk must not end the process, nor fill the error log
      if (!failed) console.error(`access log: ${path}: ${String(error)}`);
      failed = true;
    }
  };
  return {
    write(line) {
      if (held === "") setTimeout(flush, 0);
      held += `${line}\n`;
    },
    close() {
      flush();
      if (!closed) fs.closeSync(fd);
      closed = true;
      return Promise.resolve();
    },
  };
}
