import type { Environ, HeaderList } from "@tsgi/core";
import fresh from "fresh";
import rangeParser from "range-parser";
import { parseHttpDate } from "./http-date.ts";

/** A representation as its validators tell it. */
export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  /** As an HTTP date. */
  readonly modified: string;
}

/** What a GET or HEAD comes to, in the order of RFC 9110 13.2.2. */
export type Verdict =
  | { readonly status: 200 }
  | { readonly status: 206; readonly start: number; readonly end: number }
  | { readonly status: 304 | 412 | 416 };

/** What to answer, by the request's conditions and its range. */
export function judge(environ: Environ, validators: Validators, size: number): Verdict {
  if (isPreconditionFailed(environ, validators)) return { status: 412 };
  // without Cache-Control: fetch() adds no-cache to every conditional request, which is for caches on the way, not for us
  const request: Record<string, string | undefined> = {
    "if-none-match": environ.HTTP_IF_NONE_MATCH,
    "if-modified-since": asHttpDate(environ.HTTP_IF_MODIFIED_SINCE),
  };
  if (fresh(request, { etag: validators.etag, "last-modified": validators.modified })) return { status: 304 };
  const range = environ.HTTP_RANGE;
  // of an empty file no part can be named in a Content-Range
  if (range === undefined || environ.REQUEST_METHOD !== "GET" || size === 0 || !isRangeCurrent(environ, validators))
    return { status: 200 };
  const ranges = rangeParser(size, fittingSuffixes(range, size), { combine: true });
  // malformed, of another unit, or several: the whole is a right answer to each (RFC 9110 14.2)
  if (ranges === -2) return { status: 200 };
  if (ranges === -1) return /^\s*bytes\s*=/i.test(range) ? { status: 416 } : { status: 200 };
  if (ranges.type.trim().toLowerCase() !== "bytes" || ranges.length !== 1) return { status: 200 };
  return { status: 206, start: ranges[0].start, end: ranges[0].end };
}

/** RFC 9110 13.1.1 and 13.1.4: If-Match compares strongly, and If-Unmodified-Since counts only without it. */
function isPreconditionFailed(environ: Environ, { etag, modified }: Validators): boolean {
  const match = environ.HTTP_IF_MATCH;
  if (match !== undefined)
    return (
      match.trim() !== "*" &&
      !match
        .split(",")
        .map((tag) => tag.trim())
        .includes(etag)
    );
  const since = parseHttpDate(environ.HTTP_IF_UNMODIFIED_SINCE);
  return since !== undefined && since < Date.parse(modified);
}

/** RFC 9110 13.1.3: a date that is no HTTP date is ignored; the old forms are written as the one that is sent today. */
function asHttpDate(text: string | undefined): string | undefined {
  const date = parseHttpDate(text);
  return date === undefined ? undefined : new Date(date).toUTCString();
}

/** RFC 9110 14.1.2: a suffix longer than the file is the whole file, which range-parser takes for unsatisfiable. */
function fittingSuffixes(range: string, size: number): string {
  return range.replace(
    /([=,]\s*)-\s*([0-9]+)/g,
    (_all, before: string, length: string) => `${before}-${Math.min(Number(length), size)}`,
  );
}

/** RFC 9110 13.1.5: a range of what the client has seen is good only as long as it is the same. */
function isRangeCurrent(environ: Environ, { etag, modified }: Validators): boolean {
  const given = environ.HTTP_IF_RANGE?.trim();
  return given === undefined || given === etag || given === modified;
}

/** The headers by which a client can ask again: on 200, 206, 304. */
export function validatorHeaders({ etag, modified }: Validators): HeaderList {
  return [
    ["ETag", etag],
    ["Last-Modified", modified],
  ];
}
