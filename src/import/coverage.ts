/** How much of a document a machine could do, in one line that adds up. */
import type { ImportedItem } from './import.ts'
import type { Kind } from './item.ts'

export interface Coverage {
  /** Everything that somebody or something has to do; the four below add up to it. */
  readonly items: number
  /** A block runs, or could run. */
  readonly run: number
  /** A number beside a limit, or one to fill in. */
  readonly numbers: number
  /** Something done before that must still be fresh. */
  readonly aged: number
  readonly people: number
}

const numbers: ReadonlySet<Kind> = new Set<Kind>(['metric-threshold', 'metric-baseline', 'form-field', 'load-soak'])
const aged: ReadonlySet<Kind> = new Set<Kind>(['file-freshness', 'record-freshness'])
/** Words of blocks that ask a person. */
const asking = /^(?:```|~~~)`*~*\s*yaml\s+(?:approve|answer|fields|record)\b/

/** A block that takes an answer, a signature or values from people instead of running something. */
export function asksPeople(block: string): boolean {
  return asking.test(block)
}

export function coverageOf(items: readonly ImportedItem[]): Coverage {
  const counts = { items: 0, run: 0, numbers: 0, aged: 0, people: 0 }
  for (const item of items) {
    const kind = kindOf(item)
    if (kind === null) continue
    counts.items += 1
    counts[kind] += 1
  }
  return counts
}

function kindOf(item: ImportedItem): 'run' | 'numbers' | 'aged' | 'people' | null {
  const { role, kind, proposal, state, form, parent } = item
  // A block of ours right under its heading stands for the heading; inside an item it is that item's.
  const runs = proposal !== null || (state === 'automated' && (form !== 'fence' || parent === null))
  const counts = role === 'step' || role === 'field' || role === 'message'
  if (!runs && (!counts || form === 'fence')) return null
  if (aged.has(kind)) return 'aged'
  if (numbers.has(kind)) return 'numbers'
  if (state === 'automated' || (proposal && !asksPeople(proposal.block))) return 'run'
  return 'people'
}

export function coverageLine({ items, run, numbers: many, aged: old, people }: Coverage): string {
  const parts = [
    `${run} can run`,
    `${many} ${many === 1 ? 'is a number' : 'are numbers'}`,
    `${old} ${old === 1 ? 'has' : 'have'} an age`,
    `${people} ${people === 1 ? 'needs' : 'need'} a person`,
  ]
  return `${items} ${items === 1 ? 'item' : 'items'}: ${parts.join(', ')}`
}
