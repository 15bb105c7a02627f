import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect } from "node:net";

/**
 * Removes the file of a unix socket that nobody listens on: a server that was killed leaves its own behind, and the next
 * one could not listen there.
 *
 * @param listen an address; one that is no unix socket is left alone
 */
export async function removeStale(listen: string): Promise<void> {
  if (!listen.startsWith("unix:")) return;
  const path = listen.slice("unix:".length);
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() === true && !(await isServed(path)))
    await rm(path, { force: true });
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const answer = (served: boolean): void => {
      socket.destroy();
      resolve(served);
    };
    socket.once("connect", () => answer(true));
    // anything but a refusal, such as a missing permission, says that somebody may be there
    socket.once("error", (error: NodeJS.ErrnoException) => answer(error.code !== "ECONNREFUSED"));
  });
}
