/** Walks a document into phases, steps and stages, in document order. */
import { phaseCommon, plainPhase, readPhase } from './blocks/sections.ts'
import { readNotify } from './blocks/notify.ts'
import { plainAnswerBlock } from './blocks/plain-answer.ts'
import { phaseThatTakesBack, readReadBack } from './blocks/read-back.ts'
import { addStage } from './blocks/rollout.ts'
import { readStepBlocks, type Around } from './blocks/step-blocks.ts'
import { readTrigger } from './blocks/watch.ts'
import type { DocumentTree, Fence, Item, List, Section } from './document.ts'
import {
  plainCommon,
  type Common,
  type Compiling,
  type Draft,
  type DraftPhase,
  type DraftRollout,
  type DraftStage,
  type DraftStep,
} from './draft.ts'
import type { StepForm } from './declarations.ts'
import type { ReadBlock } from './fences.ts'
import { slug } from './ids.ts'
import type { MessagePlan, TriggerPlan } from './plan.ts'
import { hasTask, sectionsOf, titleSection } from './outline.ts'
import { reportFallenFence } from './stray-fences.ts'
import { words } from './words.ts'

interface Walk {
  readonly compiling: Compiling
  readonly form: StepForm
  /** Blocks by their fence; a fence that is not here is documentation. */
  readonly blocks: ReadonlyMap<Fence, ReadBlock>
  readonly phases: DraftPhase[]
  readonly steps: DraftStep[]
  readonly rollouts: DraftRollout[]
  readonly triggers: TriggerPlan[]
  readonly messages: MessagePlan[]
}

/** Where the walk stands. */
interface Here {
  readonly phase: DraftPhase
  readonly path: readonly string[]
  readonly parent: DraftStep | null
  readonly stage: DraftStage | null
  readonly common: Common
}

export function walkDocument(
  tree: DocumentTree,
  blocks: ReadonlyMap<Fence, ReadBlock>,
  title: string,
  compiling: Compiling,
): Draft {
  const form = compiling.declared.steps ?? (hasTask(tree.root) ? 'tasks' : 'bullets')
  const walk: Walk = { compiling, form, blocks, phases: [], steps: [], rollouts: [], triggers: [], messages: [] }
  const titled = titleSection(tree.root)
  openPhase(tree.root, title, walk, { withSections: false })
  if (titled) openPhase(titled, titled.title, walk, { withSections: false })
  for (const section of sectionsOf(titled ?? tree.root)) openPhase(section, section.title, walk, { withSections: true })
  addReadBacks(walk)
  const filled = walk.phases.filter((phase) => phase.roots.length > 0)
  reportEmptyPhases(walk)
  return { ...walk, phases: filled }
}

function openPhase(section: Section, title: string, walk: Walk, options: { withSections: boolean }): void {
  const block = blockUnder(section, 'phase', walk)
  const plan = block
    ? readPhase(block, title, Math.max(1, section.line), walk.compiling)
    : plainPhase(title, Math.max(1, section.line))
  const phase: DraftPhase = {
    plan,
    path: [title],
    roots: [],
    common: phaseCommon(plan, plainCommon),
    isExplicit: block !== null,
    id: '',
  }
  if (block && plan.when !== null)
    walk.compiling.conditions.push({ source: plan.when, place: block.place, step: null, phase, facts: null })
  walk.phases.push(phase)
  const here: Here = { phase, path: phase.path, parent: null, stage: null, common: phase.common }
  walkSection(section, here, walk, options)
}

/** The first block with this word right under the heading. */
function blockUnder(section: Section, word: ReadBlock['word'], walk: Walk): ReadBlock | null {
  for (const part of section.parts) {
    const block = part.kind === 'fence' ? walk.blocks.get(part.fence) : undefined
    if (block?.word === word && part.kind === 'fence' && !part.fence.afterList) return block
  }
  return null
}

