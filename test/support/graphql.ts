/** A small server side of GraphQL for stand-ins: it reads a document, refuses what its schema does not have, and resolves the rest. */

/** Of a field: the name of what it gives (lists and nulls are as the value is), its arguments with their types, and its value. */
export interface GraphqlField {
  readonly type: string
  readonly args?: Readonly<Record<string, string>>
  readonly get: (parent: never, args: never) => unknown
}

export interface GraphqlSchema {
  readonly query: string
  readonly mutation: string
  readonly types: Readonly<Record<string, Readonly<Record<string, GraphqlField>>>>
  /** Interfaces and unions; a value of one says in `__typename` which it is. */
  readonly abstract: Readonly<Record<string, readonly string[]>>
  /** Types of variables and arguments beyond the scalars. */
  readonly inputs: readonly string[]
}

export interface GraphqlError {
  readonly message: string
  readonly type?: string
}

/** What a resolver throws to refuse; `type` as GitHub says it. */
export class GraphqlRefusal extends Error {
  override name = 'GraphqlRefusal'
  readonly type: string | undefined
  constructor(message: string, type?: string) {
    super(message)
    this.type = type
  }
}

type Value =
  | { readonly variable: string }
  | { readonly map: Readonly<Record<string, Value>> }
  | { readonly plain: unknown }

interface Selection {
  readonly kind: 'field' | 'inline' | 'spread'
  /** Name of the field, of the type, or of the fragment. */
  readonly name: string
  readonly args: Readonly<Record<string, Value>>
  readonly selections: readonly Selection[] | null
}

interface Document {
  readonly operation: 'query' | 'mutation'
  readonly variables: Readonly<Record<string, string>>
  readonly selections: readonly Selection[]
  readonly fragments: Readonly<Record<string, Selection>>
}

const scalars = ['ID', 'String', 'Int', 'Boolean']

/** As GraphQL answers over HTTP with status 200. Data is null where the document is refused, and where a resolver refuses. */
export function answerGraphql(
  schema: GraphqlSchema,
  text: string,
  variables: Readonly<Record<string, unknown>>,
): { readonly data: unknown; readonly errors?: readonly GraphqlError[] } {
  try {
    const document = parse(text)
    expectVariables(document, variables, schema)
    const used = new Set<string>()
    const run = { schema, document, variables, used }
    validate(run, document.selections, schema[document.operation])
    const unused = Object.keys(document.variables).filter((name) => !used.has(name))
    if (unused.length > 0) throw new GraphqlRefusal(`Variable $${unused[0]} is declared but not used`)
    return { data: resolve(run, document.selections, schema[document.operation], {}) }
  } catch (fault) {
    if (!(fault instanceof GraphqlRefusal)) throw fault
    return {
      data: null,
      errors: [{ message: fault.message, ...(fault.type === undefined ? {} : { type: fault.type }) }],
    }
  }
}

interface Run {
  readonly schema: GraphqlSchema
  readonly document: Document
  readonly variables: Readonly<Record<string, unknown>>
  readonly used: Set<string>
}

function expectVariables(
  { variables }: Document,
  given: Readonly<Record<string, unknown>>,
  schema: GraphqlSchema,
): void {
  for (const [name, type] of Object.entries(variables)) {
    const plain = type.replace('!', '')
    if (![...scalars, ...schema.inputs].includes(plain)) throw new GraphqlRefusal(`${plain} isn't a defined input type`)
    const value = given[name] ?? null
    const isRight =
      value === null
        ? !type.endsWith('!')
        : plain === 'Int'
          ? Number.isInteger(value)
          : plain === 'Boolean'
            ? typeof value === 'boolean'
            : !scalars.includes(plain) || typeof value === 'string'
    if (!isRight) throw new GraphqlRefusal(`Variable $${name} of type ${type} was provided invalid value`)
  }
}

function validate(run: Run, selections: readonly Selection[], type: string): void {
  const { types, abstract } = run.schema
  for (const one of selections) {
    if (one.kind !== 'field') {
      const inner = one.kind === 'inline' ? one : run.document.fragments[one.name]
      if (inner === undefined) throw new GraphqlRefusal(`Fragment ${one.name} was used, but not defined`)
      const possible = abstract[type] ?? [type]
      if (!(abstract[inner.name] ?? [inner.name]).some((each) => possible.includes(each)))
        throw new GraphqlRefusal(`Fragment on ${inner.name} can't be spread inside ${type}`)
      validate(run, inner.selections ?? [], inner.name)
      continue
    }
    if (one.name === '__typename') continue
    const field = types[type]?.[one.name]
    if (field === undefined) throw new GraphqlRefusal(`Field '${one.name}' doesn't exist on type '${type}'`)
    validateArgs(run, one, field)
    const isScalar = scalars.includes(field.type)
    if (isScalar !== (one.selections === null))
      throw new GraphqlRefusal(
        `Field '${one.name}' of type ${field.type} ${isScalar ? 'has no' : 'must have'} selections`,
      )
    if (one.selections !== null) validate(run, one.selections, field.type)
  }
}

