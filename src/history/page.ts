/** A picture of a history that no order explains: one HTML file, which needs nothing else. */
import { encodeKeyValue, type KeyValues, keyValue } from '../../spec/log/key-value.ts';
import type { HistoryLine, Operation, Violation } from './format.ts';
import { keysOf, upTo } from './operations.ts';
import { explain, showCommand, showReply, showState } from './words.ts';

/** Of the operations so many are drawn at most, the last ones: nobody finds anything in a picture of more. */
const MOST_DRAWN = 200;
/** Sizes in pixels. */
const [LEFT, LANE, BAR, TOP] = [90, 46, 24, 34] as const;

/** An operation in the picture. */
interface Drawn extends Operation {
  /** The columns of its ends. */
  readonly from: number;
  readonly to: number;
  /** Its place in the order that comes furthest, from 1 on; undefined if it is not in it. */
  readonly place: number | undefined;
  readonly offends: boolean;
}

/** What is drawn, and what is left out. */
interface Picture {
  readonly drawn: readonly Drawn[];
  readonly clients: readonly string[];
  /** The line of each column. */
  readonly columns: readonly number[];
  readonly left: number;
}

function pictureOf(operations: readonly Operation[], { keys, line, order }: Violation): Picture {
  const known = new Set(keys);
  const all = upTo(operations, line).filter((each) => keysOf(each).some((key) => known.has(key)));
  const shown = all.filter((each, at) => at >= all.length - MOST_DRAWN || each.returned === line);
  const columns = shown
    .flatMap(({ invoked, returned }) => [invoked, ...(returned === null ? [] : [returned])])
    .sort((a, b) => a - b);
  const column = new Map(columns.map((each, at) => [each, at]));
  const drawn = shown.map((each) => ({
    ...each,
    from: column.get(each.invoked)!,
    to: each.returned === null ? columns.length : column.get(each.returned)!,
    place: order.includes(each.invoked) ? order.indexOf(each.invoked) + 1 : undefined,
    offends: each.returned === line,
  }));
  const clients = [...new Set(drawn.map(({ client }) => client))].sort();
  return { drawn, clients, columns, left: all.length - shown.length };
}

/** Where on the axis each operation of the order takes effect, in columns: as early as can be, one after another. */
function moments(drawn: readonly Drawn[]): Map<Drawn, number> {
  const inOrder = drawn.filter(({ place }) => place !== undefined).sort((a, b) => a.place! - b.place!);
  const columns = new Map<number, Drawn[]>();
  let now = 0;
  for (const each of inOrder) {
    now = Math.max(now, each.from);
    columns.set(now, [...(columns.get(now) ?? []), each]);
  }
  return new Map(
    [...columns].flatMap(([column, here]) =>
      here.map((each, at) => [each, column + (at + 1) / (here.length + 1)] as const),
    ),
  );
}

const escaped = (text: string) =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\p{Cc}\p{Cs}]/gu, ' ');

function svg({ drawn, clients, columns }: Picture, lines: readonly HistoryLine[]): string {
  const wide = Math.max(26, Math.min(80, 900 / columns.length));
  const x = (column: number) => LEFT + column * wide;
  const y = (client: string) => TOP + clients.indexOf(client) * LANE;
  const [width, height] = [x(columns.length) + 20, TOP + clients.length * LANE + 34];
  const at = moments(drawn);
  const points = [...at].map(([each, column]) => `${x(column).toFixed(1)},${y(each.client) + BAR / 2}`);
  const lanes = clients.map(
    (client) =>
      `<text class="lane" x="8" y="${y(client) + 17}">${escaped(client.slice(0, 11))}<title>${escaped(client)}</title></text>` +
      `<line class="lane" x1="${LEFT}" x2="${width}" y1="${y(client) + BAR + 8}" y2="${y(client) + BAR + 8}"/>`,
  );
  const bars = drawn.map((each) => {
    const kind = each.offends ? 'offends' : each.place === undefined ? 'out' : 'in';
    const open = each.returned === null ? ' open' : '';
    const room = Math.floor((x(each.to) - x(each.from)) / 6);
    const text = `${showCommand(each.command)} -> ${showReply(each.reply)}`;
    return (
      `<g class="${kind}${open}"><title>${escaped(`line ${each.invoked}, ${each.client}: ${text}`)}</title>` +
      `<rect x="${x(each.from)}" y="${y(each.client)}" width="${x(each.to) - x(each.from)}" height="${BAR}" rx="3"/>` +
      `<text x="${x(each.from) + 4}" y="${y(each.client) - 3}">${escaped(text.length > room ? `${text.slice(0, room)}…` : text)}</text></g>`
    );
  });
  const dots = [...at].map(
    ([each, column]) =>
      `<circle cx="${x(column).toFixed(1)}" cy="${y(each.client) + BAR / 2}" r="8"/>` +
      `<text class="number" x="${x(column).toFixed(1)}" y="${y(each.client) + BAR / 2 + 4}">${each.place}</text>`,
  );
  const bottom = TOP + clients.length * LANE + 8;
  const ticks = columns.map((line, column) => {
    const time = lines[line - 1]?.time;
    const said =
      time === undefined ? '' : `<text class="tick" x="${x(column)}" y="${bottom + 13}">${time} ms</text>`;
    return `<text class="tick" x="${x(column)}" y="${bottom}">${line}</text>${column % 3 === 0 ? said : ''}`;
  });
  return [
    `<svg role="img" aria-label="The history: a lane for each client, a bar for each operation" width="${width}" height="${height}">`,
    ...lanes,
    ...bars,
    `<polyline points="${points.join(' ')}"/>`,
    ...dots,
    ...ticks,
    '</svg>',
  ].join('\n');
}

