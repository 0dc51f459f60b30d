/** The passkeys of whoever looks: which there are, one more, one less. */
import { useEffect, useState } from 'preact/hooks'
import { wordsOf } from '../api/ask.ts'
import { addPasskey, hasPasskeys, listPasskeys, type Passkey, removePasskey } from '../api/passkeys.ts'
import { Field } from '../parts/field.tsx'

export function Passkeys() {
  const [all, setAll] = useState<readonly Passkey[] | null>(null)
  const [name, setName] = useState('')
  const [why, setWhy] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const look = async (): Promise<void> => setAll(await listPasskeys())
  const doing = (work: () => Promise<void>): void => {
    if (isBusy) return
    setBusy(true)
    setWhy(null)
    void work()
      .catch((cause: unknown) => setWhy(wordsOf(cause)))
      .finally(() => setBusy(false))
  }
  useEffect(() => {
    document.title = 'Passkeys · Holdpoint'
    doing(look)
  }, [])
  const add = (event: SubmitEvent): void => {
    event.preventDefault()
    doing(async () => {
      await addPasskey(name.trim())
      setName('')
      await look()
    })
  }
  const remove = (passkey: Passkey): void =>
    doing(async () => {
      await removePasskey(passkey)
      await look()
    })
  return (
    <section class="quiet-page">
      <h1>Passkeys</h1>
      <p>With a passkey you sign in by your phone, computer or security key, without a password.</p>
      {all?.length === 0 && <p>You have none yet.</p>}
      <ul>
        {all?.map((each) => (
          <li key={each.id}>
            {each.name}, for {each.domain}, {usedWords(each)}{' '}
            <button type="button" aria-label={`Remove ${each.name}`} onClick={() => remove(each)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      {hasPasskeys() ? (
        <form onSubmit={add}>
          <Field label="Name of a new one" hint="Such as: phone" value={name} onValue={setName} required />
          <button type="submit" class="primary" aria-disabled={isBusy}>
            Add a passkey
          </button>
        </form>
      ) : (
        <p>New ones need a browser that knows passkeys, and a server that is opened by its name over https.</p>
      )}
      <p class="trouble" role="alert">
        {why}
      </p>
    </section>
  )
}

function usedWords({ addedAt, usedAt }: Passkey): string {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
  return usedAt === null ? `added ${day(addedAt)}, not used yet` : `last used ${day(usedAt)}`
}
