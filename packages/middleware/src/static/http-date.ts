const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The forms of RFC 9110 5.6.7, which is stricter than Date.parse: a year alone, or a bare number, is no HTTP date. */
const FORMS = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  // Sunday, 06-Nov-94 08:49:37 GMT
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  // Sun Nov  6 08:49:37 1994
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/** An HTTP date in milliseconds, `undefined` for what is none. */
export function parseHttpDate(text: string | undefined): number | undefined {
  for (const form of FORMS) {
    const { day, month, year, time } = form.exec(text?.trim() ?? "")?.groups ?? {};
    if (day === undefined || !MONTHS.includes(month)) continue;
    const [hours, minutes, seconds] = time.split(":").map(Number);
    const date = Date.UTC(fullYear(year), MONTHS.indexOf(month), Number(day), hours, minutes, seconds);
    // Date.UTC takes the 31st of February, or 25 o'clock, for a later day
    return new Date(date).getUTCDate() === Number(day) && minutes < 60 && seconds <= 60 ? date : undefined;
  }
  return undefined;
}

/** Two digits that would lie more than 50 years ahead are of the century before (RFC 9110 5.6.7). */
function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  const now = new Date().getUTCFullYear();
  const full = now - (now % 100) + Number(year);
  return full > now + 50 ? full - 100 : full;
}
