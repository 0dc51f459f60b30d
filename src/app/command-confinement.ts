/** What the commands of this process are confined to: as the environment asks, and as this machine can. */
import { commandLimits } from '../config/command-limits.ts'
import { commandUserSetting } from '../config/command-user.ts'
import { ConfigFault } from '../config/config.ts'
import { type CommandUser, CommandUserFault, findUser, tryUser } from '../worker/launcher/command-user.ts'
import {
  type Confinement,
  type ConfinementTools,
  limitsText,
  missingTools,
  toolsHere,
  unconfined,
} from '../worker/launcher/confinement.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Throws ConfigFault for a setting that makes no sense, or that this machine cannot keep; a default that it cannot keep is told. */
export function confinementFor(
  runsFor: 'server' | 'person',
  environment: Environment,
  log: (line: string) => void,
  tools: ConfinementTools = toolsHere(environment['PATH']),
): Confinement {
  const user = userFor(environment)
  const { isGiven, ...limits } = commandLimits(environment, runsFor)
  const wanted = { ...limits, user }
  const missing = missingTools(wanted, tools)
  if (missing.length === 0) return wanted
  const names = missing.join(' and ')
  if (isGiven)
    throw new ConfigFault(
      `HOLDPOINT_COMMAND_LIMITS asks for ${limitsText(wanted)}, which takes ${names} of util-linux on Linux, not found here. Install it, or set HOLDPOINT_COMMAND_LIMITS=none`,
    )
  // Of a person's own machine only core files would have been kept away: not worth a line.
  if (runsFor === 'person') return { ...unconfined, user }
  log(`commands run without all of their usual limits (${limitsText(wanted)}): no ${names} of util-linux here`)
  return {
    noNewPrivileges: wanted.noNewPrivileges && tools.setpriv !== null,
    limits: tools.prlimit === null ? {} : wanted.limits,
    user,
  }
}

/** Asked for and not to be had, nothing runs: the commands would otherwise read what they are to be kept from. */
function userFor(environment: Environment): CommandUser | null {
  const setting = commandUserSetting(environment)
  if (setting === null) return null
  try {
    const user = findUser(setting)
    tryUser(user)
    return user
  } catch (fault) {
    if (!(fault instanceof CommandUserFault)) throw fault
    throw new ConfigFault(`HOLDPOINT_COMMAND_USER=${setting.text}: ${fault.message}`)
  }
}

export interface ConfinementWords {
  readonly say: string
  /** What whoever runs a server should know, and do; null = nothing. */
  readonly warning: string | null
}

/** For people: what commands run as, and under which limits. */
export function confinementWords(confinement: Confinement, own: number | null = ownUser()): ConfinementWords {
  const limits = limitsText(confinement)
  const under = limits === '' ? 'without limits' : `under ${limits}`
  const { user } = confinement
  if (user !== null) return { say: `commands run as user ${user.uid} with group ${user.gid}, ${under}`, warning: null }
  const who = own === 0 ? 'as root' : own === null ? "as this process's user" : `as user ${own}`
  return {
    say: `commands run ${who}, like this process, ${under}`,
    warning:
      'commands can read what this process can: its store, its keys and what other commands keep. Start it as root with HOLDPOINT_COMMAND_USER=NAME, so that they run as a user of their own',
  }
}

export function tellConfinement(confinement: Confinement, log: (line: string) => void): void {
  const { say, warning } = confinementWords(confinement)
  log(say)
  if (warning !== null) log(`warning: ${warning}`)
}

function ownUser(): number | null {
  return process.geteuid?.() ?? null
}
