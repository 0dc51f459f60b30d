/** A checklist becomes a plan. */
import { readIssueTables } from './blocks/known-issues.ts'
import { sha256Hex } from '../log/canonical.ts'
import { assemblePlan } from './assemble.ts'
import type { CalendarText } from './calendars.ts'
import { checkConditions } from './conditions.ts'
import { addMessageConditions, checkMessages } from './message-names.ts'
import { waitForValues } from './value-order.ts'
import { waitForWatches } from './watch-order.ts'
import { noDeclarations, type Declarations } from './declarations.ts'
import type { DocumentTree, Fence } from './document.ts'
import type { Compiling, Draft } from './draft.ts'
import { looksExecutable, readBlock, type ReadBlock } from './fences.ts'
import { readDeclarations } from './front-matter.ts'
import { assignIds, slug } from './ids.ts'
import type { Kinds } from './kinds.ts'
import { blockWithNamed } from './named-queries.ts'
import { nearest } from './nearest.ts'
import { orderSteps } from './order.ts'
import { isForward } from './phase-kinds.ts'
import type { Plan, Problem } from './plan.ts'
import { Problems } from './problem.ts'
import { mostItems, readDocument } from './reader.ts'
import { checkScheduledStart } from './scheduled-start.ts'
import { checkSecretSlots } from './secret-slots.ts'
import { checkStageTraffic } from './stage-traffic.ts'
import { reportStrayFences } from './stray-fences.ts'
import { readText } from './text.ts'
import { walkDocument } from './walk.ts'
import { titleSection } from './outline.ts'
import { readYaml, type MapValue } from './yaml.ts'

export type { Kinds } from './kinds.ts'

export interface Document {
  /** Path as the user gave it; only used in messages. */
  readonly file: string
  readonly bytes: Uint8Array
  /** Contents of holdpoint.yaml beside it, if there is one. */
  readonly shared: { readonly file: string; readonly text: string } | null
  /** The calendar files that it names, as far as they are there; absent = none. */
  readonly calendars?: readonly CalendarText[]
}

export interface Compiled {
  readonly plan: Plan | null
  readonly problems: readonly Problem[]
}

/** What compiling knew besides the plan; the linter looks at it. */
export interface Reading {
  readonly tree: DocumentTree
  readonly compiling: Compiling
  readonly isDeclared: boolean
  /** The blocks that were read, by their fence. */
  readonly blocks: ReadonlyMap<Fence, { readonly language: string; readonly isDanger: boolean }>
}

/** Never throws for a bad document: `plan` is null when a problem is an error. */
export function compile(document: Document, kinds: Kinds): Compiled {
  const { plan, problems } = compileWithReading(document, kinds)
  return { plan, problems }
}

export function compileWithReading(document: Document, kinds: Kinds): Compiled & { readonly reading: Reading | null } {
  const problems = new Problems(document.file)
  const text = readText(document.bytes, problems)
  const tree = text === null ? null : readDocument(text)
  if (text === null || !tree || isTooDeep(tree, problems) || hasTooManyItems(tree, problems))
    return { plan: null, problems: problems.inOrder(), reading: null }
  const head = readHead(document, tree, kinds, problems)
  const compiling: Compiling = {
    problems,
    kinds,
    declared: head.declarations,
    values: new Map(),
    at: null,
    conditions: [],
    laterNames: [],
    deployed: [],
    readBacks: [],
    afterWatches: [],
    templates: [],
  }
  const title = titleSection(tree.root)?.title ?? ''
  const name = head.declarations.name ?? (title || firstHeading(tree) || baseName(document.file))
  const blocks = head.isDeclared ? readBlocks(tree, head.declarations, problems) : new Map<Fence, ReadBlock>()
  const draft = walkDocument(tree, blocks, name, compiling)
  readIssueTables(draft, text, problems)
  if (!hasTooManySteps(draft, problems)) finish(draft, head.isDeclared, tree, compiling)
  const reading = { tree, compiling, isDeclared: head.isDeclared, blocks: withDanger(blocks) }
  if (problems.hasErrors) return { plan: null, problems: problems.inOrder(), reading }
  const service = head.declarations.service ?? (slug(name) || 'service')
  const plan = assemblePlan(
    { name, service, file: baseName(document.file), sha256: sha256Hex(document.bytes), text },
    draft,
    compiling,
  )
  checkScheduledStart(plan, problems)
  return { plan: problems.hasErrors ? null : plan, problems: problems.inOrder(), reading }
}

