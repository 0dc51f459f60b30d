/** The byte patterns in which a secret can show up in output: every coding that tools commonly apply to a value. */

export interface Pattern {
  readonly bytes: Uint8Array
  /** Bytes that may stand between two units of the pattern, because tools wrap or group what they print. */
  readonly separators: 'none' | 'line-ends' | 'hex-groups'
  readonly ignoresCase: boolean
}

/** Shorter pieces would blacken ordinary text and hide nothing. */
export const SHORTEST_SECRET = 4

/** All patterns of one secret value: the whole, and each line of a multi-line one. */
export function codingsOf(value: string): readonly Pattern[] {
  const found = new Map<string, Pattern>()
  const keep = (pattern: Pattern) => {
    if (pattern.bytes.length < SHORTEST_SECRET) return
    found.set(`${pattern.separators}:${pattern.ignoresCase}:${Buffer.from(pattern.bytes).toString('latin1')}`, pattern)
  }
  for (const text of [value, ...longLines(value)]) {
    for (const literal of literalCodings(text))
      keep({ bytes: bytesOf(literal), separators: 'none', ignoresCase: false })
    for (const coded of base64Codings(text))
      keep({ bytes: bytesOf(coded), separators: 'line-ends', ignoresCase: false })
    keep({ bytes: bytesOf(bytesOf(text).toString('hex')), separators: 'hex-groups', ignoresCase: true })
  }
  return [...found.values()]
}

function longLines(value: string): string[] {
  const lines = value.split(/\r\n|\r|\n/)
  if (lines.length === 1) return []
  return lines.map((line) => line.trim()).filter((line) => line.length >= SHORTEST_SECRET)
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'utf8')
}

function literalCodings(text: string): Set<string> {
  return new Set([
    text,
    text.replace(/\n/g, '\r\n'),
    ...jsonCodings(text),
    ...urlCodings(text),
    ...shellCodings(text),
    ...markupCodings(text),
  ])
}

/** Encoders differ in whether they escape `/`, `<`, and everything outside ASCII. */
function jsonCodings(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1)
  const escape = (source: string, what: RegExp, upper: boolean) =>
    source.replace(what, (unit) => {
      const hex = unit.charCodeAt(0).toString(16).padStart(4, '0')
      return `\\u${upper ? hex.toUpperCase() : hex}`
    })
  const beyondAscii = /[^\u0020-\u007e]/g
  const html = /[<>&'+]/g
  return [
    plain,
    plain.replace(/\//g, '\\/'),
    escape(plain, beyondAscii, false),
    escape(plain, beyondAscii, true),
    escape(plain, html, false),
    escape(plain, html, true),
    escape(plain, /[<>&]/g, false),
    // A JSON text inside a JSON text, as in logs of requests.
    JSON.stringify(plain).slice(1, -1),
  ]
}

function urlCodings(text: string): string[] {
  const percent = (keep: RegExp) =>
    [...bytesOf(text)]
      .map((byte) => {
        const character = String.fromCharCode(byte)
        return byte < 128 && keep.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
      })
      .join('')
  const forms = [
    percent(/[A-Za-z0-9_.~-]/),
    percent(/[A-Za-z0-9_.~!'()*-]/),
    percent(/[A-Za-z0-9_.~/-]/),
    percent(/[A-Za-z0-9_.~!'()*;/?:@&=+$,#-]/),
    percent(/[A-Za-z0-9_.*-]/),
    percent(/$^/),
  ]
  const spaced = forms.map((form) => form.replace(/%20/g, '+'))
  return [...forms, ...spaced].flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (unit) => unit.toLowerCase())])
}

/** As `set -x`, `printf %q` and tools that quote arguments print it. */
function shellCodings(text: string): string[] {
  return [
    text.replace(/'/g, `'\\''`),
    text.replace(/'/g, `'"'"'`),
    text.replace(/["\\$`]/g, '\\$&'),
    text.replace(/[^A-Za-z0-9_@%+=:,./\n-]/g, '\\$&'),
  ]
}

function markupCodings(text: string): string[] {
  const basic = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
  return [basic, basic.replace(/'/g, '&#39;'), basic.replace(/'/g, '&#x27;'), basic.replace(/'/g, '&apos;')]
}

/** Base64 of the value alone, and the part it determines inside a longer text, whose length before it can be 0, 1 or 2 modulo 3. */
function base64Codings(text: string): string[] {
  const bytes = bytesOf(text)
  const alone = bytes.toString('base64')
  const inside = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    return whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
  })
  return [alone, alone.replace(/=+$/, ''), ...inside].flatMap((coded) => [
    coded,
    coded.replace(/\+/g, '-').replace(/\//g, '_'),
  ])
}
