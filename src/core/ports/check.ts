/** The port behind which every kind of check lives: one file per kind in src/checks. */
import type { z } from 'zod'
import type { Instant, Json, Millis } from '../units.ts'
import type { CommandRequest, CommandResult } from './launcher.ts'
import type { Point } from '../series/summary.ts'
import type { Clock } from './clock.ts'
import type { FollowUp } from './follow-up.ts'
import type { SourcePlan } from '../plan/plan.ts'
import type { OutboundAnswer, OutboundPlace } from './outbound.ts'

export type CheckOutcome = 'passed' | 'failed' | 'inconclusive' | 'errored'

export interface CheckResult {
  readonly outcome: CheckOutcome
  /** One sentence with the number beside its limit. */
  readonly say: string
  readonly evidence: readonly EvidenceBytes[]
  /** Values by name for later steps. */
  readonly captures?: Readonly<Record<string, string>>
  /** The same with their types, for a check that runs others; never recorded. */
  readonly values?: Readonly<Record<string, Json>>
  /** What `expect` may look at, JSON. */
  readonly facts?: Readonly<Record<string, Json>>
}

export interface EvidenceBytes {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly truncated?: boolean
}

/** How work outside went, as whoever did it reported. */
export interface ReportedResult {
  readonly outcome: 'passed' | 'failed' | 'inconclusive'
  /** One sentence; may be empty. */
  readonly say: string
  /** The machine that reported. */
  readonly by: string
  readonly at: Instant
  readonly facts: Readonly<Record<string, number | string | boolean>>
  readonly evidence: readonly EvidenceBytes[]
}

/** Powers a check asks for in `needs`; the worker hands over these and nothing else. */
export interface CheckPowers {
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Variables for `{{ name }}`, already strings: version, previous, environment, service, inputs, captures. */
  readonly variables: Readonly<Record<string, string>>
  /** The same for expressions inside the check's own config, with their types: as `when` and `expect` see them. */
  readonly bindings: () => Readonly<Record<string, Json>>
  /** The environment of the release is protected: what disturbs a service does not go there. */
  readonly isProtected: boolean
  /** Names that this check gives a value; one that ran before in this release finds what it gave among the variables. */
  readonly captures: readonly string[]
  /** A value that it gives is what it is asked for: to be held to nothing is no fault then. Absent = it is not. */
  readonly forItsValue?: boolean
  /** The check's own time: `signal` aborts when it is over. */
  readonly timeoutMs: Millis
  /** The author's `expect`, for a rule that depends on what it names; null = none. */
  readonly expectation: string | null
  /** Checks `expect` (CEL) against facts: true, false, or why it cannot be decided. */
  readonly expect: (facts: Readonly<Record<string, Json>>) => true | false | { readonly inconclusive: string } | null
  /**
   * `command`: through the launcher, once in a run: the result of a command whose engine died is handed to the next run.
   * A run that cannot go on from there, or has several, marks each as a `part`: it begins again then.
   * `env` = values for a script that a kind brings itself; nothing is ever pasted into the text of a script.
   */
  readonly command: (
    request: Pick<CommandRequest, 'shell' | 'script' | 'timeoutMs' | 'follow'> & {
      readonly cwd: string | null
      readonly env?: Readonly<Record<string, string>>
      /** `cleanup` takes back what the check made: it starts also when the check's time is over or the release ends. */
      readonly part?: 'forward' | 'cleanup'
    },
  ) => Promise<CommandResult>
  /** `http`: outbound requests with the guard on addresses; declared hosts only. */
  readonly http: (
    url: string,
    init: {
      method: string
      headers: Readonly<Record<string, string>>
      /** Bytes where the body is no text. */
      body?: string | Uint8Array
      signal: AbortSignal
      redirect?: 'follow' | 'manual'
      /** Certificates (PEM) that are trusted there instead of the usual ones. */
      ca?: string
    },
  ) => Promise<OutboundAnswer>
  /** `place`: where a socket may be connected to: `tcp://db.internal:5432`, any scheme, with a port. The guard of `http` decides. Throws OutboundFault. */
  readonly place: (address: string) => Promise<OutboundPlace>
  /** `source`: a declared source, secrets filled in. */
  readonly source: (name: string) => SourcePlan
  /** `metric`: one number of a declared metric source at an instant; missing, several series, NaN and errors are `noData`. */
  readonly metric: (
    source: string,
    query: string,
    at: Instant,
  ) => Promise<{ readonly value: number } | { readonly noData: string }>
  /** `series`: a number at each of these instants, at equal distances, null where nothing was known; only of sources that keep a past. */
  readonly series: (
    source: string,
    query: string,
    instants: readonly Instant[],
  ) => Promise<{ readonly points: readonly Point[] } | { readonly noData: string }>
  /** `reported`: what somebody outside reported for this step; null = nothing yet. Throws where nobody can report. */
  readonly reported: () => Promise<ReportedResult | null>
  /** `follow-ups`: open tasks of this service. Throws where nobody keeps any. */
  readonly followUps: () => Promise<readonly FollowUp[]>
  /** `secret`: the value of a declared secret; its use is redacted from everything recorded. */
  readonly secret: (name: string) => string
  /** `kept`: what the run before in this step and release kept for this one, also when its engine died; null = nothing. */
  readonly kept: () => Promise<Json | null>
  /** `kept`: durable when it resolves; null = the next run needs nothing. Values of declared secrets are taken out. */
  readonly keep: (value: Json | null) => Promise<void>
  /** `files`: folder that relative paths start from; nothing outside is opened. */
  readonly root: string
  /** Progress for a live view; not recorded. */
  readonly progress: (say: string) => void
}

