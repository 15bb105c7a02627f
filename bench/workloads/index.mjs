import download from "./download.mjs";
import fetch from "./fetch.mjs";
import filters from "./filters.mjs";
import hello from "./hello.mjs";
import idle from "./idle.mjs";
import json from "./json.mjs";
import mounts from "./mounts.mjs";
import route from "./route.mjs";
import start from "./start.mjs";
import stream from "./stream.mjs";
import upload from "./upload.mjs";

/** All workloads, in the order of the report. */
export const WORKLOADS = [hello, json, route, filters, mounts, stream, upload, download, idle, start, fetch];
