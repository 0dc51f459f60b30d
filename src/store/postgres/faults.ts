/** What goes wrong between here and PostgreSQL, in words of the port: whether trying again helps, and never a credential. */
import { StaleLease, StoreFault, VersionConflict } from '../../core/ports/store.ts'

/** The connection is gone, or there was none to be had. */
export function isLost(error: unknown): boolean {
  if (error instanceof StoreFault) return false
  const code = codeOf(error)
  if (isSqlState(code)) return closes(code)
  return /^E[A-Z_]+$/.test(code) || lostWords.test(error instanceof Error ? error.message : '')
}

const lostWords = /terminated|timeout|not queryable|connection error|closed/i

/** After this nobody knows whether the statement happened: anything but a clear answer of the server. */
export function leavesOpen(error: unknown): boolean {
  const code = codeOf(error)
  return !(error instanceof StoreFault) && (!isSqlState(code) || closes(code))
}

/** The server hangs up, or does not let anybody in yet. */
function closes(code: string): boolean {
  return code.startsWith('08') || ['57P01', '57P02', '57P03'].includes(code)
}

/** The database took everything back by itself and asks to try again. */
export function isTurnedAway(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error))
}

/** The value's own fault: no number PostgreSQL knows, too long for an index. The others of its group did nothing wrong. */
export function isOfTheValue(error: unknown): boolean {
  return /^(22|23|54)/.test(codeOf(error))
}

/** A writer and its number do not fit: nothing was written. */
export function isOutOfTurn(error: unknown): boolean {
  return codeOf(error) === 'HP001'
}

/** Full disk, too many connections, a lock or a statement that took too long, a server that only reads: these pass. */
function passes(code: string): boolean {
  return /^(53|57|40|08)/.test(code) || ['55P03', '25006', '58030'].includes(code)
}

const diskFull = '53100'

/** Every error of this store is one of the port's. */
export function faultOf(error: unknown, where: string): Error {
  if (error instanceof StoreFault || error instanceof VersionConflict || error instanceof StaleLease) return error
  const code = codeOf(error)
  const cause = bare(error)
  if (!isSqlState(code))
    return new StoreFault(`the database at ${where} cannot be reached (${code || cause.message})`, {
      retryable: isLost(error),
      where,
      cause,
    })
  return new StoreFault(`the database at ${where} refused (${code}): ${cause.message}`, {
    retryable: passes(code),
    where,
    isFull: code === diskFull,
    cause,
  })
}

/** Code and message only: errors of the library may carry the client, and with it the password. */
function bare(error: unknown): Error {
  const bared = new Error(error instanceof Error ? error.message.replaceAll(/:\/\/\S+@/g, '://…@') : 'no reason given')
  return Object.assign(bared, { code: codeOf(error) })
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]+$/.test(code)
}
