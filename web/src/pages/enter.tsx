/** The link of the demo: comes in at once, as the one person of a server on this very machine, and shows what moves there. */
import { useEffect, useState } from 'preact/hooks'
import { get, post, wordsOf } from '../api/ask.ts'
import { keyInAddress } from '../parts/door.tsx'
import { go, releasePath } from '../router.tsx'
import { signedIn } from '../session.ts'

const HERE = /^(localhost|127(\.\d+){3}|\[::1\])$/

export function Enter() {
  const [why, setWhy] = useState<string | null>(null)
  useEffect(() => {
    document.title = 'Holdpoint'
    void comeIn().catch((cause: unknown) => setWhy(wordsOf(cause)))
  }, [])
  if (why === null) return null
  return (
    <main class="door" id="main">
      <p class="brand">Holdpoint</p>
      <h1>This link opens nothing any more</h1>
      <p class="lead" role="alert">
        {why}
      </p>
      <p>
        A link of the demo works once. If it was you who opened it, in this browser, <a href="/">go on from there</a>;
        else start the demo again.
      </p>
    </main>
  )
}

async function comeIn(): Promise<void> {
  const key = keyInAddress()
  // Elsewhere a password that nobody knows would lock its owner out.
  if (!HERE.test(location.hostname)) return location.replace(`/welcome#${key}`)
  const password = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))))
  await post('/v1/welcome', { key, password, as: 'cookie' })
  const releases = await get<readonly { readonly id: string }[]>('/v1/releases?limit=2')
  const [only] = releases
  signedIn()
  go(only !== undefined && releases.length === 1 ? releasePath(only.id) : '/', { instead: true })
}
