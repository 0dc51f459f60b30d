/** One sentence for each entry of the audit and of the changes of rights. */
import type { AccessEvent, Place, TokenScope } from '../../core/access/access.ts'
import type { TargetEvent } from '../../core/target/target.ts'
import type { AuditEvent } from '../auth/audit.ts'

type Told = AccessEvent | AuditEvent | Extract<TargetEvent, { kind: 'StartQueued' | 'StartWithdrawn' }>
type Sentences = { readonly [K in Told['kind']]?: (event: Told & { readonly kind: K }) => string }

/** `acme/shop/production`; `everywhere` for the whole server. */
export function placeWords({ organisation, project, environment }: Place): string {
  const parts = [organisation, project, environment]
  const last = parts.findLastIndex((part) => part !== null)
  if (last === -1) return 'everywhere'
  return parts
    .slice(0, last + 1)
    .map((part) => part ?? '*')
    .join('/')
}

/** An event of a newer program is told by its name and its members. */
export function auditSentence(event: { readonly kind: string }): string {
  const sentence = Object.hasOwn(sentences, event.kind) ? sentences[event.kind as Told['kind']] : undefined
  return (sentence as ((event: object) => string) | undefined)?.(event) ?? membersOf(event)
}

const ofSignIns: Sentences = {
  SignedIn: ({ person, how, from }) => `${person} signed in ${ways[how] ?? `by ${how}`} from ${from}.`,
  SignInRefused: ({ person, why, from }) => `${person} was not let in from ${from}: ${why}.`,
  SignedOut: ({ person, sessions }) =>
    sessions === 1 ? `A sign-in of ${person} ended.` : `${sessions} sign-ins of ${person} ended.`,
  PasswordChanged: ({ person, from }) => `${person} changed their password from ${from}.`,
  PasskeyAdded: ({ person, name, from }) => `${person} added the passkey ${name} from ${from}.`,
  PasskeyRemoved: ({ person, from }) => `${person} removed a passkey from ${from}.`,
  SlackLinked: ({ person, user, name }) => `${name} of Slack (${user}) is ${person} here.`,
  SlackUnlinked: ({ person, user }) => `The user ${user} of Slack is ${person} no more.`,
  Invited: ({ person }) => `A link to choose a password was made for ${person}.`,
  RequestRefused: ({ code, method, path, from }) => `${method} ${path} from ${from} was refused: ${code}.`,
}

const ofLines: Sentences = {
  StartQueued: ({ release, version }) => `${version} stands in line, to begin as ${release}.`,
  StartWithdrawn: ({ release, how, why }) => `${release} left the line without beginning (${how}): ${why}`,
}

const ofOutside: Sentences = {
  GateBound: ({ project, repository, environment }) =>
    `Deployments of ${repository} to ${environment} wait for a gate of ${project}.`,
  GateUnbound: ({ project, repository, environment }) =>
    `Deployments of ${repository} to ${environment} ask ${project} no more.`,
  WebhookAdded: ({ project, webhook, host }) => `The webhook ${webhook} to ${host} was added to ${project}.`,
  WebhookRemoved: ({ project, webhook }) => `The webhook ${webhook} of ${project} was removed.`,
  ResultKeyMade: ({ project, key, machine }) => `The result key ${key} of ${machine} was made for ${project}.`,
  ResultKeyRemoved: ({ project, key }) => `The result key ${key} of ${project} was removed.`,
  ResultReported: ({ release, step, outcome }) => `A result of ${step} was reported to ${release}: ${outcome}.`,
  LateResult: ({ attempt, worker, ended }) => `${worker} handed in ${attempt} (${ended}) too late; it was kept.`,
}

const ofRecords: Sentences = {
  RecordExported: ({ release, format }) => `The record of ${release} was taken out as ${format}.`,
  AuditExported: ({ stream, format }) => `Entries of ${stream} were taken out as ${format}.`,
  LogVerified: ({ events, streams, faults }) =>
    `${events} entries in ${streams} chains were verified: ${faults === 0 ? 'all fit' : `${faults} do not fit`}.`,
  EvidenceForgotten: ({ release, batches, evidence }) =>
    `${batches} samples and ${evidence} pieces of evidence of ${release} were dropped for their age.`,
  OccurrenceMissed: ({ checklist, time }) => `${checklist} of ${new Date(time).toISOString()} was missed.`,
  OccurrenceSkipped: ({ checklist, time, reason }) =>
    `${checklist} of ${new Date(time).toISOString()} was skipped: ${reason}.`,
  ReviewDue: ({ release, what }) => `A review is due in ${release}: ${what}.`,
  FollowUpKept: ({ followUp, title }) => `Follow-up ${followUp}: ${title}.`,
  FollowUpChanged: ({ followUp, changed }) => `Follow-up ${followUp} was changed: ${changed.join(', ')}.`,
  FollowUpClosed: ({ followUp, note }) => `Follow-up ${followUp} was done: ${note}.`,
  ReviewClosed: ({ release, note }) => `A review of ${release} was closed: ${note}.`,
}

