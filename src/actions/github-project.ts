/** `yaml run kind: github-project`: cards of a board (Projects) stand where the release has brought them, such as Status: Done. */
import { z } from 'zod'
import { type Github, githubApi } from '../core/github/api.ts'
import { githubFields, githubSecrets } from '../core/github/fields.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import {
  addCard,
  type Board,
  type BoardItem,
  boardOf,
  cardOf,
  itemsIn,
  moveCard,
  optionOf,
} from './parts/github-board.ts'
import { githubFor } from './parts/github.ts'
import { issuesMeant, waysOf, whichIssues } from './parts/github-issues.ts'

const text = z.string().min(1)

const config = z
  .strictObject({
    ...githubFields,
    project: z
      .union([z.number().int().positive(), z.string().regex(/^\d+$|\{\{/)])
      .describe('Number of the board, as its address ends; the token needs the scope `project`'),
    owner: text.optional().describe('Organization or person it belongs to; the owner of the repository'),
    field: text.default('Status').describe('Field of options that the columns show'),
    to: text.describe('Option that the cards get'),
    from: text.optional().describe('All cards under this option, whatever repository they are of'),
    ...whichIssues,
    add: z.boolean().default(true).describe('What has no card on the board gets one'),
  })
  .refine((given) => waysOf(given) + (given.from === undefined ? 0 : 1) === 1, {
    error: 'expected from, numbers, fixed-since, milestone or label (or both of these): which cards are moved',
  })
  .refine((given) => given.from !== given.to, { error: 'expected another option than from', path: ['to'] })

type Config = z.infer<typeof config>

interface Card extends BoardItem {
  /** What a card is made of where there is none yet; its `id` is empty then. */
  readonly content: string | null
}

export const githubProject = defineAction({
  kind: 'github-project',
  summary: 'Cards of a board on GitHub (Projects) stand where the release has brought them, such as Done',
  config,
  timeoutMs: 600_000,
  example:
    '```yaml run\nkind: github-project\nrepository: acme/shop\ntoken: API_TOKEN\nproject: 4\nfixed-since: v{{ previous }}\nto: Done\nirreversible: cards are moved back by hand\n```',
  captures: ['board_url'],
  secrets: (given) => githubSecrets(given),
  programs: [],
  addresses: [githubApi],
  async run(given, powers) {
    const github = githubFor(given, powers)
    const board = await boardFor(github, given)
    const moved = (await cardsOf(github, board, given, powers)).filter(({ option }) => option !== given.to)
    expectMovable(moved, given)
    for (const each of moved) {
      const id = each.content === null ? each.id : await addCard(github, board, each.content)
      await moveCard(github, board, id, given.to)
      powers.say(`${each.name} is ${given.to}`)
    }
    powers.capture('board_url', board.url)
    if (moved.length === 0) return `nothing on the board ${board.title} is left to be moved to ${given.to}`
    return `moved to ${given.to} on the board ${board.title}: ${moved.map(({ name }) => name).join(', ')}`
  },
  async probe(given, powers) {
    const github = githubFor(given, powers)
    const cards = await cardsOf(github, await boardFor(github, given), given, powers)
    return cards.every(({ option }) => option === given.to)
  },
})

async function boardFor(github: Github, { owner, project, field, to, from }: Config): Promise<Board> {
  const whose = owner ?? github.repository.split('/')[0] ?? ''
  const board = await boardOf(github, whose, Number(project), field)
  for (const option of [to, from]) if (option !== undefined) optionOf(board, option)
  return board
}

async function cardsOf(github: Github, board: Board, given: Config, powers: ActionPowers): Promise<readonly Card[]> {
  if (given.from !== undefined)
    return (await itemsIn(github, board, given.from)).map((item) => ({ ...item, content: null }))
  const cards: Card[] = []
  for (const { number } of await issuesMeant(github, given, 'all', powers)) {
    const { content, item } = await cardOf(github, board, number)
    const none = { id: '', isArchived: false, option: null, name: `#${number}` }
    cards.push(item === null ? { ...none, content } : { ...item, content: null })
  }
  return cards
}

/** Before the first is moved. */
function expectMovable(cards: readonly Card[], { add }: Config): void {
  const archived = cards.filter(({ isArchived }) => isArchived)
  const missing = add ? [] : cards.filter(({ content }) => content !== null)
  const [words, which] =
    archived.length > 0
      ? ['is archived on the board, where nothing moves it', archived]
      : ['is not on the board', missing]
  if (which.length > 0) throw new ActionFault(`${which.map(({ name }) => name).join(', ')} ${words}`)
}
