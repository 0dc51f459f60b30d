/** One more webhook: its address, and what it is to hear of. */
import { useState } from 'preact/hooks'
import type { NewsTopic, WebhookAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { Field } from '../../parts/field.tsx'

const topics: readonly { readonly words: string; readonly of: readonly NewsTopic[] }[] = [
  { words: 'Somebody is needed', of: ['step.waiting', 'step.unknown', 'decision.asked'] },
  {
    words: 'Bad news',
    of: ['step.failed', 'trigger.fired', 'traffic.drifted', 'release.held', 'rollback.started', 'rollback.failed'],
  },
  {
    words: 'Beginning and end',
    of: ['release.started', 'release.validating', 'release.signed-off', 'rollback.finished', 'release.resumed'],
  },
  {
    words: 'Every stage of a rollout',
    of: ['rollout.started', 'stage.entered', 'stage.left', 'rollout.finished'],
  },
  { words: 'Phases and waived steps', of: ['phase.opened', 'step.waived'] },
  { words: 'Follow-ups that are due or overdue', of: ['follow-up.due', 'follow-up.overdue'] },
]

interface AddWebhookProps {
  readonly path: string
  readonly onMade: (hook: WebhookAnswer) => Promise<void>
  readonly onClose: () => void
}

export function AddWebhook({ path, onMade, onClose }: AddWebhookProps) {
  const [url, setUrl] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>(topics.slice(0, 3).map(({ words }) => words))
  const toggle = (words: string, isOn: boolean): void =>
    setChosen(isOn ? [...chosen, words] : chosen.filter((each) => each !== words))
  return (
    <ActDialog
      title="Add a webhook"
      action="Add it"
      onSend={async () => {
        const wanted = topics.filter(({ words }) => chosen.includes(words)).flatMap(({ of }) => of)
        if (wanted.length === 0) throw new Error('Choose something that it is to hear of.')
        await onMade(await post(path, { url: url.trim(), topics: wanted }))
      }}
      onClose={onClose}
    >
      <Field
        label="Address"
        hint="For example https://hooks.example.com/releases. What stands after a ? is never shown again."
        value={url}
        onValue={setUrl}
        required
        isFirst
      />
      <fieldset class="field">
        <legend>It hears of</legend>
        {topics.map(({ words, of }) => (
          <label key={words} class="check" title={of.join(', ')}>
            <input
              type="checkbox"
              checked={chosen.includes(words)}
              onChange={(event) => toggle(words, event.currentTarget.checked)}
            />
            {words}
          </label>
        ))}
      </fieldset>
    </ActDialog>
  )
}
