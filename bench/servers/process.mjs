// A server's process: which workload it serves, and the line by which it says that it listens. Not on workerd.
import process from "node:process";

/** The workload and its variant, as the command line has them. */
export const [workload, option = ""] = process.argv.slice(2);

/** Says where the server listens. */
export function ready(port) {
  if (!Number.isInteger(port) || port === 0) throw new TypeError(`a server says that it listens on port ${port}`);
  console.log(JSON.stringify({ port }));
}

/** The part of a server's table that is served. */
export function chosen(table, key = workload) {
  if (Object.hasOwn(table, key)) return table[key];
  throw new TypeError(`this server has no workload ${JSON.stringify(key)}; it has ${Object.keys(table).join(", ")}`);
}
