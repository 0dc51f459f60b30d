/** Blocks that stand under a heading and say what its section is: a phase, or steps that belong together. */
import type { Common, Compiling, DraftPhase } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import { parseLeadTime } from '../lead-time.ts'
import { phaseKinds } from '../phase-kinds.ts'
import { type PhaseKind, type PhasePlan, type PresencePlan, type ReleaseType } from '../plan.ts'
import { releaseTypes } from '../plan-incidents.ts'
import type { Settings } from '../settings.ts'
import { checkEnvironment, checkRole, checkWindow } from './common.ts'

const example = '```yaml phase\nkind: rollback\n```'

export function plainPhase(title: string, line: number): DraftPhase['plan'] {
  return {
    title,
    line,
    kind: 'gate',
    environment: null,
    when: null,
    window: null,
    lead: null,
    owner: null,
    branch: null,
    for: null,
  }
}

export function readPhase(block: ReadBlock, title: string, line: number, compiling: Compiling): Omit<PhasePlan, 'id'> {
  const { settings } = block
  const environmentPlace = settings.placeOf('environment')
  const environment = settings.text('environment')
  if (environment !== null) checkEnvironment(environment, environmentPlace, compiling)
  const windowPlace = settings.placeOf('window')
  const window = settings.text('window')
  if (window !== null) checkWindow(window, windowPlace, compiling)
  const componentPlace = settings.placeOf('for')
  const component = settings.text('for')
  if (component !== null) compiling.laterNames.push({ kind: 'component', name: component, place: componentPlace })
  const kind = settings.choice('kind', phaseKinds) ?? 'gate'
  const lead = readLead(settings)
  const due = settings.parse('due', parseLeadTime)
  const present = readPresent(settings, compiling)
  const phase = {
    title,
    line,
    kind,
    environment,
    when: settings.text('when'),
    window,
    lead,
    ...(due !== null && { due }),
    owner: settings.text('owner'),
    branch: settings.text('branch'),
    for: component,
    ...(present !== null && { present }),
    ...readAftermath(settings, kind),
  }
  settings.finish(example)
  return phase
}

const presentExample = 'present: { count: 2, roles: [engineer] }'

/** `present: 2`, or with the roles whose holders count. */
function readPresent(settings: Settings, compiling: Compiling): PresencePlan | null {
  if (!settings.has('present')) return null
  if (settings.peek('present')?.value.kind !== 'map') {
    const count = settings.whole('present', 1, 20)
    return count === null ? null : { count, roles: [] }
  }
  const inner = settings.group('present')
  if (!inner) return null
  const rolesPlace = inner.placeOf('roles')
  const roles = inner.names('roles') ?? []
  for (const role of roles) checkRole(role, rolesPlace, compiling)
  const count = inner.whole('count', 1, 20) ?? Math.max(1, roles.length)
  inner.finish(presentExample)
  return { count, roles }
}

/** What only some kinds of phase understand; absent where it is not written. */
function readAftermath(settings: Settings, kind: PhaseKind): Pick<PhasePlan, 'budgetMs' | 'starts' | 'onlyFor'> {
  const places = { budget: settings.placeOf('budget'), starts: settings.placeOf('starts') }
  const budgetMs = settings.duration('budget')
  const starts = settings.choice('starts', ['rollback'])
  if (budgetMs !== null && kind !== 'rollback') misplaced(settings, 'budget', 'rollback', places.budget)
  if (starts !== null && kind !== 'incident') misplaced(settings, 'starts', 'incident', places.starts)
  const onlyFor = readOnlyFor(settings)
  return {
    ...(budgetMs !== null && { budgetMs }),
    ...(starts !== null && { starts }),
    ...(onlyFor !== null && { onlyFor }),
  }
}

function misplaced(settings: Settings, name: string, kind: PhaseKind, place: Settings['place']): void {
  settings.error('conflicting-attributes', place, {
    found: `"${name}" in a phase that is no ${kind} phase`,
    expected: `"kind: ${kind}" beside it`,
    example: `\`\`\`yaml phase\nkind: ${kind}\n${name}: ${name === 'budget' ? '10m' : 'rollback'}\n\`\`\``,
  })
}

const choosable: readonly string[] = releaseTypes.filter((type) => type !== 'unknown')

function readOnlyFor(settings: Settings): readonly ReleaseType[] | null {
  const place = settings.placeOf('only-for')
  const names = settings.names('only-for')
  const stranger = names?.find((name) => !choosable.includes(name))
  if (stranger === undefined) return names as readonly ReleaseType[] | null
  settings.error('bad-value', place, {
    found: `"${stranger}" for "only-for" in ${settings.what}`,
    expected: `some of: ${choosable.join(', ')}`,
    example: 'only-for: hotfix',
  })
  return null
}

/** A person; whoever writes a time there means `due`. */
function readLead(settings: Settings): string | null {
  const place = settings.placeOf('lead')
  const lead = settings.text('lead')
  if (lead === null || !/\d\S*(?:\s+working\s+days?)?\s+(?:before|after)$/.test(lead)) return lead
  settings.error('bad-value', place, {
    found: `"${lead}" for "lead", which is a person`,
    expected: '"due" for a time before the planned start',
    example: `due: ${lead}`,
  })
  return null
}

export function phaseCommon(phase: Pick<PhasePlan, 'owner'>, base: Common): Common {
  return { ...base, owner: phase.owner }
}
