/** The values of a start: what the form begins with, what is wrong with them beside which field, and the body that is sent. Pure. */
import type { PlanAnswer, PlanInputView, PlanPlace, PlanView, StartBody } from '../../../../src/api/wire/web.ts'
import type { Checklist } from './checklist.ts'

export interface StartValues {
  readonly version: string
  readonly environment: string
  readonly previous: string
  readonly artefact: string
  readonly project: string
  readonly rehearsal: boolean
  /** Brought out, and taken back at once. */
  readonly andBack: boolean
  /** Id of the one phase that runs; empty = the whole checklist. */
  readonly drill: string
  readonly supersede: boolean
  /** Waits for its turn where the target is busy. */
  readonly queue: boolean
  /** When the first rollout is to begin, as the browser writes it; empty = as soon as it can. */
  readonly plannedAt: string
  readonly lateWhy: string
  /** Why a window is overridden; empty = none is. */
  readonly overrideWhy: string
  readonly overrideRole: string
  /** As written; booleans are `true`, `false` or empty. */
  readonly inputs: Readonly<Record<string, string>>
  /** It mends what is out already; `hotfixRelease` and `hotfixTag` say what, one of them at least. */
  readonly hotfix: boolean
  readonly hotfixRelease: string
  readonly hotfixTag: string
  /** Made once per form: the same start sent twice is one release. */
  readonly key: string
}

export function firstValues({ plan, places, project }: PlanAnswer, key: string): StartValues {
  const free = places.filter(({ refused, holder }) => refused === null && holder === null)
  // Only one place to go to is chosen already; of several, the person says which.
  const only = places.length === 1 ? places[0] : free.length === 1 && places.length === 0 ? free[0] : undefined
  return {
    version: '',
    environment: only?.environment ?? '',
    previous: '',
    artefact: '',
    project: project ?? '',
    rehearsal: false,
    andBack: false,
    drill: '',
    supersede: false,
    queue: false,
    plannedAt: '',
    lateWhy: '',
    overrideWhy: '',
    overrideRole: plan?.overriders[0] ?? '',
    hotfix: false,
    hotfixRelease: '',
    hotfixTag: '',
    inputs: Object.fromEntries((plan?.inputs ?? []).map((input) => [input.name, firstOf(input)])),
    key,
  }
}

function firstOf({ default: usual }: PlanInputView): string {
  return usual === null ? '' : String(usual)
}

/** By field: `version`, `environment`, `project`, `input NAME`. Empty = nothing is wrong that can be known here. */
export type Troubles = Readonly<Record<string, string>>

export function troublesOf(values: StartValues, answer: PlanAnswer): Troubles {
  const { plan } = answer
  if (plan === null) return {}
  const place = answer.places.find(({ environment }) => environment === values.environment)
  const barred = plan.environments.find(({ name }) => name === values.environment)?.barred ?? null
  const drill = drillIn(values, plan)
  const holder = values.rehearsal || drill !== null ? null : (place?.holder ?? null)
  const mayWait = values.queue || (holder !== null && holder.supersedable && values.supersede)
  const held =
    holder === null || mayWait
      ? null
      : `${holder.release} (${holder.version}) has it and is ${holder.phase}.${holder.supersedable ? ' You may end its watch by this start: tick it below.' : ' It has to end first.'} Or stand in line: tick it below.`
  const troubles: Record<string, string> = {}
  if (values.version.trim() === '' && drill === null) troubles['version'] = 'Which version is it? For example 1.4.0'
  if (values.environment.trim() === '') troubles['environment'] = 'Say where it goes.'
  else if (drill !== null) {
    const trouble = place?.refused ?? drillTrouble(drill, place)
    if (trouble !== null) troubles['environment'] = trouble
  } else if ((place?.refused ?? barred ?? held) !== null)
    troubles['environment'] = place?.refused ?? barred ?? held ?? ''
  if (answer.projects.length > 1 && values.project === '')
    troubles['project'] = `${plan.service} belongs to no project yet: say which it is to belong to.`
  if (values.andBack && place?.protected === true)
    troubles['environment'] = `${place.environment} is protected: the way back is rehearsed elsewhere.`
  if (values.andBack && place?.serving == null && values.previous.trim() === '')
    troubles['previous'] = 'Which version serves now? The way back leads to it.'
  if (values.hotfix && orNull(values.hotfixRelease) === null && orNull(values.hotfixTag) === null)
    troubles['hotfixRelease'] = 'Which release does it mend? Or say the git tag below.'
  for (const input of plan.inputs) {
    const trouble = inputTrouble(input, values.inputs[input.name] ?? '')
    if (trouble !== null) troubles[`input ${input.name}`] = trouble
  }
  return troubles
}

