/** Asks the service that keeps a roster who is on call: through the outbound guard, with the secret of the checklist. */
import { digestOf } from '../../core/log/canonical.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { RosterAnswer, RosterReader } from '../../core/ports/roster.ts'
import { rulesOf } from '../declared-hosts.ts'
import type { Outbound } from '../outbound.ts'
import type { SecretVault } from '../secret-vault.ts'
import { hostOf, readOnCalls } from './oncalls.ts'
import { peopleOnCall } from './people.ts'

export interface RosterReaderDeps {
  readonly clock: Clock
  readonly outbound: Outbound
  readonly vault: SecretVault
}

/** Whoever decides waits for it. */
const withinMs = 15_000
/** So long an answer is shown again without asking. */
const keptMs = 30_000
const mostKept = 200

export function createRosterReader(deps: RosterReaderDeps): RosterReader {
  const kept = new Map<string, RosterAnswer>()
  return {
    async read(plan, wanted) {
      const key = digestOf([plan.roster?.asked ?? null, plan.secrets])
      const known = kept.get(key)
      if (wanted === 'lately' && known && deps.clock.now() - known.at < keptMs) return known
      const answer = await ask(plan, deps)
      kept.delete(key)
      kept.set(key, answer)
      for (const oldest of kept.keys()) {
        if (kept.size <= mostKept) break
        kept.delete(oldest)
      }
      return answer
    },
  }
}

async function ask(plan: Plan, { clock, outbound, vault }: RosterReaderDeps): Promise<RosterAnswer> {
  const asked = plan.roster?.asked
  if (asked === undefined) return { kind: 'unknown', by: '', at: clock.now(), say: 'this checklist asks nobody' }
  const by = hostOf(asked)
  try {
    await vault.prepare(plan)
    const token = vault.value(plan, asked.token)
    // The address stands in the checklist itself, without variables.
    const http = outbound.for({ rules: rulesOf([asked.url]), protected: true })
    const entries = await readOnCalls(asked, token, { http, clock, signal: AbortSignal.timeout(withinMs) })
    const at = clock.now()
    return { kind: 'answered', by, at, ...peopleOnCall(asked, entries, at) }
  } catch (fault) {
    const say = vault.redactor(plan).text(fault instanceof Error ? fault.message : String(fault))
    return { kind: 'unknown', by, at: clock.now(), say }
  }
}
