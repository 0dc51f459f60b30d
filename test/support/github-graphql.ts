/** What GitHub's GraphQL has about repositories, links of pull requests and boards (Projects): its types, its refusals. */
import type { GithubAnswer, GithubBoard, GithubRepository } from './github-repository.ts'
import { answerGraphql, GraphqlRefusal, type GraphqlField, type GraphqlSchema } from './graphql.ts'

const name = 'acme/shop'

type Card = GithubBoard['items'][number]
type Has<T> = { readonly board: GithubBoard } & T

/** The answer to `POST /graphql`; a read-only token changes nothing. */
export function graphqlAnswer(repository: GithubRepository, body: Buffer, isReadOnly: boolean): GithubAnswer {
  const { query = '', variables = {} } = JSON.parse(body.toString()) as {
    query?: string
    variables?: Record<string, unknown>
  }
  return { status: 200, body: answerGraphql(schemaOf(repository, isReadOnly), query, variables) }
}

/** A field that is as the value has it. */
function plain(type: string, get: (parent: never) => unknown): GraphqlField {
  return { type, get }
}

function schemaOf(repository: GithubRepository, isReadOnly: boolean): GraphqlSchema {
  const { boards, issues, pulls, scopes } = repository
  const expectScope = (): void => {
    if (!scopes.includes('project') && !scopes.includes('read:project'))
      throw new GraphqlRefusal(
        `Your token has not been granted the required scopes to execute this query. The 'projectV2' field requires one of the following scopes: ['read:project'], but your token has only been granted the: [${scopes.map((scope) => `'${scope}'`).join(', ')}] scopes.`,
        'INSUFFICIENT_SCOPES',
      )
  }
  const expectWrite = (): void => {
    if (isReadOnly) throw new GraphqlRefusal('Resource not accessible by personal access token', 'FORBIDDEN')
    if (!scopes.includes('project'))
      throw new GraphqlRefusal('Your token has not been granted the required scopes', 'INSUFFICIENT_SCOPES')
  }
  const projectV2: GraphqlField = {
    type: 'ProjectV2',
    args: { number: 'Int!' },
    get: ({ login }: { login: string }, { number }: { number: number }) => {
      expectScope()
      const found = boards.find((each) => each.owner === login && each.number === number)
      if (found) return found
      throw new GraphqlRefusal(`Could not resolve to a ProjectV2 with the number ${number}.`, 'NOT_FOUND')
    },
  }
  const cardsOf = (number: number): Has<Card>[] =>
    boards.flatMap((board) => board.items.filter((card) => card.number === number).map((card) => ({ board, ...card })))
  const contentNumbered = (number: number): object | null => {
    if (!issues.some((each) => each.number === number)) return null
    const isPull = issues.some((each) => each.number === number && each.pull_request !== undefined)
    return { __typename: isPull ? 'PullRequest' : 'Issue', number, id: `I_${number}`, where: name }
  }
  const content = {
    id: plain('ID', ({ id }: { id: string }) => id),
    number: plain('Int', ({ number }: { number: number }) => number),
    repository: plain('Repository', ({ where }: { where: string }) => ({ nameWithOwner: where })),
    projectItems: {
      type: 'ProjectV2ItemConnection',
      args: { first: 'Int' },
      get: ({ number }: { number: number }) => {
        expectScope()
        return { nodes: cardsOf(number) }
      },
    },
  }
  return {
    query: 'Query',
    mutation: 'Mutation',
    inputs: [],
    abstract: {
      RepositoryOwner: ['Organization', 'User'],
      Node: ['ProjectV2', 'Issue', 'PullRequest'],
      IssueOrPullRequest: ['Issue', 'PullRequest'],
      ProjectV2ItemContent: ['Issue', 'PullRequest', 'DraftIssue'],
      ProjectV2FieldConfiguration: ['ProjectV2Field', 'ProjectV2SingleSelectField'],
      ProjectV2ItemFieldValue: ['ProjectV2ItemFieldSingleSelectValue', 'ProjectV2ItemFieldTextValue'],
    },
    types: {
      Query: {
        repositoryOwner: {
          type: 'RepositoryOwner',
          args: { login: 'String!' },
          get: (_: unknown, { login }: { login: string }) =>
            login === 'acme'
              ? { __typename: 'Organization', login }
              : repository.people.includes(login)
                ? { __typename: 'User', login }
                : null,
        },
        repository: {
          type: 'Repository',
          args: { owner: 'String!', name: 'String!' },
          get: (_: unknown, given: { owner: string; name: string }) => {
            if (`${given.owner}/${given.name}` === name) return { nameWithOwner: name }
            throw new GraphqlRefusal(
              `Could not resolve to a Repository with the name '${given.owner}/${given.name}'.`,
              'NOT_FOUND',
            )
          },
        },
        node: {
          type: 'Node',
          args: { id: 'ID!' },
          get: (_: unknown, { id }: { id: string }) => {
            const board = boards.find((each) => each.id === id)
            if (board) return { __typename: 'ProjectV2', ...board }
            throw new GraphqlRefusal(`Could not resolve to a node with the global id of '${id}'`, 'NOT_FOUND')
          },
        },
      },
      Mutation: mutations(repository, expectWrite),
      Organization: { projectV2 },
      User: { projectV2 },
      Repository: {
        nameWithOwner: plain('String', ({ nameWithOwner }: { nameWithOwner: string }) => nameWithOwner),
        pullRequest: {
          type: 'PullRequest',
          args: { number: 'Int!' },
          get: (_: unknown, { number }: { number: number }) => {
            const found = pulls.find((each) => each.number === number)
            if (found) return { id: `PR_${number}`, where: name, ...found }
            throw new GraphqlRefusal(`Could not resolve to a PullRequest with the number of ${number}.`, 'NOT_FOUND')
          },
        },
        issueOrPullRequest: {
          type: 'IssueOrPullRequest',
          args: { number: 'Int!' },
          get: (_: unknown, { number }: { number: number }) => contentNumbered(number),
        },
      },
      Issue: content,
      PullRequest: {
        ...content,
        closingIssuesReferences: {
          type: 'IssueConnection',
          args: { first: 'Int' },
          get: ({ closes = [] }: { closes?: readonly (number | string)[] }, { first }: { first: number }) => ({
            totalCount: closes.length,
            nodes: closes.slice(0, first).map((each) => {
              const [where = name, number = ''] = typeof each === 'number' ? [name, String(each)] : each.split('#')
              return { id: `I_${each}`, number: Number(number), where }
            }),
          }),
        },
      },
      DraftIssue: { title: plain('String', ({ title }: { title: string }) => title) },
      IssueConnection: {
        totalCount: plain('Int', ({ totalCount }: { totalCount: number }) => totalCount),
        nodes: plain('Issue', ({ nodes }: { nodes: unknown }) => nodes),
      },
      ...boardTypes,
    },
  }
}

