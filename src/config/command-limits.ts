/** `HOLDPOINT_COMMAND_LIMITS`: what commands of checklists may use of the machine that runs them. */
import { ConfigFault } from './config.ts'

const NAMES = ['core', 'nofile', 'nproc', 'fsize'] as const
const UNITS = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const
const NO_NEW_PRIVILEGES = 'no-new-privs'
const EXAMPLE = 'HOLDPOINT_COMMAND_LIMITS=nofile=4096,nproc=2048,fsize=10G,no-new-privs'

export interface CommandLimits {
  readonly noNewPrivileges: boolean
  /** Bytes for `core` and `fsize`, else a count; absent = as it is. */
  readonly limits: Readonly<Partial<Record<(typeof NAMES)[number], number>>>
  /** Somebody asked for them: where they cannot be had, nothing starts. */
  readonly isGiven: boolean
}

/** Generous: they end what has gone wrong, and hinder nobody. */
const OF_A_SERVER: CommandLimits = {
  noNewPrivileges: true,
  limits: { core: 0, nofile: 65_536, nproc: 4_096, fsize: 64 * UNITS.G },
  isGiven: false,
}
/** In their own terminal people may use `sudo`. */
const OF_A_PERSON: CommandLimits = { noNewPrivileges: false, limits: { core: 0 }, isGiven: false }
const NONE: CommandLimits = { noNewPrivileges: false, limits: {}, isGiven: true }

/** Throws ConfigFault. */
export function commandLimits(
  environment: Readonly<Record<string, string | undefined>>,
  runsFor: 'server' | 'person',
): CommandLimits {
  const text = environment['HOLDPOINT_COMMAND_LIMITS'] ?? ''
  if (text === '' || text === 'default') return runsFor === 'server' ? OF_A_SERVER : OF_A_PERSON
  if (text === 'none') return NONE
  const parts = text.split(',').map((part) => part.trim())
  const limits: Partial<Record<string, number>> = {}
  for (const part of parts.filter((each) => each !== NO_NEW_PRIVILEGES)) {
    const [name, limit] = limitIn(part)
    if (limits[name] !== undefined) throw refused(`${name} stands in it twice`)
    limits[name] = limit
  }
  return { noNewPrivileges: parts.includes(NO_NEW_PRIVILEGES), limits, isGiven: true }
}

function limitIn(part: string): readonly [name: string, limit: number] {
  const [, name = '', digits = '', unit = ''] = /^([a-z]+)=(\d{1,12})([KMGT]?)$/.exec(part) ?? []
  const isSize = name === 'core' || name === 'fsize'
  const limit = Number(digits) * UNITS[unit as keyof typeof UNITS]
  const isKnown = NAMES.some((each) => each === name) && (unit === '' || isSize)
  // With no file, no process or no byte to write, nothing would start at all.
  if (isKnown && Number.isSafeInteger(limit) && (limit > 0 || name === 'core')) return [name, limit]
  throw refused(`"${part}" is no limit`)
}

function refused(why: string): ConfigFault {
  return new ConfigFault(
    `HOLDPOINT_COMMAND_LIMITS: ${why}; expected default, none, or no-new-privs and core, nofile, nproc, fsize with a number, between commas. For example: ${EXAMPLE}`,
  )
}
