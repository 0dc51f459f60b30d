/** How rights, places and ways to sign in read for people. */
import type { GrantAnswer, Place, ProjectAnswer } from '../../../../src/api/wire/web.ts'
import type { Option } from '../../parts/choice.tsx'

const rights: Readonly<Record<string, string>> = {
  'release.read': 'see releases',
  'release.start': 'start a registered checklist',
  'release.act': 'answer, note, assign, retry',
  'release.approve': 'sign and reject',
  'release.stop': 'hold, abort, roll back',
  'release.steer': 'promote, lift a hold, waive, settle, amend',
  'checklist.read': 'see checklists',
  'checklist.write': 'register checklists, start from a document',
  'record.read': 'see records',
  'record.write': 'write records',
  'audit.read': 'read the audit',
  'people.manage': 'manage people, roles and tokens',
  'project.manage': 'manage projects, environments and webhooks',
  'organisation.manage': 'manage organisations and their status page',
  work: 'take commands and run them',
  'server.manage': 'see the numbers of the server, end it',
}

export function rightWords(right: string): string {
  return rights[right] ?? right
}

/** As the command line takes it after `--at`. */
export function placeWords({ organisation, project, environment }: Place): string {
  const parts = [organisation, project, environment]
  const last = parts.findLastIndex((part) => part !== null)
  if (last === -1) return 'everywhere'
  return parts
    .slice(0, last + 1)
    .map((part) => part ?? '*')
    .join('/')
}

/** `at acme/shop`, or `everywhere`. */
export function atWords(place: Place): string {
  const words = placeWords(place)
  return words === 'everywhere' ? words : `at ${words}`
}

/** One grant among those of one holder: by hand and by the provider it may be the same role at the same place. */
export function grantKey({ role, place, from }: GrantAnswer): string {
  return [role, placeWords(place), from === undefined ? '' : `${from.claim}=${from.value}`].join(' ')
}

export function placeIn(value: string): Place {
  const [organisation = null, project = null, environment = null] =
    value === 'everywhere' ? [] : value.split('/').map((part) => (part === '*' ? null : part))
  return { organisation, project, environment }
}

/** Every organisation, project and environment that is known; the whole server comes last: nobody is let in there by leaving a choice as it is. */
export function placeOptions(projects: readonly ProjectAnswer[], isEverywhere: boolean): readonly Option[] {
  const organisations = [...new Set(projects.map(({ organisation }) => organisation))]
  const places = organisations.flatMap((organisation) => [
    organisation,
    ...projects
      .filter((project) => project.organisation === organisation)
      .flatMap(({ id, environments }) => [
        `${organisation}/${id}`,
        ...environments.map(({ name }) => `${organisation}/${id}/${name}`),
      ]),
  ])
  return [
    ...places.map((value) => ({ value, words: value })),
    ...(isEverywhere ? [{ value: 'everywhere', words: 'everywhere (the whole server)' }] : []),
  ]
}

const ways: Readonly<Record<string, string>> = {
  password: 'with the password',
  openid: 'through the provider',
  passkey: 'with a passkey',
  setup: 'at set-up',
}

export function wayWords(how: string): string {
  return ways[how] ?? how
}
