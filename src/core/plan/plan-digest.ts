/** What the digests of a plan and of its steps cover, and whether a stored plan still has them. */
import { canonicalJson, digestOf, sha256Hex } from '../log/canonical.ts'
import { plainAnswerBlock } from './blocks/plain-answer.ts'
import { nameOf } from './ids.ts'
import type { Block, Plan, StepPlan } from './plan.ts'

type Undigested<T> = Omit<T, 'digest'>

/** `content`: what a step is; its name follows from its id. `place`: where it stands, which moves when something around it is edited. */
const stepFields: Readonly<Record<keyof Undigested<StepPlan>, 'content' | 'place'>> = {
  id: 'content',
  name: 'content',
  text: 'content',
  line: 'place',
  endLine: 'place',
  phase: 'content',
  section: 'place',
  parent: 'place',
  children: 'place',
  after: 'place',
  afterActionOf: 'place',
  stage: 'content',
  when: 'content',
  only: 'content',
  never: 'content',
  severity: 'content',
  owner: 'content',
  danger: 'content',
  block: 'content',
  undo: 'content',
  answer: 'content',
}

/** sha-256 (hex) over the canonical JSON of a step's content. Lines of stages count as 0: they say where, not what. */
export function stepDigest(step: Undigested<StepPlan>): string {
  return sha256Hex(isPlain(step) ? plainText(step) : contentText(step))
}

function contentText(step: Undigested<StepPlan>): string {
  return (
    `{"answer":${canonicalJson(step.answer)},"block":${blockText(step.block)},"danger":${canonicalJson(step.danger)}` +
    `,"id":${canonicalJson(step.id)},"never":${canonicalJson(step.never)},"only":${canonicalJson(step.only)}` +
    `,"owner":${canonicalJson(step.owner)},"phase":${canonicalJson(step.phase)}` +
    `,"severity":${canonicalJson(step.severity)},"stage":${canonicalJson(step.stage)}` +
    `,"text":${canonicalJson(step.text)},"undo":${canonicalJson(step.undo)},"when":${canonicalJson(step.when)}}`
  )
}

function blockText(block: Block): string {
  if (block.word !== 'rollout') return canonicalJson(block)
  return canonicalJson({ ...block, stages: block.stages.map((stage) => ({ ...stage, line: 0 })) })
}

/** Nearly every step of a document only asks whether it is done, and has no settings. */
function isPlain(step: Undigested<StepPlan>): boolean {
  return (
    step.block === plainAnswerBlock &&
    step.answer === null &&
    step.undo === null &&
    step.when === null &&
    step.owner === null &&
    step.stage === null &&
    !step.danger &&
    step.severity === 'blocker' &&
    step.only.length === 0 &&
    step.never.length === 0
  )
}

const plainHead = `{"answer":null,"block":${canonicalJson(plainAnswerBlock)},"danger":false,"id":`

/** The same as of any other step, of few pieces. */
function plainText({ id, phase, text }: Undigested<StepPlan>): string {
  return `${plainHead}${canonicalJson(id)},"never":[],"only":[],"owner":null,"phase":${canonicalJson(phase)},"severity":"blocker","stage":null,"text":${canonicalJson(text)},"undo":null,"when":null}`
}

/**
 * sha-256 (hex) over the canonical JSON of the plan without `digest`. Format 2 leaves out the document, which
 * `source.sha256` covers, and has in place of the steps the sha-256 of the list of their places, each with its digest.
 */
export function planDigest(plan: Undigested<Plan>): string {
  const { steps, document, ...others } = { ...plan, digest: undefined }
  if (plan.format !== 2) return digestOf({ ...others, steps, document })
  return digestOf({ ...others, steps: sha256Hex(JSON.stringify(steps.map(placed))) })
}

/** Lists of texts and whole numbers have one JSON form. */
function placed(step: StepPlan): readonly unknown[] {
  return [
    step.digest,
    step.line,
    step.endLine,
    step.section,
    step.parent,
    step.children,
    step.after,
    step.afterActionOf,
    step.block.word === 'rollout' ? step.block.stages.map((stage) => stage.line) : null,
  ]
}

/** Does a stored plan, of either format, have the digest it names, down to every field of every step and its document? */
export function hasItsDigest(plan: Plan): boolean {
  try {
    return planDigest(plan) === plan.digest && (plan.format !== 2 || hasWhatItCovers(plan))
  } catch {
    // What has not even the form of a plan has no digest of one.
    return false
  }
}

function hasWhatItCovers(plan: Plan): boolean {
  return sha256Hex(plan.document) === plan.source.sha256 && plan.steps.every(isWhole)
}

/** A field that nothing covers is none of ours, and one that is missing would pass for null. */
function isWhole(step: StepPlan): boolean {
  const names = Object.keys(step)
  const isKnown = (name: string): boolean => name === 'digest' || Object.hasOwn(stepFields, name)
  return (
    names.length === fieldCount &&
    names.every(isKnown) &&
    step.name === nameOf(step.id) &&
    stepDigest(step) === step.digest
  )
}

const fieldCount = Object.keys(stepFields).length + 1
