/** Which user of Slack one is: by the code that Slack showed when a button was pressed. */
import { useState } from 'preact/hooks'
import type { SlackLinkAnswer, SlackUserAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog, useDoing } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Field } from '../../parts/field.tsx'
import { Moment } from '../../parts/time.tsx'

export function SlackLinks() {
  const links = useAnswer<readonly SlackLinkAnswer[]>('/v1/slack/links')
  const [isLinking, setLinking] = useState(false)
  const [asked, setAsked] = useState<{ readonly code: string; readonly user: SlackUserAnswer } | null>(null)
  const { why, run } = useDoing()
  return (
    <section aria-labelledby="your-slack">
      <header class="part-head">
        <h2 id="your-slack">Slack</h2>
        <button type="button" onClick={() => setLinking(true)}>
          Enter a code
        </button>
      </header>
      {links.value?.length === 0 && (
        <p class="none">
          No user of Slack is you yet. Press a button on a card of Holdpoint in Slack: it shows you a code to enter
          here.
        </p>
      )}
      <ul class="entries" aria-label="Users of Slack that are you">
        {links.value?.map(({ team, user, name, at }) => (
          <li key={`${team}/${user}`} class="with-act">
            <span>
              <b class="break">{name}</b>{' '}
              <span class="aside-words">
                {user} of {team}, since <Moment at={at} />
              </span>
            </span>
            <button
              type="button"
              aria-label={`Unlink ${name}`}
              onClick={() =>
                run(async () => {
                  await post('/v1/slack/links/remove', { team, user })
                  await links.again()
                })
              }
            >
              Unlink
            </button>
          </li>
        ))}
      </ul>
      <p class="trouble" role="alert">
        {why ?? links.why}
      </p>
      {isLinking && <EnterCode onUser={(code, user) => setAsked({ code, user })} onClose={() => setLinking(false)} />}
      {asked !== null && (
        <ActDialog
          title={`Are you ${asked.user.name} in Slack?`}
          lead={`What ${asked.user.name} (${asked.user.user}) presses there will be decided in your name. If somebody else gave you this code, cancel.`}
          action="Yes, that is me"
          onSend={async () => {
            await post('/v1/slack/links', { code: asked.code, confirm: true })
            await links.again()
          }}
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  )
}

interface EnterCodeProps {
  readonly onUser: (code: string, user: SlackUserAnswer) => void
  readonly onClose: () => void
}

function EnterCode({ onUser, onClose }: EnterCodeProps) {
  const [code, setCode] = useState('')
  return (
    <ActDialog
      title="Enter the code from Slack"
      action="Go on"
      onSend={async () => onUser(code.trim(), await post('/v1/slack/links', { code: code.trim() }))}
      onClose={onClose}
    >
      <Field label="Code" hint="For example K7QM2-XDR9P" value={code} onValue={setCode} required isFirst />
    </ActDialog>
  )
}
