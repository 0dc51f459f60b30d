/** As many rules of OpenAPI 3.1 and of JSON Schema 2020-12 as a description of an API can break: what is wrong, and where. */

type Bag = Readonly<Record<string, unknown>>

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']
const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']
const fields = {
  root: 'openapi info jsonSchemaDialect servers paths webhooks components security tags externalDocs',
  info: 'title summary description termsOfService contact license version',
  server: 'url description variables',
  path: `$ref summary description servers parameters ${METHODS.join(' ')}`,
  operation:
    'tags summary description externalDocs operationId parameters requestBody responses callbacks deprecated security servers',
  parameter:
    'name in description required deprecated allowEmptyValue style explode allowReserved schema content example examples',
  header: 'description required deprecated style explode schema content example examples',
  body: 'description content required',
  answer: 'description headers content links',
  media: 'schema example examples encoding',
  components: 'schemas responses parameters examples requestBodies headers securitySchemes links callbacks pathItems',
  scheme: 'type description name in scheme bearerFormat flows openIdConnectUrl',
} as const
const keywords = new Set(
  '$ref $defs type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern format contentEncoding contentMediaType items prefixItems contains maxItems minItems uniqueItems maxProperties minProperties required properties patternProperties additionalProperties propertyNames allOf anyOf oneOf not if then else title description default deprecated readOnly writeOnly examples example discriminator'.split(
    ' ',
  ),
)

