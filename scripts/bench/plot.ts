/** Draws lines as an SVG, with both axes logarithmic: a picture without a program to make it. */

export interface Line {
  name: string;
  colour: string;
  isDashed: boolean;
  points: readonly { x: number; y: number }[];
}

export interface Plot {
  title: string;
  xTitle: string;
  lines: readonly Line[];
  /** How a value of y reads. */
  yText: (y: number) => string;
}

const WIDTH = 760;
const HEIGHT = 400;
const PLACE = { left: 70, right: 590, top: 50, bottom: 345 };
/** Names at the ends of lines stand at least so far apart. */
const LINE_HEIGHT = 17;

/** Where a value lies in the picture. */
type Scale = (value: number) => number;

export function plotSvg({ title, xTitle, lines, yText }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const xTicks = decadesOf(points.map(({ x }) => x));
  const yTicks = decadesOf(points.map(({ y }) => y));
  const x = scaleOf(xTicks, PLACE.left, PLACE.right);
  const y = scaleOf(yTicks, PLACE.bottom, PLACE.top);
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    textAt(PLACE.left, 28, title, 'font-size="15"'),
    ...xTicks.flatMap((value) => [
      gridLine(x(value), PLACE.top, x(value), PLACE.bottom),
      textAt(x(value), PLACE.bottom + 20, value.toLocaleString('en'), 'text-anchor="middle"'),
    ]),
    ...yTicks.flatMap((value) => [
      gridLine(PLACE.left, y(value), PLACE.right, y(value)),
      textAt(PLACE.left - 8, y(value) + 4, yText(value), 'text-anchor="end"'),
    ]),
    textAt((PLACE.left + PLACE.right) / 2, PLACE.bottom + 42, xTitle, 'text-anchor="middle"'),
    ...lines.map((line) => drawn(line, x, y)),
    ...namesAtEnds(lines, x, y),
  ];
  const size = `width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="13" fill="#333">`;
  return `${head}\n${parts.join('\n')}\n</svg>\n`;
}

/** Powers of ten from below the least to above the greatest. */
function decadesOf(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(Math.ceil(Math.log10(Math.max(...values))), first + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}

function scaleOf(ticks: readonly number[], from: number, to: number): Scale {
  const [least, most] = [Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10)];
  return (value) => round(from + ((Math.log10(value) - least) / (most - least)) * (to - from));
}

function drawn({ points, colour, isDashed }: Line, x: Scale, y: Scale): string {
  const path = points.map((point) => `${x(point.x)},${y(point.y)}`).join(' ');
  const dash = isDashed ? ' stroke-dasharray="6 4"' : '';
  const dots = points.map((point) => `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="3" fill="${colour}"/>`);
  return [`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`, ...dots].join('\n');
}

/** From the highest line to the lowest, each below the one before. */
function namesAtEnds(lines: readonly Line[], x: Scale, y: Scale): string[] {
  const ends = lines.flatMap(({ name, colour, points }) => {
    const last = points.at(-1);
    return last ? [{ name, colour, x: x(last.x), y: y(last.y) }] : [];
  });
  let above = -Infinity;
  return ends
    .sort((a, b) => a.y - b.y)
    .map((end) => {
      above = Math.max(end.y + 4, above + LINE_HEIGHT);
      return textAt(end.x + 10, above, end.name, `fill="${end.colour}"`);
    });
}

function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
}

function textAt(x: number, y: number, text: string, attributes: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
