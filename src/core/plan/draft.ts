/** Steps, phases and stages while a document is compiled: a tree that still knows its neighbours, before ids and order. */
import type { ConfigExpression } from '../ports/check.ts'
import type { Declarations } from './declarations.ts'
import type { Kinds } from './kinds.ts'
import type {
  AnswerSpec,
  Block,
  CommandSpec,
  MessagePlan,
  MetricLimits,
  PhasePlan,
  RolloutBlock,
  StagePlan,
  StepPlan,
  TriggerPlan,
} from './plan.ts'
import type { Problems } from './problem.ts'
import type { FilePlace } from './yaml.ts'
import type { Millis } from '../units.ts'

/** What every part of compiling shares. Nothing in it is global. */
export interface Compiling {
  readonly problems: Problems
  readonly kinds: Kinds
  readonly declared: Declarations
  /** Names that blocks give to values, with their CEL type. Grows while blocks are read. */
  readonly values: Map<string, { readonly type: string; readonly by: DraftStep | null }>
  /** The step whose blocks are being read. */
  at: DraftStep | null
  /** Conditions to check once every name and id is known. */
  readonly conditions: DraftCondition[]
  /** Names to check once every rollout is known. */
  readonly laterNames: { readonly kind: 'component' | 'phase'; readonly name: string; readonly place: FilePlace }[]
  /** Components that `deploy` blocks bring out, in their order. */
  readonly deployed: string[]
  /** How the version of a component is read that was read before it changed: a rollback phase ends with that look. */
  readonly readBacks: ReadBack[]
  /** Approvals that say they come after the watches above them. */
  readonly afterWatches: { readonly step: DraftStep; readonly place: FilePlace }[]
  /** Texts with `{{ }}` slots, for the linter. */
  readonly templates: {
    readonly text: string
    readonly place: FilePlace
    readonly where: 'message' | 'request' | 'query' | 'setting'
    readonly step: DraftStep | null
  }[]
}

export interface ReadBack {
  readonly component: string
  /** Where its phase acts; null = where the release goes. */
  readonly environment: string | null
  /** Prints the version that serves now. */
  readonly serves: string
  readonly withinMs: Millis
  readonly common: Pick<CommandSpec, 'cwd' | 'secrets' | 'worker'>
}

export interface DraftCondition {
  readonly source: string
  readonly place: FilePlace
  /** The step that reads it: it may only name steps that come before. null = a phase or a message. */
  readonly step: DraftStep | null
  readonly phase: DraftPhase | null
  /** Facts of the block itself, for `expect`. */
  readonly facts: Readonly<Record<string, string>> | null
  /** An expression inside the config of a kind: what it gives, and one correct line. */
  readonly inside?: Pick<ConfigExpression, 'gives' | 'example'>
}

export interface DraftStep {
  readonly text: string
  readonly line: number
  endLine: number
  readonly phase: DraftPhase
  readonly section: readonly string[]
  /** Headings above its children: the section, and the heading itself where the step is one. */
  readonly path: readonly string[]
  readonly parent: DraftStep | null
  readonly children: DraftStep[]
  /** Items of one numbered list run one after another: the list they share, or null. */
  readonly chain: object | null
  stage: DraftStage | null
  /** Children side by side, whatever they do. */
  parallel: boolean
  /** A heading that became a group or a step: its id is the heading path itself. */
  readonly isHeading: boolean
  common: Common
  block: Block
  undo: CommandSpec | null
  answer: AnswerSpec | null
  rollout: DraftRollout | null
  /** Steps that its block stands for, before those written below it; absent = none. */
  parts?: readonly DraftPart[]
  id: string
  name: string
  after: readonly DraftStep[]
  afterActionOf: DraftStep | null
}

/** A step that no item of its own stands for: a block is written out into several. */
export interface DraftPart {
  readonly text: string
  readonly line: number
  /** Reads what the step does. */
  readonly read: (step: DraftStep) => void
}

export interface Common extends Pick<StepPlan, 'only' | 'never' | 'severity' | 'owner' | 'danger'> {
  readonly id: { readonly text: string; readonly place: FilePlace } | null
  /** Own condition and those of everything around the step. */
  readonly when: readonly string[]
}

export interface DraftPhase {
  readonly plan: Omit<PhasePlan, 'id' | 'for'> & { readonly for: string | null }
  readonly path: readonly string[]
  readonly roots: DraftStep[]
  /** Common settings that everything in the phase inherits. */
  readonly common: Common
  /** A `yaml phase` block stands under its heading. */
  readonly isExplicit: boolean
  id: string
}

export interface DraftRollout {
  readonly step: DraftStep
  readonly place: FilePlace
  readonly hasShortStages: boolean
  readonly stages: DraftStage[]
  readonly block: Omit<RolloutBlock, 'stages'>
}

export interface DraftStage {
  readonly place: FilePlace
  readonly plan: Omit<StagePlan, 'actions' | 'steps' | 'id'> & { readonly id: string | null }
  readonly index: number
  readonly roots: DraftStep[]
}

export type Overrides = Readonly<Record<string, Partial<MetricLimits>>>

/** Everything the walk over a document has found. */
export interface Draft {
  readonly phases: readonly DraftPhase[]
  /** Document order, parents before children. */
  readonly steps: readonly DraftStep[]
  readonly rollouts: readonly DraftRollout[]
  readonly triggers: readonly TriggerPlan[]
  readonly messages: readonly MessagePlan[]
}

export const plainCommon: Common = {
  id: null,
  when: [],
  only: [],
  never: [],
  severity: 'blocker',
  owner: null,
  danger: false,
}
