/** The log as JSON lines, one object each. */
import { pino } from 'pino'
import type { Log, LogLevel, Write } from './log.ts'

/** Characters that steer a terminal or reorder a line, which JSON leaves as they are and may escape. */
const BEYOND_JSON = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g

export function jsonLog(write: Write, least: LogLevel): Log {
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