function walkSection(section: Section, around: Here, walk: Walk, options: { withSections: boolean }): void {
  const blocks = blocksUnder(section, walk)
  const heading = openHeadingStep(section, blocks, around, walk, options)
  const here =
    heading && holdsSection(heading, blocks)
      ? { ...around, parent: heading, common: childCommon(heading.common) }
      : around
  for (const block of blocks) walkMessage(block, here.path.at(-1) ?? '', walk)
  for (const part of section.parts) {
    if (part.kind === 'list') walkList(part.list, here, walk)
    else if (part.kind === 'section' && options.withSections) walkInnerSection(part.section, here, walk)
  }
  if (heading) finishStep(heading, blocks, walk)
}

function isStepBlock(block: ReadBlock): boolean {
  return block.word !== 'phase' && block.word !== 'stage' && block.word !== 'notify' && block.word !== 'trigger'
}

/** A group, and a heading that is a step by itself, hold everything below them; any other block stands before it. */
function holdsSection(heading: DraftStep, blocks: readonly ReadBlock[]): boolean {
  return heading.block.word === 'group' || !blocks.some(isStepBlock)
}

function blocksUnder(section: Section, walk: Walk): readonly ReadBlock[] {
  const blocks: ReadBlock[] = []
  for (const part of section.parts) {
    const block = part.kind === 'fence' ? walk.blocks.get(part.fence) : undefined
    if (block && !reportFallenFence(block.fence, walk.compiling.problems)) blocks.push(block)
  }
  for (const word of ['phase', 'stage'] as const) {
    const twice = blocks.filter((block) => block.word === word)[1]
    if (twice)
      walk.compiling.problems.error('two-main-blocks', twice.place, {
        found: `a second "${word}" block under one heading`,
        expected: 'one for each heading',
        example: words[word].example,
      })
  }
  return blocks
}

/** Blocks under a heading make a step of the heading. */
function openHeadingStep(
  section: Section,
  blocks: readonly ReadBlock[],
  around: Here,
  walk: Walk,
  options: { withSections: boolean },
): DraftStep | null {
  const own = blocks.filter(isStepBlock)
  const isBelowPhase = around.path.length > 1
  const isStep = walk.form === 'headings' && options.withSections && (isBelowPhase || sectionsOf(section).length === 0)
  if (own.length === 0 && !isStep) return null
  const line = Math.max(1, section.line)
  const step = addStep(
    {
      text: around.path.at(-1) ?? '',
      line,
      endLine: Math.max(line, own.at(-1)?.endLine ?? 1),
      chain: null,
      isHeading: true,
    },
    around,
    walk,
  )
  readStepBlocks(step, own, aroundOf(around, walk))
  if (step.rollout) walk.rollouts.push(step.rollout)
  addParts(step, around, walk)
  return step
}

function aroundOf(here: Here, walk: Walk): Around {
  return { common: here.common, compiling: walk.compiling, judge: walk.rollouts.at(-1)?.block.judge ?? null }
}

function walkInnerSection(section: Section, here: Here, walk: Walk): void {
  if (blockUnder(section, 'phase', walk)) {
    openPhase(section, section.title, walk, { withSections: true })
    return
  }
  const inside = { ...here, path: [...here.path, section.title] }
  const block = blockUnder(section, 'stage', walk)
  const stage = block ? openStage(block, section.title, inside, walk) : null
  walkSection(section, stage ? { ...inside, stage, parent: null } : inside, walk, { withSections: true })
}

