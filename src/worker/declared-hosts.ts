/** Which hosts a plan declares, and with what trust: the allow list of the outbound guard. */
import type { CheckBlock, Plan } from '../core/plan/plan.ts'
import { renderTemplate } from '../core/plan/template.ts'
import type { CheckDefinition } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { classify } from './address.ts'

/**
 * `literal` = the host stands in the document; `given` = it came out of a variable such as an input.
 * `port` null = any.
 */
export interface HostRule {
  readonly host: string
  readonly port: number | null
  readonly trust: 'literal' | 'given'
}

/** Fills a text's `{{ name }}`; null when a name has no value yet. */
export type Fill = (text: string) => string | null

/** Where an address leads that names no port: mail servers take what is submitted at 587, and at 465 within TLS. */
export const portsOfSchemes: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
  smtp: 587,
  smtps: 465,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  redis: 6379,
  rediss: 6379,
  amqp: 5672,
  amqps: 5671,
  nats: 4222,
  rtmp: 1935,
  rtmps: 443,
}

/** Of a host whose port the kind of check knows. */
const anyPort = 'any:'

/** Every host named by sources, channels, HTTP checks and the inputs' own defaults and options. */
export function declaredHosts(plan: Plan, fill: Fill): readonly HostRule[] {
  const texts = [...declaredTexts(plan)]
  return texts.map((text) => ruleOf(text, fill)).filter((rule) => rule !== null)
}

/** Addresses that stand in the program itself; those that a kind makes of its settings may have variables. */
export function rulesOf(addresses: readonly string[], fill: Fill = () => null): readonly HostRule[] {
  return addresses.map((address) => ruleOf(address, fill)).filter((rule) => rule !== null)
}

/** What a kind declares under these settings. */
export function addressesOf(
  { addresses = [] }: Pick<CheckDefinition, 'addresses'>,
  config: Readonly<Record<string, Json>>,
): readonly string[] {
  return typeof addresses === 'function' ? addresses(config) : addresses
}

/** Addresses that came out of values. */
export function givenRulesOf(addresses: readonly string[]): readonly HostRule[] {
  return rulesOf(addresses).map((rule) => ({ ...rule, trust: 'given' as const }))
}

/** Loopback and link-local are reached only under their own name: a DNS name that points there is refused. */
export function namesItself(host: string): boolean {
  const bare = bareHost(host)
  return (
    bare === 'localhost' || bare.endsWith('.localhost') || classify(bare) === 'local' || classify(bare) === 'link-local'
  )
}

/** The rule that allows this host and port, the most trusted first. */
export function ruleFor(rules: readonly HostRule[], host: string, port: number): HostRule | null {
  const bare = bareHost(host)
  const matching = rules.filter(
    (rule) => rule.host === bare && (!namesItself(bare) || rule.port === null || rule.port === port),
  )
  return matching.find((rule) => rule.trust === 'literal') ?? matching[0] ?? null
}

export function bareHost(host: string): string {
  const lower = host.toLowerCase().replace(/\.$/, '')
  return lower.startsWith('[') && lower.endsWith(']') ? lower.slice(1, -1) : lower
}

function* declaredTexts(plan: Plan): Generator<string> {
  for (const source of Object.values(plan.sources)) yield* strings(source.config)
  for (const channel of Object.values(plan.channels)) yield* strings(channel.config)
  for (const input of Object.values(plan.inputs)) yield* strings([input.default, ...(input.options ?? [])])
  for (const step of plan.steps) {
    if (step.block.word === 'check') yield* textsOfCheck(step.block)
    if (step.block.word === 'watch') for (const { check } of step.block.checks) yield* textsOfCheck(check)
    if (step.block.word === 'rollout') for (const component of step.block.components) yield* strings(component.config)
  }
  for (const trigger of plan.triggers) yield* textsOfCheck(trigger.check)
}

/** Values of a matrix stand in the document as the address does. */
export function withCell(text: string, { matrix = {} }: Pick<CheckBlock, 'matrix'>): string {
  return renderTemplate(text, matrix, 'none').text
}

function* textsOfCheck(check: Pick<CheckBlock, 'kind' | 'config' | 'matrix'>): Generator<string> {
  for (const text of textsOfConfig(check)) yield withCell(text, check)
}

