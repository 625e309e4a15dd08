/** Text with tabs, laid out to the byte as kubectl lays it out. */

// kubectl's settings of its tabwriter: k8s.io/cli-runtime/pkg/printers/tabwriter.go.
const minWidth = 6;
const padding = 3;

/** The cells of a line; those but the last belong to columns. `undefined` is a form feed: every column ends there. */
type Line = readonly string[] | undefined;

/**
 * github.com/liggitt/tabwriter with remembered widths: a cell that a tab ends belongs to a column, the last one of a
 * line doesn't; a column ends at the first line that lacks it, and is never narrower than the same column was further
 * up. Widths count code points, also where a terminal shows some wider. So nothing can be written before all of it is
 * known: this holds the text until it is flushed. Takes time linear in the text.
 */
export class TabWriter {
  private lines: Line[] = [];
  /** What follows the last line end. */
  private rest = '';
  private widths: number[] = [];

  write(text: string): void {
    const parts = (this.rest + text).split('\n');
    this.rest = parts.pop() ?? '';
    for (const part of parts) this.addLines(part.split('\f'));
    if (this.rest.includes('\f')) this.addOpenLines();
  }

  private addLines([first = '', ...others]: string[]): void {
    this.lines.push(first.split(cellEnds));
    for (const other of others) this.lines.push(undefined, other.split(cellEnds));
  }

  private addOpenLines(): void {
    const parts = this.rest.split('\f');
    this.rest = parts.pop() ?? '';
    for (const part of parts) this.lines.push(part.split(cellEnds), undefined);
  }

  /** All that was written since the last time, laid out. The widths of columns stay. */
  flush(): string {
    // A last cell that is empty and not ended by a line is no cell.
    const open = this.rest === '' ? undefined : this.rest.replace(/[\t\v]$/, '').split(cellEnds);
    const lines = open === undefined ? this.lines : [...this.lines, open];
    const blockWidths = measure(lines, this.widths);
    const text = Array.from(layOut(lines, blockWidths)).join('\n');
    const isEmpty = lines.every((line) => line === undefined);
    this.lines = [];
    this.rest = '';
    return isEmpty || open !== undefined ? text : `${text}\n`;
  }

  forgetWidths(): void {
    this.widths = [];
  }
}

const cellEnds = /[\t\v]/;

/** For each column, the widths of its blocks from top to bottom. */
function measure(lines: readonly Line[], remembered: number[]): number[][] {
  const blockWidths: number[][] = [];
  const endBlocks = (from: number, to: number): void => {
    for (let column = from; column < to; column++) (blockWidths[column] ??= []).push(remembered[column] ?? minWidth);
  };
  let open = 0;
  for (const line of lines) {
    const aligned = alignedCells(line);
    endBlocks(aligned, open);
    for (let column = 0; column < aligned; column++) {
      remembered[column] = Math.max(remembered[column] ?? minWidth, codePoints(line?.[column] ?? '') + padding);
    }
    open = aligned;
  }
  endBlocks(0, open);
  return blockWidths;
}

function* layOut(lines: readonly Line[], blockWidths: readonly (readonly number[])[]): Generator<string> {
  const block = blockWidths.map(() => 0);
  let open = 0;
  for (const line of lines) {
    const aligned = alignedCells(line);
    for (let column = aligned; column < open; column++) block[column] = (block[column] ?? 0) + 1;
    open = aligned;
    if (line === undefined) continue;
    let text = '';
    for (let column = 0; column < aligned; column++) {
      text += pad(line[column] ?? '', blockWidths[column]?.[block[column] ?? 0] ?? minWidth);
    }
    yield text + (line[aligned] ?? '');
  }
}

function alignedCells(line: Line): number {
  return Math.max(0, (line?.length ?? 0) - 1);
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - codePoints(text));
}

function codePoints(text: string): number {
  const plain = text.includes('\x1b') ? text.replace(colours, '') : text;
  return astral.test(plain) ? Array.from(plain).length : plain.length;
}

// Ours: of what others wrote no ESC is left.
const colours = /\x1b\[\d+m/g;

const astral = /[\ud800-\udbff]/;
