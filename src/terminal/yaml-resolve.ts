/** Which texts YAML 1.1, as go.yaml.in/yaml/v2 reads it, takes for something else when they aren't quoted. */

export function resolvesToText(text: string): boolean {
  if (base60.test(text)) return false;
  const first = text[0] ?? '';
  if (/[yYnNtTfFoO~.+-]/.test(first) && words.has(text)) return false;
  if (first === '.') return !isFloat(text);
  return /[\d+-]/.test(first) ? !isTimestamp(text) && !isNumber(text.replaceAll('_', '')) : true;
}

const words = new Set(
  ['y', 'yes', 'true', 'on', 'n', 'no', 'false', 'off', '~', 'null', '.nan', '.inf', '+.inf', '-.inf']
    .flatMap((word) => [word, word.toUpperCase(), word.replace(/[a-z]/, (letter) => letter.toUpperCase())])
    .concat('.NaN')
    .filter((word) => word !== '.Nan'),
);

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const decimal = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const whole = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+)$/;

function isFloat(text: string): boolean {
  return decimal.test(text) && Number.isFinite(Number(text));
}

/** Decimal of any length; hexadecimal, binary and octal of up to 64 bits. */
function isNumber(text: string): boolean {
  if (isFloat(text)) return true;
  const [, sign, digits] = whole.exec(text) ?? [];
  if (digits === undefined) return false;
  const value = BigInt(digits.replace(/^0[oO]?(?=[0-7])/, '0o'));
  if (sign === '') return value < 2n ** 64n;
  return sign === '-' ? value <= 2n ** 63n : value < 2n ** 63n;
}

const clock = String.raw`(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?`;
const timestamp = new RegExp(
  String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]${clock}(?:Z|[+-](\d\d):(\d\d))| ${clock})?$`,
);

function isTimestamp(text: string): boolean {
  const parts = timestamp.exec(text)?.slice(1);
  if (parts === undefined) return false;
  const [year, month, day, ...clocks] = parts.map((part: string | undefined) => Number(part ?? '0'));
  const [hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0, hour2 = 0, minute2 = 0, second2 = 0] = clocks;
  const isDay = isDayOf(year ?? 0, month ?? 0, day ?? 0);
  const isTime = Math.max(hour, hour2) < 24 && Math.max(minute, minute2, second, second2) < 60;
  return isDay && isTime && zoneHour <= 24 && zoneMinute < 60;
}

function isDayOf(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (days[month - 1] ?? 0);
}
