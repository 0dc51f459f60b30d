/** The port behind which every kind of action lives: one file per kind in src/actions. It runs in a process of its own, started once per attempt. */
import type { z } from 'zod'
import type { Json, Millis } from '../units.ts'
import type { OutboundAnswer } from './outbound.ts'

/** How a program ended that an action started. */
export interface ProgramEnd {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A talk over a WebSocket that is over: what was heard, and why it ended; or how it was refused. */
export type ChannelEnd =
  | { readonly protocol: string; readonly messages: readonly Uint8Array[]; readonly why: string }
  | { readonly refused: number; readonly body: string }

export interface ActionPowers {
  /** Aborts when the action is to stop. */
  readonly signal: AbortSignal
  /** Starts a program without a shell, in the folder of the block. Its output is also that of the action. Throws ActionFault when it is not installed. */
  readonly program: (
    name: string,
    words: readonly string[],
    given?: { readonly input?: string; readonly env?: Readonly<Record<string, string>> },
  ) => Promise<ProgramEnd>
  /** Requests to hosts that the settings or the kind itself name, through the guard on addresses. Throws OutboundFault. */
  readonly http: (
    url: string,
    init: {
      readonly method: string
      readonly headers: Readonly<Record<string, string>>
      /** Bytes where the body is no text. */
      readonly body?: string | Uint8Array
      /** Certificates (PEM) that are trusted there instead of the usual ones. */
      readonly ca?: string
    },
  ) => Promise<OutboundAnswer>
  /** Listens to a WebSocket (`ws://`, `wss://`) of a host as for `http` until it closes. Throws OutboundFault where nobody answers. */
  readonly channel: (
    url: string,
    init: {
      readonly headers: Readonly<Record<string, string>>
      readonly protocols: readonly string[]
      readonly ca?: string
    },
  ) => Promise<ChannelEnd>
  /** The value of a secret that `secrets` names. */
  readonly secret: (name: string) => string
  /** The fixed names: version, previous, environment, service, commit, release, attempt. */
  readonly facts: Readonly<Record<string, string>>
  /** Waits. */
  readonly sleep: (ms: Millis) => Promise<void>
  /** A line for whoever watches; kept as output. */
  readonly say: (line: string) => void
  /** A value for later steps, under a name of `captures`. */
  readonly capture: (name: string, value: string) => void
}

/** It did not happen, in words for people. */
export class ActionFault extends Error {
  override name = 'ActionFault'
  /** Status of the answer behind it; 0 = there was none. 401 and 403 do not get better by themselves. */
  readonly status: number
  constructor(message: string, status = 0) {
    super(message)
    this.status = status
  }
}

export interface ActionDefinition<C = unknown> {
  readonly kind: string
  readonly summary: string
  /** Validates, documents. `{{ name }}` in texts has its value when `run` sees it. */
  readonly config: z.ZodType<C>
  readonly timeoutMs: Millis
  /** One correct example block. */
  readonly example: string
  /** Names of the values it can give to later steps. */
  readonly captures: readonly string[]
  /** Kind of the source whose settings these take, by `on` or because it is the only one; null or absent = they take none. */
  takes?(config: Readonly<Record<string, Json>>): string | null
  /** Names of the secrets that these settings need, each declared in the front matter. */
  secrets?(config: C): readonly string[]
  /** Programs that have to be installed where it runs, for `doctor`. */
  readonly programs: readonly string[]
  /** Addresses of a service that is always at the same place, or at one that these settings name: naming the kind declares them. */
  readonly addresses?: readonly string[] | ((config: Readonly<Record<string, Json>>) => readonly string[])
  /** Makes it so, and does nothing where it is so already: one sentence of what was done. Throws ActionFault. */
  run(config: C, powers: ActionPowers): Promise<string>
  /** Is it so? Throws where that cannot be told. */
  probe(config: C, powers: ActionPowers): Promise<boolean>
  /** Can what it needs be reached, with rights enough? For `doctor`: one sentence; changes nothing. Throws ActionFault. Absent = `probe` is asked. */
  ask?(config: C, powers: ActionPowers): Promise<string>
}

export function defineAction<C>(definition: ActionDefinition<C>): ActionDefinition<C> {
  return definition
}
