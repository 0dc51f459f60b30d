/** Which network addresses a request may reach: sorts an IP address into the classes the outbound guard acts on. */
import { isIP } from 'node:net'

/**
 * `public` also covers private ranges: releases live in private networks, and the host was declared.
 * `local` = loopback and unspecified, `link-local` = cloud metadata and neighbours, `none` = nothing that answers HTTP.
 */
export type AddressClass = 'public' | 'local' | 'link-local' | 'none'

/** Metadata services that do not live in a link-local range. */
const metadata = new Set(['100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254'])

/** Throws nothing: what is not an IP address is `none`. */
export function classify(address: string): AddressClass {
  const bare = stripZone(address)
  if (isIP(bare) === 4) return classifyV4(bare)
  if (isIP(bare) === 6) return classifyV6(bare)
  return 'none'
}

/** Whether an address that may be reached lies on networks of one's own, as RFC 1918, RFC 6598 and RFC 4193 have them. */
export function isPrivate(address: string): boolean {
  const bare = stripZone(address)
  if (isIP(bare) === 4) return isPrivateV4(bare)
  const words = isIP(bare) === 6 ? wordsOf(bare) : null
  if (words === null) return false
  const inner = embeddedV4(words)
  return inner === null ? ((words[0] ?? 0) & 0xfe00) === 0xfc00 : isPrivateV4(inner)
}

function isPrivateV4(address: string): boolean {
  const [a = 0, b = 0] = address.split('.').map(Number)
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return true
  return (a === 100 && b >= 64 && b < 128) || (a === 198 && (b === 18 || b === 19))
}

function classifyV4(address: string): AddressClass {
  if (metadata.has(address)) return 'link-local'
  const [a = 0, b = 0] = address.split('.').map(Number)
  if (a === 127 || a === 0) return 'local'
  if (a === 169 && b === 254) return 'link-local'
  if (a >= 224) return 'none'
  return 'public'
}

function classifyV6(address: string): AddressClass {
  const words = wordsOf(address)
  if (!words) return 'none'
  if (metadata.has(compact(words))) return 'link-local'
  const inner = embeddedV4(words)
  if (inner) return classifyV4(inner)
  const [first = 0] = words
  if (words.slice(0, 7).every((word) => word === 0)) return 'local'
  if ((first & 0xffc0) === 0xfe80 || (first & 0xffc0) === 0xfec0) return 'link-local'
  if ((first & 0xff00) === 0xff00) return 'none'
  return 'public'
}

/** IPv4 inside IPv6: mapped, compatible, NAT64 and 6to4 all end at the inner address. */
function embeddedV4(words: readonly number[]): string | null {
  const zeros = (count: number): boolean => words.slice(0, count).every((word) => word === 0)
  const tail = v4Of(words[6] ?? 0, words[7] ?? 0)
  if (zeros(5) && words[5] === 0xffff) return tail
  if (zeros(4) && words[4] === 0xffff && words[5] === 0) return tail
  if (words[0] === 0x64 && words[1] === 0xff9b) return tail
  if (words[0] === 0x2002) return v4Of(words[1] ?? 0, words[2] ?? 0)
  if (zeros(6) && (words[6] !== 0 || (words[7] ?? 0) > 1)) return tail
  return null
}

function v4Of(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight words of an IPv6 address, or null. */
function wordsOf(address: string): readonly number[] | null {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  const text = dotted ? `${dotted[1]}${wordsOfV4(dotted[2] ?? '')}` : address
  const [head = '', tail, more] = text.split('::')
  if (more !== undefined) return null
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? 0 : 8 - left.length - right.length
  const words = [...left, ...Array<string>(Math.max(0, gap)).fill('0'), ...right].map((word) =>
    Number.parseInt(word, 16),
  )
  return words.length === 8 && words.every((word) => word >= 0 && word <= 0xffff) ? words : null
}

function wordsOfV4(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

function compact(words: readonly number[]): string {
  return words
    .map((word) => word.toString(16))
    .join(':')
    .replace(/(?:^|:)0(?::0)+(?::|$)/, '::')
}

function stripZone(address: string): string {
  const bare = address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address
  return bare.split('%')[0] ?? bare
}