/** Empty = it keeps them all. */
export function troublesOf(document: unknown): readonly string[] {
  const troubles: string[] = []
  const say = (where: string, what: string) => void troubles.push(`${where}: ${what}`)
  const known = (where: string, value: unknown, allowed: string): Bag => {
    const bag = bagOf(value)
    if (bag === null) {
      say(where, 'expected an object')
      return {}
    }
    const names = allowed.split(' ')
    for (const name of Object.keys(bag))
      if (!names.includes(name) && !name.startsWith('x-')) say(`${where}/${name}`, 'there is no such field')
    return bag
  }
  const text = (where: string, value: unknown) => {
    if (typeof value !== 'string' || value === '') say(where, 'expected text, such as a description')
  }

  const schema = (where: string, value: unknown): void => {
    if (typeof value === 'boolean') return
    const bag = bagOf(value)
    if (bag === null) return say(where, 'expected a schema')
    for (const name of Object.keys(bag))
      if (!keywords.has(name) && !name.startsWith('x-')) say(`${where}/${name}`, 'there is no such keyword')
    reference(where, bag)
    const types = bag['type'] === undefined ? [] : [bag['type']].flat()
    if (types.some((type) => !TYPES.includes(type as string))) say(`${where}/type`, 'is no type of JSON')
    for (const name of ['properties', 'patternProperties', '$defs'])
      for (const [key, inner] of Object.entries(bagOf(bag[name]) ?? {})) schema(`${where}/${name}/${key}`, inner)
    for (const name of ['items', 'additionalProperties', 'propertyNames', 'contains', 'not', 'if', 'then', 'else'])
      if (bag[name] !== undefined) schema(`${where}/${name}`, bag[name])
    for (const name of ['allOf', 'anyOf', 'oneOf', 'prefixItems']) {
      const list = bag[name]
      if (list === undefined) continue
      if (!Array.isArray(list) || list.length === 0) say(`${where}/${name}`, 'expected a list with something in it')
      else for (const [index, inner] of list.entries()) schema(`${where}/${name}/${index}`, inner)
    }
    for (const name of ['required', 'enum']) {
      const list = bag[name]
      if (list !== undefined && (!Array.isArray(list) || new Set(list).size !== list.length))
        say(`${where}/${name}`, 'expected a list without repetition')
    }
    for (const name of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'])
      if (bag[name] !== undefined && typeof bag[name] !== 'number') say(`${where}/${name}`, 'expected a number')
    for (const name of ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'])
      if (bag[name] !== undefined && !(Number.isInteger(bag[name]) && (bag[name] as number) >= 0))
        say(`${where}/${name}`, 'expected a count')
    if (bag['pattern'] !== undefined && !isPattern(bag['pattern'])) say(`${where}/pattern`, 'is no pattern')
  }

  const reference = (where: string, bag: Bag): void => {
    const to = bag['$ref']
    if (to !== undefined && found(document, to) === undefined) say(where, `${JSON.stringify(to)} leads nowhere`)
  }
  const content = (where: string, value: unknown, isNeeded: boolean): void => {
    const entries = Object.entries(bagOf(value) ?? {})
    if (isNeeded && entries.length === 0) say(where, 'expected at least one form')
    for (const [type, media] of entries) {
      if (!/^[\w.+*-]+\/[\w.+*-]+(;.*)?$/.test(type)) say(where, `"${type}" is no media type`)
      const bag = known(`${where}/${type}`, media, fields.media)
      if (bag['schema'] !== undefined) schema(`${where}/${type}`, bag['schema'])
    }
  }
  const servers = (where: string, value: unknown): void => {
    if (value === undefined) return
    if (!Array.isArray(value)) return say(where, 'expected a list')
    for (const server of value) text(where, known(where, server, fields.server)['url'])
  }
  const security = (where: string, value: unknown): void => {
    if (!Array.isArray(value)) return say(where, 'expected a list: who may use it')
    for (const way of value as readonly Bag[])
      for (const [name, scopes] of Object.entries(way)) {
        if (found(document, `#/components/securitySchemes/${name}`) === undefined)
          say(where, `"${name}" is not described`)
        if (!Array.isArray(scopes)) say(where, `"${name}" expects a list`)
      }
  }
  const parameters = (where: string, path: string, value: unknown): void => {
    const all = (Array.isArray(value) ? value : []).map((each) => known(where, each, fields.parameter))
    const keys = all.map((each) => `${String(each['in'])} ${String(each['name'])}`)
    if (new Set(keys).size !== keys.length) say(where, 'a parameter is there twice')
    for (const each of all) {
      if (!['query', 'header', 'path', 'cookie'].includes(each['in'] as string)) say(where, 'a parameter is nowhere')
      if (each['in'] === 'path' && each['required'] !== true) say(where, 'a parameter of a path is always required')
      if ((each['schema'] === undefined) === (each['content'] === undefined)) say(where, 'expected schema or content')
      if (each['schema'] !== undefined) schema(`${where}/${String(each['name'])}`, each['schema'])
    }
    const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => `path ${name}`)
    const told = keys.filter((key) => key.startsWith('path '))
    if (inPath.toSorted().join() !== told.toSorted().join())
      say(where, 'its parameters of the path are not those of its address')
  }
  const operation = (where: string, path: string, value: unknown, names: Set<string>): void => {
    const bag = known(where, value, fields.operation)
    const name = bag['operationId']
    if (typeof name !== 'string' || !/^[a-z][A-Za-z0-9]*$/.test(name)) say(where, 'its name is no name for a program')
    else if (names.has(name)) say(where, `two operations are called ${name}`)
    else names.add(name)
    text(where, bag['summary'])
    parameters(where, path, bag['parameters'])
    security(`${where}/security`, bag['security'])
    servers(`${where}/servers`, bag['servers'])
    if (bag['requestBody'] !== undefined) {
      if (where.endsWith(' get')) say(where, 'a body means nothing here')
      content(`${where}/body`, known(`${where}/body`, bag['requestBody'], fields.body)['content'], true)
    }
    const answers = Object.entries(bagOf(bag['responses']) ?? {})
    if (answers.length === 0) say(where, 'expected at least one answer')
    for (const [status, given] of answers) {
      const at = `${where}/${status}`
      if (!/^([1-5]\d\d|[1-5]XX|default)$/.test(status)) say(at, 'is no status')
      const answer = bagOf(given) ?? {}
      reference(at, answer)
      if (answer['$ref'] !== undefined) continue
      known(at, answer, fields.answer)
      if (typeof answer['description'] !== 'string') say(at, 'expected a description')
      content(at, answer['content'], false)
      for (const [header, about] of Object.entries(bagOf(answer['headers']) ?? {}))
        known(`${at}/${header}`, about, fields.header)
    }
  }

  const root = known('#', document, fields.root)
  if (!/^3\.1\.\d+$/.test(String(root['openapi']))) say('#/openapi', 'expected 3.1')
  const info = known('#/info', root['info'], fields.info)
  text('#/info/title', info['title'])
  text('#/info/version', info['version'])
  servers('#/servers', root['servers'])
  const names = new Set<string>()
  const shapes = new Set<string>()
  for (const [path, item] of Object.entries(bagOf(root['paths']) ?? {})) {
    if (!path.startsWith('/')) say(path, 'an address begins with /')
    const shape = path.replaceAll(/\{[^}]+\}/g, '{}')
    if (shapes.has(shape)) say(path, 'the same address is there under other names')
    shapes.add(shape)
    const methods = known(path, item, fields.path)
    for (const method of METHODS)
      if (methods[method] !== undefined) operation(`${path} ${method}`, path, methods[method], names)
  }
  const components = known('#/components', root['components'], fields.components)
  for (const [kind, all] of Object.entries(components))
    for (const [name, value] of Object.entries(bagOf(all) ?? {})) {
      const where = `#/components/${kind}/${name}`
      if (!/^[a-zA-Z0-9._-]+$/.test(name)) say(where, 'is no name of a component')
      if (kind === 'schemas') schema(where, value)
      if (kind === 'securitySchemes') scheme(where, known(where, value, fields.scheme), say)
    }
  return troubles
}