function validateArgs({ document, used }: Run, { name, args }: Selection, field: GraphqlField): void {
  const known = field.args ?? {}
  const mark = (value: Value): void => {
    if ('map' in value) Object.values(value.map).forEach(mark)
    if (!('variable' in value)) return
    if (!(value.variable in document.variables))
      throw new GraphqlRefusal(`Variable $${value.variable} is used but not declared`)
    used.add(value.variable)
  }
  for (const [arg, value] of Object.entries(args)) {
    if (!(arg in known)) throw new GraphqlRefusal(`Field '${name}' doesn't accept argument '${arg}'`)
    const declared = 'variable' in value ? document.variables[value.variable] : undefined
    if (declared?.replace('!', '') !== known[arg]?.replace('!', '') && declared !== undefined)
      throw new GraphqlRefusal(`Type mismatch on variable and argument ${arg} (${declared} / ${known[arg]})`)
    mark(value)
  }
  const missing = Object.entries(known).find(([arg, type]) => type.endsWith('!') && !(arg in args))
  if (missing) throw new GraphqlRefusal(`Field '${name}' is missing required arguments: ${missing[0]}`)
}

function resolve(run: Run, selections: readonly Selection[], type: string, value: object): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const one of selections) {
    if (one.kind !== 'field') {
      const inner = one.kind === 'inline' ? one : run.document.fragments[one.name]
      if (inner?.name === type) Object.assign(found, resolve(run, inner.selections ?? [], type, value))
      continue
    }
    const field = run.schema.types[type]?.[one.name]
    const args = Object.fromEntries(Object.entries(one.args).map(([name, each]) => [name, valueOf(each, run)]))
    const got = field === undefined ? type : field.get(value as never, args as never)
    found[one.name] = field === undefined ? type : shown(run, one, field.type, got ?? null)
  }
  return found
}

function shown(run: Run, one: Selection, type: string, got: unknown): unknown {
  if (got === null || one.selections === null) return got
  if (Array.isArray(got)) return got.map((each: unknown) => shown(run, one, type, each))
  const own = type in run.schema.abstract ? String((got as { __typename?: unknown }).__typename) : type
  return resolve(run, one.selections, own, got as object)
}

function valueOf(value: Value, run: Run): unknown {
  if ('variable' in value) return run.variables[value.variable] ?? null
  if ('plain' in value) return value.plain
  return Object.fromEntries(Object.entries(value.map).map(([name, each]) => [name, valueOf(each, run)]))
}

/** Names, numbers, texts and punctuation, without commas and spaces. */
function wordsOf(text: string): string[] {
  return text.match(/\.\.\.|[A-Za-z_]\w*|-?\d+|"(?:[^"\\]|\\.)*"|[{}()[\]:$!=]/g) ?? []
}

function parse(text: string): Document {
  const words = wordsOf(text)
  let at = 0
  const peek = (): string => words[at] ?? ''
  const take = (expected?: string): string => {
    const word = words[at] ?? ''
    if (word === '' || (expected !== undefined && word !== expected))
      throw new GraphqlRefusal(`Expected ${expected ?? 'more'}, actual: ${word || 'the end'}`)
    at += 1
    return word
  }
  const mapped = <T>(close: string, one: (name: string) => T): Record<string, T> => {
    const found: Record<string, T> = {}
    while (peek() !== close) {
      const name = take()
      take(':')
      found[name] = one(name)
    }
    take(close)
    return found
  }
  const value = (): Value => {
    const word = take()
    if (word === '$') return { variable: take() }
    if (word === '{') return { map: mapped('}', value) }
    return { plain: word === 'null' ? null : (JSON.parse(word) as unknown) }
  }
  const selections = (): Selection[] => {
    const found: Selection[] = []
    take('{')
    while (peek() !== '}') found.push(selection())
    take('}')
    if (found.length === 0) throw new GraphqlRefusal('Expected a selection')
    return found
  }
  const selection = (): Selection => {
    if (peek() !== '...') return field()
    take('...')
    if (peek() !== 'on') return { kind: 'spread', name: take(), args: {}, selections: null }
    take('on')
    return { kind: 'inline', name: take(), args: {}, selections: selections() }
  }
  const field = (): Selection => {
    const name = take()
    const hasArgs = peek() === '('
    if (hasArgs) take('(')
    const args = hasArgs ? mapped(')', value) : {}
    return { kind: 'field', name, args, selections: peek() === '{' ? selections() : null }
  }
  const declared = (): Record<string, string> => {
    const found: Record<string, string> = {}
    if (peek() !== '(') return found
    take('(')
    while (peek() !== ')') {
      take('$')
      const name = take()
      take(':')
      found[name] = take() + (peek() === '!' ? take() : '')
    }
    take(')')
    return found
  }
  const operation = take()
  if (operation !== 'query' && operation !== 'mutation')
    throw new GraphqlRefusal(`Expected query, actual: ${operation}`)
  const head = { operation, variables: declared(), selections: selections() } as const
  const fragments: Record<string, Selection> = {}
  while (peek() !== '') {
    take('fragment')
    const name = take()
    take('on')
    fragments[name] = { kind: 'inline', name: take(), args: {}, selections: selections() }
  }
  return { ...head, fragments }
}
