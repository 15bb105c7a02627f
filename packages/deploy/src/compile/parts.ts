import { ConfigError, type Position, type Warning } from "../error.ts";
import type { Finisher } from "../finish.ts";
import type { ExistingNode, FactoryNode, Kind, Node } from "../tree.ts";
import { namedBy, type Candidate, type Named } from "./candidates.ts";
import { inComment, keyLiteral, listLiteral, literal } from "./literal.ts";
import type { CompiledModule } from "./module.ts";
import { refuseForTarget, type Abilities } from "./target.ts";
import { Writer } from "./writer.ts";

/** Writes a function for each part of a tree; it gives the part's tree. Parts that are the same have one function. */
export class Parts {
  readonly warnings: Warning[] = [];
  /** Whether a part is a listener. */
  needsListener = false;
  private readonly module: CompiledModule;
  private readonly finisher: Finisher;
  private readonly abilities: Abilities;
  private readonly written = new Map<string, string>();
  private readonly scopes = new Map<object, number>();

  constructor(module: CompiledModule, finisher: Finisher, abilities: Abilities) {
    this.module = module;
    this.finisher = finisher;
    this.abilities = abilities;
  }

  /**
   * @returns the name of the function
   * @throws (rejects) ConfigError for what the target cannot have
   */
  async write(node: Node): Promise<string> {
    refuseForTarget(node, this.abilities);
    const key = this.keyOf(node);
    const known = this.written.get(key);
    if (known !== undefined) return known;
    const name = this.module.names.take(node.section ?? `${node.kind}:${node.name === "" ? "direct" : node.name}`);
    this.written.set(key, name);
    const text = new Writer();
    try {
      await this.tree(node, text);
    } catch (error) {
      // a name without a function would be found here by whoever needs the same part
      this.written.delete(key);
      throw error;
    }
    const { body } = this.module;
    body.add("");
    const title = node.section === undefined ? node.kind : `[${node.section}]`;
    body.add(`// ${inComment(`${title} ${this.module.where(node.at)}`).trimEnd()}`, node.at);
    body.add(`function ${name}() {`, node.at);
    body.append(text);
    body.add("}");
    return name;
  }

  /** Two parts are the same when their trees are, and the names that their composites ask for mean the same. */
  private keyOf(node: Node): string {
    return JSON.stringify(node, (_key, value: unknown) => {
      const scope = this.finisher.origins.get(value as Node)?.scope;
      if (scope === undefined || !isOpen(value as Node)) return value;
      let id = this.scopes.get(scope);
      if (id === undefined) this.scopes.set(scope, (id = this.scopes.size));
      return { ...(value as FactoryNode), scope: id };
    });
  }

  private async tree(node: Node, text: Writer): Promise<void> {
    const parts = await this.partsOf(node);
    text.add("  return {", node.at);
    text.add(`    type: ${literal(node.type)},`);
    text.add(`    kind: ${literal(node.kind)},`);
    if (node.type === "factory") text.add(`    protocol: ${literal(node.protocol)},`);
    if (node.type === "existing") text.add(`    form: ${literal(node.form)},`);
    text.add(`    name: ${literal(node.name)},`);
    if (node.section !== undefined) text.add(`    section: ${literal(node.section)},`);
    if (node.at !== undefined)
      text.add(`    at: ${this.module.runtime("at")}(${this.module.place(node.at)}),`, node.at);
    if (node.type === "factory" || node.type === "existing")
      text.add(`    reference: ${this.module.reference(node.reference, wantedName(node))},`, node.reference.at);
    if (node.type === "factory" && node.file !== undefined && node.protocol === "composite_factory")
      text.add(`    file: ${literal(this.module.shown(node.file))},`);
    // of what is composed the parts have the settings
    if (node.type === "factory") {
      text.add(`    globalConf: ${this.module.globalConf(node.globalConf)},`);
      this.module.settings(text, node.localConf, "    ", "localConf: ", ",");
    } else {
      text.add(`    globalConf: ${this.module.runtime("settings")}([]),`);
      text.add(`    localConf: ${this.module.runtime("settings")}([]),`);
    }
    for (const part of parts) text.add(`    ${part.line}`, part.at);
    text.add("  };");
  }

