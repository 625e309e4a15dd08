/** What the demo itself says, on stdout, so that it stands apart from what the program says. */
import { styleText } from 'node:util';

export function sayHeading(text: string): void {
  console.log(`\n${styleText('bold', `# ${text}`, { stream: process.stdout })}\n`);
}

export function say(text: string): void {
  console.log(text);
}

/** A command line, as one would type it. */
export function sayCommand(line: string): void {
  console.log(styleText('cyan', `$ ${line}`, { stream: process.stdout }));
}
