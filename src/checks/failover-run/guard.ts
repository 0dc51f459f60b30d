/** Nothing is broken in production: not in a protected environment, not on a host that is named as production. */
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { fill } from '../parts/fields.ts'
import { whyProduction } from '../parts/production-guard.ts'
import { settingsOf, type StepSettings } from '../scenario-steps/settings.ts'

interface Named {
  readonly production: readonly string[]
  readonly break?: string | undefined
  readonly mend?: string | undefined
}

/** null = it may be broken here. */
export function whyNotHere(
  { production, ...given }: Named,
  steps: readonly StepSettings[],
  powers: CheckPowers,
): string | null {
  const addresses = ['tcp://nowhere.invalid', ...steps.flatMap((step) => addressesOf(step, powers))]
  for (const address of addresses) {
    const why = URL.canParse(address) ? whyProduction(address, production, powers) : null
    if (why !== null) return why
  }
  const lines = `${given.break ?? ''}\n${given.mend ?? ''}`
  const host = production.map((one) => fill(one, powers.variables)).find((one) => lines.includes(one))
  return host === undefined ? null : `a command speaks of ${host}, which is named as production`
}

/** Every address in its settings and in those of its source, and where it connects to. */
function addressesOf(step: StepSettings, powers: CheckPowers): readonly string[] {
  const settings = settingsOf(step)
  const on = settings['on']
  const source = typeof on === 'string' ? powers.source(on).config : null
  const text = `${JSON.stringify(settings)} ${JSON.stringify(source)}`
  const written = [...text.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s"'\\]+/gi)].map(([address]) => filled(address, powers))
  return [...written, ...hostOf(settings, powers), ...hostOf(source, powers)]
}

function hostOf(settings: Readonly<Record<string, Json>> | null, powers: CheckPowers): readonly string[] {
  const host = settings?.['host']
  if (typeof host !== 'string') return []
  const { port } = settings as { readonly port?: Json }
  const place = filled(
    `${host}${port === undefined || port === null ? '' : `:${String(port as string | number)}`}`,
    powers,
  )
  return [`tcp://${place}`]
}

/** Names of which only a run knows the value stay as they are written. */
function filled(text: string, { variables }: CheckPowers): string {
  return text.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (all, name: string) => variables[name] ?? all)
}
