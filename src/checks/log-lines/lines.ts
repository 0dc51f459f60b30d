/** Lines of a log with the time that each says, from whichever of the usual places it stands in. */

export interface LogLine {
  readonly text: string
  /** Of this line, or of the one that it goes on from (a stack trace); null = no line has said one yet. */
  readonly at: number | null
  /** From 1. */
  readonly number: number
  /** What printed it, where several did. */
  readonly from?: string
}

const names = ['time', 'timestamp', '@timestamp', 'ts', 'datetime', 'date']
const iso = /^\W{0,3}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)/
/** As access logs of web servers have it. */
const common = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\]/
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export function readLines(text: string): readonly LogLine[] {
  let at: number | null = null
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line, index) => {
    at = timeOf(line) ?? at
    return { text: line, at, number: index + 1 }
  })
}

/** Milliseconds since the epoch; a time without a zone is taken for UTC. Null = the line says none. */
export function timeOf(line: string): number | null {
  const said = iso.exec(line)?.[1]
  if (said !== undefined) return validTime(Date.parse(withZone(said)))
  if (line.startsWith('{')) return timeInJson(line)
  const web = common.exec(line)
  if (web === null) return null
  const month = String(months.indexOf(web[2] ?? '') + 1).padStart(2, '0')
  return validTime(Date.parse(`${web[3]}-${month}-${web[1]}T${web[4]}${web[5]}:${web[6]}`))
}

function withZone(said: string): string {
  const plain = said
    .replace(' ', 'T')
    .replace(',', '.')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
  return /(?:Z|[+-]\d\d:\d\d)$/.test(plain) ? plain : `${plain}Z`
}

function timeInJson(line: string): number | null {
  const object = parsed(line)
  for (const name of names) {
    const value = object?.[name]
    if (typeof value === 'string') return validTime(Date.parse(withZone(value)))
    // Seconds or milliseconds: until the year 2286 they cannot be mistaken for one another.
    if (typeof value === 'number') return validTime(value < 1e10 ? value * 1_000 : value)
  }
  return null
}

export function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(line) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

function validTime(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null
}

/** One error is another of the same kind when they differ in numbers, ids, addresses and quoted values only. */
export function classOf(text: string): string {
  const message = parsed(text)?.['msg'] ?? parsed(text)?.['message']
  return (typeof message === 'string' ? message : text)
    .replace(iso, '')
    .replaceAll(/"[^"]*"|'[^']*'/g, '"…"')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '#')
    .replaceAll(/\b(?:0x)?[0-9a-f]{8,}\b/gi, '#')
    .replaceAll(/\d+/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
}
