/** Another password; every other sign-in is over then. */
import { useState } from 'preact/hooks'
import { post } from '../../api/ask.ts'
import { useDoing } from '../../parts/act-dialog.tsx'
import { Field } from '../../parts/field.tsx'

export function Password({ onChanged }: { readonly onChanged: () => void }) {
  const [before, setBefore] = useState('')
  const [after, setAfter] = useState('')
  const [isDone, setDone] = useState(false)
  const { why, isBusy, run } = useDoing()
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    setDone(false)
    run(async () => {
      await post('/v1/password', { before, after })
      setBefore('')
      setAfter('')
      setDone(true)
      onChanged()
    })
  }
  return (
    <section aria-labelledby="password">
      <h2 id="password">Password</h2>
      <form onSubmit={send} class="narrow" noValidate>
        <Field
          label="Password you have now"
          type="password"
          autocomplete="current-password"
          value={before}
          onValue={setBefore}
          required
        />
        <Field
          label="New password"
          hint="12 characters or more. Every other sign-in of yours is over then."
          type="password"
          autocomplete="new-password"
          value={after}
          onValue={setAfter}
          required
        />
        <p class="trouble" role="alert">
          {why}
        </p>
        <button type="submit" aria-disabled={isBusy}>
          Change the password
        </button>
        <p class="hint" role="status">
          {isDone && 'Changed. Every other sign-in of yours is over.'}
        </p>
      </form>
    </section>
  )
}
