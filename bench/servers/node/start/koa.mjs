import Koa from "koa";
import { ready } from "../../process.mjs";

const app = new Koa();
app.use((context) => {
  context.body = "Hello World";
});
const server = app.listen(0, "127.0.0.1", () => ready(server.address().port));
