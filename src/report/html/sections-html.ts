/** The parts of the report beside its steps: facts, exceptions, signatures, messages, what is left to do, the past. */
import { debtWords } from '../debt.ts'
import { issueCells, issueHeads } from '../issue-cells.ts'
import type { ReleaseRecord } from '../record.ts'
import type { Names } from '../timeline.ts'
import { clockWords, countWords, dateWords, durationWords, measuredWords, servingWords } from '../words.ts'
import { type Child, element, type Markup } from './element.ts'

export function section(title: string, ...children: readonly Child[]): Markup {
  return element('section', {}, element('h2', {}, title), ...children)
}

export function table(heads: readonly string[], rows: readonly (readonly Child[])[]): Markup {
  const line = (name: 'th' | 'td', cells: readonly Child[]) =>
    element(
      'tr',
      {},
      cells.map((cell) => element(name, name === 'th' ? { scope: 'col' } : {}, cell)),
    )
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: heads.length > 2 ? 'wide' : null },
      heads.some((head) => head !== '') && element('thead', {}, line('th', heads)),
      element(
        'tbody',
        {},
        rows.map((row) => line('td', row)),
      ),
    ),
  )
}

const code = (text: string): Markup => element('code', {}, text)

export function factList({ view, head }: ReleaseRecord): Markup {
  const { facts } = view
  const mends = facts.hotfixOf
  const rows: readonly (readonly [string, Child])[] = [
    ['Release', code(view.release)],
    ['Type', facts.releaseType],
    ['Before it', facts.previous ?? 'not known'],
    ...(facts.serving === undefined ? [] : [['Components before it', servingWords(facts.serving)] as const]),
    ...(mends === null
      ? []
      : [['A hotfix of', `${mends.release ?? ''} ${mends.tag === null ? '' : `(tag ${mends.tag})`}`.trim()] as const]),
    ['Environment', `${facts.environment}${facts.protected ? ' (protected)' : ''}`],
    ['Checklist', `${facts.name}, ${facts.file}`],
    ['Commit', facts.commit === null ? 'none' : `${facts.commit}${facts.dirty ? ', with changes on top' : ''}`],
    ['Artefact', facts.artefact ?? 'not named'],
    ['Started by', `${facts.startedBy.id} (${facts.startedBy.kind}, ${facts.startedBy.assurance})`],
    ['Started', dateWords(facts.startedAt)],
    ['Ended', facts.endedAt === null ? 'not yet' : dateWords(facts.endedAt)],
    ['Took', durationWords((facts.endedAt ?? view.at) - facts.startedAt)],
    ...Object.entries(facts.inputs).map(([name, value]) => [`Input ${name}`, String(value)] as const),
    ['Plan digest', code(facts.planDigest)],
    ['Log', countWords(head.version, 'event')],
  ]
  return element(
    'dl',
    { class: 'facts' },
    rows.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  )
}

export function coverageSection({ coverage }: ReleaseRecord): Markup {
  const { steps, proven, promised, waived, notApplicable, open } = coverage
  const parts: readonly (readonly [number, string])[] = [
    [proven, 'good'],
    [promised, 'accent'],
    [waived, 'person'],
    [notApplicable, 'quiet'],
    [open, 'bad'],
  ]
  const line = `Of ${countWords(steps, 'step')}: ${proven} proven by a machine, ${promised} promised by a person, ${waived} waived, ${notApplicable} not applicable, ${open} not done.`
  const share = (count: number): string => `flex-grow: ${count}`
  return section(
    'Coverage',
    steps > 0 &&
      element(
        'div',
        { class: 'bar', 'aria-hidden': 'true' },
        parts
          .filter(([count]) => count > 0)
          .map(([count, tone]) => element('span', { class: tone, style: share(count) })),
      ),
    element('p', {}, line),
  )
}

export function incidentSection({ view }: ReleaseRecord): Child {
  const hotfixes = view.hotfixes.map(({ release, version }) =>
    element('li', {}, `Mended by ${version}: `, code(release)),
  )
  if (view.incidents.length === 0 && hotfixes.length === 0) return null
  return section(
    'Incidents',
    view.incidents.length > 0 &&
      table(
        ['Declared', 'Severity', 'By', 'What', 'Status', 'Post-mortem due'],
        view.incidents.map((each) => [
          dateWords(each.at),
          each.severity,
          each.by,
          each.reason,
          `${each.status}${each.resolvedAt === null ? '' : `, ${dateWords(each.resolvedAt)}`}${each.note === null ? '' : `: ${each.note}`}`,
          each.reportBy === null ? 'not asked for' : dateWords(each.reportBy),
        ]),
      ),
    hotfixes.length > 0 && element('ul', { class: 'plain' }, hotfixes),
  )
}

export function knownIssueSection({ view }: ReleaseRecord): Child {
  if (view.knownIssues.length === 0) return null
  return section(
    'Known issues',
    view.knownIssues.map(({ text, say, rows }) => [
      element('p', {}, element('b', {}, text), `: ${say}`),
      rows.length > 0 && table(issueHeads, rows.map(issueCells)),
    ]),
  )
}

