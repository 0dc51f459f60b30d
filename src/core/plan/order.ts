/**
 * Document order becomes dependencies. A step that changes the world or waits is a barrier: it comes after everything
 * before it in its phase, and everything behind it comes after it. Checks and questions between two barriers run side by side.
 */
import type { Draft, DraftStage, DraftStep } from './draft.ts'

const barrierWords: ReadonlySet<string> = new Set(['run', 'rollout', 'watch', 'wait', 'approve', 'handover'])

export function orderSteps(draft: Draft): void {
  const barriers = barriersOf(draft.steps)
  for (const phase of draft.phases)
    orderSiblings(phase.roots, [], { parallel: false, action: null, barriers, elsewhere: none })
  for (const rollout of draft.rollouts) for (const stage of rollout.stages) orderStage(stage)
}

interface Order {
  readonly parallel: boolean
  /** The action that everything here comes after. */
  readonly action: DraftStep | null
  readonly barriers: ReadonlySet<DraftStep>
  /** Ordered elsewhere: the actions of a stage. Their parents still wait for them. */
  readonly elsewhere: ReadonlySet<DraftStep>
}

const none: ReadonlySet<DraftStep> = new Set()

/** Barriers, and parents that contain one. Children come later in document order, so walking back meets them first. */
function barriersOf(steps: readonly DraftStep[]): ReadonlySet<DraftStep> {
  const barriers = new Set<DraftStep>()
  for (const step of steps.toReversed()) {
    if (barrierWords.has(step.block.word) && !isBeside(step)) barriers.add(step)
    if (step.parent && barriers.has(step)) barriers.add(step.parent)
  }
  return barriers
}

/** A watch with an offset of its own runs beside what stands around it; what acts behind it still waits for its end. */
function isBeside({ block }: DraftStep): boolean {
  return block.word === 'watch' && (block.startsMs !== undefined || block.before !== undefined)
}

/** Nothing of its phase waits for the end of a watch that only the closing waits for. */
function isInBackground({ block }: DraftStep): boolean {
  return block.word === 'watch' && block.before === 'close'
}

/** `entry` is what the first of them waits for. Gives what must be closed for all of them to be. */
function orderSiblings(steps: readonly DraftStep[], entry: readonly DraftStep[], order: Order): readonly DraftStep[] {
  let barrier = entry
  let open = new Set<DraftStep>()
  let tails = new Map<object, DraftStep>()
  for (const step of steps) {
    if (order.elsewhere.has(step)) continue
    if (isInBackground(step)) {
      place(step, barrier, order)
      continue
    }
    const isBarrier = order.barriers.has(step) && !order.parallel
    const tail = step.chain && !order.parallel ? tails.get(step.chain) : undefined
    const waits = isBarrier && open.size > 0 ? [...open] : tail ? [tail] : barrier
    place(step, waits, order)
    if (isBarrier) {
      barrier = [step]
      open = new Set()
      tails = new Map()
      continue
    }
    // The next of a numbered list stands for the one before it, so that lists of dependencies stay short.
    if (tail) open.delete(tail)
    open.add(step)
    if (step.chain) tails.set(step.chain, step)
  }
  return open.size > 0 ? [...open] : barrier
}

/** A step's own action comes before its children; any other block of its own comes after them. */
function place(step: DraftStep, waits: readonly DraftStep[], order: Order): void {
  const inner = { ...order, parallel: step.parallel }
  step.afterActionOf = order.action
  if (step.block.word === 'run') {
    step.after = waits
    orderSiblings(step.children, [], { ...inner, action: step })
    return
  }
  if (step.children.length === 0) {
    step.after = waits
    return
  }
  const exits = orderSiblings(step.children, waits, inner)
  step.after = [...new Set([...waits, ...exits, ...step.children.filter((child) => order.elsewhere.has(child))])]
}

/** Actions run on entry, one after another; everything else is ordered among itself while the stage soaks. */
function orderStage(stage: DraftStage): void {
  const all = stage.roots.flatMap(withDescendants)
  const actions = all.filter((step) => step.block.word === 'run')
  const barriers = barriersOf(all.filter((step) => step.block.word !== 'run'))
  orderSiblings(stage.roots, [], { parallel: false, action: null, barriers, elsewhere: new Set(actions) })
  actions.forEach((action, index) => {
    const before = actions[index - 1]
    action.after = before ? [before] : []
  })
}

export function withDescendants(step: DraftStep): readonly DraftStep[] {
  return [step, ...step.children.flatMap(withDescendants)]
}
