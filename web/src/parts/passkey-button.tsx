/** The way in with a passkey, where the browser has such a thing. */
import { useState } from 'preact/hooks'
import { wordsOf } from '../api/ask.ts'
import { hasPasskeys, signInWithPasskey } from '../api/passkeys.ts'
import { signedIn } from '../session.ts'

export function PasskeyButton() {
  const [why, setWhy] = useState<string | null>(null)
  const [isAsking, setAsking] = useState(false)
  if (!hasPasskeys()) return null
  const ask = (): void => {
    if (isAsking) return
    setAsking(true)
    setWhy(null)
    void signInWithPasskey()
      .then(signedIn, (cause: unknown) => setWhy(wordsOf(cause)))
      .finally(() => setAsking(false))
  }
  return (
    <div class="other-way">
      <button type="button" aria-disabled={isAsking} onClick={ask}>
        Sign in with a passkey
      </button>
      <p class="trouble" role="alert">
        {why}
      </p>
    </div>
  )
}
