/** What registered documents say of themselves, kept by their hashes: it changes with the day at most. */
import type { Survey } from '../import/desk/jobs.ts'
import { askDocuments, dayOf } from './ask-documents.ts'
import { keptDocument } from './kept-document.ts'
import { bytesKey } from '../core/access/checklist-bytes.ts'
import type { ApiDeps } from './deps.ts'
import type { RegisteredChecklist } from '../core/access/access.ts'
import { RouteRefusal } from './wire/problem.ts'

const MOST_SURVEYS = 200

type Needed = Pick<ApiDeps, 'store' | 'clock' | 'documents'>

export class Surveys {
  readonly #deps: Needed
  readonly #kept = new Map<string, Promise<Survey>>()

  constructor(deps: Needed) {
    this.#deps = deps
  }

  of(version: RegisteredChecklist): Promise<Survey> {
    const today = dayOf(this.#deps.clock.now())
    const key = `${bytesKey(version)} ${today}`
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const asked = this.#ask(version, today)
    this.#kept.set(key, asked)
    asked.catch(() => this.#kept.delete(key))
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_SURVEYS) break
      this.#kept.delete(oldest)
    }
    return asked
  }

  async #ask(version: RegisteredChecklist, today: string): Promise<Survey> {
    const { project, name } = version
    const kept = await keptDocument(this.#deps.store, version)
    if (kept === null)
      throw new RouteRefusal('unknown-checklist', `The bytes of "${project}/${name}" are not kept here any more.`)
    return askDocuments(this.#deps, (documents) => documents.survey({ ...kept, today }))
  }
}