function openStage(block: ReadBlock, title: string, here: Here, walk: Walk): DraftStage | null {
  const rollout = walk.rollouts.findLast((each) => each.step.phase === here.phase)
  const refuse = (
    code: 'stage-without-rollout' | 'both-stage-forms' | 'not-in-a-stage',
    found: string,
    expected: string,
  ): null => {
    walk.compiling.problems.error(code, block.place, {
      found,
      expected,
      example: '```yaml rollout\ncomponents: { api: { traffic: command, … } }\n```',
    })
    return null
  }
  if (here.stage)
    return refuse('not-in-a-stage', 'a stage inside a stage', 'stages beside each other, each under a heading')
  if (!rollout)
    return refuse(
      'stage-without-rollout',
      'a "yaml stage" block without a rollout before it in its phase',
      'a "yaml rollout" block under the heading of the phase',
    )
  if (rollout.hasShortStages)
    return refuse(
      'both-stage-forms',
      'a "yaml stage" section for a rollout that lists "stages"',
      'one of the two forms',
    )
  return addStage(block.settings, title, rollout, walk.compiling)
}

function walkList(list: List, here: Here, walk: Walk): void {
  for (const item of list.items) walkItem(item, list.ordered ? list : null, here, walk)
}

function walkItem(item: Item, chain: object | null, here: Here, walk: Walk): void {
  const blocks = item.fences.flatMap((fence) => walk.blocks.get(fence) ?? [])
  const isStep = walk.form === 'bullets' || (walk.form === 'tasks' && item.form === 'task')
  for (const block of blocks) walkMessage(block, item.text, walk)
  if (!isStep) {
    reportOutsideStep(item, blocks, walk)
    for (const list of item.lists) walkList(list, here, walk)
    return
  }
  const text = item.text === '' ? `Step on line ${item.line}` : item.text
  const step = addStep({ text, line: item.line, endLine: item.endLine, chain, isHeading: false }, here, walk)
  readStepBlocks(
    step,
    blocks.filter((block) => isOfStep(block, walk)),
    aroundOf(here, walk),
  )
  if (step.rollout) walk.rollouts.push(step.rollout)
  addParts(step, here, walk)
  const inside = { ...here, parent: step, common: childCommon(step.common) }
  for (const list of item.lists) walkList(list, inside, walk)
  finishStep(step, blocks, walk)
}

/** What children inherit: not the id, not the severity, not the danger. */
function childCommon(common: Common): Common {
  return { ...plainCommon, when: common.when, only: common.only, never: common.never, owner: common.owner }
}

function isOfStep(block: ReadBlock, walk: Walk): boolean {
  if (block.word !== 'phase' && block.word !== 'stage') return isStepBlock(block)
  walk.compiling.problems.error('fence-misplaced', block.place, {
    found: `a "${block.word}" block inside an item`,
    expected: 'a place right under a heading, without an indent',
    example: `## A section\n${words[block.word].example}`,
  })
  return false
}

function reportOutsideStep(item: Item, blocks: readonly ReadBlock[], walk: Walk): void {
  for (const block of blocks.filter((each) => each.word !== 'notify' && each.word !== 'trigger')) {
    walk.compiling.problems.error('fence-outside-step', block.place, {
      found: `a "${block.language} ${block.word}" block in an item that is no step`,
      expected:
        walk.form === 'tasks'
          ? 'a box: in this document the task items are the steps'
          : 'a heading: in this document the headings are the steps',
      example:
        walk.form === 'tasks'
          ? `${item.numbered ? '1.' : '-'} [ ] ${item.text.slice(0, 60)}`
          : `### ${item.text.slice(0, 60)}`,
    })
  }
}

function walkMessage(block: ReadBlock, text: string, walk: Walk): void {
  if (block.word === 'trigger')
    walk.triggers.push(readTrigger(block, `trigger/${slug(text) || 'any'}`, text, walk.compiling))
  if (block.word === 'notify') walk.messages.push(readNotify(block, `notify/${slug(text) || 'any'}`, walk.compiling))
}

type StepFacts = Pick<DraftStep, 'text' | 'line' | 'endLine' | 'chain' | 'isHeading'>

