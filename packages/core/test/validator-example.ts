import { call, respond, toFetch, validator, type App, type Middleware } from "@tsgi/core";

// An application: says the head, returns the body.
export const greeting: App = async (environ, startResponse) => {
  if (environ.REQUEST_METHOD !== "POST") {
    startResponse("405 Method Not Allowed", [
      ["Allow", "POST"],
      ["Content-Type", "text/plain"],
    ]);
    return ["Send a name.\n"];
  }
  const name = await environ["tsgi.input"].text(); // what can fail is awaited before startResponse
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return [`Hello ${name}, at ${environ.SCRIPT_NAME}${environ.PATH_INFO}\n`];
};

// A filter: takes an application, gives one. This one only adds to the head.
export const named: Middleware = (app) => (environ, startResponse) =>
  app(environ, (status, headers, error) => startResponse(status, [...headers, ["X-Answered-By", "greeting"]], error));

// A filter that must know the status asks for the answer as a value.
export const friendly: Middleware = (app) => async (environ, startResponse) => {
  const answer = await call(app, environ);
  if (!answer.status.startsWith("405")) return respond(answer, startResponse);
  await answer.body.close?.(); // whoever does not give a body on closes it
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["Send me your name with POST.\n"];
};

// A server calls the application; the validator watches both of them.
export const handler = toFetch(friendly(named(validator(greeting))));
