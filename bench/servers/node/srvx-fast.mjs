// https://srvx.h3.dev/guide/node#fast-response
import { FastResponse } from "srvx";
import { serveSrvx } from "../srvx.mjs";

await serveSrvx(FastResponse);
