// Bar charts as SVG, drawn by Apache ECharts on the server.
import { init } from "echarts";

const COLOURS = { ours: "#d9480f", bare: "#868e96", other: "#74a9cf" };
const BAR = 22;
const PANEL = { bars: 250, values: 54, head: 34, gap: 26 };
const LETTER = 6.6; // the mean width of one at 12 px, sans-serif

/**
 * Draws panels of bars that share one scale.
 *
 * @param panels `[{ title, bars: [{ name, value, kind }] }]`; kind is `ours`, `bare` or `other`
 * @param options `title`, and how many panels stand side by side
 * @returns the SVG's source
 */
export function barChart(panels, { title, columns = 2 }) {
  const rows = Math.ceil(panels.length / columns);
  const heights = Array.from({ length: rows }, (_, row) =>
    Math.max(...panels.slice(row * columns, (row + 1) * columns).map(({ bars }) => bars.length * BAR)),
  );
  const top = (row) =>
    44 + heights.slice(0, row).reduce((sum, height) => sum + height + PANEL.head + PANEL.gap, 0) + PANEL.head;
  const names = Math.max(...panels.flatMap(({ bars }) => bars.map(({ name }) => name.length))) * LETTER + 24;
  const panelWidth = names + PANEL.bars + PANEL.values;
  const width = Math.min(columns, panels.length) * panelWidth;
  const height = top(rows - 1) + heights[rows - 1] + PANEL.gap;
  const places = panels.map(({ bars }, i) => ({
    left: (i % columns) * panelWidth + names,
    top: top(Math.floor(i / columns)),
    width: PANEL.bars,
    height: bars.length * BAR,
  }));
  const most = Math.max(1, ...panels.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const option = {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "sans-serif" },
    title: [
      { text: title, left: 12, top: 10, textStyle: { fontSize: 15 } },
      ...panels.map((panel, i) => ({
        text: panel.title,
        left: places[i].left,
        top: places[i].top - 24,
        textStyle: { fontSize: 13 },
      })),
    ],
    grid: places,
    xAxis: panels.map((_, gridIndex) => ({ gridIndex, type: "value", min: 0, max: most, show: false })),
    yAxis: panels.map(({ bars }, gridIndex) => ({
      gridIndex,
      type: "category",
      inverse: true,
      data: bars.map(({ name }) => name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { fontSize: 12, color: "#212529" },
    })),
    series: panels.map(({ bars }, i) => seriesOf(bars, i)),
  };
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function seriesOf(bars, index) {
  return {
    type: "bar",
    xAxisIndex: index,
    yAxisIndex: index,
    barWidth: BAR - 8,
    label: { show: true, position: "right", fontSize: 12, formatter: ({ value }) => value.toFixed(2) },
    data: bars.map(({ value, kind }) => ({ value, itemStyle: { color: COLOURS[kind] } })),
    markLine: {
      silent: true,
      symbol: "none",
      label: { show: false },
      lineStyle: { color: "#adb5bd", type: "dashed" },
      data: [{ xAxis: 1 }],
    },
  };
}