function addStep(facts: StepFacts, here: Here, walk: Walk): DraftStep {
  const section = facts.isHeading ? here.path.slice(0, -1) : here.path
  const step: DraftStep = {
    ...facts,
    phase: here.phase,
    section,
    path: here.path,
    parent: here.parent,
    children: [],
    stage: here.stage,
    parallel: false,
    common: here.common,
    block: plainAnswerBlock,
    undo: null,
    answer: null,
    rollout: null,
    id: '',
    name: '',
    after: [],
    afterActionOf: null,
  }
  walk.steps.push(step)
  if (here.parent) here.parent.children.push(step)
  else if (here.stage) here.stage.roots.push(step)
  else here.phase.roots.push(step)
  return step
}

/** What a block is written out into stands below its step, before everything else there. */
function addParts(step: DraftStep, here: Here, walk: Walk): void {
  for (const { text, line, read } of step.parts ?? []) {
    const below = { ...here, path: step.path, parent: step, common: childCommon(step.common) }
    const part = addStep({ text, line, endLine: line, chain: null, isHeading: false }, below, walk)
    walk.compiling.at = part
    read(part)
    walk.compiling.at = null
  }
}

/** Behind everything that a rollback phase does stands the look whether it led back. */
function addReadBacks(walk: Walk): void {
  for (const one of walk.compiling.readBacks) {
    const phase = phaseThatTakesBack(walk.phases, one)
    const last = walk.steps.findLast((step) => step.phase === phase)
    if (phase === null || last === undefined) continue
    const here: Here = { phase, path: phase.path, parent: null, stage: null, common: phase.common }
    const line = last.endLine
    const text = `${one.component}: serves again what served before`
    readReadBack(addStep({ text, line, endLine: line, chain: null, isHeading: false }, here, walk), one)
    // Steps stand in the order of the document, whatever phases come behind this one.
    const step = walk.steps.pop()
    if (step) walk.steps.splice(walk.steps.indexOf(last) + 1, 0, step)
  }
}

/** What can be said only when the children are known. `all`: also the blocks that make no step. */
function finishStep(step: DraftStep, all: readonly ReadBlock[], walk: Walk): void {
  const blocks = all.filter(isStepBlock)
  if (
    (step.children.length > 0 || onlySpeaksOrWatches(all)) &&
    blocks.every((block) => words[block.word].role !== 'main') &&
    step.block.word === 'answer' &&
    !hasOwnAnswer(blocks)
  ) {
    step.block = { word: 'group' }
  }
  const place = blocks[0]?.place
  if (!step.stage || !place) return
  const { word } = step.block
  const refused =
    word === 'rollout' || word === 'watch'
      ? `a "${word}" block inside a stage`
      : word === 'run' && step.children.length > 0
        ? 'an action with steps of its own inside a stage'
        : null
  if (refused === null) return
  walk.compiling.problems.error('not-in-a-stage', place, {
    found: refused,
    expected:
      word === 'run'
        ? 'its steps beside it: actions act on entry, everything else while the stage soaks'
        : 'a phase of its own; a stage soaks by itself',
    example: '- [ ] Deploy the canary\n  ```sh run\n  ./deploy.sh\n  ```',
  })
}

/** A message or a trigger asks nobody anything: the item that holds it closes by itself. */
function onlySpeaksOrWatches(blocks: readonly ReadBlock[]): boolean {
  return blocks.length > 0 && blocks.every((block) => block.word === 'notify' || block.word === 'trigger')
}

function hasOwnAnswer(blocks: readonly ReadBlock[]): boolean {
  return blocks.some((block) => block.word === 'answer' || block.word === 'fields')
}

function reportEmptyPhases(walk: Walk): void {
  for (const phase of walk.phases) {
    if (!phase.isExplicit || phase.roots.length > 0 || phase.plan.kind === 'reference') continue
    walk.compiling.problems.warn(
      'empty-phase',
      { line: phase.plan.line, column: 1 },
      {
        found: `the ${phase.plan.kind} phase "${phase.plan.title}" without a step`,
        expected: 'at least one step below its heading',
        example: '- [ ] The previous image is restored',
      },
    )
  }
}
