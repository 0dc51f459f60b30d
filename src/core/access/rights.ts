/** What may be done on a server, and which role brings which right. Deny by default: a right in no list here is nobody's. */

/** One word per thing that a route may ask for. */
export const rights = [
  'release.read',
  'release.start',
  /** Answer, note, assign, retry: the work of a release. */
  'release.act',
  /** Sign, reject, take a signature back, confirm danger. */
  'release.approve',
  /** Hold, abort, roll back: whoever sees smoke may stop it. */
  'release.stop',
  /** Promote, lift a hold, waive, not applicable, settle, amend: what lets a release go on without a pass. */
  'release.steer',
  'checklist.read',
  /** Register a checklist, or start from a document that comes along. */
  'checklist.write',
  'record.read',
  'record.write',
  'audit.read',
  'people.manage',
  'project.manage',
  'organisation.manage',
  /** Take commands of an environment and run them. */
  'work',
  /** The process itself: ask for its end. */
  'server.manage',
] as const

export type Right = (typeof rights)[number]

const see: readonly Right[] = ['release.read', 'checklist.read', 'record.read']
const sign: readonly Right[] = [...see, 'release.act', 'release.approve', 'release.stop']

/** The roles that every server has. A team's own roles, such as `qa-lead`, bring what an approver may. */
export const standardRoles = {
  viewer: see,
  author: [...see, 'checklist.write', 'record.write', 'release.act'],
  'release-engineer': [
    ...see,
    'release.start',
    'release.act',
    'release.stop',
    'release.steer',
    'record.write',
    'checklist.write',
  ],
  approver: sign,
  /** Manages who may do what. Signs nothing by that: four eyes have no exemption. */
  administrator: [
    ...see,
    'release.stop',
    'checklist.write',
    'audit.read',
    'people.manage',
    'project.manage',
    'organisation.manage',
    'server.manage',
  ],
  worker: ['work'],
  /** A pipeline: starts releases and asks gates; it can never sign. */
  pipeline: [...see, 'release.start', 'release.act', 'release.stop', 'record.write'],
} as const satisfies Readonly<Record<string, readonly Right[]>>

export type StandardRole = keyof typeof standardRoles

/** What a role brings; an own role of a team brings what an approver has. */
export function rightsOf(role: string): readonly Right[] {
  return Object.hasOwn(standardRoles, role) ? standardRoles[role as StandardRole] : sign
}

/** Roles of every server that bring a right to a person. */
export function rolesWith(right: Right): readonly string[] {
  return Object.entries(standardRoles)
    .filter(([role, brings]) => (brings as readonly Right[]).includes(right) && !machineRoles.has(role))
    .map(([role]) => role)
}

/** What only machines are given. */
export const machineRoles: ReadonlySet<string> = new Set(['worker', 'pipeline'] satisfies readonly StandardRole[])

/** `release.steer, which the role release-engineer brings`. */
export function rightWords(rights: readonly Right[]): string {
  const roles = [...new Set(rights.flatMap(rolesWith))]
  const brings = `which the role${roles.length === 1 ? '' : 's'} ${listed(roles)} bring${roles.length === 1 ? 's' : ''}`
  return `the right ${rights.join(' or ')}${roles.length === 0 ? '' : `, ${brings}`}`
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** Never for a machine, whatever it was granted: a signature is a person's. */
export const forPeopleOnly: ReadonlySet<Right> = new Set([
  'release.approve',
  'release.steer',
  'people.manage',
  'project.manage',
  'organisation.manage',
])
