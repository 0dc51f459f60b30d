/** Organisations and projects: their services, which environments are protected, and whether the world may look. */
import { useState } from 'preact/hooks'
import type { OrganisationAnswer, ProjectAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { spanWords } from '../../parts/clock.ts'
import { Field } from '../../parts/field.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { NewProject } from './new-project.tsx'

type Environment = ProjectAnswer['environments'][number]

type Doing =
  | { readonly kind: 'status'; readonly organisation: OrganisationAnswer }
  | { readonly kind: 'protect'; readonly project: ProjectAnswer; readonly environment: Environment }
  | { readonly kind: 'declare'; readonly project: ProjectAnswer }
  | { readonly kind: 'new' }

export function Projects({ me }: { readonly me: Me }) {
  const organisations = useAnswer<readonly OrganisationAnswer[]>('/v1/organisations')
  const projects = useAnswer<readonly ProjectAnswer[]>('/v1/projects')
  const [doing, setDoing] = useState<Doing | null>(null)
  const isManager = maySomewhere(me, 'project.manage')
  const close = (): void => setDoing(null)
  return (
    <>
      <header class="part-head">
        <h1>Projects</h1>
        {isManager && (
          <button type="button" class="primary" onClick={() => setDoing({ kind: 'new' })}>
            Create a project
          </button>
        )}
      </header>
      <p class="lead">
        A project holds the services that belong together. What opens a gate in a protected environment takes a fresh
        sign-in of the person, whatever the checklist says.
      </p>
      {organisations.value?.map((organisation) => (
        <section key={organisation.id} aria-label={organisation.name}>
          <header class="part-head">
            <h2>{organisation.name}</h2>
            <span class="aside-words">
              status page{' '}
              {organisation.statusPage ? <a href={`/status/${encodeURIComponent(organisation.id)}`}>public</a> : 'off'}
            </span>
            {maySomewhere(me, 'organisation.manage') && (
              <button type="button" onClick={() => setDoing({ kind: 'status', organisation })}>
                {organisation.statusPage ? 'Switch it off' : 'Make it public'}
              </button>
            )}
          </header>
          <ul class="entries">
            {projects.value
              ?.filter((project) => project.organisation === organisation.id)
              .map((project) => (
                <ProjectEntry key={project.id} project={project} isManager={isManager} onDo={setDoing} />
              ))}
          </ul>
        </section>
      ))}
      {projects.value?.length === 0 && <p class="none">There is no project that you may see.</p>}
      <p class="trouble" role="alert">
        {organisations.why ?? projects.why}
      </p>
      {doing?.kind === 'status' && (
        <StatusPage organisation={doing.organisation} onDone={organisations.again} onClose={close} />
      )}
      {doing?.kind === 'protect' && <Protect {...doing} onDone={projects.again} onClose={close} />}
      {doing?.kind === 'declare' && <Declare project={doing.project} onDone={projects.again} onClose={close} />}
      {doing?.kind === 'new' && (
        <NewProject organisations={organisations.value ?? []} onDone={projects.again} onClose={close} />
      )}
    </>
  )
}

interface ProjectEntryProps {
  readonly project: ProjectAnswer
  readonly isManager: boolean
  readonly onDo: (doing: Doing) => void
}

function ProjectEntry({ project, isManager, onDo }: ProjectEntryProps) {
  return (
    <li class="project">
      <span>
        <b>{project.name}</b> {project.name !== project.id && <span class="aside-words">{project.id}</span>}
        <br />
        <span class="aside-words">
          {project.services.length === 0
            ? 'no service yet: the first registered checklist brings its own'
            : `services ${project.services.join(', ')}`}
        </span>
      </span>
      <ul class="environments" aria-label={`Environments of ${project.name}`}>
        {project.environments.map((environment) => (
          <li key={environment.name} class="with-act">
            <span>
              {environment.name}{' '}
              <span class="aside-words">
                {environment.protected
                  ? `protected: a sign-in of the last ${spanWords(environment.freshSignInMs ?? 0)}`
                  : 'not protected'}
              </span>
            </span>
            {isManager && (
              <button
                type="button"
                aria-label={`${environment.protected ? 'Unprotect' : 'Protect'} ${environment.name} of ${project.name}`}
                onClick={() => onDo({ kind: 'protect', project, environment })}
              >
                {environment.protected ? 'Unprotect' : 'Protect'}
              </button>
            )}
          </li>
        ))}
        {isManager && (
          <li>
            <button type="button" class="plain" onClick={() => onDo({ kind: 'declare', project })}>
              Declare an environment
            </button>
          </li>
        )}
      </ul>
    </li>
  )
}

interface DialogProps {
  readonly onDone: () => Promise<void>
  readonly onClose: () => void
}

function StatusPage({ organisation, onDone, onClose }: DialogProps & { readonly organisation: OrganisationAnswer }) {
  const { id, name, statusPage: isOn } = organisation
  return (
    <ActDialog
      title={isOn ? `Switch off the status page of ${name}?` : `Make the status page of ${name} public?`}
      lead={
        isOn
          ? 'Its address answers as if there were none.'
          : `Anybody may read ${location.origin}/status/${id}, without a sign-in: services, versions, and whether they are being released or taken back, in protected environments only. No names, steps, reasons or numbers.`
      }
      action={isOn ? 'Switch it off' : 'Make it public'}
      isStop={isOn}
      onSend={async () => {
        await post(`/v1/organisations/${encodeURIComponent(id)}/status-page`, { on: !isOn })
        await onDone()
      }}
      onClose={onClose}
    />
  )
}

type ProtectProps = DialogProps & { readonly project: ProjectAnswer; readonly environment: Environment }

function Protect({ project, environment, onDone, onClose }: ProtectProps) {
  const { name, protected: isProtected } = environment
  return (
    <ActDialog
      title={`${isProtected ? 'Unprotect' : 'Protect'} ${name} of ${project.name}?`}
      lead={
        isProtected
          ? 'Gates there open to sign-ins however old they are, and it leaves the public status page.'
          : 'Whoever opens a gate there has to have signed in shortly before. Releases to it show on the status page, if that is public.'
      }
      action={isProtected ? 'Unprotect it' : 'Protect it'}
      isStop={isProtected}
      onSend={async () => {
        await declare(project, name, !isProtected)
        await onDone()
      }}
      onClose={onClose}
    />
  )
}

function Declare({ project, onDone, onClose }: DialogProps & { readonly project: ProjectAnswer }) {
  const [name, setName] = useState('')
  const [isProtected, setProtected] = useState(true)
  return (
    <ActDialog
      title={`Declare an environment of ${project.name}`}
      action="Declare it"
      onSend={async () => {
        await declare(project, name.trim(), isProtected)
        await onDone()
      }}
      onClose={onClose}
    >
      <Field
        label="Name"
        hint="As checklists write it, such as production"
        value={name}
        onValue={setName}
        required
        isFirst
      />
      <label class="check">
        <input type="checkbox" checked={isProtected} onChange={(event) => setProtected(event.currentTarget.checked)} />
        Protected: what opens a gate there takes a fresh sign-in
      </label>
    </ActDialog>
  )
}

async function declare({ id }: ProjectAnswer, environment: string, isProtected: boolean): Promise<void> {
  await post(`/v1/projects/${encodeURIComponent(id)}/environments`, { environment, protected: isProtected })
}
