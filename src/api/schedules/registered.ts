/** Schedules of the checklists that projects have registered, with the plan that says where to tell of them. */
import type { AccessState } from '../../core/access/access.ts'
import type { RegisteredChecklist } from '../../core/access/access.ts'
import { bytesKey } from '../../core/access/checklist-bytes.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Store } from '../../core/ports/store.ts'
import type { SchedulePlan } from '../../core/schedule/schedule.ts'
import type { ApiDeps } from '../deps.ts'
import { keptDocument } from '../kept-document.ts'

export interface Registered {
  /** `project/name` of the checklist. */
  readonly id: string
  readonly project: string
  readonly name: string
  readonly service: string
  readonly checklist: RegisteredChecklist
  readonly plan: Plan
  readonly schedule: SchedulePlan
}

type Needed = Pick<ApiDeps, 'store' | 'compile'>

/** Compiles each version of a document once. */
export class RegisteredSchedules {
  readonly #deps: Needed
  readonly #plans = new Map<string, Promise<Plan | null>>()

  constructor(deps: Needed) {
    this.#deps = deps
  }

  async of({ checklists }: Pick<AccessState, 'checklists'>): Promise<readonly Registered[]> {
    const all = [...checklists.values()]
    const keys = new Set(all.map(bytesKey))
    for (const key of this.#plans.keys()) if (!keys.has(key)) this.#plans.delete(key)
    const found = await Promise.all(all.map((checklist) => this.#one(checklist)))
    return found.filter((one) => one !== null)
  }

  async #one(checklist: RegisteredChecklist): Promise<Registered | null> {
    const key = bytesKey(checklist)
    const known = this.#plans.get(key) ?? planIn(this.#deps, checklist)
    this.#plans.set(key, known)
    const plan = await known.catch((cause: unknown) => {
      this.#plans.delete(key)
      throw cause
    })
    const { project, name, service } = checklist
    if (plan?.schedule === undefined) return null
    return { id: `${project}/${name}`, project, name, service, checklist, plan, schedule: plan.schedule }
  }
}

/** null = its bytes are gone, or it has no schedule: most checklists are not looked at any further. */
async function planIn(
  { store, compile }: { readonly store: Pick<Store, 'getEvidence'>; readonly compile: Needed['compile'] },
  checklist: RegisteredChecklist,
): Promise<Plan | null> {
  const kept = await keptDocument(store, checklist)
  if (kept === null) return null
  const texts = [new TextDecoder().decode(kept.bytes), kept.shared?.text ?? '']
  return texts.some((text) => /^schedule\s*:/m.test(text)) ? compile(kept).plan : null
}
