// An application as a case describes it: steps, and what it returns.
import { bytesOf, errorOf, find, isKind, UnknownConstruct, valueOf } from "./values.mjs";

/** Runs the steps that wait for nothing; a step of `tsgi.input` gives a promise. */
export function runStep(step, exchange) {
  switch (step.do) {
    case "start_response":
      return startResponse(step, exchange);
    case "write":
      return void exchange.write(...(step.args ?? [step.data]).map(chunkOf(exchange)));
    case "write_attribute": {
      const attribute = exchange.write[step.name];
      return typeof attribute === "function" ? attribute.call(exchange.write) : attribute;
    }
    case "input":
      return callInput(exchange.environ["tsgi.input"], step);
    case "errors":
      return exchange.environ["tsgi.errors"][step.method](...(step.args ?? []).map(valueOf));
    default:
      throw Object.assign(new Error(step.message), { name: "ValueError" });
  }
}

/** In the handler cases a chunk is written as text and means bytes. */
const chunkOf = (exchange) => (chunk) => (exchange.textIsBytes && typeof chunk === "string" ? bytesOf(chunk) : valueOf(chunk));

function startResponse(step, exchange) {
  const args = [valueOf(step.status), step.headers === undefined ? valueOf(step.headers_value) : step.headers];
  if ("exc_info" in step)
    args.push(exchange.textIsBytes && typeof step.exc_info === "string" ? errorOf(step.exc_info) : valueOf(step.exc_info));
  args.push(...(step.extra_args ?? []).map(valueOf));
  const given = step.args === undefined ? args : args.slice(0, step.args);
  // keyword arguments are an options object in JavaScript
  if (step.kwargs !== undefined) given.push(valueOf({ dict: step.kwargs }));
  const call = () => {
    exchange.write = exchange.start(...given);
  };
  if (step.catch !== true) return call();
  try {
    call();
  } catch (error) {
    exchange.log.push(`caught ${error.name}`);
  }
  return undefined;
}

async function callInput(input, { method, args = [] }) {
  if (method !== "__iter__") return input[method](...args.map(valueOf));
  const pieces = [];
  for await (const piece of input) pieces.push(piece);
  return pieces;
}

const waits = (steps) => steps.some((step) => step.do === "input");

const KNOWN = ["start_response", "write", "write_attribute", "input", "errors", "raise"];

/** The application of a case; what it does not know it says at once, and not as an error of the application. */
export function appOf(test, log, options = {}) {
  const steps = test.app ?? [];
  const strange = find([steps, test.returns ?? []], (value) => isKind(value, "do") && !KNOWN.includes(value.do));
  if (strange.length > 0) throw new UnknownConstruct(`the step ${JSON.stringify(strange[0])}`);
  const begin = (environ, start) => ({ environ, start, log, write: undefined, ...options });
  if (waits(steps))
    return async (environ, start) => {
      const exchange = begin(environ, start);
      for (const step of steps) await runStep(step, exchange);
      return options.bodyOf(test, exchange);
    };
  return (environ, start) => {
    const exchange = begin(environ, start);
    for (const step of steps) runStep(step, exchange);
    return options.bodyOf(test, exchange);
  };
}

/** A generator over items that are yields or steps. */
export function generatorOf(items, exchange) {
  if (waits(items))
    return (async function* () {
      for (const item of items) {
        if ("yield" in item) yield chunkOf(exchange)(item.yield);
        else await runStep(item, exchange);
      }
    })();
  return (function* () {
    for (const item of items) {
      if ("yield" in item) yield chunkOf(exchange)(item.yield);
      else runStep(item, exchange);
    }
  })();
}

/** What a validator case returns. */
export function validatedBody(test, exchange) {
  const { returns } = test;
  if (returns === undefined) return [bytesOf("hello")];
  if (isKind(returns, "generator")) return generatorOf(returns.generator, exchange);
  if (isKind(returns, "closable")) {
    const chunks = returns.closable.map(valueOf);
    return {
      [Symbol.iterator]: () => chunks.values(),
      close() {
        exchange.log.push("close");
      },
    };
  }
  return valueOf(returns);
}

/** What a handler case returns. */
export function handledBody(test, exchange) {
  const returns = test.returns ?? { list: ["hello"] };
  if (isKind(returns, "list")) return returns.list.map(bytesOf);
  if (isKind(returns, "text")) return [returns.text];
  if (isKind(returns, "none")) return undefined;
  if (isKind(returns, "file")) {
    let rest = bytesOf(returns.file);
    const file = {
      read(size) {
        const block = rest.subarray(0, size);
        rest = rest.subarray(size);
        return block;
      },
    };
    return exchange.environ["tsgi.file_wrapper"](file, ...(returns.block === undefined ? [] : [returns.block]));
  }
  if (!isKind(returns, "iterable")) throw new UnknownConstruct(JSON.stringify(returns));
  const body = { [Symbol.iterator]: () => generatorOf(returns.iterable, exchange) };
  if (returns.length === true) body.length = returns.iterable.filter((item) => "yield" in item).length;
  if (returns.close !== false) body.close = () => void exchange.log.push("close");
  return body;
}