function scheme(where: string, bag: Bag, say: (where: string, what: string) => void): void {
  const needed = {
    apiKey: ['name', 'in'],
    http: ['scheme'],
    mutualTLS: [],
    oauth2: ['flows'],
    openIdConnect: ['openIdConnectUrl'],
  }
  const names: readonly string[] | undefined = needed[bag['type'] as keyof typeof needed]
  if (names === undefined) return say(where, 'is no kind of way to say who asks')
  for (const name of names) if (bag[name] === undefined) say(where, `expected ${name}`)
}

/** Why a value is not of the shape, or null. As much as the examples need. */
export function conforms(document: unknown, schema: unknown, value: unknown): string | null {
  const given = bagOf(schema) ?? {}
  const bag = given['$ref'] === undefined ? given : (bagOf(found(document, given['$ref'])) ?? {})
  for (const part of (bag['allOf'] as unknown[] | undefined) ?? []) {
    const why = conforms(document, part, value)
    if (why !== null) return why
  }
  for (const name of ['anyOf', 'oneOf'] as const) {
    const ways = bag[name] as unknown[] | undefined
    if (ways !== undefined && ways.every((way) => conforms(document, way, value) !== null))
      return `fits none of ${name}`
  }
  const types = bag['type'] === undefined ? [] : [bag['type']].flat()
  if (types.length > 0 && !types.some((type) => isOf(type as string, value)))
    return `${JSON.stringify(value)} is no ${JSON.stringify(types)}`
  const allowed = bag['enum'] as unknown[] | undefined
  if (allowed !== undefined && !allowed.includes(value))
    return `${JSON.stringify(value)} is none of ${JSON.stringify(allowed)}`
  if (
    typeof value === 'string' &&
    bag['pattern'] !== undefined &&
    !new RegExp(bag['pattern'] as string, 'u').test(value)
  )
    return `${value} does not fit ${JSON.stringify(bag['pattern'])}`
  if (Array.isArray(value)) {
    const whys = value.map((each) => conforms(document, bag['items'] ?? {}, each))
    return whys.find((why) => why !== null) ?? null
  }
  const members = bagOf(value)
  if (members === null) return null
  const properties = bagOf(bag['properties']) ?? {}
  for (const name of (bag['required'] as string[] | undefined) ?? [])
    if (!Object.hasOwn(members, name)) return `${name} is missing`
  for (const [name, member] of Object.entries(members)) {
    if (!Object.hasOwn(properties, name) && bag['additionalProperties'] === false) return `${name} is not known`
    const why = Object.hasOwn(properties, name) ? conforms(document, properties[name], member) : null
    if (why !== null) return `${name}: ${why}`
  }
  return null
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return bagOf(value) !== null
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}

function found(document: unknown, reference: unknown): unknown {
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return undefined
  let at: unknown = document
  for (const part of reference.slice(2).split('/')) at = bagOf(at)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  return at
}

function isPattern(text: unknown): boolean {
  try {
    return typeof text === 'string' && new RegExp(text, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function bagOf(value: unknown): Bag | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : null
}
