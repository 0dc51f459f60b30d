/**
 * The steps of a release, by id: a read-only map whose `with` copies one small chunk instead of everything, and which
 * remembers which steps are open. A checklist of 2,000 steps changes thousands of times; copying and searching all of
 * them each time was most of the engine's work.
 */
import type { StepId } from '../plan/plan.ts'
import type { StepState } from './state.ts'

const chunkSize = 32

interface Chunk {
  readonly steps: readonly StepState[]
  readonly open: readonly StepState[]
  readonly reopened: readonly StepState[]
  readonly closed: number
}

const none: readonly StepState[] = []

function chunkOf(steps: readonly StepState[]): Chunk {
  const open: StepState[] = []
  let closed = 0
  for (const step of steps) {
    if (step.closed !== null) closed += 1
    else if (step.reachedAt !== null) open.push(step)
  }
  const reopened = open.some((step) => step.reopened !== null) ? open.filter((step) => step.reopened !== null) : none
  return { steps, open, reopened, closed }
}

export class StepTable implements ReadonlyMap<StepId, StepState> {
  readonly #positions: ReadonlyMap<StepId, number>
  readonly #chunks: readonly Chunk[]
  #open: readonly StepState[] | undefined
  #reopened: readonly StepState[] | undefined

  private constructor(positions: ReadonlyMap<StepId, number>, chunks: readonly Chunk[]) {
    this.#positions = positions
    this.#chunks = chunks
  }

  /** Keeps the order given. */
  static of(steps: readonly StepState[]): StepTable {
    const chunks = Array.from({ length: Math.ceil(steps.length / chunkSize) }, (_, at) =>
      chunkOf(steps.slice(at * chunkSize, (at + 1) * chunkSize)),
    )
    return new StepTable(new Map(steps.map((step, at) => [step.id, at])), chunks)
  }

  /** Reached and not closed, in the order of the checklist. */
  get open(): readonly StepState[] {
    this.#open ??= none.concat(...this.#chunks.map((chunk) => chunk.open))
    return this.#open
  }

  /** The open steps in parts: a part in which nothing changed is the same array as before. */
  get openParts(): readonly (readonly StepState[])[] {
    return this.#chunks.map((chunk) => chunk.open)
  }

  /** Without listing the others. */
  get firstOpen(): StepState | undefined {
    return this.#chunks.find((chunk) => chunk.open.length > 0)?.open[0]
  }

  /** How many of these steps, named in the table's order, are closed; quickest where they stand together, as in a phase. */
  closedAmong(ids: readonly StepId[]): number {
    const [first, last] = [this.#positions.get(ids[0] ?? ''), this.#positions.get(ids.at(-1) ?? '')]
    if (first === undefined || last === undefined || last - first !== ids.length - 1)
      return ids.filter((id) => this.get(id)?.closed != null).length
    let closed = 0
    for (let at = first; at <= last; ) {
      const chunk = this.#chunks[Math.floor(at / chunkSize)]!
      const isWhole = at % chunkSize === 0 && at + chunk.steps.length - 1 <= last
      closed += isWhole ? chunk.closed : Number(chunk.steps[at % chunkSize]!.closed !== null)
      at += isWhole ? chunk.steps.length : 1
    }
    return closed
  }

  /** Open again although the release had gone on from them. */
  get reopened(): readonly StepState[] {
    this.#reopened ??= none.concat(...this.#chunks.map((chunk) => chunk.reopened))
    return this.#reopened
  }

  get size(): number {
    return this.#positions.size
  }

  get(id: StepId): StepState | undefined {
    const at = this.#positions.get(id)
    return at === undefined ? undefined : this.#chunks[Math.floor(at / chunkSize)]?.steps[at % chunkSize]
  }

  has(id: StepId): boolean {
    return this.#positions.has(id)
  }

  /** A table in which this one step is another; unknown ids change nothing. */
  with(step: StepState): StepTable {
    const at = this.#positions.get(step.id)
    if (at === undefined) return this
    const chunk = Math.floor(at / chunkSize)
    const changed = chunkOf(this.#chunks[chunk]!.steps.with(at % chunkSize, step))
    return new StepTable(this.#positions, this.#chunks.with(chunk, changed))
  }

  values(): MapIterator<StepState> {
    return this.#chunks.flatMap((chunk) => chunk.steps).values()
  }

  *entries(): MapIterator<[StepId, StepState]> {
    for (const step of this.values()) yield [step.id, step]
  }

  keys(): MapIterator<StepId> {
    return this.#positions.keys()
  }

  [Symbol.iterator](): MapIterator<[StepId, StepState]> {
    return this.entries()
  }

  forEach(visit: (step: StepState, id: StepId, table: ReadonlyMap<StepId, StepState>) => void): void {
    for (const step of this.values()) visit(step, step.id, this)
  }

  /** As a Map would be written where somebody compares states. */
  toJSON(): readonly [StepId, StepState][] {
    return [...this.entries()]
  }
}
