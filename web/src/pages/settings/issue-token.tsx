/** Issuing a token: for whom, how narrow, for how long. */
import { useState } from 'preact/hooks'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { Choice, type Option } from '../../parts/choice.tsx'
import { serverNow } from '../../parts/clock.ts'
import { Field } from '../../parts/field.tsx'
import type { Me } from '../../session.ts'
import { placeIn, rightWords } from './words.ts'

const DAY_MS = 86_400_000
const lives: readonly Option[] = [
  { value: '1', words: 'a day' },
  { value: '7', words: 'a week' },
  { value: '30', words: '30 days' },
  { value: '90', words: '90 days' },
  { value: '365', words: 'a year' },
]

export interface Issued {
  readonly token: string
  readonly secret: string
  readonly expires: number
}

interface IssueTokenProps {
  readonly me: Me
  readonly machines: readonly string[]
  readonly places: readonly Option[]
  readonly onIssued: (issued: Issued) => Promise<void>
  readonly onClose: () => void
}

export function IssueToken({ me, machines, places, onIssued, onClose }: IssueTokenProps) {
  const [holder, setHolder] = useState(me.kind === 'person' ? me.id : (machines[0] ?? ''))
  const [name, setName] = useState('')
  const [place, setPlace] = useState('everywhere')
  const [days, setDays] = useState('30')
  const [labels, setLabels] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const isMachine = machines.includes(holder)
  const holders = [
    ...(me.kind === 'person' ? [{ value: me.id, words: `${me.id} (you)` }] : []),
    ...machines.map((id) => ({ value: id, words: `${id} (machine)` })),
  ]
  const scope = {
    place: placeIn(place),
    rights: chosen.length === 0 ? null : chosen,
    labels: isMachine ? labels.split(/[\s,]+/).filter((label) => label !== '') : [],
  }
  return (
    <ActDialog
      title="Issue a token"
      action="Issue it"
      onSend={async () => {
        const expires = serverNow() + Number(days) * DAY_MS
        await onIssued(await post('/v1/tokens', { holder, name: name.trim() || holder, scope, expires }))
      }}
      onClose={onClose}
    >
      <Choice label="Whose" value={holder} onValue={setHolder} options={holders} />
      <Field label="What it is for" hint="Such as: deploys of checkout" value={name} onValue={setName} />
      <Choice
        label="Where it counts"
        value={place}
        onValue={setPlace}
        options={places}
        hint="Only as far as the holder has roles there."
      />
      <Choice label="For how long" value={days} onValue={setDays} options={lives} />
      {isMachine ? (
        <Field
          label="Labels"
          hint="Of the worker that uses it, such as: linux gpu"
          value={labels}
          onValue={setLabels}
        />
      ) : (
        <RightChoice rights={me.rights} chosen={chosen} onChosen={setChosen} />
      )}
    </ActDialog>
  )
}

interface RightChoiceProps {
  readonly rights: readonly string[]
  readonly chosen: readonly string[]
  readonly onChosen: (chosen: readonly string[]) => void
}

function RightChoice({ rights, chosen, onChosen }: RightChoiceProps) {
  const toggle = (right: string, isOn: boolean): void =>
    onChosen(isOn ? [...chosen, right] : chosen.filter((each) => each !== right))
  return (
    <fieldset class="field">
      <legend>
        Only for <span class="optional">none chosen: all that you may</span>
      </legend>
      <div class="checks">
        {rights.map((right) => (
          <label key={right} class="check">
            <input
              type="checkbox"
              checked={chosen.includes(right)}
              onChange={(event) => toggle(right, event.currentTarget.checked)}
            />
            {rightWords(right)}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
