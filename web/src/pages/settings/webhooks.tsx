/** Webhooks of a project: who hears of its releases, what became of what was sent, one more, one less. */
import { useState } from 'preact/hooks'
import type { DeliveryAnswer, WebhookAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { SecretOnce } from '../../parts/secret-once.tsx'
import { Moment } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import { AddWebhook } from './add-webhook.tsx'
import { NoProject, ProjectChoice, useProject } from './project-choice.tsx'

export function Webhooks() {
  const chosen = useProject()
  const base = chosen.project === null ? null : `/v1/projects/${encodeURIComponent(chosen.project.id)}/webhooks`
  const hooks = useAnswer<readonly WebhookAnswer[]>(base)
  const [isAdding, setAdding] = useState(false)
  const [made, setMade] = useState<WebhookAnswer | null>(null)
  const [opened, setOpened] = useState<WebhookAnswer | null>(null)
  const [leaving, setLeaving] = useState<WebhookAnswer | null>(null)
  return (
    <>
      <header class="part-head">
        <h1>Webhooks</h1>
        {base !== null && (
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            Add a webhook
          </button>
        )}
      </header>
      <p class="lead">
        An address that hears what happens to the releases of a project: signed, in order, and again until it answers.
      </p>
      <ProjectChoice chosen={chosen} />
      <NoProject chosen={chosen} />
      {hooks.value?.length === 0 && <p class="none">Nobody hears of this project yet.</p>}
      <ul class="entries" aria-label="Webhooks">
        {hooks.value?.map((hook) => (
          <li key={hook.id} class="with-act">
            <span>
              <b class="break">{hook.url}</b>
              <br />
              <span class="aside-words">
                {hook.topics.join(', ')}; added by {hook.createdBy} <Moment at={hook.createdAt} />
              </span>
            </span>
            <span class="sure">
              <button type="button" aria-label={`Deliveries to ${hook.url}`} onClick={() => setOpened(hook)}>
                Deliveries
              </button>
              <button type="button" aria-label={`Remove ${hook.url}`} onClick={() => setLeaving(hook)}>
                Remove
              </button>
            </span>
          </li>
        ))}
      </ul>
      <p class="trouble" role="alert">
        {hooks.why ?? chosen.projects.why}
      </p>
      {isAdding && base !== null && (
        <AddWebhook
          path={base}
          onMade={async (hook) => {
            setMade(hook)
            await hooks.again()
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {made?.secret !== undefined && (
        <SecretOnce
          title="The secret of this webhook"
          lead={`What comes to ${made.url} is signed with it: the receiver checks that it is ours.`}
          secret={made.secret}
          onClose={() => setMade(null)}
        />
      )}
      {opened !== null && (
        <Deliveries path={`${base}/${opened.id}/deliveries`} hook={opened} onClose={() => setOpened(null)} />
      )}
      {leaving !== null && (
        <ActDialog
          title="Remove this webhook?"
          lead={`${leaving.url} hears no more; what waits for it is dropped.`}
          action="Remove it"
          isStop
          onSend={async () => {
            await post(`${base}/${leaving.id}/remove`, {})
            await hooks.again()
          }}
          onClose={() => setLeaving(null)}
        />
      )}
    </>
  )
}

interface DeliveriesProps {
  readonly path: string
  readonly hook: WebhookAnswer
  readonly onClose: () => void
}

const tones: Readonly<Record<DeliveryAnswer['state'], string>> = {
  waiting: 'tone-busy',
  delivered: 'tone-good',
  'given up': 'tone-bad',
}

function Deliveries({ path, hook, onClose }: DeliveriesProps) {
  const deliveries = useAnswer<readonly DeliveryAnswer[]>(path, 5_000)
  return (
    <Dialog title="Deliveries" form="side" onClose={onClose}>
      <p class="lead break">{hook.url}: what waits, and what was sent within a week.</p>
      {deliveries.value?.length === 0 && <p class="none">Nothing has happened since it was added.</p>}
      <ul class="entries">
        {deliveries.value?.map(({ id, topic, release, state, tries, say, queuedAt }) => (
          <li key={id}>
            <b>{topic}</b>
            {release !== '' && (
              <>
                {' of '}
                <Link to={releasePath(release)}>{release}</Link>
              </>
            )}
            <br />
            <span class={tones[state]}>{state}</span>{' '}
            <span class="aside-words">
              {tries > 1 && `after ${tries} tries, `}
              {say !== '' && `${say}, `}
              <Moment at={queuedAt} hasSeconds />
            </span>
          </li>
        ))}
      </ul>
      <p class="trouble" role="alert">
        {deliveries.why}
      </p>
    </Dialog>
  )
}
