import { toWorker } from "@tsgi/workers";
// @ts-ignore: `npm run build` makes it of app.ini
import app from "./dist/app.js";

// your other handlers stand beside it: { ...toWorker(app), scheduled }
export default toWorker(app);
