/** Workers: which there are, what they take, when they were last heard of, what they do now. */
import type { KnownWorker } from '../../../../src/api/wire/web.ts'
import { useAnswer } from '../../parts/answer.ts'
import { useNow } from '../../parts/clock.ts'
import { Since } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import { placeWords } from './words.ts'

const EVERY_MS = 5_000
/** A worker asks at least twice a minute. */
const SILENT_MS = 90_000

export function Workers() {
  const workers = useAnswer<readonly KnownWorker[]>('/v1/workers', EVERY_MS)
  return (
    <>
      <h1>Workers</h1>
      <p class="lead">
        A worker runs the commands of an environment in its own network, with its own files and secrets. It asks for
        them; nothing has to reach it.
      </p>
      {workers.value?.length === 0 && <NoWorkers />}
      <ul class="entries" aria-label="Workers">
        {workers.value?.map((worker) => (
          <WorkerEntry key={`${worker.machine} ${worker.name}`} worker={worker} />
        ))}
      </ul>
      <p class="trouble" role="alert">
        {workers.why}
      </p>
    </>
  )
}

function WorkerEntry({ worker }: { readonly worker: KnownWorker }) {
  const { machine, name, environments, labels, jobs, version, lastSeen, running, places } = worker
  const isSilent = useNow() - lastSeen > SILENT_MS
  return (
    <li class={`worker${isSilent ? ' is-off' : ''}`}>
      <span>
        <b>{machine}</b> <span class="aside-words">{name}</span>
        <br />
        <span class="aside-words">
          {environments === null ? 'every environment' : environments.join(', ')} at {places.map(placeWords).join(', ')}
          {labels.length > 0 && `, labels ${labels.join(', ')}`}
        </span>
      </span>
      <span>
        {running.length > 0 && <Running attempts={running} />}
        <span class="aside-words">
          {running.length === 0 ? `idle, ${jobs} places` : `${running.length} of ${jobs} places taken`}
        </span>
      </span>
      <span class="aside-words seen">
        {isSilent ? 'silent for' : 'heard'} <Since at={lastSeen} /> {!isSilent && 'ago'}
        <br />
        {version}
      </span>
    </li>
  )
}

function Running({ attempts }: { readonly attempts: readonly string[] }) {
  return (
    <ul>
      {attempts.map((attempt) => {
        const [release = '', ...step] = attempt.split('/')
        return (
          <li key={attempt}>
            <Link to={releasePath(release)}>{release}</Link> <span class="aside-words">{step.join('/')}</span>
          </li>
        )
      })}
    </ul>
  )
}

function NoWorkers() {
  return (
    <div class="teach">
      <p>
        No worker has asked within a day. The server runs commands itself where it was told to; a worker takes over an
        environment like this:
      </p>
      <pre>
        <code>{`holdpoint machine add build-1 --role worker --at ORGANISATION/PROJECT/staging
holdpoint token issue build-1 --expires 90d
HOLDPOINT_TOKEN=… holdpoint worker --server ${location.origin}`}</code>
      </pre>
    </div>
  )
}
