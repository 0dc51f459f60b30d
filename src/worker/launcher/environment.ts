/** The environment of a command: an allow-list, never what the launcher happens to have. */
import type { CommandRequest } from '../../core/ports/launcher.ts'
import type { CommandUser } from './command-user.ts'

const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ'] as const
const DEFAULTS = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/', LANG: 'C.UTF-8' }

export interface PrivatePlaces {
  /** Empty folder for the command alone. */
  readonly tmp: string
  /** File for `name=value` lines. */
  readonly output: string
}

/** The fixed HOLDPOINT_* names come last: nothing a plan declares can forge an attempt or an epoch. */
export function environmentOf(
  request: Pick<CommandRequest, 'attempt' | 'epoch' | 'env'>,
  secrets: Readonly<Record<string, string>>,
  places: PrivatePlaces,
  own: NodeJS.ProcessEnv,
  user: Pick<CommandUser, 'home'> | null = null,
): Record<string, string> {
  const basic: Record<string, string> = { ...DEFAULTS }
  for (const name of PASSED_ON) {
    const value = own[name]
    if (value !== undefined && value !== '') basic[name] = value
  }
  return {
    ...basic,
    ...(user === null ? {} : { HOME: user.home }),
    ...request.env,
    ...secrets,
    HOLDPOINT_TMP: places.tmp,
    HOLDPOINT_OUTPUT: places.output,
    HOLDPOINT_ATTEMPT: request.attempt,
    HOLDPOINT_EPOCH: String(request.epoch),
  }
}
