import { addMapping, GenMapping, setSourceContent, toEncodedMap } from "@jridgewell/gen-mapping";
import type { Position } from "../error.ts";

/** A source map (https://tc39.es/ecma426/) with the sources in it. */
export interface SourceMap {
  version: 3;
  file: string;
  names: string[];
  sources: string[];
  sourcesContent: string[];
  mappings: string;
}

/** The text of a module and, line by line, where it comes from. */
export class Writer {
  private readonly lines: string[] = [];
  private readonly origins: (Position | undefined)[] = [];

  /** Adds lines; all of them come from the one place. */
  add(text: string, at?: Position): void {
    for (const line of text.split("\n")) {
      this.lines.push(line);
      this.origins.push(at);
    }
  }

  /** Adds what another one has. */
  append(other: Writer): void {
    other.lines.forEach((line, i) => this.add(line, other.origins[i]));
  }

  get code(): string {
    return `${this.lines.join("\n")}\n`;
  }

  /**
   * The source map.
   *
   * @param file name of the written file
   * @param sourceOf what the map calls a source
   * @param contentOf the source's text
   */
  map(file: string, sourceOf: (file: string) => string, contentOf: (file: string) => string): SourceMap {
    const map = new GenMapping({ file });
    const seen = new Set<string>();
    this.origins.forEach((at, line) => {
      if (at === undefined) return;
      const source = sourceOf(at.file);
      const column = this.lines[line].search(/\S/);
      if (column < 0) return;
      addMapping(map, {
        generated: { line: line + 1, column },
        source,
        original: { line: at.line, column: at.column - 1 },
      });
      if (seen.has(source)) return;
      seen.add(source);
      setSourceContent(map, source, contentOf(at.file));
    });
    return toEncodedMap(map) as SourceMap;
  }
}
