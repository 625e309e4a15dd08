/** The text of a YAML document as it grows, and where in its line it stands. */
export class YamlWriter {
  text = '';
  /** What a terminal would obey is escaped; otherwise only what YAML can't hold. */
  readonly isSafe: boolean;
  /** Characters of the last line. */
  column = 0;
  /** A separating space has been written, or none is needed. */
  spaced = true;
  /** Nothing but indentation and indicators stands in the line. */
  indention = true;

  constructor(isSafe: boolean) {
    this.isSafe = isSafe;
  }

  put(text: string, width = text.length): void {
    this.text += text;
    this.column += width;
  }

  breakLine(): void {
    this.text += '\n';
    this.column = 0;
  }

  /** Begins a line, unless one has just begun, and indents it. */
  startLine(indent: number): void {
    if (!this.indention || this.column > indent || (this.column === indent && !this.spaced)) this.breakLine();
    if (this.column < indent) this.put(' '.repeat(indent - this.column));
    this.spaced = true;
    this.indention = true;
  }

  /** @param needsSpace before it, from what stands in the line */
  indicator(text: string, needsSpace: boolean, { keepsIndention = false } = {}): void {
    if (needsSpace && !this.spaced) this.put(' ');
    this.put(text);
    this.spaced = false;
    this.indention &&= keepsIndention;
  }
}
