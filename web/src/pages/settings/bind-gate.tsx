/** Lets deployments of a repository wait for a gate of a service. */
import { useState } from 'preact/hooks'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { Choice } from '../../parts/choice.tsx'
import { Field } from '../../parts/field.tsx'

const points = [
  { value: '', words: 'the whole release' },
  { value: 'step', words: 'a step' },
  { value: 'phase', words: 'a phase' },
  { value: 'stage', words: 'a stage of the rollout' },
]

interface BindGateProps {
  readonly path: string
  readonly services: readonly string[]
  readonly onDone: () => Promise<void>
  readonly onClose: () => void
}

export function BindGate({ path, services, onDone, onClose }: BindGateProps) {
  const [repository, setRepository] = useState('')
  const [githubEnvironment, setGithubEnvironment] = useState('')
  const [service, setService] = useState(services[0] ?? '')
  const [environment, setEnvironment] = useState('')
  const [kind, setKind] = useState('')
  const [point, setPoint] = useState('')
  return (
    <ActDialog
      title="Bind a repository"
      lead="Its deployments wait until the newest release of the service has come to that point."
      action="Bind it"
      onSend={async () => {
        await post(path, {
          repository: repository.trim(),
          githubEnvironment: githubEnvironment.trim(),
          service,
          environment: environment.trim(),
          ...(kind === '' ? {} : { [kind]: point.trim() }),
        })
        await onDone()
      }}
      onClose={onClose}
    >
      <Field label="Repository" hint="owner/name" value={repository} onValue={setRepository} required isFirst />
      <Field
        label="Environment at GitHub"
        hint="As the workflow names it"
        value={githubEnvironment}
        onValue={setGithubEnvironment}
        required
      />
      <Choice
        label="Service"
        value={service}
        onValue={setService}
        options={services.map((value) => ({ value, words: value }))}
      />
      <Field label="Environment here" value={environment} onValue={setEnvironment} required />
      <Choice label="Waits for" value={kind} onValue={setKind} options={points} />
      {kind !== '' && <Field label={`Id of the ${kind}`} value={point} onValue={setPoint} required />}
    </ActDialog>
  )
}
