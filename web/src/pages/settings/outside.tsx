/** What others ask and report: deployments at GitHub that wait for a gate, and keys with which runners sign results. */
import { useState } from 'preact/hooks'
import type { GithubGateAnswer, PeopleAnswer, ResultKeyAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Choice } from '../../parts/choice.tsx'
import { SecretOnce } from '../../parts/secret-once.tsx'
import { Moment, Until } from '../../parts/time.tsx'
import { BindGate } from './bind-gate.tsx'
import { NoProject, ProjectChoice, useProject } from './project-choice.tsx'

export function Outside() {
  const chosen = useProject()
  const { project } = chosen
  return (
    <>
      <h1>GitHub and result keys</h1>
      <ProjectChoice chosen={chosen} />
      <NoProject chosen={chosen} />
      {project !== null && (
        <>
          <GithubGates key={`gates ${project.id}`} project={project.id} services={project.services} />
          <ResultKeys key={`keys ${project.id}`} project={project.id} />
        </>
      )}
    </>
  )
}

interface GithubGatesProps {
  readonly project: string
  readonly services: readonly string[]
}

function GithubGates({ project, services }: GithubGatesProps) {
  const path = `/v1/projects/${encodeURIComponent(project)}/github-gates`
  const gates = useAnswer<readonly GithubGateAnswer[]>(path)
  const [isAdding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<GithubGateAnswer | null>(null)
  return (
    <section aria-labelledby="gates">
      <header class="part-head">
        <h2 id="gates">GitHub deployments that wait for a gate</h2>
        <button type="button" onClick={() => setAdding(true)}>
          Bind a repository
        </button>
      </header>
      {gates.value?.length === 0 && (
        <p class="none">
          None. A deployment protection rule of a GitHub App can wait until a release here has come far enough; the App
          itself is set up where the server is configured (HOLDPOINT_GITHUB_APP).
        </p>
      )}
      <ul class="entries">
        {gates.value?.map((gate) => (
          <li key={`${gate.repository} ${gate.githubEnvironment}`} class="with-act">
            <span>
              <b>{gate.repository}</b> to {gate.githubEnvironment}
              <br />
              <span class="aside-words">
                waits for {pointWords(gate.point)} of {gate.service} to {gate.environment}
              </span>
            </span>
            <button
              type="button"
              aria-label={`Unbind ${gate.repository} ${gate.githubEnvironment}`}
              onClick={() => setLeaving(gate)}
            >
              Unbind
            </button>
          </li>
        ))}
      </ul>
      <p class="trouble" role="alert">
        {gates.why}
      </p>
      {isAdding && <BindGate path={path} services={services} onDone={gates.again} onClose={() => setAdding(false)} />}
      {leaving !== null && (
        <ActDialog
          title={`Unbind ${leaving.repository}?`}
          lead={`Its deployments to ${leaving.githubEnvironment} ask here no more. Those that wait go on waiting.`}
          action="Unbind it"
          isStop
          onSend={async () => {
            const { repository, githubEnvironment } = leaving
            await post(`${path}/remove`, { repository, githubEnvironment })
            await gates.again()
          }}
          onClose={() => setLeaving(null)}
        />
      )}
    </section>
  )
}

function pointWords(point: GithubGateAnswer['point']): string {
  switch (point.kind) {
    case 'step':
      return `the step ${point.step}`
    case 'phase':
      return `the phase ${point.phase}`
    case 'stage':
      return `the stage ${point.stage}`
    default:
      return 'the release'
  }
}

const lives = [
  { value: '30', words: '30 days' },
  { value: '90', words: '90 days' },
  { value: '366', words: 'a year' },
]

function ResultKeys({ project }: { readonly project: string }) {
  const path = `/v1/projects/${encodeURIComponent(project)}/result-keys`
  const keys = useAnswer<readonly ResultKeyAnswer[]>(path)
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<ResultKeyAnswer | null>(null)
  const [leaving, setLeaving] = useState<ResultKeyAnswer | null>(null)
  return (
    <section aria-labelledby="keys">
      <header class="part-head">
        <h2 id="keys">Keys for results of outside runners</h2>
        <button type="button" onClick={() => setMaking(true)}>
          Make a key
        </button>
      </header>
      {keys.value?.length === 0 && (
        <p class="none">
          None. A runner outside signs with such a key what it reports; a machine’s token does as well.
        </p>
      )}
      <ul class="entries">
        {keys.value?.map((key) => (
          <li key={key.id} class="with-act">
            <span>
              <b>{key.machine}</b> <span class="aside-words">{key.id}</span>
              <br />
              <span class="aside-words">
                ends <Until at={key.expires} />, made by {key.createdBy} <Moment at={key.createdAt} />
              </span>
            </span>
            <button type="button" aria-label={`Remove ${key.id}`} onClick={() => setLeaving(key)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      <p class="trouble" role="alert">
        {keys.why}
      </p>
      {isMaking && (
        <MakeKey
          path={path}
          onMade={async (key) => {
            setMade(key)
            await keys.again()
          }}
          onClose={() => setMaking(false)}
        />
      )}
      {made?.secret !== undefined && (
        <SecretOnce
          title={`Key ${made.id}`}
          lead={`With this ${made.machine} signs its results.`}
          secret={made.secret}
          onClose={() => setMade(null)}
        />
      )}
      {leaving !== null && (
        <ActDialog
          title={`Remove the key ${leaving.id}?`}
          lead={`What ${leaving.machine} signs with it is refused from now on.`}
          action="Remove it"
          isStop
          onSend={async () => {
            await post(`${path}/${leaving.id}/remove`, {})
            await keys.again()
          }}
          onClose={() => setLeaving(null)}
        />
      )}
    </section>
  )
}

interface MakeKeyProps {
  readonly path: string
  readonly onMade: (key: ResultKeyAnswer) => Promise<void>
  readonly onClose: () => void
}

function MakeKey({ path, onMade, onClose }: MakeKeyProps) {
  const directory = useAnswer<PeopleAnswer>('/v1/people')
  const machines = directory.value?.machines ?? []
  const [machine, setMachine] = useState('')
  const [days, setDays] = useState('90')
  const chosen = machine || (machines[0]?.id ?? '')
  return (
    <ActDialog
      title="Make a key"
      action="Make it"
      onSend={async () => {
        if (chosen === '') throw new Error('Add a machine first, under Tokens and machines.')
        await onMade(await post(path, { machine: chosen, days: Number(days) }))
      }}
      onClose={onClose}
    >
      <Choice
        label="Machine that signs"
        value={chosen}
        onValue={setMachine}
        options={machines.map(({ id }) => ({ value: id, words: id }))}
      />
      <Choice label="For how long" value={days} onValue={setDays} options={lives} />
    </ActDialog>
  )
}
