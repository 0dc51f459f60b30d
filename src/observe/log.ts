/** The program's own log: lines for people, or JSON lines for machines that collect them. Never a secret, never a body. */
export type LogFormat = 'plain' | 'json'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, string | number | boolean | null>>

export interface Log {
  readonly tell: (level: LogLevel, message: string, fields?: LogFields) => void
  /** One line at level `info`. */
  readonly line: (message: string) => void
}

export type Write = (line: string) => void

const toStderr: Write = (line) => void process.stderr.write(line)
/** 7-bit and C1 controls, other line ends, marks that turn the direction: a name from outside must not move the cursor or forge a line. */
// oxlint-disable-next-line no-control-regex -- finding them is the point
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** `debug` is left out in both forms unless asked for. What writes JSON is loaded by those only who want it. */
export async function openLog(format: LogFormat, write: Write = toStderr, least: LogLevel = 'info'): Promise<Log> {
  if (format === 'plain') return plainLog(write, least)
  const { jsonLog } = await import('./log-json.ts')
  return jsonLog(write, least)
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

export function plainLog(write: Write = toStderr, least: LogLevel = 'info'): Log {
  const tell: Log['tell'] = (level, message, fields = {}) => {
    if (ranks[level] < ranks[least]) return
    const more = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`)
    const text = `${level === 'info' ? '' : `${level}: `}${message}${more.join('')}`
    write(`${new Date().toISOString()} ${text.replace(CONTROL, (found) => visible(found))}\n`)
  }
  return { tell, line: (message) => tell('info', message) }
}

function visible(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
