/** All registered checklists: where each comes from, who does its steps, what lint says, and the last release made with it. */
import { useEffect, useState } from 'preact/hooks'
import type { ChecklistAbout, ChecklistPast, RegisteredChecklist } from '../../../../src/api/wire/web.ts'
import { get, wordsOf } from '../../api/ask.ts'
import { Moment } from '../../parts/time.tsx'
import { Link } from '../../router.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { visible } from '../release/visible.ts'
import { LadderBar, planParts } from './ladder.tsx'
import { checklistPath, countWords, endedWords, sourceWords } from './words.ts'
import '../../style/checklists.css'

/** So many are looked at in full from here; the others on their own pages. */
const LOOKED_AT = 60
const AT_ONCE = 3

export function Checklists({ me }: { readonly me: Me }) {
  const [all, setAll] = useState<readonly RegisteredChecklist[] | null>(null)
  const [retired, setRetired] = useState<readonly ChecklistPast[]>([])
  const [why, setWhy] = useState<string | null>(null)
  const [words, setWords] = useState('')
  const abouts = useAbouts(all)
  useEffect(() => {
    document.title = 'Checklists · Holdpoint'
    const gone = new AbortController()
    Promise.all([
      get<readonly RegisteredChecklist[]>('/v1/checklists', gone.signal),
      get<readonly ChecklistPast[]>('/v1/checklists/retired', gone.signal),
    ]).then(
      ([found, past]) => {
        setAll(found.toSorted((one, other) => idOf(one).localeCompare(idOf(other))))
        setRetired(past)
      },
      (cause: unknown) => {
        if (!gone.signal.aborted) setWhy(wordsOf(cause))
      },
    )
    return () => gone.abort()
  }, [])
  const mayWrite = maySomewhere(me, 'checklist.write')
  const wanted = words.trim().toLowerCase()
  const shown = (all ?? []).filter((each) => `${idOf(each)} ${each.service}`.toLowerCase().includes(wanted))
  return (
    <div class="checklist-pages">
      <header class="page-head">
        <h1>Checklists</h1>
        {(all?.length ?? 0) > 8 && (
          <input
            type="search"
            class="search"
            placeholder="Search"
            aria-label="Search checklists"
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
        )}
        <Link to="/checklists/import" class="button">
          Import a checklist
        </Link>
      </header>
      <p class="trouble" role="alert">
        {why}
      </p>
      {all?.length === 0 && <NoChecklists mayWrite={mayWrite} />}
      {shown.length > 0 && (
        <div class="checklist-row is-head" aria-hidden="true">
          <span>Checklist</span>
          <span>Comes from</span>
          <span>Who does its steps</span>
          <span>Last release with it</span>
        </div>
      )}
      {shown.length > 0 && (
        <ul class="checklist-list">
          {shown.map((each) => (
            <li key={idOf(each)}>
              <ChecklistRow checklist={each} about={abouts.get(idOf(each))} />
            </li>
          ))}
        </ul>
      )}
      {all !== null && all.length > 0 && shown.length === 0 && <p class="nothing">No checklist has “{words}” in it.</p>}
      {retired.length > 0 && (
        <details class="retired">
          <summary>{countWords(retired.length, 'retired checklist')}</summary>
          <ul>
            {retired.map((past) => (
              <li key={idOf(past)}>
                <Link to={checklistPath(past)}>{idOf(past)}</Link>{' '}
                {past.retired !== null && (
                  <span class="hint">
                    retired by {past.retired.by}, <Moment at={past.retired.at} />
                    {past.retired.reason !== '' && `: ${visible(past.retired.reason)}`}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

function idOf({ project, name }: Pick<RegisteredChecklist, 'project' | 'name'>): string {
  return `${project}/${name}`
}

type About = ChecklistAbout | 'lost'

function ChecklistRow({ checklist, about }: { readonly checklist: RegisteredChecklist; readonly about?: About }) {
  const known = about === 'lost' || about === undefined ? null : about
  const last = known?.releases.find(({ made, rehearsal }) => made !== null && !rehearsal)
  return (
    <Link to={checklistPath(checklist)} class="checklist-row">
      <span class="what">
        <b>{idOf(checklist)}</b>
        <span class="hint">
          {visible(checklist.service)}
          {known !== null && known.versions.length > 0 && ` · version ${known.versions[0]?.number ?? 1}`}
        </span>
      </span>
      <span class="from hint">{visible(sourceWords(checklist))}</span>
      <span class="does">
        {known?.plan != null && (
          <LadderBar label={`Steps of ${idOf(checklist)}`} parts={planParts(known.plan.ladder)} />
        )}
        {about === 'lost' && <span class="hint">Its document cannot be looked at now.</span>}
        {known !== null && known.problems.length > 0 && (
          <span class="finding-count">{countWords(known.problems.length, 'finding')}</span>
        )}
      </span>
      <span class="last hint">
        {last === undefined ? (
          known !== null && 'no release made with it yet'
        ) : (
          <>
            {visible(last.version)}, {endedWords(last)}
            <br />
            <Moment at={last.startedAt} />
          </>
        )}
      </span>
    </Link>
  )
}

/** More about each, a few at a time: the list is there before. */
function useAbouts(all: readonly RegisteredChecklist[] | null): ReadonlyMap<string, About> {
  const [abouts, setAbouts] = useState<ReadonlyMap<string, About>>(new Map())
  useEffect(() => {
    if (all === null) return undefined
    const gone = new AbortController()
    const left = all.slice(0, LOOKED_AT)
    const next = async (): Promise<void> => {
      for (let each = left.shift(); each !== undefined && !gone.signal.aborted; each = left.shift()) {
        const { project, name } = each
        const path = `/v1/projects/${encodeURIComponent(project)}/checklists/${encodeURIComponent(name)}/about`
        const found = await get<ChecklistAbout>(path, gone.signal).catch(() => 'lost' as const)
        if (!gone.signal.aborted) setAbouts((before) => new Map(before).set(`${project}/${name}`, found))
      }
    }
    for (let nth = 0; nth < AT_ONCE; nth += 1) void next()
    return () => gone.abort()
  }, [all])
  return abouts
}

function NoChecklists({ mayWrite }: { readonly mayWrite: boolean }) {
  return (
    <section class="teach">
      <h2>No checklist is registered yet</h2>
      <p>
        A registered checklist is kept by its bytes: whoever may start releases may start it, and nothing else. Here you
        will see each version of it, who does its steps, and the releases made with it.
      </p>
      {mayWrite ? (
        <>
          <p>
            <Link to="/checklists/import">Import the one that your team has</Link>, or register a file, or a path of a
            repository, from a terminal:
          </p>
          <pre tabIndex={0}>
            <code>{`holdpoint checklist register shop/release RELEASE.md
holdpoint checklist register shop/release --git https://git.example.com/shop.git --ref v1.4`}</code>
          </pre>
        </>
      ) : (
        <p>Registering one takes the role author or release-engineer in a project.</p>
      )}
    </section>
  )
}
