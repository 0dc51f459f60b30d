/** Who looks at the pages: known to the server by a cookie that no script can read. */
import { useEffect, useState } from 'preact/hooks'
import type { GrantAnswer } from '../../src/api/wire/web.ts'
import { get, Refused, SIGNED_OUT, wordsOf } from './api/ask.ts'

export interface Me {
  readonly id: string
  readonly name?: string
  readonly kind: 'local' | 'person' | 'machine'
  readonly grants: readonly GrantAnswer[]
  readonly session: { readonly signedInAt: number } | null
  /** What they may do somewhere at least. */
  readonly rights: readonly string[]
}

/** Whether it makes sense to offer it: the server decides each time. */
export function maySomewhere(me: Me, right: string): boolean {
  return me.rights.includes(right)
}

export type Session =
  | { readonly kind: 'asking' }
  | { readonly kind: 'known'; readonly me: Me }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'trouble'; readonly why: string }

const SIGNED_IN = 'holdpoint:signed-in'

/** Told by the pages that sign somebody in. */
export function signedIn(): void {
  window.dispatchEvent(new Event(SIGNED_IN))
}

export function useSession(): Session {
  const [session, setSession] = useState<Session>({ kind: 'asking' })
  useEffect(() => {
    const look = (): void => void whoAmI().then(setSession)
    const over = (): void => setSession((now) => (now.kind === 'asking' ? now : { kind: 'nobody' }))
    look()
    window.addEventListener(SIGNED_IN, look)
    window.addEventListener(SIGNED_OUT, over)
    return () => {
      window.removeEventListener(SIGNED_IN, look)
      window.removeEventListener(SIGNED_OUT, over)
    }
  }, [])
  return session
}

async function whoAmI(): Promise<Session> {
  try {
    return { kind: 'known', me: await get<Me>('/v1/me') }
  } catch (cause) {
    if (cause instanceof Refused && cause.code === 'not-signed-in') return { kind: 'nobody' }
    return { kind: 'trouble', why: wordsOf(cause) }
  }
}