function withDanger(blocks: ReadonlyMap<Fence, ReadBlock>): Reading['blocks'] {
  const isDanger = (fence: Fence): boolean =>
    /\sdanger(?:\s|$)/.test(fence.info) || /^[ \t]*# @danger[ \t\r]*$/m.test(fence.body)
  return new Map([...blocks].map(([fence, { language }]) => [fence, { language, isDanger: isDanger(fence) }]))
}

function isTooDeep(tree: DocumentTree, problems: Problems): boolean {
  if (tree.tooDeepAt === null) return false
  problems.error(
    'too-deep',
    { line: tree.tooDeepAt, column: 1 },
    {
      found: 'lists or quotes nested too deeply to be read',
      expected: 'at most forty levels',
      example: '- [ ] A step\n  - [ ] A part of it',
    },
  )
  return true
}

function hasTooManyItems(tree: DocumentTree, problems: Problems): boolean {
  if (!tree.hasTooManyItems) return false
  const remark = { found: `more than ${mostItems} list items`, expected: `at most ${mostSteps} steps in one document` }
  problems.error('too-large', { line: 1, column: 1 }, { ...remark, example: 'one checklist for each service' })
  return true
}

const mostSteps = 5000

function hasTooManySteps(draft: Draft, problems: Problems): boolean {
  if (draft.steps.length <= mostSteps) return false
  const remark = { found: `${draft.steps.length} steps`, expected: `at most ${mostSteps} steps in one document` }
  problems.error('too-large', { line: 1, column: 1 }, { ...remark, example: 'one checklist for each service' })
  return true
}

interface Head {
  readonly isDeclared: boolean
  readonly declarations: Declarations
}