  /** The lines of a tree that lead to other parts. */
  private async partsOf(node: Node): Promise<{ line: string; at?: Position | undefined }[]> {
    const call = async (part: Node): Promise<string> => `${await this.write(part)}()`;
    switch (node.type) {
      case "pipeline": {
        const app = await call(node.app);
        const filters: string[] = [];
        for (const filter of node.filters) filters.push(await call(filter));
        return [{ line: `filters: [${filters.join(", ")}],` }, { line: `app: ${app},` }];
      }
      case "filter_app":
        return [{ line: `filter: ${await call(node.filter)},` }, { line: `next: ${await call(node.next)},` }];
      case "filtered_with":
        return [{ line: `filter: ${await call(node.filter)},` }, { line: `inner: ${await call(node.inner)},` }];
      case "existing":
        if (node.form === "listener") this.needsListener = true;
        return [];
      case "factory": {
        if (isOpen(node)) return this.knows(node);
        if (node.children === undefined) return [];
        const lines: { line: string; at?: Position | undefined }[] = [{ line: "children: {" }];
        for (const [key, child] of Object.entries(node.children))
          lines.push({ line: `  ${keyLiteral(key)}: ${await call(child)},`, at: node.localConf.origins[key] });
        return [...lines, { line: "}," }];
      }
    }
  }

  /** What a composite of the user's may ask its loader for. */
  private async knows(node: FactoryNode): Promise<{ line: string; at?: Position | undefined }[]> {
    const lines: { line: string; at?: Position | undefined }[] = [{ line: "knows: {" }];
    const named = await namedBy(node, this.finisher);
    for (const kind of ["app", "filter", "server"] as const) {
      const entries = named.filter((each) => each.kind === kind);
      if (entries.length === 0) continue;
      lines.push({ line: `  ${kind}: {` });
      for (const each of entries)
        lines.push({ line: `    ${keyLiteral(each.name)}: ${await this.entry(each, node)},`, at: each.at });
      lines.push({ line: "  }," });
    }
    const { scope } = this.finisher.origins.get(node) ?? {};
    const all = (["app", "filter", "server"] as const).map(
      (kind: Kind) => `${kind}: ${listLiteral(scope?.names(kind) ?? [])}`,
    );
    return [...lines, { line: `  all: { ${all.join(", ")} },` }, { line: "}," }];
  }

  private async entry({ inherited, alone, at }: Named, node: FactoryNode): Promise<string> {
    const one = await this.thunk(inherited, at, node);
    const other = await this.thunk(alone, at, node);
    return one === other ? one : `{ inherited: ${one}, alone: ${other} }`;
  }

  /** A function for what may be asked for; what is wrong with it matters only to who asks. */
  private async thunk(candidate: Candidate, at: Position | undefined, node: FactoryNode): Promise<string> {
    try {
      if (candidate instanceof ConfigError) throw candidate;
      return await this.write(candidate);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const said = at ?? node.at;
      const message = `was not compiled, and whoever asks for it gets this error: ${error.message}`;
      if (said !== undefined && !this.warnings.some((known) => known.message === message && known.at === said))
        this.warnings.push({ message, at: said, section: node.section });
      const place = error.at === undefined ? "" : `, ${this.module.place(error.at)}`;
      return `${this.module.runtime("missing")}(${literal(error.category)}, ${literal(error.text)}${place})`;
    }
  }
}

/** Whether a part is a composite whose names only its factory knows. */
function isOpen(node: Node): boolean {
  return node.type === "factory" && node.protocol === "composite_factory" && node.reference.from === "module";
}

/** What a default export is called. */
function wantedName({ name, kind, reference }: FactoryNode | ExistingNode): string {
  if (reference.from === "builtin") return reference.name;
  return name === "" ? kind : name;
}
