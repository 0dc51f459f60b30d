/** What a route asks of its caller. */
import type { Right } from '../../core/access/rights.ts'

/** Where the right has to hold. */
export type Where =
  /** At the place of the release that the path names. */
  | 'release'
  /** At the project that the path names. */
  | 'project'
  /** Somewhere; the route shows, or takes, only what belongs there. */
  | 'somewhere'
  /** Over the whole server. */
  | 'server'

export type Demand =
  /** Nobody is asked who they are. */
  | { readonly kind: 'public' }
  /** Any person or machine that the server knows; the route concerns the caller alone. */
  | { readonly kind: 'known' }
  /** The owner of the local socket, and nobody over the network. */
  | { readonly kind: 'local' }
  | { readonly kind: 'right'; readonly rights: readonly Right[]; readonly where: Where }

export const anyone: Demand = { kind: 'public' }
export const known: Demand = { kind: 'known' }
export const localOnly: Demand = { kind: 'local' }

/** Any of these rights is enough to come in; what exactly is done may ask for a particular one. */
export function needs(rights: Right | readonly Right[], where: Where): Demand {
  return { kind: 'right', rights: typeof rights === 'string' ? [rights] : rights, where }
}
