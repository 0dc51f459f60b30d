/** `yaml check kind: tls`: a certificate that is trusted and stays valid, and no protocol or cipher that is too weak. */
import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { OutboundPlace } from '../core/ports/outbound.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, fill, millisOf } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { hostField, portField, reach } from './parts/place-fields.ts'
import { readText } from './parts/read-text.ts'
import { oneLine, sayMillis } from './parts/say.ts'
import { headOf, type Offer, type Session, shake } from './tls-session/session.ts'

const versions = ['TLSv1.2', 'TLSv1.3'] as const

const config = z.strictObject({
  host: hostField,
  port: portField(443),
  name: z.string().min(1).optional().describe('Name that the certificate has to hold, when it is not the host'),
  ca: z.string().min(1).optional().describe("File with the certificates that are trusted, instead of this Node's own"),
  'valid-for': durationField.default('14d').describe('The certificate, and each one above it, stays valid this long'),
  'min-version': z.enum(versions).default('TLSv1.2').describe('Older protocols have to be refused'),
  'refuse-ciphers': z
    .array(z.string().regex(/^[A-Za-z0-9_+!-]+$/, { error: 'expected a name of OpenSSL, such as 3DES or AES128-SHA' }))
    .default([])
    .describe("Ciphers or groups of them, by OpenSSL's names, that have to be refused"),
  hsts: durationField.optional().describe('Over HTTPS it says for at least this long that nothing else will do'),
  redirect: z.boolean().default(false).describe('Plain HTTP at port 80 leads to HTTPS'),
})

type Config = z.infer<typeof config>

export const tls = defineCheck({
  kind: 'tls',
  summary: 'A certificate that is trusted and stays valid, and no protocol or cipher that is too weak',
  config,
  needs: ['place', 'files', 'http'],
  timeoutMs: 30_000,
  example:
    '```yaml check\nkind: tls\nhost: shop.example\nvalid-for: 21d\nmin-version: TLSv1.2\nhsts: 180d\nredirect: true\n```',
  facts: { protocol: 'string', cipher: 'string', days_left: 'double', issuer: 'string' },
  async run(given, powers) {
    const { place, where } = await reach('tls', given, powers)
    const host = fill(given.host, powers.variables)
    const name = given.name === undefined ? place.host : fill(given.name, powers.variables)
    const trusted = given.ca === undefined ? {} : { ca: await readText(powers, given.ca) }
    const shaken = await shake(place, { name, ...trusted }, powers.signal)
    if ('refused' in shaken)
      return {
        outcome: 'failed',
        say: oneLine(`${where} agrees on no TLS: ${plainly(shaken.refused)}`),
        evidence: [],
      }
    const problems = [
      ...certificateProblems(shaken.session, given, powers.clock.now()),
      ...(await weaknesses(place, name, given, powers.signal)),
      ...(given.hsts === undefined ? [] : await hstsProblems(place, { name, ...trusted }, given.hsts, powers.signal)),
      ...(given.redirect ? await redirectProblems(host, powers) : []),
    ]
    if (powers.signal.aborted) return { outcome: 'errored', say: `${where} did not answer in time`, evidence: [] }
    return decide(where, shaken.session, problems, powers)
  },
  async probe(given, powers) {
    const { place, where } = await reach('tls', given, powers)
    const shaken = await shake(place, { name: place.host }, powers.signal)
    return 'session' in shaken
      ? { ok: true, say: `${where} speaks TLS` }
      : { ok: false, say: `${where}: ${plainly(shaken.refused)}` }
  },
})

function decide(where: string, session: Session, problems: readonly string[], powers: CheckPowers): CheckResult {
  const { certificate, protocol, cipher } = session
  const left = Date.parse(certificate.valid_to) - powers.clock.now()
  const facts = { protocol, cipher, days_left: left / 86_400_000, issuer: commonName(certificate.issuer) }
  const evidence = textEvidence('certificate.txt', chainText(session))
  if (problems.length > 0)
    return { outcome: 'failed', say: oneLine(`${where}: ${problems.join('; ')}`), evidence, facts }
  const say = `${where}: ${protocol}, certificate of ${facts.issuer} valid for ${days(left)}`
  return judged(powers, facts, { say: oneLine(say), evidence })
}

function certificateProblems(session: Session, given: Config, now: number): readonly string[] {
  const wanted = millisOf(given['valid-for'])
  const short = chainOf(session)
    .map((one) => ({ name: commonName(one.subject), left: Date.parse(one.valid_to) - now }))
    .filter(({ left }) => !(left >= wanted))
  return [
    ...(session.distrusted === null
      ? []
      : [`its certificate is not trusted: ${distrustWords(session.distrusted, session)}`]),
    ...short.map(({ name, left }) =>
      left <= 0 ? `${name} ran out ${days(-left)} ago` : `${name} is valid for ${days(left)}, expected ${days(wanted)}`,
    ),
  ]
}

