/** The blocks of one step: one that says what it is, and modifiers beside it. */
import type { Common, Compiling, DraftRollout, DraftStep } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import { parsed, unparsed } from '../parsed.ts'
import type { Block, JudgePlan } from '../plan.ts'
import type { Settings } from '../settings.ts'
import { never } from '../../units.ts'
import { words, type Word } from '../words.ts'
import { readBaseline } from './baseline.ts'
import { readCheck } from './check.ts'
import { readDeploy } from './deploy.ts'
import { readAction } from './action.ts'
import { readRun, readUndo } from './command.ts'
import { addTemplate, inherit, readCommon } from './common.ts'
import { cellsOf, readMatrix } from './matrix.ts'
import { readHandover } from './handover.ts'
import { readApprove } from './approve.ts'
import { readKnownIssues } from './known-issues.ts'
import { readAnswer, readFieldsBlock, readWait } from './people.ts'
import { readReadiness } from './readiness.ts'
import { plainAnswer } from './plain-answer.ts'
import { readRecord } from './record.ts'
import { readRollout } from './rollout.ts'
import { readWatch } from './watch.ts'
import { plainCommon } from '../draft.ts'

/** What a step needs to know of its surroundings. */
export interface Around {
  readonly common: Common
  readonly compiling: Compiling
  /** The judge of the rollout before it. */
  readonly judge: JudgePlan | null
}

/** Reads the blocks into the step, in the order they were written. */
export function readStepBlocks(step: DraftStep, blocks: readonly ReadBlock[], around: Around): void {
  around.compiling.at = step
  readInto(step, blocks, around)
  around.compiling.at = null
}

function readInto(step: DraftStep, blocks: readonly ReadBlock[], around: Around): void {
  const main = onlyOne(
    blocks.filter((block) => words[block.word].role === 'main'),
    around.compiling,
  )
  const answer = onlyOne(
    blocks.filter((block) => block.word === 'answer'),
    around.compiling,
  )
  const fields = onlyOne(
    blocks.filter((block) => block.word === 'fields'),
    around.compiling,
  )
  const undo = onlyOne(
    blocks.filter((block) => block.word === 'undo'),
    around.compiling,
  )
  const leading = main ?? answer ?? fields
  step.common = leading
    ? readCommon(leading.settings, step, around.common, around.compiling)
    : inherit(plainCommon, around.common)
  const makes = leading && makers.has(leading.word) ? readMakes(leading.settings) : null
  readPeople(step, main, answer, fields, around.compiling)
  if (main) step.block = readMain(main, step, around)
  if (makes !== null && main !== null && step.block.word === 'group') refuseRecord(main, around.compiling)
  else if (makes !== null) step.block = { ...step.block, makes } as Block
  if (undo) readUndoInto(step, undo, main, around.compiling)
}

/** Blocks that end in something worth a record. */
const makers: ReadonlySet<Word> = new Set(['check', 'run', 'answer', 'fields'])

/** Of several checks there is no one result that a record could hold. */
function refuseRecord({ settings, place }: ReadBlock, compiling: Compiling): void {
  compiling.problems.error('bad-value', place, {
    found: `"record" beside "matrix" in ${settings.what}`,
    expected: 'a check of its own for it, without a matrix',
    example: settings.line('record', 'restore-test'),
  })
}

/** The same names that `yaml record` asks for. */
function readMakes(settings: Settings): string | null {
  return settings.parse('record', (text) =>
    /^[\w][\w .:/-]{0,199}$/.test(text) ? parsed(text) : unparsed('the name of a record', 'restore-test'),
  )
}

/** An answer or fields alone are what the step is; beside another block they are asked as well. */
function readPeople(
  step: DraftStep,
  main: ReadBlock | null,
  answer: ReadBlock | null,
  fields: ReadBlock | null,
  compiling: Compiling,
): void {
  const asked = answer ? readAnswer(answer, compiling) : null
  const more = fields ? readFieldsBlock(fields, compiling) : null
  if (!answer && !fields) return
  const tables = [...(asked?.tables ?? []), ...(more?.tables ?? [])]
  const own = {
    fields: [...(asked?.fields ?? []), ...(more?.fields ?? [])],
    ...(tables.length > 0 && { tables }),
  }
  const whole = { ...(asked ?? plainAnswer), ...own }
  if (main) step.answer = whole
  else step.block = answer ? { word: 'answer', ...whole } : { word: 'fields', ...own }
}

function onlyOne(blocks: readonly ReadBlock[], compiling: Compiling): ReadBlock | null {
  const [first = null, ...others] = blocks
  for (const other of others) {
    compiling.problems.error('two-main-blocks', other.place, {
      found:
        first?.word === other.word
          ? `a second "${other.word}" block in one step`
          : `a "${other.word}" block beside a "${first?.word}" block in one step`,
      expected: 'a step of its own for each of them',
      example: `- [ ] Another step\n  ${words[other.word].example.replaceAll('\n', '\n  ')}`,
    })
  }
  return first
}

function readMain(block: ReadBlock, step: DraftStep, around: Around): Block {
  const word = block.word as Exclude<Word, 'undo' | 'answer' | 'fields' | 'trigger' | 'notify' | 'phase' | 'stage'>
  switch (word) {
    case 'check':
      return readCheckBlock(block, step, around.compiling)
    case 'run':
      return block.language === 'yaml' ? readAction(block, around.compiling) : readRun(block, around.compiling)
    case 'approve':
      return readApprove(block, step, around.compiling)
    case 'handover':
      return readHandover(block, around.compiling)
    case 'readiness':
      return readReadiness(block)
    case 'record':
      return readRecord(block, around.compiling)
    case 'known-issues':
      return readKnownIssues(block, around.compiling)
    case 'baseline':
      return readBaseline(block, around.compiling)
    case 'wait':
      return readWait(block, around.compiling)
    case 'watch':
      return readWatch(block, around.judge, around.compiling)
    case 'deploy':
      step.parts = readDeploy(block, around.compiling)
      return { word: 'group' }
    case 'rollout':
      step.rollout = readRollout(block, step, around.compiling)
      return placeholderOf(step.rollout)
    case 'group':
      step.parallel = block.settings.flag('parallel')
      block.settings.finish('```yaml group\nparallel: true\n```')
      return { word: 'group' }
    default:
      return never(word, 'a main block')
  }
}

function readCheckBlock(block: ReadBlock, step: DraftStep, compiling: Compiling): Block {
  const cells = readMatrix(block, compiling)
  const check = readCheck(block, step, compiling, { names: Object.keys(cells?.[0] ?? {}) })
  if (block.language === 'http') addTemplate(block.body, block.place, 'request', compiling)
  if (block.language === 'promql') addTemplate(block.body, block.place, 'query', compiling)
  if (cells === null) return check
  step.parts = cellsOf(check, cells, block)
  return { word: 'group' }
}

/** Its stages are filled in when the sections below it have been read. */
function placeholderOf(rollout: DraftRollout): Block {
  return { ...rollout.block, stages: [] }
}

function readUndoInto(step: DraftStep, undo: ReadBlock, main: ReadBlock | null, compiling: Compiling): void {
  step.undo = readUndo(undo, compiling)
  if (main?.word === 'run') return
  compiling.problems.error('undo-without-run', undo.place, {
    found: 'an "undo" block without a "run" block in the same step',
    expected: 'the action that it takes back, above it',
    example: '```sh run\nkubectl apply -f app.yaml\n```',
  })
}
