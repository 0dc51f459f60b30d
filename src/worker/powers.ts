/** Builds the powers a check gets from its release: what it asks for in `needs`, and nothing else. */
import { evaluateCondition } from '../core/plan/expression.ts'
import { renderTemplate } from '../core/plan/template.ts'
import type { CheckBlock, Plan, SourcePlan } from '../core/plan/plan.ts'
import type { CheckDefinition, CheckNeed, CheckPowers } from '../core/ports/check.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { asSeenBy, componentOf } from '../core/release/serving.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { bindingsOf, variablesOf } from '../core/release/values.ts'
import type { Point } from '../core/series/summary.ts'
import type { Instant, Json } from '../core/units.ts'
import { type CommandToRun, stepPlanOf } from './command-request.ts'
import { addressesOf, declaredHosts, type Fill, rulesOf, withCell } from './declared-hosts.ts'
import type { Allowance, Outbound, OutboundRequest } from './outbound.ts'
import type { FollowUpReader } from './follow-ups.ts'
import type { Keeper } from './kept-for-next.ts'
import type { ReportedReader } from './reported.ts'
import type { SecretVault } from './secret-vault.ts'

/** One number of a declared metric source; sources are opened once per release, so whoever keeps them open answers. */
export type MetricReader = (
  source: string,
  query: string,
  at: Instant,
  context: EffectContext,
) => Promise<{ readonly value: number } | { readonly noData: string }>

/** As `MetricReader`, for instants at equal distances: null where nothing was known. */
export type SeriesReader = (
  source: string,
  query: string,
  instants: readonly Instant[],
  context: EffectContext,
) => Promise<{ readonly points: readonly Point[] } | { readonly noData: string }>

export interface PowerDeps {
  readonly clock: Clock
  /** Results from outside; absent = nobody can report any. */
  readonly reported?: ReportedReader
  /** Tasks that earlier releases left; absent = nobody keeps any. */
  readonly followUps?: FollowUpReader
  /** Absent = nothing is kept for the next run. */
  readonly keeper?: Keeper
  readonly outbound: Outbound
  readonly vault: SecretVault
  readonly metric: MetricReader
  /** Absent = nothing of the past can be read. */
  readonly series?: SeriesReader
  /** Commands have a user of their own: with the rights of this process no file that a checklist names is opened. */
  readonly isApart?: boolean
}

/** How one run of a check differs from another: its time, and how its command is started or found again. */
export interface PowerRun {
  readonly signal: AbortSignal
  readonly command: (command: CommandToRun) => Promise<CommandResult>
}

export function powersOf(
  definition: Pick<CheckDefinition, 'kind' | 'needs' | 'addresses'>,
  check: CheckBlock,
  context: EffectContext,
  run: PowerRun,
  deps: PowerDeps,
): CheckPowers {
  const plan = stepPlanOf(context.state, context.attempt)
  const state = asSeenBy(
    context.state,
    check.component ?? (plan === undefined ? null : componentOf(context.state, plan)),
  )
  const held = <T>(need: CheckNeed, power: T): T =>
    definition.needs.includes(need) ? power : withheld(definition.kind, need)
  const shared = variablesOf(state)
  const cell = check.matrix ?? {}
  const variables = { ...shared, ...cell }
  return {
    signal: run.signal,
    clock: deps.clock,
    variables,
    bindings: () => ({ ...bindingsOf(state), ...cell }),
    isProtected: isProtected(state),
    timeoutMs: check.timeoutMs,
    captures: check.captures,
    forItsValue: check.captures.length > 0,
    expectation: check.expect,
    expect: (facts) => expectationOf(check.expect, state, { ...cell, ...facts }),
    command: held('command', (request) =>
      run.command({ ...request, ...commandNeeds(check), env: { ...cell, ...request.env } }),
    ),
    http: held(
      'http',
      lazily(() =>
        outboundFor(
          state,
          deps,
          addressesOf(definition, check.config).map((text) => withCell(text, check)),
        ),
      ),
    ),
    place: held('place', async (address) => deps.outbound.place(address, allowanceOf(state, deps.vault))),
    source: held('source', (name) => keptApart(name, sourceOf(state.plan, name, shared, deps.vault), deps)),
    metric: held('metric', (source, query, at) => deps.metric(source, query, at, { ...context, signal: run.signal })),
    series: held('series', async (source, query, instants) =>
      deps.series === undefined
        ? { noData: 'nothing of the past can be read here' }
        : deps.series(source, query, instants, { ...context, signal: run.signal }),
    ),
    reported: held('reported', () => reportedFor(context, deps)),
    followUps: held('follow-ups', () => followUpsFor(context, deps)),
    kept: held('kept', async () => deps.keeper?.read(context) ?? null),
    keep: held('kept', async (value) => deps.keeper?.write(context, value)),
    secret: held('secret', (name) => deps.vault.value(state.plan, name)),
    root: state.workspace.root,
    progress: context.progress,
  }
}

/** A database that is a file would be opened as this process, wherever on the machine it lies. */
export function keptApart(
  name: string,
  source: SourcePlan,
  { isApart = false }: { readonly isApart?: boolean },
): SourcePlan {
  if (!isApart || source.kind !== 'sqlite') return source
  throw new Error(
    `source ${name} is a file that this server would open with its own rights, from which HOLDPOINT_COMMAND_USER keeps checklists apart; a command reads it as its own user (sh check with sqlite3)`,
  )
}

