import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

// What an editor shows of each public name, read from the built declarations.

const ENTRIES = [
  ["@tsgi/core", "core/dist/index.d.ts"],
  ["@tsgi/core/adapter", "core/dist/adapter.d.ts"],
  ["@tsgi/node", "node/dist/index.d.ts"],
  ["@tsgi/bun", "bun/dist/index.d.ts"],
  ["@tsgi/deno", "deno/dist/index.d.ts"],
  ["@tsgi/workers", "workers/dist/index.d.ts"],
] as const;

/** Where `any` is meant, by the declaration that holds it, with the reason. */
const ANY: Readonly<Record<string, string>> = {
  FetchApp: "each framework types its own bindings and context; unknown would refuse them all",
};

const files = ENTRIES.map(([, file]) => fileURLToPath(new URL(`../packages/${file}`, import.meta.url)));
const program = ts.createProgram(files, {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ["node"],
  skipLibCheck: true,
});
const checker = program.getTypeChecker();

describe.each(ENTRIES)("%s", (_name, file) => {
  const path = fileURLToPath(new URL(`../packages/${file}`, import.meta.url));

  test("every public name has a docstring", () => {
    expect(existsSync(path), `${file} is not built: npm run build`).toBe(true);
    const exported = namesOf(path);
    expect(exported.length).toBeGreaterThan(1);
    const bare = exported.filter((symbol) => symbol.getDocumentationComment(checker).length === 0);
    expect(bare.map((symbol) => symbol.name)).toEqual([]);
  });

  test("no public declaration says any, but where it is meant", () => {
    const found = new Map<string, string>();
    for (const symbol of namesOf(path))
      for (const declaration of symbol.declarations ?? [])
        visit(declaration, (node) => {
          if (node.kind === ts.SyntaxKind.AnyKeyword) found.set(symbol.name, declaration.getText());
        });
    for (const name of Object.keys(ANY)) found.delete(name);
    expect(Object.fromEntries(found)).toEqual({});
  });
});

test("each any that is meant is still there", () => {
  const core = new Map(namesOf(files[0] as string).map((symbol) => [symbol.name, symbol]));
  for (const name of Object.keys(ANY)) expect(core.get(name)?.declarations?.[0]?.getText()).toMatch(/\bany\b/);
});

/** The exports of a module, each at the place where it is declared. */
function namesOf(path: string): ts.Symbol[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(path) as ts.SourceFile);
  return checker
    .getExportsOfModule(module as ts.Symbol)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  node.forEachChild((child) => visit(child, see));
}
