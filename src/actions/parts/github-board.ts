/** A board of GitHub (Projects), asked by GraphQL: its column field, its items, what stands where. */
import { z } from 'zod'
import type { Github } from '../../core/github/api.ts'
import { ActionFault } from '../../core/ports/action.ts'
import type { Json } from '../../core/units.ts'
import { shaped } from './github.ts'

export interface Board {
  readonly id: string
  readonly title: string
  readonly url: string
  readonly field: { readonly id: string; readonly name: string }
  readonly options: readonly { readonly id: string; readonly name: string }[]
}

/** One card. */
export interface BoardItem {
  readonly id: string
  readonly isArchived: boolean
  /** Option of the field that it stands in; null = in none. */
  readonly option: string | null
  /** `#12`, `acme/other#7` or the title of a draft. */
  readonly name: string
}

const boardShape = z.object({
  id: z.string(),
  title: z.string(),
  url: z.string(),
  closed: z.boolean(),
  field: z
    .object({
      id: z.string().optional(),
      name: z.string().optional(),
      options: z.array(z.object({ id: z.string(), name: z.string() })).optional(),
    })
    .nullable(),
})

const boardQuery = `query($owner: String!, $number: Int!, $field: String!) {
  repositoryOwner(login: $owner) {
    ... on Organization { projectV2(number: $number) { ...board } }
    ... on User { projectV2(number: $number) { ...board } }
  }
}
fragment board on ProjectV2 {
  id title url closed
  field(name: $field) { ... on ProjectV2SingleSelectField { id name options { id name } } }
}`

/** Throws ActionFault where there is no such board, or its field is none of options. */
export async function boardOf(github: Github, owner: string, number: number, field: string): Promise<Board> {
  const answer = await github.graphql(boardQuery, { owner, number, field })
  const shape = z.object({ repositoryOwner: z.object({ projectV2: boardShape.nullish() }).nullable() })
  const found = shaped(shape, answer, `board ${number} of ${owner}`).repositoryOwner
  if (found === null) throw new ActionFault(`there is nobody called ${owner} at GitHub`)
  const board = found.projectV2 ?? null
  if (board === null) throw new ActionFault(`${owner} has no board ${number}, or the token may not see it`)
  if (board.closed) throw new ActionFault(`the board ${board.title} is closed`)
  const { id, name, options } = board.field ?? {}
  if (id === undefined || name === undefined || options === undefined)
    throw new ActionFault(`the board ${board.title} has no field ${field} of options`)
  return { id: board.id, title: board.title, url: board.url, field: { id, name }, options }
}

/** By its name. Throws ActionFault with those there are. */
export function optionOf({ title, field, options }: Board, name: string): Board['options'][number] {
  const found = options.find((each) => each.name === name)
  if (found !== undefined) return found
  const known = options.map((each) => each.name).join(', ')
  throw new ActionFault(`${field.name} of the board ${title} cannot be ${name}; it can be ${known || 'nothing'}`)
}

const card = `id isArchived
  fieldValueByName(name: $field) { ... on ProjectV2ItemFieldSingleSelectValue { name } }`

const cardShape = z.object({
  id: z.string(),
  isArchived: z.boolean(),
  fieldValueByName: z.object({ name: z.string().nullish() }).nullable(),
})

const itemsQuery = `query($board: ID!, $field: String!, $after: String) {
  node(id: $board) {
    ... on ProjectV2 {
      items(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          ${card}
          content {
            ... on Issue { number repository { nameWithOwner } }
            ... on PullRequest { number repository { nameWithOwner } }
            ... on DraftIssue { title }
          }
        }
      }
    }
  }
}`

const itemsShape = z.object({
  node: z.object({
    items: z.object({
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      nodes: z.array(
        cardShape.extend({
          content: z
            .object({
              number: z.number().optional(),
              repository: z.object({ nameWithOwner: z.string() }).optional(),
              title: z.string().optional(),
            })
            .nullable(),
        }),
      ),
    }),
  }),
})

const mostPages = 100

