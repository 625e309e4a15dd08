import { Writable } from 'node:stream';
import type { Screen } from '../../src/terminal/region.ts';

/** A terminal without a window: obeys what a region writes, and fails on any other escape sequence. */
export class FakeScreen extends Writable implements Screen {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** How often something was written. */
  writes = 0;
  #lines = [''];
  #line = 0;

  constructor(columns = 80, rows = 24) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  /** What stands on the screen, and above it. */
  get text(): string {
    return this.#lines.join('\n').trimEnd();
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.writes++;
    for (const [piece] of chunk.matchAll(/\x1b\[\??\d*[A-Za-z]|\n|\r|[^\x1b\n\r]+/g)) this.#obey(piece);
    done();
  }

  #obey(piece: string): void {
    const up = /^\x1b\[(\d+)A$/.exec(piece);
    if (up) this.#line -= Number(up[1]);
    else if (piece === '\n') this.#line++;
    else if (piece === '\x1b[J') this.#lines.length = this.#line;
    else if (!piece.startsWith('\x1b') && piece !== '\r') this.#lines[this.#line] = piece;
    else if (!/^(\x1b\[\?2026[hl]|\x1b\[K|\r)$/.test(piece)) throw new Error(`unexpected ${JSON.stringify(piece)}`);
    if (this.#line < 0) throw new Error('went above the first line');
  }
}
