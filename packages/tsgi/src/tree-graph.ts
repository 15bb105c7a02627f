import { instance, type Graph } from "@viz-js/viz";
import { placeOf, type Part } from "./tree-text.ts";

/** A composition as a picture, drawn by Graphviz: a box for each part, an arrow the way a request takes. */
export async function svgOf(root: Part): Promise<string> {
  const viz = await instance();
  return viz.renderString(graphOf(root), { format: "svg" });
}

function graphOf(root: Part): Graph {
  const nodes: NonNullable<Graph["nodes"]> = [];
  const edges: NonNullable<Graph["edges"]> = [];
  const walk = (part: Part): string => {
    const name = `part${nodes.length}`;
    const lines = [part.title, part.made, part.at === undefined ? "" : placeOf(part.at)].filter((line) => line !== "");
    nodes.push({ name, attributes: { label: lines.join("\n") } });
    for (const child of part.children)
      edges.push({ tail: name, head: walk(child), attributes: { label: `  ${child.edge}  ` } });
    return name;
  };
  walk(root);
  return {
    graphAttributes: { rankdir: "LR", bgcolor: "transparent" },
    nodeAttributes: {
      shape: "box",
      style: "rounded,filled",
      fillcolor: "#eef3fb",
      color: "#4a6fa5",
      fontname: "sans-serif",
    },
    edgeAttributes: { color: "#4a6fa5", fontname: "monospace", fontsize: 11 },
    nodes,
    edges,
  };
}
