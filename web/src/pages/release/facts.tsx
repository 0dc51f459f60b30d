/** What this release is: the first thing to read, and what stays true all the way. */
import type { ReleaseView } from '../../../../src/api/wire/web.ts'
import { Moment, Since } from '../../parts/time.tsx'
import { spanWords } from '../../parts/clock.ts'
import { visible } from './visible.ts'
import { TallyLine } from './phase-line.tsx'

export function Headline({ view }: { readonly view: ReleaseView }) {
  const { facts, tally } = view
  return (
    <header class="headline">
      <h1>
        {facts.service} <span class="version">{facts.releaseVersion}</span>
        <span class="to"> to {facts.environment}</span>
      </h1>
      <p class="meta">
        {facts.releaseType !== 'unknown' && <span>{facts.releaseType}</span>}
        {facts.previous !== null && <span>after {facts.previous}</span>}
        <span>
          started by {facts.startedBy.id} at <Moment at={facts.startedAt} />
        </span>
        {facts.endedAt === null ? (
          <span>
            <Since at={facts.startedAt} before="for " />
          </span>
        ) : (
          <span>took {spanWords(facts.endedAt - facts.startedAt)}</span>
        )}
        {facts.protected && <span>protected</span>}
        {facts.rehearsal && <span>rehearsal</span>}
        {facts.andBack && <span>rehearsal of the way back</span>}
        {facts.drill !== undefined && <span>drill: {visible(facts.drill)}</span>}
        {facts.dirty && <span class="tone-person">from an unclean work tree</span>}
      </p>
      <TallyLine tally={tally} />
    </header>
  )
}

export function Facts({ view }: { readonly view: ReleaseView }) {
  const { facts } = view
  const total = facts.ladder.automated + facts.ladder.manual
  const rows: readonly (readonly [string, preact.ComponentChildren])[] = [
    ['Release', <code key="id">{view.release}</code>],
    ['Checklist', facts.file],
    [
      'Plan',
      <code key="plan" class="digest">
        {facts.planDigest}
      </code>,
    ],
    ...(facts.commit === null ? [] : [['Commit', <code key="commit">{facts.commit}</code>] as const]),
    ...(facts.artefact === null
      ? []
      : [
          [
            'Artefact',
            <code key="artefact" class="digest">
              {facts.artefact}
            </code>,
          ] as const,
        ]),
    ...(facts.serving ?? []).map(
      ({ component, version }) => [`${component} before`, version ?? 'not known yet'] as const,
    ),
    ...(view.rollback?.steps ?? []).map(
      ({ text, tookMs, ok }) =>
        [
          text,
          `${tookMs < 10_000 ? `${(tookMs / 1000).toFixed(1)} s` : spanWords(tookMs)}${ok ? '' : ', failed'}`,
        ] as const,
    ),
    ['Proven by machines', `${facts.ladder.automated} of ${total} steps`],
    ...Object.entries(facts.inputs).map(([name, value]) => [name, String(value)] as const),
    ...Object.entries(view.captures)
      .filter(([name]) => facts.serving === undefined || !name.startsWith('serving_'))
      .map(([name, value]) => [`captured ${name}`, value] as const),
  ]
  return (
    <>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="downloads">
        The record as a file:{' '}
        {downloads.map(([format, words], at) => (
          <>
            {at > 0 && ' · '}
            <a key={format} href={`/v1/releases/${encodeURIComponent(view.release)}/export?format=${format}`} download>
              {words}
            </a>
          </>
        ))}
      </p>
    </>
  )
}

const downloads = [
  ['html', 'report to read and print'],
  ['report', 'report in Markdown'],
  ['json', 'report in JSON'],
  ['md', 'your document with its results'],
  ['bundle', 'bundle that proves itself'],
] as const
