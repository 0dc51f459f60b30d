/** Metric sources, channels and windows: read from the checklists that declare them, which is where they are changed. */
import type { DeclarationAnswer } from '../../../../src/api/wire/web.ts'
import { useAnswer } from '../../parts/answer.ts'
import { Link, releasePath } from '../../router.tsx'
import { NoProject, ProjectChoice, useProject } from './project-choice.tsx'

interface Line {
  readonly name: string
  readonly words: string
  readonly by: DeclarationAnswer
}

export function Sources() {
  const chosen = useProject()
  const { project } = chosen
  const declared = useAnswer<readonly DeclarationAnswer[]>(
    project === null ? null : `/v1/projects/${encodeURIComponent(project.id)}/declarations`,
  )
  const all = declared.value ?? []
  const places = (of: 'sources' | 'channels'): readonly Line[] =>
    all.flatMap((by) =>
      by[of].map(({ name, kind, where }) => ({ name, words: where === null ? kind : `${kind}, ${where}`, by })),
    )
  const windows = all.flatMap((by) =>
    by.windows.map(({ name, zone, allow, deny, terms }) => ({
      name,
      words: [windowWords(zone, allow, deny), ...terms].join(' · '),
      by,
    })),
  )
  return (
    <>
      <h1>Sources, channels, windows</h1>
      <p class="lead">
        They stand in the front matter of a checklist, or in the <code>holdpoint.yaml</code> beside it, and are changed
        there: a release runs with what its document said. Secrets in them are names, and not shown.
      </p>
      <ProjectChoice chosen={chosen} />
      <NoProject chosen={chosen} />
      {declared.value !== null && (
        <>
          <Lines title="Metric sources" none="No checklist of this project names one." lines={places('sources')} />
          <Lines title="Channels" none="None: news go to the terminal, and to webhooks." lines={places('channels')} />
          <Lines title="Windows" none="None: releases may begin at any time." lines={windows} />
        </>
      )}
      <p class="trouble" role="alert">
        {declared.why ?? chosen.projects.why}
      </p>
    </>
  )
}

function windowWords(zone: string, allow: readonly string[], deny: readonly string[]): string {
  const open = allow.length === 0 ? 'any time' : allow.join(' or ')
  return `${open}${deny.length === 0 ? '' : `, not ${deny.join(' nor ')}`} (${zone})`
}

interface LinesProps {
  readonly title: string
  readonly none: string
  readonly lines: readonly Line[]
}

function Lines({ title, none, lines }: LinesProps) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {lines.length === 0 && <p class="none">{none}</p>}
      <ul class="entries">
        {lines.map(({ name, words, by }) => (
          <li key={`${by.by} ${name}`} class="declared">
            <b>{name}</b>
            <span class="break">{words}</span>
            <span class="aside-words">
              {by.kind === 'release' ? (
                <>
                  in <Link to={releasePath(by.by)}>{by.by}</Link>
                </>
              ) : (
                `in the checklist ${by.by}`
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
