/** `yaml approve`: who has to sign, where a role signs only under a condition, and whether a watch ends first. */
import type { Compiling, DraftStep } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import type { ApproveBlock, ConditionalRole } from '../plan.ts'
import type { Settings } from '../settings.ts'
import { Settings as Inner, shown } from '../settings.ts'
import { checkRole } from './common.ts'
import { conflict } from './people.ts'

const approveExample = '```yaml approve\nrole: engineer\ncount: 2\nnot: author\n```'
const conditionalExample = "roles: [qa-lead, { role: security-lead, when: 'input.security_change' }]"

interface Roles {
  readonly always: readonly string[]
  readonly conditional: readonly ConditionalRole[]
}

export function readApprove(block: ReadBlock, step: DraftStep, compiling: Compiling): ApproveBlock {
  const { settings } = block
  if (settings.has('role') && settings.has('roles')) conflict(settings, 'role', 'roles', approveExample)
  const { always, conditional } = readRoles(settings, step, compiling)
  const countPlace = settings.placeOf('count')
  const least = conditional.length > 0 ? 0 : 1
  const count = settings.whole('count', 1, 20) ?? Math.max(least, always.length)
  if (count < always.length) {
    settings.error('bad-value', countPlace, {
      found: `count ${count} with ${always.length} roles`,
      expected: 'at least one signature for each role',
      example: approveExample,
    })
  }
  const not = settings.names('not') ?? []
  for (const each of not.filter((one) => one !== 'author')) {
    settings.error('bad-value', settings.place, {
      found: `"${each}" for "not" in ${settings.what}`,
      expected: 'author',
      example: 'not: author',
    })
  }
  const watchPlace = settings.placeOf('after-watch')
  const afterWatch = settings.flag('after-watch')
  if (afterWatch) compiling.afterWatches.push({ step, place: watchPlace })
  settings.finish(approveExample)
  return {
    word: 'approve',
    roles: always,
    count,
    not,
    ...(conditional.length > 0 && { conditional }),
    ...(afterWatch && { afterWatch: true as const }),
  }
}

function readRoles(settings: Settings, step: DraftStep, compiling: Compiling): Roles {
  const place = settings.placeOf(settings.has('roles') ? 'roles' : 'role')
  const role = settings.text('role')
  const given = settings.peek('roles')?.value
  const items = given?.kind === 'list' ? given.items : given?.kind === 'map' ? [given] : []
  if (!items.some((item) => item.kind === 'map')) {
    const always = settings.names('roles') ?? (role === null ? [] : [role])
    for (const each of always) checkRole(each, place, compiling)
    return { always, conditional: [] }
  }
  settings.take('roles')
  const always: string[] = []
  const conditional: ConditionalRole[] = []
  for (const item of items) {
    if (item.kind === 'scalar' && item.text !== '') {
      checkRole(item.text, item.place, compiling)
      always.push(item.text)
    } else if (item.kind === 'map') {
      const inner = new Inner(`a role of ${settings.what}`, item.place, item.entries, settings.problems)
      const read = readConditional(inner, step, compiling)
      if (read) conditional.push(read)
    } else {
      settings.error('bad-value', item.place, {
        found: `${shown(item)} among the roles of ${settings.what}`,
        expected: 'a role, or { role, when }',
        example: conditionalExample,
      })
    }
  }
  return { always, conditional }
}

function readConditional(settings: Settings, step: DraftStep, compiling: Compiling): ConditionalRole | null {
  const rolePlace = settings.placeOf('role')
  const role = settings.text('role') ?? settings.missing('role', 'role: who signs', conditionalExample)
  const whenPlace = settings.placeOf('when')
  const when = settings.text('when') ?? settings.missing('when', 'when: the condition', conditionalExample)
  settings.finish(conditionalExample)
  if (role === null || when === null) return null
  checkRole(role, rolePlace, compiling)
  compiling.conditions.push({ source: when, place: whenPlace, step, phase: null, facts: null })
  return { role, when }
}
