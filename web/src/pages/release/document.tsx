/** The checklist itself, with what became of each step in its margin. */
import { useMemo } from 'preact/hooks'
import type { PhaseView, Plan, ReleaseView, RolloutView, StepView } from '../../../../src/api/wire/web.ts'
import { memo } from '../../parts/memo.ts'
import type { Decision } from './decisions.ts'
import { Margin } from './margin.tsx'
import { type CodePart, type ItemPart, type Part, type Section, sectionsOf, withoutLine } from './outline.ts'
import { PhaseLine } from './phase-line.tsx'
import { RolloutStrip } from './rollout-strip.tsx'
import { Inline, Words } from './words.tsx'
import { StateMark } from '../../parts/state-mark.tsx'

export interface OnStep {
  readonly decide: (decision: Decision) => void
  readonly open: (step: string) => void
}

interface DocumentProps {
  readonly plan: Plan
  readonly view: ReleaseView
  readonly onStep: OnStep
}

/** What stands on which line. */
interface Places {
  readonly steps: ReadonlyMap<number, StepView>
  readonly phases: ReadonlyMap<number, PhaseView>
  /** By the id of their step. */
  readonly rollouts: ReadonlyMap<string, RolloutView>
  /** Steps that a block writes out, by its line, and those behind an item, by the line of that. */
  readonly inside: ReadonlyMap<number, readonly StepView[]>
}

export function Document({ plan, view, onStep }: DocumentProps) {
  const sections = useMemo(() => sectionsOf(plan.document), [plan.document])
  const { inside, lost } = useMemo(() => withoutLine(plan, sections), [plan, sections])
  const lineOfPhase = useMemo(() => new Map(plan.phases.map(({ id, line }) => [id, line])), [plan])
  const all = view.phases.flatMap(({ steps }) => steps)
  const places: Places = {
    // What stands behind an item, such as the last look of a rollback phase, has its line too: the item's own comes first.
    steps: new Map(all.map((step) => [step.line, step] as const).toReversed()),
    phases: new Map(view.phases.map((phase) => [lineOfPhase.get(phase.id) ?? 0, phase])),
    rollouts: new Map(view.rollouts.map((rollout) => [rollout.step, rollout])),
    inside: new Map([...inside].map(([line, ids]) => [line, all.filter(({ id }) => ids.includes(id))])),
  }
  const lostSteps = all.filter(({ id }) => lost.includes(id))
  return (
    <article class="document">
      {sections.map((section) => (
        <section key={section.line} class="section" style={{ containIntrinsicSize: `auto ${heightOf(section)}px` }}>
          {section.parts.map((part, at) => (
            <PartRow key={at} part={part} places={places} onStep={onStep} />
          ))}
        </section>
      ))}
      {lostSteps.length > 0 && (
        <section class="section">
          <h2>Steps that stand nowhere in the text</h2>
          <ul class="items">
            {lostSteps.map((step) => (
              <li key={step.id} class="item">
                <StepRow step={step} rollout={places.rollouts.get(step.id)} onStep={onStep}>
                  {step.text}
                </StepRow>
              </li>
            ))}
          </ul>
        </section>
      )}
    </article>
  )
}

/** About what it will take, so that the scroll bar tells the truth before anything is drawn. */
function heightOf({ parts }: Section): number {
  const items = parts.flatMap((part) => (part.kind === 'items' ? part.items : []))
  return 40 + parts.length * 34 + items.length * 38 + items.flatMap(({ below }) => below).length * 22
}

interface PartRowProps {
  readonly part: Part
  readonly places: Places
  readonly onStep: OnStep
}

function PartRow({ part, places, onStep }: PartRowProps) {
  switch (part.kind) {
    case 'matter':
      return <Folded word="settings of this checklist" text={part.text} />
    case 'heading': {
      const step = places.steps.get(part.line)
      const heading = <Heading part={part} phase={places.phases.get(part.line) ?? null} />
      // The counts beside the heading tell how a group stands; a step of a heading has its own answer to be given.
      if (step === undefined || step.word === 'group') return heading
      return (
        <>
          {heading}
          <LoneStep step={step} rollout={places.rollouts.get(step.id)} onStep={onStep} />
        </>
      )
    }
    case 'words':
      return (
        <div class="words">
          <StillWords tokens={part.tokens} />
        </div>
      )
    case 'code': {
      const step = places.steps.get(part.line)
      const inside = places.inside.get(part.line) ?? []
      return (
        <>
          {step === undefined ? (
            <Block part={part} />
          ) : (
            <LoneStep
              step={step}
              rollout={places.rollouts.get(step.id)}
              onStep={onStep}
              below={<Block part={part} />}
            />
          )}
          {inside.length > 0 && (
            <ul class="items">
              {inside.map((one) => (
                <InsideRow key={one.id} step={one} depth={1} onStep={onStep} />
              ))}
            </ul>
          )}
        </>
      )
    }
    case 'items':
      return (
        <ul class="items">
          {part.items.flatMap((item) => {
            const step = places.steps.get(item.line)
            const rollout = step && places.rollouts.get(step.id)
            const inside = [item, ...item.below].flatMap(({ line }) => places.inside.get(line) ?? [])
            return [
              <ItemRow key={item.line} item={item} step={step} rollout={rollout} onStep={onStep} />,
              ...inside.map((one) => <InsideRow key={one.id} step={one} depth={item.depth + 1} onStep={onStep} />),
            ]
          })}
        </ul>
      )
  }
}