const boardTypes: GraphqlSchema['types'] = {
  ProjectV2: {
    id: plain('ID', ({ id }: GithubBoard) => id),
    title: plain('String', ({ title }: GithubBoard) => title),
    url: plain('String', ({ owner, number }: GithubBoard) => `https://github.example/orgs/${owner}/projects/${number}`),
    closed: plain('Boolean', ({ closed }: GithubBoard) => closed),
    field: {
      type: 'ProjectV2FieldConfiguration',
      args: { name: 'String!' },
      get: ({ fields }: GithubBoard, given: { name: string }) => {
        const found = fields.find((each) => each.name === given.name)
        if (!found) return null
        return { __typename: found.options ? 'ProjectV2SingleSelectField' : 'ProjectV2Field', ...found }
      },
    },
    items: {
      type: 'ProjectV2ItemConnection',
      args: { first: 'Int', after: 'String' },
      get: (board: GithubBoard, { first, after }: { first: number; after: string | null }) => {
        const from = after === null ? 0 : Number(after)
        const rows = board.items.slice(from, from + Math.min(first, 100))
        const end = from + rows.length
        const pageInfo = { hasNextPage: end < board.items.length, endCursor: rows.length === 0 ? null : String(end) }
        return { pageInfo, nodes: rows.map((card) => ({ board, ...card })) }
      },
    },
  },
  ProjectV2Field: { id: plain('ID', ({ id }: { id: string }) => id) },
  ProjectV2SingleSelectField: {
    id: plain('ID', ({ id }: { id: string }) => id),
    name: plain('String', (field: { name: string }) => field.name),
    options: plain('ProjectV2SingleSelectFieldOption', ({ options }: { options: unknown }) => options),
  },
  ProjectV2SingleSelectFieldOption: {
    id: plain('String', ({ id }: { id: string }) => id),
    name: plain('String', (option: { name: string }) => option.name),
  },
  ProjectV2ItemConnection: {
    nodes: plain('ProjectV2Item', ({ nodes }: { nodes: unknown }) => nodes),
    pageInfo: plain('PageInfo', ({ pageInfo }: { pageInfo: unknown }) => pageInfo),
  },
  PageInfo: {
    hasNextPage: plain('Boolean', ({ hasNextPage }: { hasNextPage: boolean }) => hasNextPage),
    endCursor: plain('String', ({ endCursor }: { endCursor: string | null }) => endCursor),
  },
  ProjectV2Item: {
    id: plain('ID', ({ id }: Card) => id),
    isArchived: plain('Boolean', ({ isArchived }: Card) => isArchived === true),
    project: plain('ProjectV2', ({ board }: Has<Card>) => board),
    fieldValueByName: {
      type: 'ProjectV2ItemFieldValue',
      args: { name: 'String!' },
      get: ({ values }: Card, given: { name: string }) => {
        const value = values[given.name]
        return value === undefined ? null : { __typename: 'ProjectV2ItemFieldSingleSelectValue', name: value }
      },
    },
    content: plain('ProjectV2ItemContent', ({ number, title, where }: Card) =>
      number === undefined
        ? { __typename: 'DraftIssue', title }
        : { __typename: 'Issue', id: `I_${number}`, number, where: where ?? name },
    ),
  },
  ProjectV2ItemFieldSingleSelectValue: { name: plain('String', (value: { name: string }) => value.name) },
  ProjectV2ItemFieldTextValue: { text: plain('String', ({ text }: { text: string }) => text) },
  AddProjectV2ItemByIdPayload: { item: plain('ProjectV2Item', ({ item }: { item: unknown }) => item) },
  UpdateProjectV2ItemFieldValuePayload: {
    projectV2Item: plain('ProjectV2Item', ({ projectV2Item }: { projectV2Item: unknown }) => projectV2Item),
  },
}

