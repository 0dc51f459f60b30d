/** Of registered checklists some say that nothing else releases their target: any other document is refused there. */
import { type AccessState, type RegisteredChecklist } from '../core/access/access.ts'
import { areSameBytes } from '../core/access/checklist-bytes.ts'
import { sha256Hex } from '../core/log/canonical.ts'
import type { Plan } from '../core/plan/plan.ts'
import { environmentsActedOn } from '../core/target/mandatory.ts'
import type { DocumentBody } from './client-types.ts'
import { RouteRefusal } from './wire/problem.ts'

export interface DocumentToStart {
  readonly document: Pick<DocumentBody, 'base64' | 'shared' | 'calendars'>
  readonly plan: Plan
  readonly environment: string
  /** It releases nothing; absent = it does. */
  readonly rehearsal?: boolean
}

/** Throws a RouteRefusal. A drill releases nothing, and nor does a dry run. `project` = which the service belongs to. */
export function refuseOtherChecklist(state: AccessState, project: string, asked: DocumentToStart): void {
  const found = wanted(state, project, asked)
  if (found === null) return
  throw new RouteRefusal(
    'other-checklist',
    `${found.say}, and these are other bytes. For example: holdpoint run --checklist ${found.first}`,
  )
}

/** Throws a RouteRefusal: what may not start there may not come in by an amendment either. */
export function refuseOtherAmendment(state: AccessState, project: string, asked: DocumentToStart): void {
  const found = wanted(state, project, asked)
  if (found === null) return
  throw new RouteRefusal(
    'other-checklist',
    `${found.say}, and the amended one has other bytes. Register it first, for example: holdpoint checklist register ${found.first}`,
  )
}

/** null = it may release there. */
function wanted(
  state: AccessState,
  project: string,
  { plan, environment, document, rehearsal = false }: DocumentToStart,
): { readonly say: string; readonly first: string } | null {
  if (rehearsal || plan.drill !== undefined) return null
  const registered = [...state.checklists.values()].filter(
    (each) => each.project === project && each.service === plan.service,
  )
  for (const place of environmentsActedOn(plan, environment)) {
    const only = registered.filter((each) => each.mandatory?.includes(place) === true)
    const [first] = only
    if (first === undefined || isOneOf(only, document)) continue
    const names = only.map(({ name }) => `${project}/${name}`).join(', ')
    return {
      say: `${plan.service} in ${place} is released by ${names} only, which says so itself (mandatory)`,
      first: `${project}/${first.name}`,
    }
  }
  return null
}

/** Whether these very bytes are registered, under whatever name. */
export function isOneOf(registered: readonly RegisteredChecklist[], document: DocumentToStart['document']): boolean {
  const sha256 = sha256Hex(Buffer.from(document.base64, 'base64'))
  const sharedSha256 = document.shared === null ? null : sha256Hex(document.shared.text)
  const calendars = (document.calendars ?? []).map(({ file, text }) => ({ file, sha256: sha256Hex(text) }))
  return registered.some((each) => areSameBytes(each, { sha256, sharedSha256, calendars }))
}