interface InsideRowProps {
  readonly step: StepView
  readonly depth: number
  readonly onStep: OnStep
}

/** A step that a block writes out stands below what the block belongs to. */
const InsideRow = memo(({ step, depth, onStep }: InsideRowProps) => (
  <li class={`item depth-${Math.min(depth, 6)}`}>
    <StepRow step={step} rollout={undefined} onStep={onStep}>
      {step.text}
    </StepRow>
  </li>
))

/** A step that no list item says: it is called by its heading. */
function LoneStep(props: Omit<StepRowProps, 'children' | 'number'>) {
  return (
    <ul class="items">
      <li class="item">
        <StepRow {...props}>{props.step.text}</StepRow>
      </li>
    </ul>
  )
}

const StillWords = memo(Words)
const StillInline = memo(Inline)

type HeadingPart = Extract<Part, { kind: 'heading' }>

function Heading({ part, phase }: { readonly part: HeadingPart; readonly phase: PhaseView | null }) {
  const words = <StillInline tokens={part.words} />
  const id = phase === null ? undefined : `phase-${phase.id}`
  const Tag = part.level === 1 ? 'h2' : part.level === 2 ? 'h3' : 'h4'
  return (
    <div class={`heading level-${part.level}`} id={id}>
      <Tag>{words}</Tag>
      {phase !== null && <PhaseLine phase={phase} />}
    </div>
  )
}

interface ItemRowProps {
  readonly item: ItemPart
  readonly step: StepView | undefined
  readonly rollout: RolloutView | undefined
  readonly onStep: OnStep
}

/** Drawn again only with news of its own step: of hundreds, most stand still. */
const ItemRow = memo(({ item, step, rollout, onStep }: ItemRowProps) => {
  const words = <StillInline tokens={item.words} isTask />
  const below = item.below.map((part) =>
    part.kind === 'code' ? (
      <Block key={part.line} part={part} />
    ) : (
      <div class="words" key={part.line}>
        <StillWords tokens={part.tokens} />
      </div>
    ),
  )
  return (
    <li class={`item depth-${Math.min(item.depth, 6)}${step === undefined ? ' is-plain' : ''}`}>
      {step === undefined ? (
        <p class="plain-item">
          <span class="bullet" aria-hidden="true">
            {item.number ?? '•'}
          </span>
          <span>{words}</span>
        </p>
      ) : (
        <StepRow step={step} rollout={rollout} onStep={onStep} number={item.number} below={below}>
          {words}
        </StepRow>
      )}
      {step === undefined && below.length > 0 && <div class="below">{below}</div>}
    </li>
  )
})

interface StepRowProps {
  readonly step: StepView
  readonly rollout: RolloutView | undefined
  readonly onStep: OnStep
  readonly number?: string | null
  /** What stands in the item below its words. */
  readonly below?: preact.ComponentChildren
  readonly children: preact.ComponentChildren
}

function StepRow({ step, rollout, onStep, number = null, below, children }: StepRowProps) {
  return (
    <>
      <div
        class={`step is-${step.state.replaceAll(' ', '-')}${step.word === 'group' ? ' is-group' : ''}`}
        id={`step-${step.id}`}
        data-step={step.id}
        data-state={step.state}
        tabIndex={-1}
      >
        <StateMark state={step.state} />
        <div class="step-text">
          <p class="step-words">
            {number !== null && <span class="number">{number} </span>}
            {children}
          </p>
          {below}
        </div>
        <Margin step={step} onStep={onStep} />
      </div>
      {rollout !== undefined && <RolloutStrip rollout={rollout} />}
    </>
  )
}

/** A block for machines, in one line until somebody wants to read it. */
const Block = memo(({ part }: { readonly part: CodePart }) => <Folded word={wordOf(part.info)} text={part.text} />)

function Folded({ word, text }: { readonly word: string; readonly text: string }) {
  return (
    <details class="folded">
      <summary>{word}</summary>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </details>
  )
}

/** `sh check timeout=10s` says first what it is for. */
function wordOf(info: string): string {
  const [language = '', ...rest] = info.split(/\s+/)
  if (rest.length === 0) return language === '' ? 'text' : language
  return `${rest.join(' ')} · ${language}`
}