const ofPeople: Sentences = {
  PersonAdded: ({ person, name }) => `${person}${name === person ? '' : ` (${name})`} was added.`,
  SignInMethodAdded: ({ person, method }) => `${person} may sign in by ${method.kind}.`,
  HolderDisabled: ({ holder, reason }) => `${holder} was disabled: ${reason}.`,
  HolderEnabled: ({ holder, reason }) => `${holder} was enabled: ${reason}.`,
  MachineAdded: ({ machine, about }) => `The machine ${machine}${about === machine ? '' : ` (${about})`} was added.`,
  RoleGranted: ({ holder, role, place }) => `${holder} became ${role}${at(place)}.`,
  RoleRevoked: ({ holder, role, place }) => `${holder} is not ${role}${at(place)} any more.`,
  RoleDefined: ({ role, about }) => `The role ${role} was defined${about === role ? '' : `: ${about}`}.`,
  DelegationGiven: ({ from, to, role, until, reason }) =>
    `${to} stands in for ${from} as ${role} until ${day(until)}: ${reason}.`,
  DelegationEnded: ({ id, reason }) => `The delegation ${id} was ended: ${reason}.`,
  TokenIssued: ({ token, holder, name, scope, expires }) =>
    `The token ${token} (${name}) was issued for ${holder}${scopeWords(scope)}, until ${day(expires)}.`,
  TokenRevoked: ({ token, reason }) => `The token ${token} was revoked: ${reason}.`,
}

const ofProjects: Sentences = {
  OrganisationCreated: ({ organisation }) => `The organisation ${organisation} was created.`,
  StatusPageSet: ({ organisation, isOn }) =>
    `The status page of ${organisation} was ${isOn ? 'made public' : 'switched off'}.`,
  ProjectCreated: ({ project, organisation }) => `The project ${organisation}/${project} was created.`,
  ServiceAdopted: ({ project, service }) => `The service ${service} belongs to ${project}.`,
  EnvironmentDeclared: ({ project, environment, protected: isProtected }) =>
    `${environment} of ${project} is ${isProtected ? 'protected' : 'not protected'}.`,
  ChecklistRegistered: ({ project, name, sha256, service, mandatory = [] }) => {
    const only =
      mandatory.length === 0 ? '' : ` It says that nothing else releases ${service} in ${mandatory.join(', ')}.`
    return `The checklist ${project}/${name} was registered (${sha256.slice(0, 12)}).${only}`
  },
  ChecklistRetired: ({ project, name, reason }) => `The checklist ${project}/${name} was retired: ${reason}.`,
}

const sentences: Sentences = { ...ofSignIns, ...ofLines, ...ofOutside, ...ofRecords, ...ofPeople, ...ofProjects }

const ways: Readonly<Record<string, string>> = {
  password: 'with a password',
  openid: 'through the provider',
  passkey: 'with a passkey',
  setup: 'at set-up',
}

function at(place: Place): string {
  const words = placeWords(place)
  return words === 'everywhere' ? ` ${words}` : ` at ${words}`
}

function scopeWords({ place, rights, labels }: TokenScope): string {
  const limits = [...(rights ?? []), ...labels.map((label) => `label ${label}`)]
  return `${at(place)}${limits.length === 0 ? '' : ` for ${limits.join(', ')}`}`
}

function day(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10)
}

/** `RoleMapped`, `role: approver` becomes `Role mapped: role approver.` */
function membersOf({ kind, ...members }: { readonly kind: string }): string {
  const words = kind.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  const told = Object.entries(members)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${memberWords(value)}`)
  return `${words}${told.length === 0 ? '' : `: ${told.join(', ')}`}.`
}

function memberWords(value: unknown): string {
  if (typeof value === 'string') return value
  return isPlace(value) ? placeWords(value) : JSON.stringify(value)
}

export function isPlace(value: unknown): value is Place {
  return (
    typeof value === 'object' &&
    value !== null &&
    'organisation' in value &&
    'project' in value &&
    'environment' in value
  )
}
