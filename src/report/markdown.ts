/** The release record that a person reads. */
import type { MessageStatus, ReleaseState } from '../core/release/state.ts'
import { debtWords } from './debt.ts'
import { block, code, md, table } from './escape.ts'
import { issueCells, issueHeads } from './issue-cells.ts'
import { documentWithMargin } from './margin.ts'
import { rolloutSections } from './markdown-rollout.ts'
import { stepSections } from './markdown-steps.ts'
import { recordOf } from './record.ts'
import type { ReleaseLog, ReleaseRecord, ReportOptions } from './record.ts'
import { namesOf } from './timeline.ts'
import type { Names } from './timeline.ts'
import { phasesAsTheyStand } from './unfinished.ts'
import { clockWords, countWords, dateWords, durationWords, measuredWords, servingWords } from './words.ts'

/** Pure: the same state, events and options give the same bytes. Every word that is not ours is escaped. */
export function reportMarkdown(state: ReleaseState, events: ReleaseLog, options: ReportOptions): string {
  const record = recordOf(state, events, options)
  const names = namesOf(state.plan)
  const sections = [
    titleOf(record),
    factsOf(record),
    coverageOf(record),
    exceptionsOf(record),
    section('Debt of the checklist', debtOf(record)),
    section('Incidents', incidentsOf(record)),
    section('Known issues', knownIssuesOf(record)),
    section('Rollback', rollbackOf(record)),
    ...rolloutSections(record, names),
    ...stepSections(record),
    section('Signatures', approvalsOf(record, names)),
    section('Messages', messagesOf(record)),
    section('Follow-ups', followUpsOf(record)),
    section('Notes', notesOf(record, names)),
    section('Timeline', timelineOf(record)),
    section(
      'The checklist, with its results in the margin',
      documentWithMargin(
        state,
        phasesAsTheyStand(record.view).flatMap((phase) => phase.steps),
      ),
    ),
    section('This record', headOf(record)),
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

function section(title: string, text: string): string {
  return text === '' ? '' : `## ${title}\n\n${text}`
}

function titleOf({ view }: ReleaseRecord): string {
  const { facts, decision, bar } = view
  const what = `${facts.service} ${facts.releaseVersion} to ${facts.environment}`
  const word = decision?.word ?? (view.phase === 'rolling-back' ? 'rolling back' : 'running')
  const sentence = decision?.sentence ?? bar.now
  const rehearsal = facts.rehearsal
    ? '\n\nA rehearsal: checks ran, actions and traffic did not.'
    : facts.andBack
      ? '\n\nA rehearsal of the way back: brought out, and taken back at once.'
      : ''
  const drill = facts.drill === undefined ? '' : `\n\nA drill: only “${md(facts.drill)}” of the checklist ran.`
  return `# ${md(what)}: ${md(word)}\n\n**${md(sentence)}**${rehearsal}${drill}`
}

function factsOf({ view, head }: ReleaseRecord): string {
  const { facts } = view
  const rows: [string, string][] = [
    ['Release', code(view.release)],
    ['Service', md(facts.service)],
    ['Version', md(facts.releaseVersion)],
    ['Type', facts.releaseType],
    ['Before it', facts.previous === null ? 'not known' : md(facts.previous)],
    ...(facts.serving === undefined
      ? []
      : [['Components before it', md(servingWords(facts.serving))] as [string, string]]),
    ['Environment', `${md(facts.environment)}${facts.protected ? ' (protected)' : ''}`],
    ['Checklist', `${md(facts.name)}, ${code(facts.file)}`],
    ['Commit', facts.commit === null ? 'none' : `${code(facts.commit)}${facts.dirty ? ', with changes on top' : ''}`],
    ['Plan digest', code(facts.planDigest)],
    ['Artefact', facts.artefact === null ? 'not named' : code(facts.artefact)],
    ['Started by', `${md(facts.startedBy.id)} (${facts.startedBy.kind}, ${facts.startedBy.assurance})`],
    ['Started', dateWords(facts.startedAt)],
    ...(view.time?.plannedAt == null ? [] : [['Planned for', dateWords(view.time.plannedAt)] as [string, string]]),
    ['Ended', facts.endedAt === null ? 'not yet' : dateWords(facts.endedAt)],
    ['Took', durationWords((facts.endedAt ?? view.at) - facts.startedAt)],
    ...Object.entries(facts.inputs).map(([name, value]): [string, string] => [`Input ${md(name)}`, md(String(value))]),
    ['Log', `${countWords(head.version, 'event')}, head ${code(head.hash)}`],
  ]
  return table(['Fact', ''], rows)
}

function coverageOf({ coverage }: ReleaseRecord): string {
  const { steps, proven, promised, waived, notApplicable, open } = coverage
  const line = `Of ${countWords(steps, 'step')}: ${proven} proven by a machine, ${promised} promised by a person, ${waived} waived, ${notApplicable} not applicable, ${open} not done.`
  return section('Coverage', line)
}

function exceptionsOf({ overrides, deviations }: ReleaseRecord): string {
  const list = (items: ReleaseRecord['overrides']) =>
    items.map(({ at, who, say }) => `- ${dateWords(at)}, ${md(who)}: ${md(say)}`).join('\n') || 'None.'
  return `${section('Waivers and overrides', list(overrides))}\n\n${section('Deviations', list(deviations))}`
}

function rollbackOf({ view }: ReleaseRecord): string {
  const { rollback } = view
  if (!rollback) return ''
  const took = rollback.tookMs === null ? 'not finished' : durationWords(rollback.tookMs)
  return table(
    ['', ''],
    [
      ['Cause', md(rollback.cause)],
      ['By', md(rollback.by)],
      ['Why', md(rollback.why)],
      ['Began', dateWords(rollback.startedAt)],
      ['Took', took],
      ...(rollback.budgetMs === null
        ? []
        : [
            [
              'Allowed',
              `${durationWords(rollback.budgetMs)}${rollback.isOverBudget ? ', **and it took longer**' : ''}`,
            ],
          ]),
      [
        'Traffic back on stable',
        `${rollback.trafficRestored} of ${countWords(rollback.trafficToRestore, 'component')}`,
      ],
      ['Actions undone', `${rollback.undone} of ${rollback.toUndo}`],
      ...rollback.steps.map(({ text, tookMs, ok }) => [
        md(text),
        `${measuredWords(tookMs)}${ok ? '' : ', **failed**'}`,
      ]),
      ...(rollback.failed === null ? [] : [['Failed', md(rollback.failed)]]),
    ],
  )
}

function incidentsOf({ view }: ReleaseRecord): string {
  const hotfixes = view.hotfixes.map(({ release, version }) => `- Mended by ${md(version)}: ${code(release)}`)
  if (view.incidents.length === 0) return hotfixes.join('\n')
  const rows = view.incidents.map((each) => [
    dateWords(each.at),
    md(each.severity),
    md(each.by),
    md(each.reason),
    `${each.status}${each.resolvedAt === null ? '' : `, ${dateWords(each.resolvedAt)}`}${each.note === null ? '' : `: ${md(each.note)}`}`,
    each.reportBy === null ? 'not asked for' : dateWords(each.reportBy),
  ])
  const found = table(['Declared', 'Severity', 'By', 'What', 'Status', 'Post-mortem due'], rows)
  return [found, hotfixes.join('\n')].filter((part) => part !== '').join('\n\n')
}

function knownIssuesOf({ view }: ReleaseRecord): string {
  return view.knownIssues
    .map(({ text, say, rows }) => {
      const head = `**${md(text)}**: ${md(say)}`
      return rows.length === 0
        ? head
        : `${head}\n\n${table(
            issueHeads,
            rows.map((row) => issueCells(row).map(md)),
          )}`
    })
    .join('\n\n')
}

function approvalsOf({ approvals }: ReleaseRecord, names: Names): string {
  if (approvals.length === 0) return ''
  return table(
    ['When', 'Who', 'Role', 'Assurance', 'Step', 'Signed digest', 'Note'],
    approvals.map(({ at, by, role, assurance, step, digest, note, voided }) => [
      dateWords(at),
      md(by),
      md(role ?? ''),
      assurance,
      md(names.step(step)),
      code(digest),
      voided === null ? md(note ?? '') : `void: ${md(voided)}`,
    ]),
  )
}

const messageWords: Readonly<Record<MessageStatus, string>> = {
  draft: '**never let go by a person**',
  queued: '**not sent yet**',
  delivered: 'sent',
  failed: '**not sent**',
  dropped: '**dropped by a person**',
  'by-hand': 'told another way by a person,',
  waived: '**gone on without**',
  gathered: '**not sent yet, waits for a digest**',
  digested: 'said in a digest,',
}

function messagesOf({ messages }: ReleaseRecord): string {
  return messages
    .map(({ queuedAt, channel, on, subject, status, tries, say, body }) => {
      const standing = messageWords[status]
      const proof = say === '' ? '' : `: ${md(say)}`
      return `### ${md(subject)}\n\n${dateWords(queuedAt)}, to ${md(channel)}, on ${md(on)}: ${standing} after ${countWords(tries, 'try', 'tries')}${proof}\n\n${block(body)}`
    })
    .join('\n\n')
}

function followUpsOf({ view, followUps }: ReleaseRecord): string {
  const all = followUps ?? view.followUps.map((one) => ({ ...one, closed: null }))
  return all
    .map(({ title, severity, owner, due, link, by, closed }) => {
      const facts = [
        owner === null ? 'nobody owns it' : `for ${md(owner)}`,
        due === null ? 'no deadline' : `due ${dateWords(due)}`,
        ...(severity === 'normal' ? [] : [severity]),
        ...(link === null ? [] : [md(link)]),
      ]
      const done =
        closed === null ? '' : `: done by ${md(closed.by)}${closed.note === '' ? '' : `, ${md(closed.note)}`}`
      return `- ${md(title)} (${facts.join(', ')}; from ${md(by)})${done}`
    })
    .join('\n')
}

function notesOf({ view }: ReleaseRecord, names: Names): string {
  return view.notes
    .map(
      ({ at, by, step, note }) =>
        `- ${dateWords(at)}, ${md(by)}${step === null ? '' : ` on ${md(names.step(step))}`}: ${md(note)}`,
    )
    .join('\n')
}

function timelineOf({ timeline }: ReleaseRecord): string {
  return table(
    ['#', 'Date', 'UTC', 'By', 'What happened'],
    timeline.map(({ version, at, who, say }) => [
      String(version),
      dateWords(at).slice(0, 10),
      clockWords(at),
      md(who),
      md(say),
    ]),
  )
}

function headOf({ head }: ReleaseRecord): string {
  return [
    `The log of this release holds ${countWords(head.version, 'event')}. Each carries the hash of the one before it; the last hash is`,
    code(head.hash),
    'The bundle of this release holds the events, the evidence, the measurements and a signed statement over all of them. `holdpoint verify BUNDLE` checks it; the README inside says how to check it without Holdpoint.',
  ].join('\n\n')
}

function debtOf({ debt = [] }: ReleaseRecord): string {
  if (debt.length === 0) return ''
  const lines = debt.map((one) => `- **${md(one.text)}**: ${md(debtWords(one))} (since ${dateWords(one.since)})`)
  return `Steps that releases before this one let pass again and again.\n\n${lines.join('\n')}`
}
