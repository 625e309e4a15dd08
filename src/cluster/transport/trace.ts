/**
 * The trace of -v: 6 a line for each request; 7 its headers and the answer's status; 8 also the answer's headers and
 * what was sent and received, cut; 9 as a curl command. What proves who we are is masked, as kubectl masks it.
 */
import type http from 'node:http';
import { Transform } from 'node:stream';
import type { Answer } from './answer.ts';
import { through } from './answer.ts';

export interface Exchange {
  method: string;
  url: string;
  headers: http.OutgoingHttpHeaders;
  body: Buffer | undefined;
}

export interface Trace {
  sending(exchange: Exchange): void;
  answered(exchange: Exchange, response: http.IncomingMessage, elapsedMs: number): void;
  failed(exchange: Exchange, elapsedMs: number): void;
  /** The same answer; what is read from it is shown once it has been read. */
  body(answer: Answer): Answer;
}

export function openTrace(level: number, write: (line: string) => void): Trace {
  const lines = (title: string, headers: readonly [string, string][]): void => {
    write(`${title} Headers:`);
    for (const [name, value] of headers) write(`    ${name}: ${maskedValue(name, value)}`);
  };
  return {
    sending: (exchange) => {
      if (level >= 9) write(curl(exchange));
      else if (level >= 7) write(`${exchange.method} ${exchange.url}`);
      if (level >= 7) lines('Request', entriesOf(exchange.headers));
      if (level >= 8 && exchange.body !== undefined) write(`Request Body: ${cut(exchange.body, level)}`);
    },
    answered: ({ method, url }, response, elapsedMs) => {
      const { statusCode: code = 0, statusMessage: words = '' } = response;
      if (level === 6 || level >= 9) write(`${method} ${url} ${code} in ${elapsedMs} ms`);
      else write(`Response Status: ${`${code} ${words}`.trim()} in ${elapsedMs} ms`);
      if (level >= 8) lines('Response', pairsOf(response.rawHeaders));
    },
    failed: ({ method, url }, elapsedMs) => {
      write(`${method} ${url} no answer in ${elapsedMs} ms`);
    },
    body: (answer) =>
      level < 8
        ? answer
        : through(
            answer,
            collect((whole) => {
              write(`Response Body: ${cut(whole, level)}`);
            }),
          ),
  };
}

function curl({ method, url, headers }: Exchange): string {
  const options = entriesOf(headers).map(
    ([name, value]) => `-H ${JSON.stringify(`${name}: ${maskedValue(name, value)}`)}`,
  );
  return `curl -v -X${method} ${options.join(' ')} '${url}'`;
}

function entriesOf(headers: http.OutgoingHttpHeaders): [string, string][] {
  return Object.entries(headers)
    .flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, String(one)]))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

function pairsOf(rawHeaders: readonly string[]): [string, string][] {
  return rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [],
  );
}

/** As kubectl: the scheme stays when it is a known one. */
export function maskedValue(name: string, value: string): string {
  if (name.toLowerCase() !== 'authorization') return value;
  const [scheme = '', ...rest] = value.split(' ');
  if (!/^(bearer|basic|negotiate)$/i.test(scheme)) return value === '' ? '' : '<masked>';
  return rest.join(' ') === '' ? scheme : `${scheme} <masked>`;
}

/** kubectl's limits: 1024 characters, ten times that at 9, all from 10 on. */
function cut(body: Buffer, level: number): string {
  const text = body.toString('utf8');
  const longest = level >= 10 ? Infinity : level === 9 ? 10_240 : 1024;
  return text.length <= longest ? text : `${text.slice(0, longest)} [truncated ${text.length - longest} chars]`;
}

function collect(done: (whole: Buffer) => void): Transform {
  const chunks: Buffer[] = [];
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      chunks.push(chunk);
      next(null, chunk);
    },
    flush(next) {
      done(Buffer.concat(chunks));
      next();
    },
  });
}
