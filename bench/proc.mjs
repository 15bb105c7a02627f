// What the kernel knows of a process and its children: CPU time and memory, from /proc (proc(5)).
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** A process and everything below it. */
export function tree(pid) {
  const found = [];
  const look = (id) => {
    found.push(id);
    for (const task of list(`/proc/${id}/task`)) {
      const children = read(`/proc/${id}/task/${task}/children`);
      for (const child of children.split(" ")) if (child !== "") look(Number(child));
    }
  };
  look(pid);
  return found;
}

/**
 * The microseconds of CPU, user and system, that the processes have used: of every thread, as the scheduler counted
 * them. utime and stime of /proc/PID/stat are the same in steps of 10 ms, which is 1 % of a second's measurement; they
 * are read where the kernel keeps no schedstat.
 */
export function cpuTime(pids) {
  let total = 0;
  for (const pid of pids) total += threadTime(pid) ?? statTime(pid);
  return total;
}

function threadTime(pid) {
  let nanoseconds = 0;
  for (const task of list(`/proc/${pid}/task`)) {
    const spent = Number(read(`/proc/${pid}/task/${task}/schedstat`).split(" ")[0]);
    if (!Number.isFinite(spent)) return undefined;
    nanoseconds += spent;
  }
  return nanoseconds === 0 ? undefined : nanoseconds / 1000;
}

const TICK = 10_000; // USER_HZ is 100 on every Linux that runs one of these runtimes

function statTime(pid) {
  const text = read(`/proc/${pid}/stat`);
  // the name, in parentheses, may have spaces and parentheses of its own
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK;
}

/** Bytes that the processes have in memory. */
export const memory = (pids) => sum(pids, "VmRSS");

/** Bytes that the processes had in memory at most, since they began or since `forgetPeak`. */
export const peakMemory = (pids) => sum(pids, "VmHWM");

/** Lets the kernel count the peak anew. */
export function forgetPeak(pids) {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function sum(pids, field) {
  let bytes = 0;
  for (const pid of pids) {
    const line = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(read(`/proc/${pid}/status`));
    if (line !== null) bytes += Number(line[1]) * 1024;
  }
  return bytes;
}

/** The numbers of the cores that this process may run on: `0-3,8` is 0, 1, 2, 3 and 8. */
export function allowedCores() {
  const [, ranges = ""] = /^Cpus_allowed_list:\s+(\S+)/m.exec(read("/proc/self/status")) ?? [];
  return ranges.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return range === "" ? [] : Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** A process may end while it is looked at. */
function read(path) {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function list(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
