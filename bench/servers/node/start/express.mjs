import express from "express";
import { ready } from "../../process.mjs";

const app = express();
app.get("/", (req, res) => res.type("text/plain").send("Hello World"));
const server = app.listen(0, "127.0.0.1", () => ready(server.address().port));