function commandNeeds({ secrets, worker }: CheckBlock): Pick<CommandToRun, 'secrets' | 'worker'> {
  return worker === undefined ? { secrets } : { secrets, worker }
}

async function reportedFor(context: EffectContext, { reported }: PowerDeps): ReturnType<CheckPowers['reported']> {
  if (reported === undefined) throw new Error('nobody can report a result here: this takes a release')
  return reported(context)
}

async function followUpsFor({ state }: EffectContext, { followUps }: PowerDeps): ReturnType<CheckPowers['followUps']> {
  if (followUps === undefined) throw new Error('nobody keeps follow-ups here: this takes a release')
  return followUps(state)
}

/** Requests of a release: its declared hosts and those of a kind, with loopback from inputs only outside protected environments. */
export function outboundFor(
  state: ReleaseState,
  deps: Pick<PowerDeps, 'outbound' | 'vault'>,
  more: readonly string[] = [],
): OutboundRequest {
  return deps.outbound.for(allowanceOf(state, deps.vault, more))
}

/** What a release may reach; `more` are addresses that the kind of a check or channel itself declares. */
export function allowanceOf(state: ReleaseState, vault: SecretVault, more: readonly string[] = []): Allowance {
  // Captured values come from outside; only what stood at the start may name a host.
  const variables = variablesOf({ ...state, captures: new Map() })
  const fill: Fill = (text) => filled(text, variables, state.plan, vault)
  return { rules: [...declaredHosts(state.plan, fill), ...rulesOf(more, fill)], protected: isProtected(state) }
}

function isProtected(state: ReleaseState): boolean {
  return state.plan.environments[state.environment]?.protected ?? false
}

/** A declared source with its templates and secrets filled in. Throws a sentence when something is missing. */
export function sourceOf(
  plan: Plan,
  name: string,
  variables: Readonly<Record<string, string>>,
  vault: SecretVault,
): SourcePlan {
  const source = Object.hasOwn(plan.sources, name) ? plan.sources[name] : undefined
  if (!source)
    throw new Error(`there is no source ${name}; this checklist has ${Object.keys(plan.sources).join(', ') || 'none'}`)
  return { kind: source.kind, config: fillSettings(source.config, variables, plan, vault) }
}

/** Settings of a source or channel with `{{ name }}` and `{{ secret.NAME }}` filled in. */
export function fillSettings(
  settings: Readonly<Record<string, Json>>,
  variables: Readonly<Record<string, string>>,
  plan: Plan,
  vault: SecretVault,
): Readonly<Record<string, Json>> {
  const fill = (value: Json): Json => {
    if (typeof value === 'string') return settled(value, variables, plan, vault)
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]))
    return value
  }
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, fill(value)]))
}

/** A password in the user part of an address is encoded as addresses want it; everywhere else values stand as they are. */
function settled(text: string, variables: Readonly<Record<string, string>>, plan: Plan, vault: SecretVault): string {
  const known = withSecrets(text, variables, plan, vault)
  const userPart = /^[a-z][a-z0-9+.-]*:\/\/(?:\{\{[^}]*\}\}|[^/?#{])*@/i.exec(text)?.[0] ?? ''
  const parts = [renderTemplate(userPart, known, 'url'), renderTemplate(text.slice(userPart.length), known, 'none')]
  const missing = parts.flatMap((part) => part.missing)
  if (missing.length > 0) throw new Error(`{{ ${missing[0]} }} has no value`)
  return parts.map((part) => part.text).join('')
}

/** As `settled`, with null for what has no value. */
function filled(
  text: string,
  variables: Readonly<Record<string, string>>,
  plan: Plan,
  vault: SecretVault,
): string | null {
  try {
    return settled(text, variables, plan, vault)
  } catch {
    return null
  }
}

function withSecrets(
  text: string,
  variables: Readonly<Record<string, string>>,
  plan: Plan,
  vault: SecretVault,
): Readonly<Record<string, string>> {
  const names = [...text.matchAll(/\{\{\s*secret\.([A-Za-z0-9_.-]+)\s*\}\}/g)].map((found) => found[1] ?? '')
  if (names.length === 0) return variables
  return { ...variables, ...Object.fromEntries(names.map((name) => [`secret.${name}`, vault.value(plan, name)])) }
}

function expectationOf(
  expect: string | null,
  state: ReleaseState,
  facts: Readonly<Record<string, Json>>,
): ReturnType<CheckPowers['expect']> {
  if (expect === null) return null
  const answer = evaluateCondition(expect, { ...bindingsOf(state), ...facts })
  return answer.kind === 'value' ? answer.value : { inconclusive: answer.why }
}

function lazily(make: () => OutboundRequest): OutboundRequest {
  let made: OutboundRequest | null = null
  return (url, init) => {
    made ??= make()
    return made(url, init)
  }
}

/** A check that uses what it did not ask for is a bug of its kind; it ends as errored, never as a pass. */
function withheld(kind: string, need: CheckNeed): never {
  const refuse = (): never => {
    throw new Error(`the check kind ${kind} does not list "${need}" in its needs`)
  }
  return refuse as never
}
