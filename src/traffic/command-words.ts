/** How a command of a driver ended, in words. */
import { tellingLine } from '../core/telling-line.ts'
import type { CommandResult } from '../core/ports/launcher.ts'

export function saidBy(result: CommandResult): string {
  const last = tellingLine(Buffer.from(result.stderr).toString('utf8')) || lastLine(result.stdout)
  return `${endOf(result)}${last === '' ? '' : ` (${last})`}`
}

function endOf(result: CommandResult): string {
  switch (result.ended) {
    case 'exit':
      return result.exitCode === null
        ? `the command was ended by ${result.signal ?? 'a signal'}`
        : `the command ended with exit code ${result.exitCode}`
    case 'followed':
    case 'timeout':
      return 'the command took too long'
    case 'cancelled':
      return 'the command was cancelled'
    case 'not-started':
      return `the command was not started: ${result.why ?? 'no reason given'}`
    case 'lost':
      return 'nobody knows how the command ended'
  }
}

export function lastLine(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('utf8').trim().split('\n')
  return (lines.at(-1) ?? '').trim().slice(0, 300)
}
