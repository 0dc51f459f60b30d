/** The program's own log: lines for people, or JSON lines for machines that collect them. Never a secret, never a body. */
import { pino } from 'pino'

export type LogFormat = 'plain' | 'json'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, string | number | boolean | null>>

export interface Log {
  readonly tell: (level: LogLevel, message: string, fields?: LogFields) => void
  /** One line at level `info`. */
  readonly line: (message: string) => void
}

type Write = (line: string) => void

const toStderr: Write = (line) => void process.stderr.write(line)
/** 7-bit and C1 controls, other line ends, marks that turn the direction: a name from outside must not move the cursor or forge a line. */
// oxlint-disable-next-line no-control-regex -- finding them is the point
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g
/** Those of them that JSON leaves as they are, and may escape. */
const BEYOND_JSON = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** `debug` is left out in both forms unless asked for. */
export function createLog(format: LogFormat, write: Write = toStderr, least: LogLevel = 'info'): Log {
  return format === 'json' ? jsonLog(write, least) : plainLog(write, least)
}

function jsonLog(write: Write, least: LogLevel): Log {
  const logger = pino(
    {
      level: least,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
    },
    {
      write: (line) =>
        write(line.replace(BEYOND_JSON, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)),
    },
  )
  const tell: Log['tell'] = (level, message, fields = {}) => logger[level](fields, message)
  return { tell, line: (message) => tell('info', message) }
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

function plainLog(write: Write, least: LogLevel): Log {
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
