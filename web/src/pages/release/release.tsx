/** One release: the bar, the checklist with its state, the past, and every decision about it. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { PhaseView, ReleaseView, StepView } from '../../../../src/api/wire/web.ts'
import { type Followed, useFollowed } from '../../api/follow-release.ts'
import { KeysHelp } from '../../parts/keys.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { LostBar } from '../../parts/lost-bar.tsx'
import { PeopleOf, usePeopleOf } from '../../parts/people.tsx'
import { Link } from '../../router.tsx'
import { Bar } from './bar.tsx'
import { BaselineTable } from './baseline-table.tsx'
import { DecideDialog } from './decide-dialog.tsx'
import type { Decision } from './decisions.ts'
import { Document, type OnStep } from './document.tsx'
import { Facts, Headline } from './facts.tsx'
import { LineBehind } from './line-behind.tsx'
import { answerWith, useFilesOnSteps } from './files-on-step.ts'
import { toldIn } from './messages.ts'
import { Messages, WantedMessages } from './messages.tsx'
import { FilledTables } from './filled-tables.tsx'
import { KnownIssues } from './known-issues.tsx'
import { offersOf } from './offers.ts'
import { AboutOnPaper } from './on-paper.tsx'
import { Readiness } from './readiness.tsx'
import { Problems } from './problems.tsx'
import { TallyLine } from './phase-line.tsx'
import { focusedStep, neighbour, showStep, useFocusBack } from './show-step.ts'
import { StepDrawer } from './step-drawer.tsx'
import { StepSearch } from './step-search.tsx'
import { Timeline } from './timeline.tsx'
import { WatchTable } from './watch-table.tsx'
import { When } from './when.tsx'
import { WholeContext } from './whole.ts'
import '../../style/release.css'

type Tab = 'checklist' | 'readiness' | 'messages' | 'timeline' | 'facts'

export function Release({ id, viewer }: { readonly id: string; readonly viewer: string }) {
  const followed = useFollowed(id)
  const { view, line } = followed
  const people = usePeopleOf(id)
  useEffect(() => {
    if (view !== null) document.title = titleOf(view)
  }, [view?.facts, view?.bar])
  if (line.kind === 'refused' && view === null)
    return (
      <section class="quiet-page">
        <h1>This release cannot be shown</h1>
        <p role="alert">{line.why.message}</p>
        <p>
          <Link to="/">All releases</Link>
        </p>
      </section>
    )
  return (
    <>
      <LostBar lost={line.kind === 'lost' ? { since: line.since } : null} />
      {view !== null && (
        <PeopleOf value={people}>
          <Page view={view} followed={followed} viewer={viewer} />
        </PeopleOf>
      )}
    </>
  )
}

interface PageProps {
  readonly view: ReleaseView
  readonly followed: Followed
  readonly viewer: string
}

function Page({ view, followed, viewer }: PageProps) {
  const { plan, past, line } = followed
  const [chosenTab, setTab] = useState<Tab>('checklist')
  const tab = usePrinting() ? 'checklist' : chosenTab
  const [decision, setDecision] = useState<Decision | null>(null)
  const [opened, setOpened] = useState<string | null>(null)
  const [isSearching, setSearching] = useState(false)
  const [untaken, setUntaken] = useState<StepView | null>(null)
  const focus = useFocusBack()
  const decide = (made: Decision): void => {
    focus.remember(opened)
    setDecision(made)
  }
  const newest = useRef(decide)
  newest.current = decide
  const onStep: OnStep = useMemo(() => ({ decide: (made) => newest.current(made), open: setOpened }), [])
  const isEnded = view.decision?.ended === true
  const isOver = isEnded || view.rollback !== null
  const whole = useMemo(() => ({ release: view.release, isOver, isEnded }), [view.release, isOver, isEnded])
  const isDrawn = plan !== null
  useEffect(() => {
    // Sent here from another page.
    const wanted = /^#step-(.+)$/.exec(location.hash)?.[1]
    if (isDrawn && wanted !== undefined) requestAnimationFrame(() => showStep(decodeURIComponent(wanted)))
  }, [isDrawn])
  const step = view.phases.flatMap(({ steps }) => steps).find(({ id }) => id === opened) ?? null
  const move = (by: 1 | -1, wanted?: string) => () => {
    const found = neighbour(by, wanted)
    if (found !== null) showStep(found)
  }
  const act = (): void => {
    const found = view.phases.flatMap(({ steps }) => steps).find(({ id }) => id === focusedStep())
    const [first] = found === undefined ? [] : offersOf(found)
    if (first !== undefined && !isEnded) decide(first.decision())
  }
  const keys = [
    { key: '/', does: 'find a step', on: () => setSearching(true) },
    { key: 'j', does: 'next step', on: move(1) },
    { key: 'k', does: 'previous step', on: move(-1) },
    { key: 'n', does: 'next step that needs somebody', on: move(1, URGENT) },
    { key: 'a', does: 'answer, sign, retry or settle the step', on: act },
    { key: 'o', does: 'everything about the step', on: () => setOpened(focusedStep()) },
  ]
  useFilesOnSteps((id, files) => {
    const found = view.phases.flatMap(({ steps }) => steps).find((one) => one.id === id)
    const answer = found === undefined ? null : answerWith(found, files)
    if (answer !== null) decide(answer)
    else if (found !== undefined) setUntaken(found)
  })
  const roles = useMemo(() => Object.keys(plan?.roles ?? {}), [plan])
  const tabs: readonly (readonly [Tab, string])[] = [
    ['checklist', 'Checklist'],
    ['readiness', 'Readiness'],
    ['messages', `Messages ${toldIn(view).length}`],
    ['timeline', `Timeline ${past.length}`],
    ['facts', 'Facts'],
  ]
  return (
    <div class="release">
      <Headline view={view} />
      <LineBehind view={view} />
      <Bar view={view} isOld={line.kind !== 'live'} onDecide={decide} />
      <When view={view} />
      <Problems view={view} onDecide={decide} />
      <WantedMessages view={view} roles={roles} onDecide={decide} />
      <div class="columns">
        <nav class="phases" aria-label="Phases">
          <ul>
            {view.phases.map((phase) => (
              <PhaseLink key={phase.id} phase={phase} onPick={() => setTab('checklist')} />
            ))}
          </ul>
        </nav>
        <div class="page">
          <div class="tabs" role="group" aria-label="Show">
            {tabs.map(([name, word]) => (
              <button key={name} type="button" aria-pressed={tab === name} onClick={() => setTab(name)}>
                {word}
              </button>
            ))}
          </div>
          {tab === 'checklist' && plan !== null && (
            <WholeContext value={whole}>
              <WatchTable view={view} />
              <KnownIssues tables={view.knownIssues} isEnded={isEnded} onDecide={decide} />
              <FilledTables tables={view.tables} onDecide={decide} />
              <Document plan={plan} view={view} onStep={onStep} />
            </WholeContext>
          )}
          {tab === 'messages' && <Messages view={view} roles={roles} onDecide={decide} />}
          {tab === 'readiness' && <Readiness view={view} onStep={() => setTab('checklist')} />}
          {tab === 'timeline' && <Timeline lines={past} />}
          {tab === 'facts' && (
            <>
              <BaselineTable rows={view.baselines} />
              <Facts view={view} />
            </>
          )}
          <AboutOnPaper view={view} />
        </div>
      </div>
      {step !== null && decision === null && (
        <StepDrawer step={step} view={view} plan={plan} past={past} onDecide={decide} onClose={() => setOpened(null)} />
      )}
      {decision !== null && (
        <DecideDialog
          decision={decision}
          view={view}
          viewer={viewer}
          onDone={() => {
            setDecision(null)
            setOpened(null)
            focus.giveBack()
          }}
          onCancel={() => setDecision(null)}
        />
      )}
      {untaken !== null && (
        <Dialog title={untaken.text} onClose={() => setUntaken(null)}>
          <p>
            This step takes no file now: it is {untaken.state}. Files become evidence of an answer, when one is asked
            for.
          </p>
        </Dialog>
      )}
      {isSearching && <StepSearch view={view} onClose={() => setSearching(false)} />}
      <KeysHelp keys={keys} />
    </div>
  )
}

const URGENT = ['needs a person', 'failed', 'errored', 'unknown', 'inconclusive', 'stale', 'blocked']
  .map((state) => `[data-step][data-state="${state}"]`)
  .join(',')

function PhaseLink({ phase, onPick }: { readonly phase: PhaseView; readonly onPick: () => void }) {
  return (
    <li class={`is-${phase.status.replaceAll(' ', '-')}`}>
      <a
        href={`#phase-${phase.id}`}
        onClick={(event) => {
          event.preventDefault()
          onPick()
          requestAnimationFrame(() => document.getElementById(`phase-${phase.id}`)?.scrollIntoView({ block: 'start' }))
        }}
      >
        {phase.title}
      </a>
      <TallyLine tally={phase.tally} />
    </li>
  )
}

function titleOf({ facts, bar }: ReleaseView): string {
  const mark = { good: '✓', busy: '…', person: '●', bad: '✕' }[bar.tone]
  return `${mark} ${facts.service} ${facts.releaseVersion} · Holdpoint`
}

/** A page on paper is the report, whichever part of it was on the screen. */
function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false)
  useEffect(() => {
    const begin = (): void => setPrinting(true)
    const end = (): void => setPrinting(false)
    window.addEventListener('beforeprint', begin)
    window.addEventListener('afterprint', end)
    return () => {
      window.removeEventListener('beforeprint', begin)
      window.removeEventListener('afterprint', end)
    }
  }, [])
  return isPrinting
}
