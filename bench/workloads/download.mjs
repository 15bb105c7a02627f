import { measureDownload } from "../measure.mjs";
import { DOWNLOAD_CHUNK } from "../servers/answers.mjs";
import { get } from "./request.mjs";

const MEBIBYTE = 2 ** 20;

export default {
  name: "download",
  title: "an answer of 1 GiB in chunks of 64 KiB, read as fast as it comes, then by a slow reader",
  unit: "µs/MiB",
  measure: measureDownload,
  options: (server, { quick }) => [String(((quick ? 64 : 1024) * MEBIBYTE) / DOWNLOAD_CHUNK.length)],
  optionTitle: () => "",
  bytes: (option) => Number(option) * DOWNLOAD_CHUNK.length,
  request: () => get("/"),
};
