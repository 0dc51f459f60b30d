/** Whether enough people hold the roles that signatures ask for: told before anything runs, when it can still be mended. */
import { environmentLeavesOut } from '../release/left-out.ts'
import type { ApproveBlock, Plan, StepId, StepPlan } from '../plan/plan.ts'

/** Who could sign at a place. */
export interface Signers {
  /**
   * Everybody who could sign in this role, themselves or by a delegate who counts as them; null as role = without one.
   * null = it cannot be told: a roster says it anew at every signature, or anybody may claim it.
   */
  readonly in: (role: string | null) => readonly string[] | null
  /** Whoever starts it; null = a machine, or nobody knows. */
  readonly starter: string | null
  /** A server lets nobody sign what they started, whatever the checklist says. */
  readonly keepsStarterOut: boolean
}

export interface TooFew {
  readonly step: StepId
  /** `"Two engineers approve" needs 2 people as engineer, and only ana can sign`. */
  readonly say: string
}

/** As far as the checklist itself says who is in which role. */
export function writtenSigners({ roles, rosterRoles = {} }: Plan, starter: string | null): Signers {
  return {
    in: (role) => {
      if (role === null || rosterRoles[role] !== undefined || Object.keys(roles).length === 0) return null
      return (roles[role] ?? []).map(({ id }) => id)
    },
    starter,
    keepsStarterOut: false,
  }
}

/** Signatures that a release to this environment could not get, as things stand. */
export function tooFewSigners(plan: Plan, environment: string, signers: Signers): readonly TooFew[] {
  return approvalsIn(plan, environment).flatMap(({ id, text, block }) => {
    const say = wantsOf(block).flatMap((wants) => lackOf(wants, block, signers) ?? [])
    return say.length === 0 ? [] : [{ step: id, say: `"${text}" ${say.join('; it ')}` }]
  })
}

type ApproveStep = StepPlan & { readonly block: ApproveBlock }

/** Where the release goes is the environment of every step here. */
export function approvalsIn({ steps }: Pick<Plan, 'steps'>, environment: string): readonly ApproveStep[] {
  return steps.filter(
    (step): step is ApproveStep => step.block.word === 'approve' && environmentLeavesOut(step, environment) === null,
  )
}

interface Wants {
  readonly roles: readonly string[]
  readonly count: number
  /** A condition under which it wants them; null = always. */
  readonly when: string | null
}

function wantsOf({ roles, count, conditional = [] }: ApproveBlock): readonly Wants[] {
  const always = { roles, count: Math.max(count, roles.length), when: null }
  const sometimes = conditional.map(({ role, when }) => ({ roles: [role], count: 1, when }))
  return roles.length === 0 && conditional.length > 0 ? sometimes : [always, ...sometimes]
}

/** What is missing, in words; null = enough people, or it cannot be told. */
function lackOf(wants: Wants, { not }: ApproveBlock, signers: Signers): string | null {
  const { starter, keepsStarterOut } = signers
  const barred = starter !== null && (keepsStarterOut || not.includes('author')) ? starter : null
  const asked = wants.roles.length === 0 ? [null] : wants.roles
  const holders = asked.map((role) => signers.in(role))
  if (holders.includes(null)) return null
  const held = holders.map((each) => (each ?? []).filter((person) => person !== barred))
  const people = [...new Set(held.flat())]
  if (people.length >= wants.count && isEachFilled(held)) return null
  const isBarredMissed = barred !== null && holders.some((each) => each?.includes(barred))
  const empty = wants.roles.filter((_, at) => held[at]?.length === 0)
  const who = people.length === 0 ? 'nobody' : `only ${people.join(', ')}`
  const can = people.length > 0 && empty.length > 0 ? `nobody can sign as ${empty.join(' or ')}` : `${who} can sign`
  const why = isBarredMissed ? `, for ${barred} starts it` : ''
  return `${wantWords(wants)}, and ${can}${why}`
}

function wantWords({ roles, count, when }: Wants): string {
  const who = count === 1 ? 'somebody' : `${count} people`
  const as = roles.length === 0 ? '' : ` as ${roles.join(' and ')}`
  return `needs ${who}${as}${when === null ? '' : ` when ${when}`}`
}

/** One person for each role, nobody for two of them. */
function isEachFilled(held: readonly (readonly string[])[]): boolean {
  const roleOf = new Map<string, number>()
  const isPlaced = (role: number, tried: Set<string>): boolean =>
    (held[role] ?? []).some((person) => {
      if (tried.has(person)) return false
      tried.add(person)
      const other = roleOf.get(person)
      if (other !== undefined && !isPlaced(other, tried)) return false
      roleOf.set(person, role)
      return true
    })
  return held.every((_, role) => isPlaced(role, new Set()))
}