function* textsOfConfig(check: Pick<CheckBlock, 'kind' | 'config'>): Generator<string> {
  if (check.kind === 'command') return
  if (check.kind === 'http') return yield* requestsOf(check.config)
  for (const list of stepLists[check.kind] ?? []) yield* textsOfSteps(check.config[list] ?? [])
  if (check.kind === 'scenario') return
  if (check.kind === 'webhook-sink') yield* requestsOf(check.config['trigger'] ?? '')
  yield* placesOf(check.config)
}

/** Settings in which steps stand, each a check of its own. */
const stepLists: Readonly<Record<string, readonly string[]>> = {
  scenario: ['steps'],
  failover: ['survives', 'recovers', 'unchanged'],
}

function* textsOfSteps(steps: Json): Generator<string> {
  for (const step of Array.isArray(steps) ? steps : []) {
    if (typeof step !== 'object' || step === null || Array.isArray(step)) continue
    const { kind } = step as Readonly<Record<string, Json>>
    if (typeof kind === 'string') yield* textsOfConfig({ kind, config: step as Readonly<Record<string, Json>> })
  }
}

/** Where requests in `.http` form go. */
function* requestsOf(config: Json): Generator<string> {
  for (const text of strings(config)) {
    for (const line of text.split(/\r?\n/)) {
      const request = /^[A-Z]+[ \t]+(\S.*)$/.exec(line)
      if (request?.[1]) yield request[1]
    }
  }
}

/** Addresses with a scheme, and what stands under `host` (with its `port`) and `hosts`: the words every kind uses. */
function* placesOf(config: Readonly<Record<string, Json>>): Generator<string> {
  const { host, port, hosts } = config
  if (typeof host === 'string')
    yield typeof port === 'number' || typeof port === 'string' ? `tcp://${host}:${port}` : `${anyPort}//${host}`
  for (const each of strings(hosts ?? [])) yield `tcp://${each}`
  for (const text of strings(config)) if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || text.startsWith('{{')) yield text
}

function* strings(value: Json): Generator<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* strings(item)
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* strings(item)
}

function ruleOf(text: string, fill: Fill): HostRule | null {
  const written = authorityOf(text)
  if (written && !written.host.includes('{{')) return rule(written, fill, 'literal')
  const filled = fill(written ? written.whole : leadingAuthority(text))
  const authority = filled === null ? null : authorityOf(filled)
  return authority ? rule(authority, fill, 'given') : null
}

interface Authority {
  readonly whole: string
  readonly scheme: string
  readonly host: string
  readonly port: string | null
}

function authorityOf(text: string): Authority | null {
  const found = /^\s*(([a-z][a-z0-9+.-]*):\/\/((?:\{\{[^}]*\}\}|[^/?#\s{])*))/i.exec(text)
  if (!found?.[1] || !found[2] || !found[3]) return null
  const afterUser = found[3].slice(found[3].lastIndexOf('@') + 1)
  const split = /^(\[[^\]]*\]|(?:\{\{[^}]*\}\}|[^:{])*)(?::(.*))?$/.exec(afterUser)
  if (!split?.[1]) return null
  return { whole: found[1], scheme: found[2].toLowerCase(), host: split[1], port: split[2] ?? null }
}

/** A text that begins with a variable, such as `{{ base }}/health`: as much of it as can hold the host. */
function leadingAuthority(text: string): string {
  return /^\s*(?:\{\{[^}]*\}\}|[^\s{])+/.exec(text)?.[0] ?? ''
}

function rule(authority: Authority, fill: Fill, trust: HostRule['trust']): HostRule | null {
  const url = URL.parse(`http://${authority.host}/`)
  const port = portOf(authority, fill)
  return url && port !== undefined ? { host: bareHost(url.hostname), port, trust } : null
}

/** Null = any; undefined = the address leads nowhere, as neither it nor its scheme says a port. */
function portOf({ port, scheme }: Authority, fill: Fill): number | null | undefined {
  if (port === null || port === '') return `${scheme}:` === anyPort ? null : portsOfSchemes[scheme]
  const filled = Number(fill(port) ?? Number.NaN)
  return Number.isInteger(filled) ? filled : null
}