/** Without `holdpoint: 1` front matter belongs to somebody else, and nothing in the document runs. */
function readHead(document: Document, tree: DocumentTree, kinds: Kinds, problems: Problems): Head {
  const { frontMatter } = tree
  if (!frontMatter || !/^["']?holdpoint["']?[ \t]*:/m.test(frontMatter.text)) {
    warnNotDeclared(tree, problems)
    return { isDeclared: false, declarations: noDeclarations }
  }
  const own = readYaml(frontMatter.text, { file: document.file, line: frontMatter.line, column: 1 }, problems)
  const shared = readShared(document, problems)
  if (!own) return { isDeclared: true, declarations: noDeclarations }
  const mark = own.entries.get('holdpoint')
  if (mark && !(mark.value.kind === 'scalar' && mark.value.value === 1)) {
    problems.error('unsupported-version', mark.value.place, {
      found: `holdpoint: ${mark.value.kind === 'scalar' ? mark.value.text : '…'}`,
      expected: '1, the only version of the language',
      example: 'holdpoint: 1',
    })
  }
  return { isDeclared: true, declarations: readDeclarations(own, shared, kinds, problems, document.calendars) }
}

function readShared(document: Document, problems: Problems): MapValue | null {
  if (!document.shared) return null
  return readYaml(document.shared.text, { file: document.shared.file, line: 1, column: 1 }, problems)
}

function warnNotDeclared(tree: DocumentTree, problems: Problems): void {
  const fence = tree.fences.find(looksExecutable)
  if (!fence) return
  problems.warn(
    'not-declared',
    { line: fence.line, column: fence.infoColumn },
    {
      found: `"${fence.info.trim().slice(0, 60)}" in a document that does not declare itself: nothing in it runs`,
      expected: 'front matter with "holdpoint: 1" at the top of the file',
      example: '---\nholdpoint: 1\n---',
    },
  )
}

function readBlocks(tree: DocumentTree, { queries }: Declarations, problems: Problems): ReadonlyMap<Fence, ReadBlock> {
  const blocks = new Map<Fence, ReadBlock>()
  for (const fence of tree.fences) {
    const block = readBlock(fence, problems)
    if (!block) continue
    if (!fence.quoted) blocks.set(fence, blockWithNamed(block, { queries, problems }))
    else {
      problems.error('fence-in-quote', block.place, {
        found: `a "${block.language} ${block.word}" block inside a quotation`,
        expected: 'the block in an item or under a heading, outside of any quotation',
        example: '- [ ] A step\n  ```sh check\n  npm test\n  ```',
      })
    }
  }
  reportStrayFences(tree, problems)
  return blocks
}

function firstHeading(tree: DocumentTree): string {
  const first = tree.root.parts.find((part) => part.kind === 'section')
  return first?.kind === 'section' ? first.section.title : ''
}

function baseName(file: string): string {
  return file.split(/[\\/]/).at(-1) || 'checklist'
}

/** A list of dependencies in the hundreds of thousands is no checklist, and would fill every event. */
const mostDependencies = 300_000

function finish(draft: Draft, isDeclared: boolean, tree: DocumentTree, compiling: Compiling): void {
  const { problems } = compiling
  assignIds(draft, problems)
  orderSteps(draft)
  addMessageConditions(draft, compiling)
  checkConditions(draft, compiling)
  checkMessages(draft, compiling)
  waitForValues(draft, compiling)
  waitForWatches(draft, compiling)
  checkComponents(draft, compiling)
  checkPhaseNames(draft, compiling)
  checkSecretSlots(compiling)
  for (const rollout of draft.rollouts.filter((each) => each.stages.length === 0)) {
    problems.error('rollout-without-stages', rollout.place, {
      found: 'a rollout without a stage',
      expected: '"stages" in the block, or "yaml stage" under headings below it',
      example: 'stages: [{ weight: 5%, soak: 30m }, { weight: 100%, soak: 15m }]',
    })
  }
  checkStageTraffic(draft, compiling)
  const dependencies = draft.steps.reduce((sum, step) => sum + step.after.length, 0)
  if (dependencies > mostDependencies) {
    problems.error(
      'too-many-dependencies',
      { line: 1, column: 1 },
      {
        found: `${dependencies} dependencies between ${draft.steps.length} steps`,
        expected: `at most ${mostDependencies}: fewer steps side by side`,
        example: 'numbered lists, or phases under headings of their own',
      },
    )
  }
  checkRequiredStep(draft, isDeclared, tree, compiling)
}

function checkComponents(draft: Draft, compiling: Compiling): void {
  const moved = draft.rollouts.flatMap((rollout) => rollout.block.components.map((component) => component.name))
  const known = [...new Set([...moved, ...compiling.deployed])]
  const named = compiling.laterNames.filter(({ kind }) => kind === 'component')
  for (const { name, place } of named.filter((each) => !known.includes(each.name))) {
    compiling.problems.error('unknown-component', place, {
      found: `unknown component "${name}"`,
      expected:
        known.length === 0 ? 'a component of a rollout or of a deployment in this document' : nearest(name, known),
      example: `component=${known[0] ?? 'api'}`,
    })
  }
}

function checkPhaseNames(draft: Draft, compiling: Compiling): void {
  const titles = draft.phases.map(({ plan }) => plan.title)
  const named = compiling.laterNames.filter(({ kind }) => kind === 'phase')
  for (const { name, place } of named.filter((each) => !titles.includes(each.name))) {
    compiling.problems.error('unknown-phase', place, {
      found: `unknown phase "${name}"`,
      expected: nearest(name, titles),
      example: `phase="${titles[0] ?? ''}"`,
    })
  }
}

function checkRequiredStep(draft: Draft, isDeclared: boolean, tree: DocumentTree, compiling: Compiling): void {
  const required = draft.steps.some(
    (step) => isForward(step.phase.plan.kind) && step.common.severity === 'blocker' && step.block.word !== 'group',
  )
  if (required || compiling.problems.hasErrors) return
  compiling.problems.error(
    'no-required-step',
    { line: tree.frontMatter && isDeclared ? tree.frontMatter.line : 1, column: 1 },
    {
      found: draft.steps.length === 0 ? 'a document without a single step' : 'a plan in which no step is required',
      expected: draft.steps.some((step) => step.phase.plan.kind === 'drill')
        ? 'at least one step that is not of a drill; a checklist that is nothing but a drill leaves "kind: drill" away'
        : 'at least one step in a forward phase that can hold the release',
      example: '- [ ] All tests pass',
    },
  )
}
