/** What the commands of this process are confined to: as the environment asks, and as this machine can. */
import { commandLimits } from './config/command-limits.ts'
import { ConfigFault } from './config/config.ts'
import {
  type Confinement,
  type ConfinementTools,
  confinementText,
  missingTools,
  toolsHere,
  unconfined,
} from './worker/launcher/confinement.ts'

/** Throws ConfigFault for a setting that makes no sense, or that this machine cannot keep; a default that it cannot keep is told. */
export function confinementFor(
  runsFor: 'server' | 'person',
  environment: Readonly<Record<string, string | undefined>>,
  log: (line: string) => void,
  tools: ConfinementTools = toolsHere(environment['PATH']),
): Confinement {
  const { isGiven, ...wanted } = commandLimits(environment, runsFor)
  const missing = missingTools(wanted, tools)
  if (missing.length === 0) return wanted
  const names = missing.join(' and ')
  if (isGiven)
    throw new ConfigFault(
      `HOLDPOINT_COMMAND_LIMITS asks for ${confinementText(wanted)}, which takes ${names} of util-linux on Linux, not found here. Install it, or set HOLDPOINT_COMMAND_LIMITS=none`,
    )
  // Of a person's own machine only core files would have been kept away: not worth a line.
  if (runsFor === 'person') return unconfined
  log(`commands run without all of their usual limits (${confinementText(wanted)}): no ${names} of util-linux here`)
  return {
    noNewPrivileges: wanted.noNewPrivileges && tools.setpriv !== null,
    limits: tools.prlimit === null ? {} : wanted.limits,
  }
}
