/** Coming in with a name and a password, or through the provider of this server. Goes on to where one wanted to go. */
import { useEffect, useState } from 'preact/hooks'
import { get, post } from '../api/ask.ts'
import { Door } from '../parts/door.tsx'
import { Field } from '../parts/field.tsx'
import { PasskeyButton } from '../parts/passkey-button.tsx'
import { signedIn } from '../session.ts'

export function SignIn() {
  const [person, setPerson] = useState('')
  const [password, setPassword] = useState('')
  const issuer = useIssuer()
  useEffect(() => {
    document.title = 'Sign in · Holdpoint'
  }, [])
  const send = async (): Promise<void> => {
    await post('/v1/sign-in', { person: person.trim(), password, as: 'cookie' })
    signedIn()
  }
  // What stands behind the hash is a terminal that waits, and no secret.
  const wanted = location.pathname === '/terminal' ? `${location.pathname}${location.hash}` : location.pathname
  const then = location.pathname === '/sign-in' ? '/' : wanted
  return (
    <Door
      title="Sign in"
      lead="Your name here is the one that releases record when you decide something."
      action="Sign in"
      onSend={send}
      below={
        <>
          <PasskeyButton />
          <p class="hint">
            No password yet? Whoever manages people here sends you a link. A new server prints its first one where it
            was started.
          </p>
          {issuer !== null && (
            <p class="other-way">
              <a class="button" href={`/v1/openid/start?then=${encodeURIComponent(then)}`}>
                Sign in with {hostOf(issuer)}
              </a>
            </p>
          )}
        </>
      }
    >
      <Field label="Name" value={person} onValue={setPerson} autocomplete="username" required isFirst />
      <Field
        label="Password"
        type="password"
        value={password}
        onValue={setPassword}
        autocomplete="current-password"
        required
      />
    </Door>
  )
}

/** null = passwords only. */
export function useIssuer(): string | null {
  const [issuer, setIssuer] = useState<string | null>(null)
  useEffect(() => {
    get<{ issuer: string | null }>('/v1/openid').then(
      (found) => setIssuer(found.issuer),
      () => setIssuer(null),
    )
  }, [])
  return issuer
}

export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address
}
