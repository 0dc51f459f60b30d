/** `login` and `logout`: signs this terminal in to a server, or uses a set-up or invitation link of one. */
import type { Client } from '../../api/client-types.ts'
import { asksInstead, readLogins } from '../../config/config.ts'
import type { Run } from '../command-entry.ts'
import { type Context, printJson } from '../context.ts'
import { Refused, UsageFault } from '../faults.ts'
import { askSecret, askWord } from '../ask-secret.ts'
import { keepLogin, keepLogins, type SignedIn } from '../keep-logins.ts'
import { flag, text } from '../values.ts'

export const login: Run = async (context, [address = ''], options) => {
  const link = linkIn(address)
  const client = await clientOf(link.origin)
  try {
    const session = await (flag(options, 'openid')
      ? throughProvider(context, client, link, flag(options, 'fresh'))
      : flag(options, 'browser')
        ? byPages(context, client, link, flag(options, 'fresh'))
        : signIn(context, client, link, options))
    keepLogin(context, link.origin, session)
    if (context.json) printJson(context, { server: link.origin, person: session.person })
    else context.out(`signed in to ${link.origin} as ${session.person}; ${whatIsAsked(context, link.origin)}`)
    return 0
  } finally {
    client.close()
  }
}

export const logout: Run = async (context, _words, options) => {
  const logins = readLogins(context.config.loginsFile)
  const url = logins.current
  if (url === null) {
    context.out('not signed in to a server; commands ask the local engine')
    return 0
  }
  const { createClient } = await import('../../api/client.ts')
  const client = createClient({ server: { url, secret: logins.servers[url]?.session ?? null } })
  // Ended there if it can be reached; forgotten here in any case.
  const isEnded = await client.ask('POST', '/v1/sign-out', { everywhere: flag(options, 'everywhere') }).then(
    () => true,
    () => false,
  )
  client.close()
  keepLogins(context, ({ servers: { [url]: _gone, ...servers } }) => ({ current: null, servers }))
  context.out(
    isEnded
      ? `signed out of ${url}; commands ask the local engine`
      : `forgot the sign-in to ${url}, which did not answer; it ends there by itself`,
  )
  return 0
}

/** What a shell names goes before what was signed in to: then it would only look as if commands asked the server. */
function whatIsAsked({ config }: Context, origin: string): string {
  const named = asksInstead(process.env, origin)
  if (named === null) return 'commands ask it from now on\nback to the local engine: holdpoint logout'
  return `commands here still ask ${named === 'HOLDPOINT_HOME' ? `the store in ${config.home}` : config.server?.url}, because ${named} is set\nto ask this server: unset ${named}, or set HOLDPOINT_SERVER=${origin}`
}

interface Link {
  readonly origin: string
  readonly kind: 'plain' | 'setup' | 'welcome'
  readonly key: string
}

function linkIn(address: string): Link {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageFault(`"${address}" is no address; for example: holdpoint login https://releases.example.com`)
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'http:' && !isLoopback)
    throw new UsageFault(`${url.origin} has no TLS: a password would travel in clear. Use its https address.`)
  const kind = url.pathname === '/setup' ? 'setup' : url.pathname === '/welcome' ? 'welcome' : 'plain'
  return { origin: url.origin, kind, key: url.hash.slice(1) }
}

async function clientOf(url: string): Promise<Client> {
  const { createClient } = await import('../../api/client.ts')
  return createClient({ server: { url, secret: null } })
}

async function throughProvider(context: Context, client: Client, link: Link, fresh: boolean): Promise<SignedIn> {
  if (link.kind === 'setup')
    throw new UsageFault(
      'The first administrator has a password: use the set-up link without --openid, and add people of the provider then.',
    )
  const { signInThroughProvider } = await import('../browser-login.ts')
  return signInThroughProvider(context, (path, body) => post(client, path, body), {
    invitation: link.kind === 'welcome' ? link.key : null,
    fresh,
  })
}

async function byPages(context: Context, client: Client, link: Link, fresh: boolean): Promise<SignedIn> {
  if (link.kind !== 'plain')
    throw new UsageFault(
      `This link is for one person and works once: open it in the browser itself, or use it without --browser. Then: holdpoint login ${link.origin} --browser`,
    )
  const { pages = false } = await waysIn(client)
  if (!pages)
    throw new Refused(
      `${link.origin} has no web pages for a browser; sign in with a password: holdpoint login ${link.origin}`,
      'no-such-route',
      2,
    )
  const { signInByPages } = await import('../browser-login.ts')
  return signInByPages(context, (path, body) => post(client, path, body), link.origin, fresh)
}

interface WaysIn {
  readonly issuer: string | null
  /** Absent = a server that is older than this program. */
  readonly pages?: boolean
}

function waysIn(client: Client): Promise<WaysIn> {
  return client.ask<WaysIn>('GET', '/v1/openid').catch(() => ({ issuer: null }))
}

async function signIn(
  context: Context,
  client: Client,
  { origin, kind, key }: Link,
  options: Readonly<Record<string, unknown>>,
): Promise<SignedIn> {
  const given = { person: text(options, 'person'), as: 'token' }
  if (kind === 'plain') {
    const person = given.person ?? (await askWord(context, 'Your name there', '--person'))
    const password = await askSecret(context, 'Password')
    return post(client, '/v1/sign-in', { person, password, as: 'token' }).catch((fault: unknown) =>
      orInAnotherWay(client, origin, fault),
    )
  }
  if (key === '') throw new UsageFault('This link lost its end, the part after #; copy all of it, in quotes.')
  if (kind === 'welcome') {
    const password = await askSecret(context, 'Choose a password (12 characters or more)', true)
    return post(client, '/v1/welcome', { key, password, as: 'token' })
  }
  const person =
    given.person ?? (await askWord(context, 'Your name, as records will show it (such as ana)', '--person'))
  const organisation = text(options, 'organisation') ?? (await askWord(context, 'Your organisation', '--organisation'))
  const project = text(options, 'project') ?? (await askWord(context, 'Its first project', '--project'))
  const password = await askSecret(context, 'Choose a password (12 characters or more)', true)
  const body = { key, organisation, project, person, name: text(options, 'name') ?? person, email: null }
  return post(client, '/v1/setup', { ...body, password, as: 'token' })
}

/** Somebody who has no password here may be known to the provider of the server, or have a passkey. */
async function orInAnotherWay(client: Client, origin: string, fault: unknown): Promise<never> {
  if (!(fault instanceof Refused) || fault.code !== 'wrong-password') throw fault
  const { issuer, pages = false } = await waysIn(client)
  const others = [
    ...(issuer === null ? [] : [`through ${issuer}: holdpoint login ${origin} --openid`]),
    ...(pages ? [`with a passkey: holdpoint login ${origin} --browser`] : []),
  ]
  throw new Refused([fault.message, ...others].join('\n'), fault.code, fault.exit)
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as with Client.ask, the caller knows what comes back
async function post<T = SignedIn>(client: Client, path: string, body: unknown): Promise<T> {
  const { ApiFault } = await import('../../api/client-types.ts')
  const { exitOf, isCode } = await import('../../api/wire/codes.ts')
  try {
    return await client.ask<T>('POST', path, body)
  } catch (fault) {
    if (fault instanceof ApiFault && isCode(fault.code))
      throw new Refused(fault.message, fault.code, exitOf(fault.code))
    throw fault
  }
}