/** OpenSSL's codes, in words that say what to do. */
function distrustWords(code: string, { certificate }: Session): string {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `it is for ${certificate.subjectaltname?.replaceAll('DNS:', '') ?? commonName(certificate.subject)} (${code})`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return `it is signed by itself; \`ca:\` names a file with what is trusted (${code})`
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `nobody who is trusted signed it, or the server leaves out a certificate of its chain (${code})`
    default:
      return code
  }
}

function plainly(refused: string): string {
  return /wrong version number/i.test(refused) ? 'what answers there does not speak TLS' : refused
}

/** What it should refuse is offered alone: an answer is a weakness. */
async function weaknesses(
  place: OutboundPlace,
  name: string,
  given: Config,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const anything = 'ALL:@SECLEVEL=0'
  const old = await shake(place, { name, from: 'TLSv1', to: 'TLSv1.1', ciphers: anything }, signal)
  const problems = 'session' in old ? [`it still takes ${old.session.protocol}`] : []
  if (given['min-version'] === 'TLSv1.3') {
    const older = await shake(place, { name, from: 'TLSv1.2', to: 'TLSv1.2', ciphers: anything }, signal)
    if ('session' in older) problems.push('it still takes TLSv1.2')
  }
  for (const cipher of given['refuse-ciphers']) {
    const weak = await shake(place, { name, to: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0` }, signal)
    if ('session' in weak) problems.push(`it takes ${weak.session.cipher}`)
    else if (/no cipher match|NO_CIPHER_MATCH/i.test(weak.refused))
      throw new ConfigFault(`this OpenSSL has no cipher ${cipher}, so nobody can say whether ${place.host} takes it`)
  }
  return problems
}

async function hstsProblems(
  place: OutboundPlace,
  offer: Offer,
  wanted: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const bare = offer.name.includes(':') ? `[${offer.name}]` : offer.name
  const head = await headOf(place, offer, place.port === 443 ? bare : `${bare}:${place.port}`, signal)
  if (head === null) return ['it answers GET / with no HTTP, so it says no strict-transport-security']
  const line = /^strict-transport-security:(.*)$/im.exec(head)?.[1] ?? ''
  const said = Number(/max-age="?(\d+)/i.exec(line)?.[1] ?? Number.NaN) * 1_000
  if (Number.isNaN(said)) return ['it does not say strict-transport-security']
  return said < millisOf(wanted)
    ? [`strict-transport-security for ${days(said)}, expected ${days(millisOf(wanted))}`]
    : []
}

async function redirectProblems(host: string, powers: CheckPowers): Promise<readonly string[]> {
  const ask = { method: 'GET', headers: {}, signal: powers.signal, redirect: 'manual' } as const
  const { status, headers } = await powers.http(`http://${host}/`, ask)
  const leads = URL.parse(headers.get('location') ?? '', `http://${host}/`)
  if ([301, 302, 307, 308].includes(status) && leads?.protocol === 'https:') return []
  const to = leads === null || headers.get('location') === null ? '' : ` to ${leads.href}`
  return [`plain HTTP answers ${status}${to}, and leads to no HTTPS`]
}

/** From the server's own up to the root, as far as it is known. */
function chainOf({ certificate }: Session): readonly Session['certificate'][] {
  const chain = [certificate]
  for (;;) {
    const last = chain.at(-1)
    const above = last?.issuerCertificate
    if (last === undefined || !above || above.fingerprint256 === last.fingerprint256 || chain.length > 10) return chain
    chain.push(above)
  }
}

function chainText(session: Session): string {
  return chainOf(session)
    .map((one) => {
      const { subject, issuer, validFrom, validTo, fingerprint256, subjectAltName } = new X509Certificate(one.raw)
      return [
        `subject ${flat(subject)}`,
        `issuer ${flat(issuer)}`,
        `names ${subjectAltName ?? ''}`,
        `from ${validFrom}`,
        `to ${validTo}`,
        `sha256 ${fingerprint256}`,
      ].join('\n')
    })
    .join('\n\n')
    .concat('\n')
}

/** The first, where a certificate has several. */
function commonName(of: { readonly CN?: string | string[] } | undefined): string {
  const name = of?.CN ?? 'somebody without a name'
  return typeof name === 'string' ? name : (name[0] ?? '')
}

function flat(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ')
}

function days(ms: number): string {
  return ms < 172_800_000 ? sayMillis(ms) : `${Math.floor(ms / 86_400_000)} days`
}
