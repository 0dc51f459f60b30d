/** One more machine, with its role at once: without any it would belong to nobody. */
import { useState } from 'preact/hooks'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { Choice, type Option } from '../../parts/choice.tsx'
import { Field } from '../../parts/field.tsx'
import { placeIn } from './words.ts'

const roles: readonly Option[] = [
  { value: 'worker', words: 'worker: runs the commands of an environment' },
  { value: 'pipeline', words: 'pipeline: starts releases and asks gates' },
  { value: 'viewer', words: 'viewer: looks' },
]

interface AddMachineProps {
  readonly places: readonly Option[]
  readonly onAdded: () => Promise<void>
  readonly onClose: () => void
}

export function AddMachine({ places, onAdded, onClose }: AddMachineProps) {
  const [machine, setMachine] = useState('')
  const [about, setAbout] = useState('')
  const [role, setRole] = useState('worker')
  const [at, setAt] = useState(places[0]?.value ?? 'everywhere')
  return (
    <ActDialog
      title="Add a machine"
      lead="It comes in by tokens, which you issue after this, and never signs."
      action="Add"
      onSend={async () => {
        const place = placeIn(at)
        await post('/v1/machines', { machine: machine.trim(), about: about.trim() || machine.trim(), place })
        await post('/v1/grants', { holder: machine.trim(), role, place })
        await onAdded()
      }}
      onClose={onClose}
    >
      <Field
        label="Name"
        hint="Lower-case letters, digits and . _ @ + -, for example build-1"
        value={machine}
        onValue={setMachine}
        required
        isFirst
      />
      <Field label="What it is" value={about} onValue={setAbout} />
      <Choice label="Role" value={role} onValue={setRole} options={roles} />
      <Choice label="Where" value={at} onValue={setAt} options={places} />
    </ActDialog>
  )
}
