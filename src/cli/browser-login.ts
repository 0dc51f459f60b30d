/** Signs a terminal in through a browser: the server sends a one-time code to a port of this machine, good with our verifier only. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exitOf, isCode } from '../api/wire/codes.ts'
import type { Context } from './context.ts'
import { openerHere, openInBrowser } from './open-browser.ts'
import { Refused } from './faults.ts'
import type { SignedIn } from './keep-logins.ts'

type Post = <T>(path: string, body: unknown) => Promise<T>

const PATIENCE_MS = 10 * 60_000

interface Terminal {
  readonly port: number
  readonly challenge: string
}

export function signInThroughProvider(
  context: Context,
  post: Post,
  wish: { readonly invitation: string | null; readonly fresh: boolean },
): Promise<SignedIn> {
  return signInThroughBrowser(context, post, async (terminal) => {
    const { address } = await post<{ address: string }>('/v1/openid/begin', { ...wish, terminal })
    return { address, ask: 'open this in a browser on this machine, and sign in there:' }
  })
}

/** In whichever way the pages of the server know: with a password, a passkey, or through its provider. */
export function signInByPages(context: Context, post: Post, origin: string, fresh: boolean): Promise<SignedIn> {
  return signInThroughBrowser(context, post, ({ port, challenge }) => {
    // Behind the hash: it goes to the page, and to no log on the way.
    const told = new URLSearchParams({ port: String(port), challenge, ...(fresh ? { fresh: '1' } : {}) })
    const sign = `${challenge.slice(0, 4)} ${challenge.slice(4, 8)}`
    return Promise.resolve({
      address: `${origin}/terminal#${told.toString()}`,
      ask: `open this in a browser on this machine; go on there if the page shows ${sign}:`,
    })
  })
}

async function signInThroughBrowser(
  context: Context,
  post: Post,
  begin: (terminal: Terminal) => Promise<{ readonly address: string; readonly ask: string }>,
): Promise<SignedIn> {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const waiting = await waitForCode(challenge)
  try {
    const { address, ask } = await begin({ port: waiting.port, challenge })
    context.err(`${ask}\n  ${address}`)
    const opener = context.interactive ? openerHere(process.env) : null
    if (opener !== null) openInBrowser(opener, address)
    return await post<SignedIn>('/v1/openid/redeem', { code: await waiting.code, verifier })
  } finally {
    waiting.close()
  }
}

interface Waiting {
  readonly port: number
  readonly code: Promise<string>
  close(): void
}

/** Any page may call this port; only the server knows the state of this one sign-in. */
async function waitForCode(state: string): Promise<Waiting> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  // Also when nobody waits for it yet.
  promise.catch(() => {})
  const server = createServer((request, response) => {
    const told = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams
    const code = told.get('code')
    const error = told.get('error')
    const isOurs = request.method === 'GET' && told.get('state') === state && (code !== null || error !== null)
    response.writeHead(isOurs ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    if (!isOurs) return response.end('nothing here\n')
    response.end(
      error === null
        ? 'Signed in. The terminal goes on; this page can be closed.\n'
        : 'Not signed in. The terminal says why; this page can be closed.\n',
    )
    if (code !== null && error === null) return resolve(code)
    reject(
      new Refused(
        told.get('reason') ?? 'the server let nobody in',
        error ?? 'openid-refused',
        isCode(error) ? exitOf(error) : 1,
      ),
    )
  })
  await listening(server)
  const late = setTimeout(
    () => reject(new Refused('nobody signed in within ten minutes; run the command again', 'not-signed-in', 1)),
    PATIENCE_MS,
  )
  return {
    port: (server.address() as AddressInfo).port,
    code: promise,
    close() {
      clearTimeout(late)
      server.close()
      server.closeAllConnections()
    },
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
}
