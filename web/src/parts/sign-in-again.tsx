/** A fresh sign-in asked for in place: password, passkey or provider; what was written stays. */
import { useState } from 'preact/hooks'
import { get, post, wordsOf } from '../api/ask.ts'
import { hasPasskeys, signInWithPasskey } from '../api/passkeys.ts'
import { useIssuer, hostOf } from '../pages/sign-in.tsx'
import type { Me } from '../session.ts'
import { Field } from './field.tsx'

interface SignInAgainProps {
  /** `Sign in and send`: what happens right after it. */
  readonly action: string
  readonly onSignedIn: () => void
}

export function SignInAgain({ action, onSignedIn }: SignInAgainProps) {
  const [password, setPassword] = useState('')
  const [why, setWhy] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const issuer = useIssuer()
  const trying = (signIn: (me: Me) => Promise<void>): void => {
    if (isBusy) return
    setBusy(true)
    setWhy(null)
    void asTheSame(signIn)
      .then(onSignedIn, (cause: unknown) => setWhy(wordsOf(cause)))
      .finally(() => setBusy(false))
  }
  const byPassword = (): void =>
    trying(async (me) => {
      await post('/v1/sign-in', { person: me.id, password, as: 'cookie' })
    })
  return (
    <div class="again">
      <Field
        label="Your password"
        type="password"
        autocomplete="current-password"
        value={password}
        onValue={setPassword}
        required
        isFirst
        trouble={why}
      />
      <div class="ends">
        {issuer !== null && (
          <a
            class="button"
            href={`/v1/openid/start?fresh=1&then=${encodeURIComponent(location.pathname + location.search)}`}
          >
            Sign in with {hostOf(issuer)}
          </a>
        )}
        {hasPasskeys() && (
          <button type="button" aria-disabled={isBusy} onClick={() => trying(() => signInWithPasskey())}>
            Use a passkey
          </button>
        )}
        <button type="submit" class="primary" aria-disabled={isBusy} onClick={pressed(byPassword)}>
          {action}
        </button>
      </div>
    </div>
  )
}

/** Enter in the password field presses it too; the form around it is not sent by that. */
function pressed(act: () => void): (event: Event) => void {
  return (event) => {
    event.preventDefault()
    act()
  }
}

/** A passkey may be somebody else's: then nothing is decided in their name by a page that was another's. */
async function asTheSame(signIn: (me: Me) => Promise<void>): Promise<void> {
  const before = await get<Me>('/v1/me')
  await signIn(before)
  const after = await get<Me>('/v1/me')
  if (after.id === before.id) return
  throw new Error(
    `You are ${after.id} now, and this page was opened by ${before.id}: nothing was sent. Load the page again to go on as ${after.id}.`,
  )
}