/** Every card that is not archived and stands in an option. */
export async function itemsIn(github: Github, board: Board, option: string): Promise<readonly BoardItem[]> {
  const found: BoardItem[] = []
  let after: Json = null
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await github.graphql(itemsQuery, { board: board.id, field: board.field.name, after })
    const { pageInfo, nodes } = shaped(itemsShape, answer, `items of ${board.title}`).node.items
    for (const { content, ...each } of nodes) {
      const where = content?.repository?.nameWithOwner ?? ''
      const prefix = where === github.repository ? '' : where
      const name = content?.number === undefined ? (content?.title ?? 'a card') : `${prefix}#${content.number}`
      const item = itemOf(each, name)
      if (!item.isArchived && item.option === option) found.push(item)
    }
    if (!pageInfo.hasNextPage) return found
    after = pageInfo.endCursor
  }
  throw new ActionFault(`the board ${board.title} has more than ${mostPages * 100} items`)
}

function itemOf({ id, isArchived, fieldValueByName: value }: z.infer<typeof cardShape>, name: string): BoardItem {
  return { id, isArchived, option: value?.name ?? null, name }
}

const issueQuery = `query($owner: String!, $name: String!, $number: Int!, $field: String!) {
  repository(owner: $owner, name: $name) {
    issueOrPullRequest(number: $number) {
      ... on Issue { id projectItems(first: 100) { nodes { ${card} project { id } } } }
      ... on PullRequest { id projectItems(first: 100) { nodes { ${card} project { id } } } }
    }
  }
}`

const issueOnBoards = z.object({
  repository: z.object({
    issueOrPullRequest: z.object({
      id: z.string(),
      projectItems: z.object({ nodes: z.array(cardShape.extend({ project: z.object({ id: z.string() }) })) }),
    }),
  }),
})

/** The card of an issue or pull request on this board; null = it has none. `content` is what a card is made of. */
export async function cardOf(
  github: Github,
  board: Board,
  number: number,
): Promise<{ readonly content: string; readonly item: BoardItem | null }> {
  const [owner = '', name = ''] = github.repository.split('/')
  const answer = await github.graphql(issueQuery, { owner, name, number, field: board.field.name })
  const { id, projectItems } = shaped(issueOnBoards, answer, `boards of #${number}`).repository.issueOrPullRequest
  const found = projectItems.nodes.find(({ project }) => project.id === board.id)
  return { content: id, item: found === undefined ? null : itemOf(found, `#${number}`) }
}

/** Puts it on the board; where it is there already, GitHub gives that card. */
export async function addCard(github: Github, board: Board, content: string): Promise<string> {
  const mutation = `mutation($board: ID!, $content: ID!) {
  addProjectV2ItemById(input: { projectId: $board, contentId: $content }) { item { id } }
}`
  const answer = await github.graphql(mutation, { board: board.id, content })
  const shape = z.object({ addProjectV2ItemById: z.object({ item: z.object({ id: z.string() }) }) })
  return shaped(shape, answer, 'card that was added').addProjectV2ItemById.item.id
}

/** Puts a card under an option, as GitHub then shows it. */
export async function moveCard(github: Github, board: Board, item: string, option: string): Promise<void> {
  const mutation = `mutation($board: ID!, $item: ID!, $id: ID!, $option: String!, $field: String!) {
  updateProjectV2ItemFieldValue(
    input: { projectId: $board, itemId: $item, fieldId: $id, value: { singleSelectOptionId: $option } }
  ) { projectV2Item { ${card} } }
}`
  const { id, name: field } = board.field
  const answer = await github.graphql(mutation, {
    board: board.id,
    item,
    id,
    option: optionOf(board, option).id,
    field,
  })
  const shape = z.object({ updateProjectV2ItemFieldValue: z.object({ projectV2Item: cardShape }) })
  const moved = shaped(shape, answer, 'card that was moved').updateProjectV2ItemFieldValue.projectV2Item
  if (moved.fieldValueByName?.name !== option)
    throw new ActionFault(`GitHub left a card in ${moved.fieldValueByName?.name ?? 'nothing'}, not in ${option}`)
}
