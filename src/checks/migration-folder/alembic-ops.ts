/** What `upgrade()` of an Alembic migration does: operations that are known, SQL that stands there, and Python that nobody looks into. */
import { type Danger, dangersOf } from './danger.ts'
import { bodyOf, linesOf, type PythonLine, type PythonWord } from './python-lines.ts'

const adding = new Set(
  'create_table create_index create_unique_constraint create_foreign_key create_check_constraint create_primary_key create_exclude_constraint add_column create_table_comment drop_table_comment bulk_insert drop_index drop_constraint'.split(
    ' ',
  ),
)
const destroying: Readonly<Record<string, string>> = {
  drop_table: 'drops a table',
  drop_column: 'drops a column',
  rename_table: 'renames what the version in use knows by its old name',
}
/** Settings of `alter_column` that keep what is there readable to the version in use. */
const keeping = /^(?:nullable|server_default|comment|autoincrement|schema|existing_\w+)$/

/** In their order; nothing = every line is an operation that only adds. */
export function dangersOfUpgrade(source: string): readonly Danger[] {
  const lines = linesOfBody(source, 'upgrade')
  if (lines === null) return [{ kind: 'unknown', why: 'upgrade() cannot be read to its end', statement: '' }]
  const operators = new Set(['op'])
  return lines.flatMap((line) => dangersOfLine(line, operators))
}

/** There is a `downgrade()` that does something. */
export function hasDowngrade(source: string): boolean {
  const lines = linesOfBody(source, 'downgrade') ?? []
  return lines.some((line) => !isNothing(line)) && !lines.some(([first]) => first?.value === 'raise')
}

function linesOfBody(source: string, name: string): readonly PythonLine[] | null {
  const body = bodyOf(source, name)
  return body === null ? null : linesOf(body)
}

function isNothing(line: PythonLine): boolean {
  const [first, ...more] = line
  return more.length === 0 && (first?.kind === 'text' || first?.value === 'pass' || first?.value === 'return')
}

function dangersOfLine(line: PythonLine, operators: Set<string>): readonly Danger[] {
  if (isNothing(line)) return []
  const batch = batchOf(line, operators)
  if (batch !== null) {
    operators.add(batch)
    return []
  }
  const call = callOf(isSign(line[1], '=') ? line.slice(2) : line)
  if (call === null || !operators.has(call.on) || call.given.some(mayAct))
    return [unknown('what this Python does is not looked into', line)]
  if (call.operation === 'execute') return dangersOfExecute(call.given, line)
  if (call.operation === 'alter_column') return dangersOfAlter(call.given, line)
  if (adding.has(call.operation)) return []
  const why = Object.hasOwn(destroying, call.operation) ? destroying[call.operation] : undefined
  if (why !== undefined) return [{ kind: 'destroys', why, statement: shown(line) }]
  return [unknown(`${call.on}.${call.operation}() is not known here`, line)]
}

/** What would do something while it only describes what is to be done. */
function mayAct({ kind, value }: PythonWord): boolean {
  const acts = /^(?:drop\w*|execute|exec|eval|get_bind|connect|create|create_all)$/
  return kind === 'name' && acts.test(value ?? '')
}

/** `with op.batch_alter_table("orders") as NAME:` */
function batchOf(line: PythonLine, operators: ReadonlySet<string>): string | null {
  const [first, ...rest] = line
  const call = first?.value === 'with' ? callOf(rest.slice(0, -3)) : null
  const [as, name, colon] = line.slice(-3)
  if (call === null || call.operation !== 'batch_alter_table' || !operators.has(call.on)) return null
  return as?.value === 'as' && colon?.value === ':' && name?.kind === 'name' ? name.value : null
}

interface Call {
  readonly on: string
  readonly operation: string
  readonly given: PythonLine
}

/** `NAME.OPERATION(…)` and nothing behind it. */
function callOf(line: PythonLine): Call | null {
  const [on, dot, operation, open] = line
  const isCall = on?.kind === 'name' && dot?.value === '.' && operation?.kind === 'name' && open?.value === '('
  if (!isCall || closeOf(line, 3) !== line.length - 1) return null
  return { on: on.value ?? '', operation: operation.value ?? '', given: line.slice(4, -1) }
}

function isSign(word: PythonWord | undefined, signs: string): boolean {
  return word?.kind === 'sign' && signs.includes(word.value ?? ' ')
}

/** Where the bracket that opens here is closed. */
function closeOf(line: PythonLine, from: number): number {
  let depth = 0
  for (let at = from; at < line.length; at += 1) {
    if (isSign(line[at], '([{')) depth += 1
    if (isSign(line[at], ')]}')) depth -= 1
    if (depth === 0) return at
  }
  return -1
}

/** Texts side by side are one in Python. `sa.text(…)` says the same as the text itself. */
function dangersOfExecute(given: PythonLine, line: PythonLine): readonly Danger[] {
  const texts = withoutComma(withoutText(withoutComma(given)))
  const isPlain = texts.length > 0 && texts.every((word) => word.kind === 'text' && word.value !== null)
  if (!isPlain) return [unknown('its SQL is put together when it runs', line)]
  return dangersOf(texts.map((word) => word.value).join(''))
}

function withoutComma(line: PythonLine): PythonLine {
  return isSign(line.at(-1), ',') ? line.slice(0, -1) : line
}

function withoutText(line: PythonLine): PythonLine {
  const open = line.findIndex((word) => isSign(word, '('))
  const isText = /^(?:(?:sa|sqlalchemy)\.)?text$/.test(words(line.slice(0, Math.max(0, open))))
  return isText && closeOf(line, open) === line.length - 1 ? line.slice(open + 1, -1) : line
}

function words(line: PythonLine): string {
  return line.map(({ value }) => value ?? '').join('')
}

function dangersOfAlter(given: PythonLine, line: PythonLine): readonly Danger[] {
  const names = settingsOf(given)
  const destroys = (why: string): readonly Danger[] => [{ kind: 'destroys', why, statement: shown(line) }]
  if (names.includes('new_column_name')) return destroys('renames what the version in use knows by its old name')
  if (names.includes('type_')) return destroys('changes the type of a column')
  const strange = names.find((name) => !keeping.test(name))
  return strange === undefined ? [] : [unknown(`alter_column(${strange}=…) is not known here`, line)]
}

/** Names in front of `=`, not inside of further brackets. */
function settingsOf(given: PythonLine): readonly string[] {
  let depth = 0
  return given.flatMap((word, at) => {
    if (isSign(word, '([{')) depth += 1
    if (isSign(word, ')]}')) depth -= 1
    const isSetting = depth === 0 && word.kind === 'name' && isSign(given[at + 1], '=') && !isSign(given[at + 2], '=')
    if (isSetting) return [word.value ?? '']
    return depth === 0 && isSign(word, '*') ? ['*'] : []
  })
}

function unknown(why: string, line: PythonLine): Danger {
  return { kind: 'unknown', why, statement: shown(line) }
}

function shown(line: PythonLine): string {
  const flat = line
    .map(({ kind, value }) => (kind === 'text' ? JSON.stringify(value ?? '…') : (value ?? '')))
    .join(' ')
    .replaceAll(/ ?([.(),:=[\]]) ?/g, '$1')
    .replaceAll(',', ', ')
  return flat.length > 120 ? `${flat.slice(0, 117)}...` : flat
}
