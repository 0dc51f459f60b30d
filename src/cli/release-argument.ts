/** Which release and which step a person means: ids, beginnings, endings, words of the text; or the only one there is. */
import type { Client } from '../api/client-types.ts'
import type { ReleaseView, StepView, WaitingKind } from '../report/view.ts'
import { UsageFault } from './faults.ts'

/** The release given; left out, the only open one. `orNewest` takes the newest when none is open: for reading. */
export async function findRelease(client: Client, given: string | undefined, orNewest = false): Promise<ReleaseView> {
  const id = given ?? (await onlyOpen(client, orNewest))
  const view = await client.show(id)
  if (view === null) throw new UsageFault(`there is no release "${id}"; see: holdpoint release list`)
  return view
}

async function onlyOpen(client: Client, orNewest: boolean): Promise<string> {
  const open = await client.list({ open: true, limit: 20 })
  const [first, second] = open
  if (first && !second) return first.id
  if (second)
    throw new UsageFault(`${open.length} releases are open, say which: ${open.map((one) => one.id).join(', ')}`)
  const [newest] = orNewest ? await client.list({ limit: 1 }) : []
  if (!newest) throw new UsageFault('no release is open; see: holdpoint release list')
  return newest.id
}

export interface Target {
  readonly view: ReleaseView
  /** The words after RELEASE. */
  readonly rest: readonly string[]
}

/** Splits `[RELEASE] WORD...`: with all words given the first is the release, else only if it names the one that is open. */
export async function findTarget(client: Client, words: readonly string[], after: number): Promise<Target> {
  const [first, ...rest] = words
  if (words.length > after && first !== undefined) return { view: await findRelease(client, first), rest }
  const open = await client.list({ open: true, limit: 20 })
  const named =
    first === undefined
      ? undefined
      : open.filter((one) => one.id === first || (first.length > 3 && one.id.startsWith(first)))
  if (named?.length === 1) return { view: await findRelease(client, named[0]?.id), rest }
  return { view: await findRelease(client, undefined), rest: words }
}

/** The step a person means. Left out: the only one that waits in one of these ways. */
export function findStep(view: ReleaseView, given: string | undefined, kinds: readonly WaitingKind[]): StepView {
  const steps = view.phases.flatMap((phase) => phase.steps)
  if (given === undefined) return onlyWaiting(view, steps, kinds)
  const wanted = given.toLowerCase()
  const tries: readonly ((step: StepView) => boolean)[] = [
    (step) => step.id === given,
    (step) => step.text.toLowerCase() === wanted,
    (step) => step.id.startsWith(given),
    (step) => step.id.endsWith(given),
    (step) => step.text.toLowerCase().includes(wanted) || step.id.toLowerCase().includes(wanted),
  ]
  for (const fits of tries) {
    const found = steps.filter(fits)
    const [one, other] = found
    if (one && !other) return one
    if (other) throw new UsageFault(`"${given}" fits ${found.length} steps, give more of one:\n${candidates(found)}`)
  }
  throw new UsageFault(
    `no step fits "${given}"; ${view.waitsFor.length > 0 ? `it waits for\n${candidates(waitingSteps(view, steps, null))}` : `the first is ${steps[0]?.id ?? 'missing'}`}`,
  )
}

function onlyWaiting(view: ReleaseView, steps: readonly StepView[], kinds: readonly WaitingKind[]): StepView {
  const found = waitingSteps(view, steps, kinds)
  const [one, other] = found
  if (one && !other) return one
  if (other) throw new UsageFault(`say which step:\n${candidates(found)}`)
  throw new UsageFault(`${view.release} waits for nothing of that kind; it says: ${view.bar.now}`)
}

function waitingSteps(
  view: ReleaseView,
  steps: readonly StepView[],
  kinds: readonly WaitingKind[] | null,
): readonly StepView[] {
  const waiting = view.waitsFor.filter((wait) => kinds === null || kinds.includes(wait.kind)).map((wait) => wait.step)
  return steps.filter((step) => waiting.includes(step.id))
}

function candidates(steps: readonly StepView[]): string {
  const shown = steps.slice(0, 12).map((step) => `  ${step.id}   ${step.text} (${step.state})`)
  return [...shown, ...(steps.length > 12 ? [`  … ${steps.length - 12} more`] : [])].join('\n')
}
