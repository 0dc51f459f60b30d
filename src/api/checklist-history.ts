/** Every version of every registered checklist, retired ones too, as the log of the directory tells it. */
import { type AccessEvent, accessStream, type RegisteredChecklist } from '../core/access/access.ts'
import type { Store } from '../core/ports/store.ts'
import type { Recorded } from '../core/release/events.ts'
import type { Instant } from '../core/units.ts'

export interface ChecklistVersion extends RegisteredChecklist {
  /** From 1, one more with each registration. */
  readonly number: number
}

export interface ChecklistPast {
  readonly project: string
  readonly name: string
  /** Newest first. */
  readonly versions: readonly ChecklistVersion[]
  /** null = it may be started. */
  readonly retired: { readonly at: Instant; readonly by: string; readonly reason: string } | null
}

/** Reads on from where it was. */
export class ChecklistHistory {
  readonly #store: Store
  #version = 0
  #pasts: ReadonlyMap<string, ChecklistPast> = new Map()
  #reading: Promise<ReadonlyMap<string, ChecklistPast>> | null = null

  constructor(store: Store) {
    this.#store = store
  }

  /** By `project/name`. */
  current(): Promise<ReadonlyMap<string, ChecklistPast>> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async #read(): Promise<ReadonlyMap<string, ChecklistPast>> {
    const events = (await this.#store.read(accessStream, this.#version)) as readonly Recorded<AccessEvent>[]
    this.#pasts = events.reduce(withEvent, this.#pasts)
    this.#version = events.at(-1)?.version ?? this.#version
    return this.#pasts
  }
}

export function withEvent(
  pasts: ReadonlyMap<string, ChecklistPast>,
  { event, at, by }: Recorded<AccessEvent>,
): ReadonlyMap<string, ChecklistPast> {
  if (event.kind !== 'ChecklistRegistered' && event.kind !== 'ChecklistRetired') return pasts
  const { project, name } = event
  const key = `${project}/${name}`
  const before = pasts.get(key)
  if (event.kind === 'ChecklistRetired')
    return before === undefined
      ? pasts
      : new Map(pasts).set(key, { ...before, retired: { at, by: by.id, reason: event.reason } })
  const { kind: _kind, ...checklist } = event
  const number = (before?.versions.length ?? 0) + 1
  const version = { ...checklist, number, registeredAt: at, registeredBy: by.id }
  return new Map(pasts).set(key, { project, name, versions: [version, ...(before?.versions ?? [])], retired: null })
}
