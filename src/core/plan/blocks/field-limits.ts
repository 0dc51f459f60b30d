/** `limit` of a field that differs between environments: `limit: { production: "< 1%", else: "< 5%" }`. */
import type { Compiling } from '../draft.ts'
import type { FieldPlan } from '../plan.ts'
import { Settings } from '../settings.ts'
import type { MapValue } from '../yaml.ts'
import { checkEnvironment } from './common.ts'
import { readLimit } from './typed.ts'

const example = 'limit: { production: "< 1%", else: "< 5%" }'
const otherwise = 'else'

export function readLimits(
  written: MapValue,
  type: FieldPlan['type'],
  settings: Settings,
  compiling: Compiling,
): Pick<FieldPlan, 'limits'> {
  const members = [...written.entries]
  const limits: Record<string, string> = {}
  for (const [name, entry] of members) {
    if (name !== otherwise) checkEnvironment(name, entry.place, compiling)
    const one = new Settings(
      `${settings.what} in "${name}"`,
      entry.place,
      new Map([['limit', entry]]),
      settings.problems,
    )
    const limit = readLimit(one, type)
    if (limit !== null) limits[name] = limit
  }
  checkAll(new Set(members.map(([name]) => name)), settings, compiling)
  return { limits }
}

/** Where nothing is said of an environment, any value would do there. */
function checkAll(named: ReadonlySet<string>, settings: Settings, compiling: Compiling): void {
  const environments = Object.keys(compiling.declared.environments)
  const silent = environments.find((name) => !named.has(name))
  if (named.has(otherwise) || (environments.length > 0 && silent === undefined)) return
  settings.error('bad-limit', settings.place, {
    found: `no limit of ${settings.what} in ${silent === undefined ? 'other environments' : `"${silent}"`}`,
    expected: 'a limit for each environment, or "else"',
    example,
  })
}
