/** Asks a registry for manifests and blobs: the way of tokens is gone once, and every answer is held to its digest. */
import { createHash } from 'node:crypto'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { OutboundAnswer } from '../../core/ports/outbound.ts'
import { ConfigFault } from '../parts/fields.ts'
import { type ImageReference, readChallenge } from './reference.ts'

export interface Account {
  readonly user: string
  readonly password: string
}

export interface Fetched {
  readonly digest: string
  readonly json: Readonly<Record<string, unknown>>
}

/** The registry has no such tag or digest. */
export class NotThere extends Error {
  override name = 'NotThere'
}

const manifests = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

export class Registry {
  readonly #image: ImageReference
  readonly #account: Account | null
  readonly #hosts: readonly string[]
  readonly #powers: Pick<CheckPowers, 'http' | 'signal'>
  #authorization: string | null = null

  constructor(
    image: ImageReference,
    account: Account | null,
    hosts: readonly string[],
    powers: Pick<CheckPowers, 'http' | 'signal'>,
  ) {
    this.#hosts = hosts
    this.#image = image
    this.#account = account
    this.#powers = powers
  }

  /** Throws NotThere, ConfigFault in words, or OutboundFault. */
  async manifest(reference: string): Promise<Fetched> {
    return this.#get(`manifests/${reference}`, reference, manifests)
  }

  async blob(digest: string): Promise<Fetched> {
    return this.#get(`blobs/${digest}`, digest, '*/*')
  }

  async #get(path: string, reference: string, accept: string): Promise<Fetched> {
    const { origin, repository } = this.#image
    const url = `${origin}/v2/${repository}/${path}`
    let answer = await this.#ask(url, accept)
    if (answer.status === 401 && this.#authorization === null) {
      this.#authorization = await this.#letIn(answer.headers.get('www-authenticate') ?? '')
      answer = await this.#ask(url, accept)
    }
    if (answer.status === 404)
      throw new NotThere(`there is no ${repository}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`)
    if (answer.status === 401 || answer.status === 403)
      throw new ConfigFault(`${origin} lets nobody read ${repository} with this account`)
    if (answer.status !== 200) throw new ConfigFault(`${origin} answers ${answer.status} to ${path}`)
    return fetched(await answer.bytes(), reference, answer.headers.get('docker-content-digest'))
  }

  #ask(url: string, accept: string): Promise<OutboundAnswer> {
    const headers = { accept, ...(this.#authorization !== null && { authorization: this.#authorization }) }
    return this.#powers.http(url, { method: 'GET', headers, signal: this.#powers.signal, redirect: 'follow' })
  }

  async #letIn(header: string): Promise<string> {
    const { scheme, values } = readChallenge(header)
    if (scheme === 'basic') return this.#basic() ?? refuseNobody(this.#image.origin)
    const realm = URL.parse(values.get('realm') ?? '')
    if (scheme !== 'bearer' || realm === null)
      throw new ConfigFault(`${this.#image.origin} asks for a way of signing in that is not known here`)
    if (realm.protocol !== 'https:' && this.#image.origin.startsWith('https:'))
      throw new ConfigFault(`${this.#image.origin} wants a token from ${realm.origin}, which is not encrypted`)
    if (!this.#knows(realm))
      throw new ConfigFault(`${this.#image.origin} wants a token from ${placeOf(realm)}, which is not among hosts`)
    const service = values.get('service')
    if (service !== undefined) realm.searchParams.set('service', service)
    realm.searchParams.set('scope', `repository:${this.#image.repository}:pull`)
    const basic = this.#basic()
    const answer = await this.#powers.http(realm.href, {
      method: 'GET',
      headers: { accept: 'application/json', ...(basic !== null && { authorization: basic }) },
      signal: this.#powers.signal,
      redirect: 'manual',
    })
    if (answer.status !== 200) throw new ConfigFault(`${realm.host} gives no token (${answer.status})`)
    const given = objectOf(await answer.text())
    const token = given['token'] ?? given['access_token']
    if (typeof token !== 'string' || token === '')
      throw new ConfigFault(`${realm.host} gives an answer without a token`)
    return `Bearer ${token}`
  }

  /** An account goes nowhere but where the author said. */
  #knows(realm: URL): boolean {
    return [placeOf(new URL(this.#image.origin)), ...this.#hosts].includes(placeOf(realm))
  }

  #basic(): string | null {
    if (this.#account === null) return null
    const { user, password } = this.#account
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  }
}

function placeOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`
}

function refuseNobody(origin: string): never {
  throw new ConfigFault(`${origin} wants an account; give user and password-secret`)
}

function fetched(bytes: Uint8Array, reference: string, said: string | null): Fetched {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const wanted = reference.startsWith('sha256:') ? reference : said
  if (wanted !== null && wanted !== digest)
    throw new ConfigFault(`the registry says ${wanted.slice(0, 19)} and sends ${digest.slice(0, 19)}`)
  return { digest, json: objectOf(new TextDecoder().decode(bytes)) }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below, as what is JSON but no object.
  }
  throw new ConfigFault('the registry sends what is no JSON object')
}
