/** What a start would do, before it does: steps, who is needed, what cannot be taken back, and when it could be through. */
import type { PlanPhaseView, PlanView, Problem } from '../../../../src/api/wire/web.ts'
import { spanWords } from '../../parts/clock.ts'
import { Windows } from '../../parts/windows.tsx'
import { OnCall } from '../../parts/on-call.tsx'
import { Moment } from '../../parts/time.tsx'

interface PreviewProps {
  readonly plan: PlanView
  readonly problems: readonly Problem[]
  readonly isRehearsal: boolean
}

const OPEN_UP_TO = 60

export function Preview({ plan, problems, isRehearsal }: PreviewProps) {
  const { counts } = plan
  const isShort = counts.steps <= OPEN_UP_TO
  return (
    <section class="preview" id="plan" aria-label="What it would do" tabIndex={0}>
      <h2>{plan.name}</h2>
      <p class="preview-sum">
        {count(counts.steps, 'step')}: {counts.people} for people, {count(counts.checks, 'check')},{' '}
        {count(counts.actions, 'action')}
        {counts.rollouts > 0 && `, ${count(counts.rollouts, 'rollout')}`}
      </p>
      <p class="preview-sum">{endWords(plan)}</p>
      {plan.outgrown !== null && <p class="refusal">{plan.outgrown}</p>}
      {isRehearsal && (
        <p class="preview-note">
          A rehearsal runs every check and asks people for real. It starts no action, moves no traffic and keeps nobody
          else from releasing.
        </p>
      )}
      {plan.dangers.length > 0 && (
        <div class="preview-dangers">
          <h3>Read these first</h3>
          <ul>
            {plan.dangers.map(({ step, text, why }) => (
              <li key={step}>
                <b>{text}</b> <span class="hint">{why}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      <Windows windows={plan.windows} />
      <OnCall roster={plan.roster} />
      <Problems problems={problems} />
      {plan.secrets.length > 0 && (
        <p class="hint">
          Uses secrets, which nobody sees here:{' '}
          {plan.secrets.map(({ name, from }, at) => (
            <span key={name}>
              {at > 0 && ', '}
              <code>{name}</code> ({from})
            </span>
          ))}
        </p>
      )}
      {plan.phases.map((phase) => (
        <Phase key={phase.id} phase={phase} isOpen={isShort} />
      ))}
      <Told rows={plan.messages} />
      <p class="hint">
        Plan <code class="digest">{plan.digest}</code>. Exactly this is started, or nothing.
      </p>
    </section>
  )
}

function endWords(plan: PlanView) {
  if (plan.endsAt === null) return null
  if (plan.expectedMs === 0) return 'It is through as soon as everybody has answered and everything has passed.'
  return (
    <>
      Takes at least {spanWords(plan.expectedMs)}: through at <Moment at={plan.endsAt} /> at the earliest.
    </>
  )
}

const marks = { person: '◌', machine: '·', change: '▸', none: '' } as const
const words = { person: 'a person', machine: 'a machine reads', change: 'changes something', none: '' } as const

function Phase({ phase, isOpen }: { readonly phase: PlanPhaseView; readonly isOpen: boolean }) {
  return (
    <details class="preview-phase" open={isOpen}>
      <summary>
        {phase.title}
        <span class="hint">
          {' '}
          {[...phase.facts, count(phase.steps.filter(({ does }) => does !== 'none').length, 'step')].join(' · ')}
        </span>
      </summary>
      <ul>
        {phase.steps.map((step) => (
          <li key={step.id} class={`does-${step.does} depth-${Math.min(step.depth, 4)}`}>
            <span class="preview-mark" title={words[step.does]} aria-hidden="true">
              {marks[step.does]}
            </span>
            <span>
              {step.text} <span class="hint">{step.notes.join(' · ')}</span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Who hears what, when, and under which condition. */
function Told({ rows }: { readonly rows: PlanView['messages'] }) {
  if (rows.length === 0) return null
  return (
    <details class="preview-phase preview-told">
      <summary>
        Messages <span class="hint"> {count(rows.length, 'row')}</span>
      </summary>
      <table>
        <thead>
          <tr>
            <th>On</th>
            <th>To</th>
            <th>How</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ on, to, when, notes, text }) => (
            <tr key={`${on} ${to} ${text}`}>
              <td>{on}</td>
              <td>{to}</td>
              <td>
                {[...notes, ...(when === null ? [] : [`only if ${when}`])].join(' · ')}
                {text !== '' && (
                  <details>
                    <summary>Text</summary>
                    <pre>{text}</pre>
                  </details>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

/** Errors first; warnings do not keep anything from starting. */
export function Problems({ problems }: { readonly problems: readonly Problem[] }) {
  if (problems.length === 0) return null
  const sorted = problems.toSorted((one, other) => one.severity.localeCompare(other.severity))
  const errors = problems.filter(({ severity }) => severity === 'error').length
  return (
    <details class="preview-problems" open={errors > 0}>
      <summary>{errors > 0 ? count(errors, 'error') : `${count(problems.length, 'warning')} about this text`}</summary>
      <ul>
        {sorted.map(({ file, line, column, code, severity, found, expected, example }) => (
          <li key={`${file}:${line}:${column}:${code}`} class={`is-${severity}`}>
            <p>
              <code>
                {file}:{line}:{column}
              </code>{' '}
              {found}
            </p>
            {expected !== '' && <p class="hint">expected {expected}</p>}
            {example !== '' && (
              <p class="hint">
                for example <code>{example}</code>
              </p>
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}

function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`
}
