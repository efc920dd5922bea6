/** Values of Range headers (RFC 2326 section 12.29) and of a=range. */

export interface Range {
  /** Seconds: of normal play time, or of the clock since 1970. Undefined: open, or "now". */
  start?: number;
  end?: number;
  /** Seconds are those of a clock. */
  clock: boolean;
}

/** Reads npt and clock; undefined for another unit or for what makes no sense. */
export function parseRange(text: string | undefined): Range | undefined {
  const [, unit, from, to = ""] = /^\s*(npt|clock)\s*[=:]\s*([^-;]*)(?:-([^;]*))?/i.exec(text ?? "") ?? [];
  if (unit === undefined || from === undefined) return undefined;
  const clock = unit.toLowerCase() === "clock";
  const [start, end] = [from, to].map((end) => parsePosition(end.trim(), clock)) as [number | undefined, number | undefined];
  if (Number.isNaN(start) || Number.isNaN(end)) return undefined;
  return { start, end, clock };
}

/** NaN for what makes no sense. */
function parsePosition(text: string, clock: boolean): number | undefined {
  if (text === "" || /^now$/i.test(text)) return undefined;
  return clock ? parseUtc(text) : parseNpt(text);
}

/** "12.5", "1:02:03.5"; some write a comma for the point. */
function parseNpt(text: string): number {
  const [, hours, minutes, seconds, fraction = ""] = /^(?:(\d+):(\d{1,2}):)?(\d+)(?:[.,](\d*))?$/.exec(text) ?? [];
  if (seconds === undefined || Number(minutes ?? 0) > 59 || (hours !== undefined && Number(seconds) > 59)) return NaN;
  const value = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(`${seconds}.${fraction}`);
  return value <= Number.MAX_SAFE_INTEGER ? value : NaN;
}

/** "19961108T142730.25Z". */
function parseUtc(text: string): number {
  const [, year, month, day, hour, minute, second, fraction = "0"] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.(\d+))?Z$/i.exec(text) ?? [];
  if (year === undefined) return NaN;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000 + Number(`0.${fraction}`);
}
