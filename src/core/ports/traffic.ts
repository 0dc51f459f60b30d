/** The port behind which every traffic driver lives: one file per kind in src/traffic. All calls are repeatable. */
import type { z } from 'zod'
import type { Served } from '../traffic/served-split.ts'
import type { Json, Millis, WeightPercent } from '../units.ts'
import type { Clock } from './clock.ts'
import type { CommandRequest, CommandResult } from './launcher.ts'
import type { OutboundAnswer } from './outbound.ts'

export interface TrafficPowers {
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Fencing epoch of this attempt; a target that understands it refuses smaller ones. */
  readonly epoch: number
  readonly attempt: string
  readonly root: string
  readonly command: (
    request: Pick<CommandRequest, 'shell' | 'script' | 'timeoutMs'> & {
      readonly env: Readonly<Record<string, string>>
      readonly cwd: string | null
    },
  ) => Promise<CommandResult>
  readonly http: (
    url: string,
    init: {
      method: string
      headers: Readonly<Record<string, string>>
      body?: string
      signal: AbortSignal
      redirect?: 'follow' | 'manual'
      /** Certificates (PEM) that are trusted there instead of the usual ones. */
      ca?: string
    },
  ) => Promise<OutboundAnswer>
  /** The value of a secret that `secrets` names. */
  readonly secret: (name: string) => string
}

export type Reading =
  | { readonly kind: 'weight'; readonly percent: WeightPercent; readonly say: string }
  | { readonly kind: 'cannot-tell'; readonly say: string }
export type Reached = {
  readonly kind: 'reached' | 'pending' | 'cannot-tell'
  readonly percent: WeightPercent | null
  readonly say: string
  /** An order was lost with whoever carried it out: it may still be carried out. Absent = none was. */
  readonly isOrderLost?: boolean
}

export interface TrafficDriver {
  /** Weight of the canary as the balancer has it now. */
  read(powers: TrafficPowers): Promise<Reading>
  /** Orders the weight; returning says nothing about having reached it. Throws a plain Error with a sentence when refused. */
  set(percent: WeightPercent, powers: TrafficPowers): Promise<void>
  verify(percent: WeightPercent, powers: TrafficPowers): Promise<Reached>
  /** All traffic to stable, from whatever state. */
  restore(powers: TrafficPowers): Promise<void>
  /** Requests really served so far by both sides, where the balancer itself counts them. Never throws. */
  counts?(powers: TrafficPowers): Promise<Served | { readonly noData: string }>
}

export interface TrafficDriverDefinition<C = unknown> {
  readonly kind: string
  readonly summary: string
  readonly config: z.ZodType<C>
  readonly example: string
  /** Fields of the config that are shell text: no variable is ever put into them, commands read their environment instead. */
  readonly scripts?: readonly string[]
  /** Kind of the source whose settings these take, by `on` or because it is the only one; null or absent = they take none. */
  takes?(config: Readonly<Record<string, Json>>): string | null
  /** Names of the secrets that these settings need, each declared in the front matter. */
  secrets?(config: Readonly<Record<string, Json>>): readonly string[]
  /** Where it is asked under these settings, as they are written, besides the addresses that stand among them. */
  addresses?(config: Readonly<Record<string, Json>>): readonly string[]
  /** A file or socket of this machine that the driver opens itself, without a command; null or absent = none. */
  readonly opensFile?: (config: C) => string | null
  /** How long it may take from the order to the weight; absent = 10 seconds. */
  readonly patienceMs?: Millis
  open(config: C): TrafficDriver
}

export function defineTrafficDriver<C>(definition: TrafficDriverDefinition<C>): TrafficDriverDefinition<C> {
  return definition
}