export function rollbackSection({ view }: ReleaseRecord): Child {
  const { rollback } = view
  if (!rollback) return null
  const took = rollback.tookMs === null ? 'not finished' : measuredWords(rollback.tookMs)
  const budget = rollback.budgetMs === null ? '' : `, ${durationWords(rollback.budgetMs)} allowed`
  const rows: readonly (readonly [string, string])[] = [
    ['Cause', rollback.cause],
    ['By', rollback.by],
    ['Why', rollback.why],
    ['Began', dateWords(rollback.startedAt)],
    ['Took', `${took}${budget}${rollback.isOverBudget ? ': it took longer than it may' : ''}`],
    ['Traffic back on stable', `${rollback.trafficRestored} of ${countWords(rollback.trafficToRestore, 'component')}`],
    ['Actions undone', `${rollback.undone} of ${rollback.toUndo}`],
    ...rollback.steps.map(({ text, tookMs, ok }) => [text, `${measuredWords(tookMs)}${ok ? '' : ', failed'}`] as const),
    ...(rollback.failed === null ? [] : [['Failed', rollback.failed] as const]),
  ]
  return section('Rollback', table(['', ''], rows))
}

export function exceptionSections({ overrides, deviations }: ReleaseRecord): readonly Markup[] {
  const list = (items: ReleaseRecord['overrides']): Markup =>
    items.length === 0
      ? element('p', {}, 'None.')
      : element(
          'ul',
          { class: 'plain' },
          items.map(({ at, who, say }) =>
            element('li', {}, element('span', { class: 'when' }, `${dateWords(at)}, ${who}: `), say),
          ),
        )
  return [section('Waivers and overrides', list(overrides)), section('Deviations', list(deviations))]
}

export function debtSection({ debt = [] }: ReleaseRecord): Child {
  if (debt.length === 0) return null
  return section(
    'Debt of the checklist',
    element(
      'ul',
      { class: 'plain' },
      debt.map((one) =>
        element('li', {}, element('b', {}, one.text), `: ${debtWords(one)} (since ${dateWords(one.since)})`),
      ),
    ),
  )
}

export function signatureSection({ approvals }: ReleaseRecord, names: Names): Child {
  if (approvals.length === 0) return null
  const rows = approvals.map(({ at, by, role, assurance, step, digest, note, voided }) => [
    dateWords(at),
    by,
    role ?? '',
    assurance,
    names.step(step),
    code(digest.slice(0, 16)),
    voided === null ? (note ?? '') : `void: ${voided}`,
  ])
  return section('Signatures', table(['When', 'Who', 'Role', 'Assurance', 'Step', 'Signed digest', 'Note'], rows))
}

const deliveries: Readonly<Record<string, string>> = { delivered: 'sent', failed: 'not sent', queued: 'not sent yet' }

export function messageSection({ messages }: ReleaseRecord): Child {
  if (messages.length === 0) return null
  return section(
    'Messages',
    messages.map(({ queuedAt, channel, on, subject, status, tries, say, body }) =>
      element(
        'article',
        {},
        element('h3', {}, subject),
        element(
          'p',
          { class: 'hint' },
          `${dateWords(queuedAt)}, to ${channel}, on ${on}: ${deliveries[status] ?? status} after ${countWords(tries, 'try', 'tries')}${say === '' ? '' : `: ${say}`}`,
        ),
        body.trim() !== subject.trim() && element('blockquote', {}, body),
      ),
    ),
  )
}

export function followUpSection({ view, followUps }: ReleaseRecord): Child {
  const all = followUps ?? view.followUps.map((one) => ({ ...one, closed: null }))
  if (all.length === 0) return null
  const rows = all.map(({ title, owner, due, severity, link, closed }) => [
    title,
    owner ?? 'nobody',
    due === null ? 'no deadline' : dateWords(due),
    severity,
    closed === null ? 'open' : `done by ${closed.by}: ${closed.note}`,
    link ?? '',
  ])
  return section('Follow-ups', table(['What', 'Owner', 'Due', 'Severity', 'Stands', 'Ticket'], rows))
}

export function noteSection({ view }: ReleaseRecord, names: Names): Child {
  if (view.notes.length === 0) return null
  return section(
    'Notes',
    element(
      'ul',
      { class: 'plain' },
      view.notes.map(({ at, by, step, note }) =>
        element(
          'li',
          {},
          element(
            'span',
            { class: 'when' },
            `${dateWords(at)}, ${by}${step === null ? '' : ` on ${names.step(step)}`}: `,
          ),
          note,
        ),
      ),
    ),
  )
}

export function timelineSection({ timeline }: ReleaseRecord): Markup {
  const rows = timeline.map(({ version, at, who, say }) => [
    version,
    `${dateWords(at).slice(0, 10)} ${clockWords(at)}`,
    who,
    say,
  ])
  return section('Timeline', table(['#', 'UTC', 'By', 'What happened'], rows))
}

export function recordSection({ head, view }: ReleaseRecord): Markup {
  return section(
    'This record',
    element(
      'p',
      {},
      `The log of this release holds ${countWords(head.version, 'event')}; its last hash is `,
      code(head.hash),
    ),
    element(
      'p',
      {},
      'The bundle holds the events, the evidence, the measurements and a signed statement over all of them, and can be verified without Holdpoint: ',
      code(`holdpoint export ${view.release} --format bundle`),
    ),
  )
}
