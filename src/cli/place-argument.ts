/** Places as people type them: `organisation/project/environment`, each part optional from the right. */
import type { Place, RoleSource } from '../core/access/access.ts'
import { UsageFault } from './faults.ts'
import { text } from './values.ts'

/** A role at a place, as the API tells it. */
export interface GrantOnWire {
  readonly role: string
  readonly place: Place
  readonly from?: RoleSource
}

const EVERYWHERE = 'everywhere'

/** `acme`, `acme/shop`, `acme/shop/production`, `everywhere`; `*` leaves a part open. */
export function placeIn(given: string): Place {
  if (given === EVERYWHERE) return { organisation: null, project: null, environment: null }
  const parts = given.split('/')
  if (given === '' || parts.length > 3 || parts.some((part) => part.trim() === ''))
    throw new UsageFault(
      `--at is "${given}", expected organisation/project/environment, an organisation, or everywhere; for example --at acme/shop/production`,
    )
  const [organisation, project, environment] = parts.map((part) => (part === '*' ? null : part))
  return { organisation: organisation ?? null, project: project ?? null, environment: environment ?? null }
}

/** Nobody is let in somewhere by leaving a word out. */
export function placeAsked(options: Readonly<Record<string, unknown>>, example: string): Place {
  const given = text(options, 'at')
  if (given === null)
    throw new UsageFault(
      `where? Say it with --at organisation/project/environment (or everywhere); for example: ${example}`,
    )
  return placeIn(given)
}

export function placeWords({ organisation, project, environment }: Place): string {
  if (organisation === null && project === null && environment === null) return EVERYWHERE
  const parts = [organisation, project, environment]
  const last = parts.findLastIndex((part) => part !== null)
  return parts
    .slice(0, last + 1)
    .map((part) => part ?? '*')
    .join('/')
}

/** Whose doing it is that somebody has a role. */
export function sourceWords({ from }: GrantOnWire): string {
  return from === undefined ? 'hand' : `${from.claim}=${from.value}`
}
