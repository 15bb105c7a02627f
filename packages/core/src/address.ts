// IP addresses and ranges of them (RFC 4291 2.2 and 2.3, RFC 4632), read strictly: what one reader takes for another
// address than the next one is how an address list is walked around.

/** Groups of 16 bits, 2 for IPv4 and 8 for IPv6. An IPv4-mapped IPv6 address is the IPv4 address that it stands for. */
export type Ip = readonly number[];

export interface IpRange {
  readonly ip: Ip;
  readonly bits: number;
}

/** An address of either family; `undefined` for anything else ("010.0.0.1" and "1.2.3" included). */
export function parseIp(text: string): Ip | undefined {
  if (text.length > 45) return undefined;
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** `"10.0.0.0/8"`, `"fd00::/8"`, or one address; `undefined` for anything else. */
export function parseRange(text: string): IpRange | undefined {
  const slash = text.indexOf("/");
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === undefined) return undefined;
  const width = ip.length * 16;
  if (slash < 0) return { ip, bits: width };
  const digits = text.slice(slash + 1);
  if (!/^[0-9]{1,3}$/.test(digits)) return undefined;
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8
  const bits = Number(digits) - (width === 32 && text.includes(":") ? 96 : 0);
  return bits >= 0 && bits <= width ? { ip, bits } : undefined;
}

/** Whether an address lies in a range; one family is never in a range of the other. */
export function isInRange(ip: Ip, range: IpRange): boolean {
  if (ip.length !== range.ip.length) return false;
  for (let i = 0, left = range.bits; left > 0; i++, left -= 16) {
    const shift = left >= 16 ? 0 : 16 - left;
    if (ip[i] >> shift !== range.ip[i] >> shift) return false;
  }
  return true;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  const [a, b, c, d] = parts.map(Number);
  return [a * 256 + b, c * 256 + d];
}

function parseIpv6(text: string): Ip | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const short = halves.length === 2;
  const head = groupsOf(halves[0], !short);
  const tail = short ? groupsOf(halves[1], true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (short ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return mapped ? groups.slice(6) : groups;
}

/** `1:2:3` as numbers; the last group of an address may be an IPv4 address. */
function groupsOf(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const ipv4 = last && i === parts.length - 1 ? parseIpv4(part) : undefined;
      if (ipv4 === undefined) return undefined;
      groups.push(...ipv4);
    }
  }
  return groups;
}
