/** One table from every refusal and fault code to its HTTP status and the CLI's exit code. */
import type { AccessRefusalCode } from '../../core/access/commands.ts'
import type { RefusalCode } from '../../core/release/commands.ts'

/** 0 done · 1 the answer is no · 2 wrong usage or a document that does not compile · 3 waiting · 4 our own fault · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130

type Status = 400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 421 | 422 | 429 | 500 | 503 | 507
interface Meaning {
  readonly status: Status
  readonly exit: ExitCode
}

const no = (status: Status): Meaning => ({ status, exit: 1 })
const wrongUsage = (status: Status): Meaning => ({ status, exit: 2 })
const ourFault = (status: Status): Meaning => ({ status, exit: 4 })

const ofRules: Readonly<Record<RefusalCode, Meaning>> = {
  'not-started': no(409),
  'already-started': no(409),
  ended: no(409),
  'not-running': no(409),
  'already-rolling-back': no(409),
  'unknown-step': wrongUsage(404),
  'unknown-message': wrongUsage(404),
  'already-sent': no(409),
  'not-reached': no(409),
  'already-closed': no(409),
  'wrong-kind': wrongUsage(422),
  'not-due': no(409),
  'bad-answer': wrongUsage(422),
  'evidence-required': wrongUsage(422),
  'self-approval': no(403),
  'unknown-role': wrongUsage(404),
  'not-in-role': no(403),
  'sign-in-required': no(403),
  'stale-view': no(409),
  'already-signed': no(409),
  'reason-required': wrongUsage(422),
  'typed-confirmation': wrongUsage(422),
  'nothing-to-promote': no(409),
  'not-go': no(409),
  'not-held': no(409),
  'nothing-unknown': no(409),
  'would-change-started-action': no(409),
  'wrong-target': no(409),
  'no-change': no(409),
  'unreversed-actions': no(409),
  'missing-input': wrongUsage(422),
  'target-busy': no(409),
  'other-checklist': no(409),
  'outside-window': no(409),
  'not-overridable': no(409),
  'too-late': no(409),
  'unknown-attempt': no(404),
  'not-waivable': no(409),
  rejected: no(409),
}

const ofDirectory: Readonly<Record<Exclude<AccessRefusalCode, RefusalCode | 'forbidden'>, Meaning>> = {
  'already-set-up': no(409),
  'bad-name': wrongUsage(422),
  'name-taken': no(409),
  'unknown-organisation': wrongUsage(404),
  'unknown-project': wrongUsage(404),
  'unknown-holder': wrongUsage(404),
  'unknown-token': wrongUsage(404),
  'unknown-delegation': wrongUsage(404),
  'unknown-checklist': wrongUsage(404),
  'last-administrator': no(409),
  'too-long-lived': wrongUsage(422),
  'not-delegable': wrongUsage(422),
  'service-taken': no(409),
}

const ofSurface = {
  'does-not-compile': wrongUsage(422),
  'digest-mismatch': no(409),
  'bad-signature': no(403),
  'unknown-release': wrongUsage(404),
  'ambiguous-release': wrongUsage(409),
  'unknown-evidence': wrongUsage(404),
  'unknown-webhook': wrongUsage(404),
  'unknown-follow-up': wrongUsage(404),
  'unknown-review': wrongUsage(404),
  'unknown-entry': wrongUsage(404),
  'entry-over': no(409),
  'bad-entry': wrongUsage(422),
  'unknown-schedule': wrongUsage(404),
  'unknown-drill': wrongUsage(404),
  'not-in-line': wrongUsage(404),
  'gate-waiting': { status: 409, exit: 3 },
  'gate-shut': no(403),
  'not-configured': wrongUsage(409),
  'not-signed-in': no(401),
  forbidden: no(403),
  'wrong-host': no(421),
  'cross-site': no(403),
  'wrong-password': no(401),
  'weak-password': wrongUsage(422),
  'used-up': no(410),
  'openid-off': wrongUsage(404),
  'openid-refused': no(403),
  'bad-logout': no(400),
  'openid-unavailable': ourFault(503),
  'passkeys-off': wrongUsage(409),
  'passkey-refused': no(403),
  'unknown-passkey': wrongUsage(404),
  'unknown-session': wrongUsage(404),
  'key-reused': wrongUsage(422),
  'rate-limited': no(429),
  'bad-body': wrongUsage(400),
  'bad-query': wrongUsage(400),
  'body-too-large': wrongUsage(413),
  'document-too-much': wrongUsage(422),
  'not-json': wrongUsage(415),
  'no-such-route': ourFault(404),
  'store-fault': ourFault(503),
  'store-full': ourFault(507),
  stopping: ourFault(503),
  bug: ourFault(500),
} as const satisfies Readonly<Record<string, Meaning>>

export type SurfaceCode = keyof typeof ofSurface
export type Code = RefusalCode | AccessRefusalCode | SurfaceCode

const table: Readonly<Record<Code, Meaning>> = { ...ofRules, ...ofDirectory, ...ofSurface }

export function statusOf(code: Code): Status {
  return table[code].status
}

export function exitOf(code: Code): ExitCode {
  return table[code].exit
}

/** Whether a word from the wire is a code of this table: an older client may meet a newer engine. */
export function isCode(word: unknown): word is Code {
  return typeof word === 'string' && Object.hasOwn(table, word)
}

export const allCodes = Object.keys(table) as readonly Code[]