interface FieldInput {
  readonly projectId: string
  readonly itemId: string
  readonly fieldId: string
  readonly value: { readonly singleSelectOptionId?: string }
}

function mutations({ boards, issues }: GithubRepository, expectWrite: () => void): GraphqlSchema['types'][string] {
  const boardWith = (id: string): GithubBoard => {
    const found = boards.find((each) => each.id === id)
    if (found) return found
    throw new GraphqlRefusal(`Could not resolve to a node with the global id of '${id}'`, 'NOT_FOUND')
  }
  return {
    addProjectV2ItemById: {
      type: 'AddProjectV2ItemByIdPayload',
      args: { input: 'AddProjectV2ItemByIdInput!' },
      get: (_: unknown, { input }: { input: { projectId: string; contentId: string } }) => {
        expectWrite()
        const board = boardWith(input.projectId)
        const number = issues.find((each) => `I_${each.number}` === input.contentId)?.number
        if (number === undefined)
          throw new GraphqlRefusal(
            `Could not resolve to a node with the global id of '${input.contentId}'`,
            'NOT_FOUND',
          )
        const there = board.items.find((each) => each.number === number)
        const item: Card = there ?? { id: `PVTI_${board.items.length + 1}`, number, values: {} }
        if (!there) board.items.push(item)
        return { item: { board, ...item } }
      },
    },
    updateProjectV2ItemFieldValue: {
      type: 'UpdateProjectV2ItemFieldValuePayload',
      args: { input: 'UpdateProjectV2ItemFieldValueInput!' },
      get: (_: unknown, { input }: { input: FieldInput }) => {
        expectWrite()
        const board = boardWith(input.projectId)
        const card = board.items.find((each) => each.id === input.itemId)
        const field = board.fields.find((each) => each.id === input.fieldId)
        const option = field?.options?.find((each) => each.id === input.value.singleSelectOptionId)
        if (!card) throw new GraphqlRefusal('The item does not exist in the project', 'NOT_FOUND')
        if (card.isArchived) throw new GraphqlRefusal('The item is archived and cannot be updated', 'UNPROCESSABLE')
        if (!field || !option)
          throw new GraphqlRefusal('The single select option Id does not belong to the field', 'UNPROCESSABLE')
        card.values[field.name] = option.name
        return { projectV2Item: { board, ...card } }
      },
    },
  }
}
