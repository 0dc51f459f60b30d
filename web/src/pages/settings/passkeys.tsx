/** The passkeys of whoever looks: which there are, one more, one less. */
import { useEffect, useState } from 'preact/hooks'
import { addPasskey, hasPasskeys, listPasskeys, type Passkey, removePasskey } from '../../api/passkeys.ts'
import { ActDialog, useDoing } from '../../parts/act-dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { Moment } from '../../parts/time.tsx'

export function Passkeys() {
  const [all, setAll] = useState<readonly Passkey[] | null>(null)
  const [name, setName] = useState('')
  const [leaving, setLeaving] = useState<Passkey | null>(null)
  const { why, isBusy, run } = useDoing()
  const look = async (): Promise<void> => setAll(await listPasskeys())
  useEffect(() => run(look), [])
  const add = (event: SubmitEvent): void => {
    event.preventDefault()
    run(async () => {
      await addPasskey(name.trim())
      setName('')
      await look()
    })
  }
  return (
    <section aria-labelledby="passkeys">
      <h2 id="passkeys">Passkeys</h2>
      <p class="lead">With a passkey you sign in by your phone, computer or security key, without a password.</p>
      {all?.length === 0 && <p class="none">You have none yet.</p>}
      <ul class="entries">
        {all?.map((each) => (
          <li key={each.id} class="with-act">
            <span>
              <b>{each.name}</b>{' '}
              <span class="aside-words">
                for {each.domain}, {each.usedAt === null ? 'not used yet, added' : 'last used'}{' '}
                <Moment at={each.usedAt ?? each.addedAt} />
              </span>
            </span>
            <button type="button" aria-label={`Remove ${each.name}`} onClick={() => setLeaving(each)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      {hasPasskeys() ? (
        <form onSubmit={add} class="narrow">
          <Field label="Name of a new one" hint="Such as: phone" value={name} onValue={setName} required />
          <button type="submit" aria-disabled={isBusy}>
            Add a passkey
          </button>
        </form>
      ) : (
        <p class="none">
          New ones need a browser that knows passkeys, and a server that is opened by its name over https.
        </p>
      )}
      <p class="trouble" role="alert">
        {why}
      </p>
      {leaving !== null && (
        <ActDialog
          title={`Remove ${leaving.name}?`}
          lead="It lets you in no more. Your other ways to sign in stay."
          action="Remove it"
          isStop
          onSend={async () => {
            await removePasskey(leaving)
            await look()
          }}
          onClose={() => setLeaving(null)}
        />
      )}
    </section>
  )
}
