/** An invitation: the invited person chooses a password, or comes in through the provider. */
import { useEffect, useState } from 'preact/hooks'
import { post, wordsOf } from '../api/ask.ts'
import { Door, keyInAddress } from '../parts/door.tsx'
import { Field } from '../parts/field.tsx'
import { go } from '../router.tsx'
import { signedIn } from '../session.ts'
import { hostOf, useIssuer } from './sign-in.tsx'

export function Welcome() {
  const [key] = useState(keyInAddress)
  const [password, setPassword] = useState('')
  const [why, setWhy] = useState<string | null>(null)
  const issuer = useIssuer()
  useEffect(() => {
    document.title = 'Welcome · Holdpoint'
  }, [])
  if (key === '')
    return (
      <main class="door" id="main">
        <p class="brand">Holdpoint</p>
        <h1>Open the whole link</h1>
        <p class="lead">
          An invitation ends with a key, <code>/welcome#hpi_…</code>. Copy all of it, or ask for a new one.
        </p>
      </main>
    )
  const send = async (): Promise<void> => {
    await post('/v1/welcome', { key, password, as: 'cookie' })
    signedIn()
    go('/', { instead: true })
  }
  const throughProvider = (): void =>
    void post<{ address: string }>('/v1/openid/begin', { invitation: key }).then(
      ({ address }) => location.assign(address),
      (cause: unknown) => setWhy(wordsOf(cause)),
    )
  return (
    <Door
      title="Welcome"
      lead="Choose the password that belongs to you from now on. This link works once."
      action="Come in"
      onSend={send}
      below={
        issuer !== null && (
          <p class="other-way">
            <button type="button" onClick={throughProvider}>
              Use {hostOf(issuer)} instead
            </button>
            <span class="trouble" role="alert">
              {why}
            </span>
          </p>
        )
      }
    >
      <Field
        label="Password"
        type="password"
        hint="At least 12 characters; a sentence is easy to remember."
        value={password}
        onValue={setPassword}
        autocomplete="new-password"
        required
        isFirst
      />
    </Door>
  )
}