export type CheckNeed =
  | 'command'
  | 'http'
  | 'place'
  | 'source'
  | 'metric'
  | 'series'
  | 'reported'
  | 'follow-ups'
  | 'secret'
  | 'kept'
  | 'files'

/** An expression that a config holds. Its names are checked when a document compiles, where all of them are known. */
export interface ConfigExpression {
  readonly source: string
  /** `condition` = true or false; `value` = anything. */
  readonly gives: 'condition' | 'value'
  /** The setting it stands in, and its line there, from 1. */
  readonly setting: string
  /** Where in the config it stands, for one that stands deeper than a setting: `['steps', 2, 'expect']`. */
  readonly path?: readonly (string | number)[]
  readonly line: number
  /** What it may name besides what every release knows, with CEL types. */
  readonly facts: Readonly<Record<string, string>>
  /** One correct line. */
  readonly example: string
}

export interface InnerConfig {
  readonly kind: string
  readonly config: Readonly<Record<string, Json>>
  /** Where in the whole config it stands. */
  readonly path: readonly (string | number)[]
}

export interface CheckDefinition<C = unknown> {
  readonly kind: string
  readonly summary: string
  /** Validates, documents, draws the form. */
  readonly config: z.ZodType<C>
  readonly needs: readonly CheckNeed[]
  /** Addresses of a service that is always at the same place, or at one that these settings, as they are written, name: naming the kind declares them. */
  readonly addresses?: readonly string[] | ((config: Readonly<Record<string, Json>>) => readonly string[])
  /** Kind of the source whose settings these take, by `on` or because it is the only one; null or absent = they take none. */
  takes?(config: Readonly<Record<string, Json>>): string | null
  /** Kinds of the sources that `on` may name; absent = whatever answers its query. */
  readonly sourceKinds?: readonly string[]
  /** Names of the secrets that these settings, as they are written, need for `secret`; each must be declared. */
  secrets?(config: Readonly<Record<string, Json>>): readonly string[]
  /** Names of the roles that these settings name; where the checklist declares roles, each is one of them. */
  roles?(config: Readonly<Record<string, Json>>): readonly string[]
  /** Names of the environments that these settings tell apart; where the checklist declares environments, each is one of them. */
  environments?(config: Readonly<Record<string, Json>>): readonly string[]
  /** What has to be said where no `expect` decides, no value is captured, and these valid settings do not decide either; null = they do. */
  undecided?(config: Readonly<Record<string, Json>>): string | null
  /** Names for `{{ name }}` that these valid settings give themselves while they run, beside what every release has. */
  givesNames?(config: Readonly<Record<string, Json>>): readonly string[]
  readonly timeoutMs: Millis
  /** How long a run of these settings lasts by itself; null = no longer than others. Its time limit is longer than that. */
  lastsMs?(config: C): Millis | null
  /** One correct example block for the reference page and for error messages. */
  readonly example: string
  /** Names of the facts `expect` may use, with their CEL types. */
  readonly facts: Readonly<Record<string, 'int' | 'double' | 'string' | 'bool' | 'list' | 'map' | 'dyn'>>
  /** Expressions in a valid config, in the order they are evaluated. */
  expressions?(config: C): readonly ConfigExpression[]
  /** Configs of other checks inside a valid config, whose sources and queries are checked as theirs are. */
  inner?(config: C): readonly InnerConfig[]
  run(config: C, powers: CheckPowers): Promise<CheckResult>
  /** Can what it needs be reached? For `doctor`. null = nothing to ask. */
  probe?(config: C, powers: CheckPowers): Promise<{ ok: boolean; say: string }>
}

export function defineCheck<C>(definition: CheckDefinition<C>): CheckDefinition<C> {
  return definition
}
