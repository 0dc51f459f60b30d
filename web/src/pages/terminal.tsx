/** A terminal on this machine waits for a sign-in: whoever is signed in here says yes, and it gets a session of its own. */
import { useEffect, useState } from 'preact/hooks'
import { post } from '../api/ask.ts'
import { Door } from '../parts/door.tsx'
import type { Me } from '../session.ts'
import { SignIn } from './sign-in.tsx'

interface Waiting {
  readonly port: number
  readonly challenge: string
  readonly isFresh: boolean
}

/** A sign-in that was made for this very page. */
const FRESH_MS = 2 * 60_000

export function Terminal({ me }: { readonly me: Me }) {
  const [waiting] = useState(waitingInAddress)
  useEffect(() => {
    document.title = 'A terminal signs in · Holdpoint'
  }, [])
  if (waiting === null) return <Nothing />
  if (waiting.isFresh && Date.now() - (me.session?.signedInAt ?? 0) > FRESH_MS) return <SignIn />
  const letIn = async (): Promise<void> => {
    const { port, challenge } = waiting
    const { address } = await post<{ address: string }>('/v1/terminals', { port, challenge })
    location.replace(address)
  }
  return (
    <Door
      title="Let a terminal in?"
      lead={
        <>
          <code>holdpoint login</code> on this machine asks to act as <strong>{me.name ?? me.id}</strong>. Go on if you
          have just typed it, and if it shows <code>{signOf(waiting.challenge)}</code> too.
        </>
      }
      action={`Sign the terminal in as ${me.id}`}
      onSend={letIn}
      below={
        <p class="other-way">
          If it was not you, close this page: nothing has happened. To be somebody else there, <a href="/">sign out</a>{' '}
          first.
        </p>
      }
    >
      {null}
    </Door>
  )
}

function Nothing() {
  return (
    <main class="quiet-page" id="main">
      <h1>No terminal waits here</h1>
      <p>
        The address was cut off on its way. Copy all of what <code>holdpoint login --browser</code> shows.
      </p>
    </main>
  )
}

function waitingInAddress(): Waiting | null {
  const told = new URLSearchParams(location.hash.slice(1))
  const port = Number(told.get('port'))
  const challenge = told.get('challenge') ?? ''
  if (!Number.isInteger(port) || port < 1_024 || port > 65_535 || !/^[\w-]{43}$/.test(challenge)) return null
  return { port, challenge, isFresh: told.get('fresh') === '1' }
}

/** As the terminal shows it. */
function signOf(challenge: string): string {
  return `${challenge.slice(0, 4)} ${challenge.slice(4, 8)}`
}