export type Drill = PlanView['phases'][number]

export function drillsOf({ phases }: PlanView): readonly Drill[] {
  return phases.filter(({ kind }) => kind === 'drill')
}

/** null = the whole checklist is meant. */
export function drillIn({ drill }: Pick<StartValues, 'drill'>, plan: PlanView): Drill | null {
  return drillsOf(plan).find(({ id }) => id === drill) ?? null
}

/** As the server says it: in its own environment, and in a protected one only where the phase names it. */
function drillTrouble({ title, environment }: Drill, place: PlanPlace | undefined): string | null {
  if (place === undefined) return null
  if (environment !== null)
    return environment === place.environment ? null : `The drill “${title}” is of ${environment}.`
  return place.protected
    ? `${place.environment} is protected, and the drill “${title}” does not name it: drill elsewhere.`
    : null
}

function inputTrouble({ name, type, required, options }: PlanInputView, text: string): string | null {
  if (text.trim() === '') return required ? `${name} is needed.` : null
  if (options !== null && !options.includes(text)) return `It has to be one of ${options.join(', ')}.`
  if (type === 'number' && !Number.isFinite(Number(text))) return `“${text}” is no number. For example 12`
  return null
}

/** Which field a refusal of the server is about; null = the form as a whole. */
export function fieldOfRefusal(code: string, words: string): string | null {
  if (code === 'missing-input') {
    const name = /input "([^"]+)"/.exec(words)?.[1]
    return name === undefined ? null : `input ${name}`
  }
  if (code === 'unknown-release' || (code === 'wrong-target' && words.includes('hotfix'))) return 'hotfixRelease'
  if (code === 'target-busy' || code === 'other-checklist' || code === 'wrong-target' || code === 'unreversed-actions')
    return 'environment'
  if (code === 'too-late') return words.startsWith('The planned start') ? 'plannedAt' : 'lateWhy'
  if (code === 'not-overridable') return 'overrideWhy'
  return code === 'unknown-project' ? 'project' : null
}

export function bodyOf(values: StartValues, checklist: Checklist, plan: PlanView, project: string | null): StartBody {
  const { file, base64, shared, calendars, commit } = checklist
  return {
    // The digest that was looked at: the server refuses to start anything else.
    document: { file, base64, shared, calendars, digest: plan.digest },
    version: values.version.trim() || (drillIn(values, plan)?.id ?? ''),
    previous: orNull(values.previous),
    environment: values.environment.trim(),
    inputs: Object.fromEntries(
      plan.inputs.flatMap((input) => {
        const value = typed(input, values.inputs[input.name] ?? '')
        return value === null ? [] : [[input.name, value]]
      }),
    ),
    workspace: { root: '/', commit, dirty: false },
    artefact: orNull(values.artefact),
    supersede: values.supersede,
    rehearsal: values.rehearsal,
    ...(values.andBack && { andBack: true as const }),
    ...(drillIn(values, plan) !== null && { drill: values.drill }),
    ...(values.queue && !values.rehearsal ? { queue: { forMs: null } } : {}),
    idempotencyKey: values.key,
    project: project ?? orNull(values.project),
    ...timeOf(values),
    ...(values.hotfix && {
      hotfixOf: { release: orNull(values.hotfixRelease), tag: orNull(values.hotfixTag), commit: null },
    }),
  }
}

function timeOf({ plannedAt, lateWhy, overrideWhy, overrideRole }: StartValues) {
  const at = new Date(plannedAt).getTime()
  return {
    ...(Number.isFinite(at) && { plannedAt: at }),
    ...(lateWhy.trim() !== '' && { lateWhy: lateWhy.trim() }),
    ...(overrideWhy.trim() !== '' && { override: { role: overrideRole, reason: overrideWhy.trim() } }),
  }
}

function typed({ type }: PlanInputView, text: string): string | number | boolean | null {
  if (text.trim() === '') return null
  if (type === 'number') return Number(text)
  return type === 'boolean' ? text === 'true' : text
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim()
}