/** The order that comes furthest, with the state after each operation. */
function rows(operations: readonly Operation[], { order }: Violation): string[] {
  const byLine = new Map(operations.map((each) => [each.invoked, each]));
  let state: KeyValues = keyValue.initial;
  const all = order.map((line, at) => {
    const { client, command } = byLine.get(line)!;
    const effect = keyValue.apply(state, encodeKeyValue(command));
    state = effect.state;
    const cells = [
      at + 1,
      line,
      client,
      showCommand(command),
      showReply(JSON.parse(effect.reply)),
      showState(state),
    ];
    return `<tr>${cells.map((cell) => `<td>${escaped(String(cell))}</td>`).join('')}</tr>`;
  });
  return all.slice(-MOST_DRAWN);
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; max-width: 70rem; }
.scroll { overflow-x: auto; border: 1px solid #8886; border-radius: 6px; }
svg text { font-size: 11px; fill: currentColor; } svg text.lane { font-size: 13px; font-weight: 600; }
line.lane { stroke: #8884; } text.tick { text-anchor: middle; opacity: .7; }
rect { stroke-width: 1.5; } .in rect { fill: #3a963a55; stroke: #3a963a; } .out rect { fill: #8883; stroke: #888; }
.offends rect { fill: #d0302055; stroke: #d03020; stroke-width: 3; } .open rect { stroke-dasharray: 5 3; }
polyline { fill: none; stroke: #3a963a; stroke-width: 1.5; opacity: .6; }
circle { fill: #256f25; } svg text.number { fill: #fff; font-size: 9px; text-anchor: middle; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .15rem .6rem; border-bottom: 1px solid #8884; }
`;

/** The page. */
export function historyPage(
  lines: readonly HistoryLine[],
  operations: readonly Operation[],
  violation: Violation,
): string {
  const picture = pictureOf(operations, violation);
  const left = picture.left === 0 ? '' : ` The ${picture.left} operations before these are not drawn.`;
  const cut = violation.order.length > MOST_DRAWN ? ` Only the last ${MOST_DRAWN} are listed.` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>A history that no order explains</title>
<style>${STYLE}</style>
</head>
<body>
<h1>A history that no order explains</h1>
${explain(violation)
  .map((sentence) => `<p>${escaped(sentence)}</p>`)
  .join('\n')}
<p>Time goes from left to right, by the lines of the history. Green: what the order that comes furthest has, each operation with a
dot where it takes effect. Red: the answer that does not fit. Grey: what is in no such order. Dashed: without an answer.${left}</p>
<div class="scroll">
${svg(picture, lines)}
</div>
<h2>The order that comes furthest</h2>
<p>It agrees with every answer before the one in red.${cut}</p>
<div class="scroll"><table>
<thead><tr><th>place</th><th>line</th><th>client</th><th>operation</th><th>answer</th><th>stored since</th></tr></thead>
<tbody>
${rows(operations, violation).join('\n')}
</tbody>
</table></div>
</body>
</html>
`;
}
