// Clients for what wrk cannot do: read slowly, hold thousands of connections.
import { connect } from "node:net";

/** A request's bytes, for a connection that is closed after the answer. */
function bytesOf({ method, path, headers }, connection) {
  const fields = Object.entries({ ...headers, Host: "127.0.0.1", Connection: connection });
  const lines = [`${method} ${path} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/**
 * Reads an answer to its end, as fast as it comes.
 *
 * @returns how many bytes came, and the seconds that took
 * @throws (rejects) Error when it is no 200, or the connection fails
 */
export function readWhole(request, port) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    let bytes = 0;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytesOf(request, "close")));
    socket.on("data", (chunk) => {
      if (bytes === 0 && !isOk(chunk)) socket.destroy(new Error(`the answer is no 200: ${firstLine(chunk)}`));
      bytes += chunk.length;
    });
    socket.on("error", reject);
    socket.on("end", () => resolve({ bytes, seconds: (performance.now() - began) / 1000 }));
  });
}

const isOk = (chunk) => chunk.subarray(0, 12).toString("latin1") === "HTTP/1.1 200";
const firstLine = (chunk) => chunk.toString("latin1").split("\r\n")[0];

/** Reads an answer at 64 KiB each 8 ms, 8 MiB/s, for so many seconds, and leaves. */
export function readSlowly(request, port, seconds) {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let pause;
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(bytesOf(request, "close")));
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      socket.pause();
      pause = setTimeout(() => socket.resume(), (chunk.length / 65536) * 8);
    });
    const end = setTimeout(() => socket.destroy(), seconds * 1000);
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(end);
      clearTimeout(pause);
      resolve(bytes);
    });
  });
}

const AT_ONCE = 100;

/**
 * Opens connections whose answers do not end, a hundred at a time; resolves when each has had its first event.
 *
 * @returns `{ open, close }`: how many are open, and what ends them
 * @throws (rejects) Error when one fails
 */
export async function holdConnections(request, port, count, event) {
  const sockets = new Set();
  const close = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  try {
    for (let done = 0; done < count; done += AT_ONCE)
      await Promise.all(
        Array.from({ length: Math.min(AT_ONCE, count - done) }, () => hold(sockets, request, port, event)),
      );
  } catch (error) {
    close();
    throw error;
  }
  return { open: () => sockets.size, close };
}

function hold(sockets, request, port, event) {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytesOf(request, "keep-alive")));
    sockets.add(socket);
    const read = (chunk) => {
      text += chunk.toString("latin1");
      if (!text.startsWith("HTTP/1.1 200".slice(0, text.length)))
        return reject(new Error(`the answer is no 200: ${text.split("\r\n")[0]}`));
      if (!text.includes(event)) return;
      socket.off("data", read);
      socket.resume();
      resolve();
    };
    socket.on("data", read);
    socket.on("error", reject);
    socket.on("close", () => {
      sockets.delete(socket);
      reject(new Error(`a connection was closed: ${text.split("\r\n")[0]}`));
    });
  });
}
