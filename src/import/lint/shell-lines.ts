/** Command lines in a document: those of shell blocks, and spans between backticks that begin with a known tool. */
import type { Fence } from '../../core/plan/document.ts'

export interface FoundCommand {
  readonly text: string
  readonly line: number
  readonly column: number
  readonly comment: string
}

const shells = new Set(['sh', 'bash', 'shell', 'zsh', 'console', 'shell-session', 'terminal'])
const sessions = new Set(['console', 'shell-session', 'terminal'])

/** The first word of the opening line says so; a fence without any may hold commands of known tools. */
export function isShell(fence: Fence): boolean {
  const language = languageOf(fence)
  return shells.has(language) || language === ''
}

function languageOf(fence: Fence): string {
  return fence.info.trim().split(/[\s{]/)[0]?.toLowerCase() ?? ''
}

export function commandsInFence(fence: Fence): readonly FoundCommand[] {
  const language = languageOf(fence)
  const lines = fence.body.split('\n')
  const isSession = sessions.has(language) || lines.some((line) => /^\s*\$ \S/.test(line))
  const found: FoundCommand[] = []
  let [comment, endOfText]: [string, string | null] = ['', null]
  for (let at = 0; at < lines.length; at++) {
    const raw = lines[at] ?? ''
    if (endOfText !== null) {
      if (raw.trim() === endOfText) endOfText = null
      continue
    }
    const remark = /^\s*#(?!!)\s*(.*)$/.exec(raw)
    if (remark) comment = remark[1] ?? ''
    if (raw.trim() === '' || remark) {
      if (raw.trim() === '') comment = ''
      continue
    }
    if (isSession && !/^\s*[$%>]\s/.test(raw)) continue
    const first = at
    let text = raw.replace(/^\s*[$%]\s+/, '')
    while (/\\\s*$/.test(text) && at + 1 < lines.length && at - first < 40)
      text = `${text.replace(/\\\s*$/, '')} ${(lines[(at += 1)] ?? '').trim()}`
    endOfText = /<<-?\s*["']?(\w+)["']?/.exec(text)?.[1] ?? null
    const command = withoutComment(text)
    if (language !== '' || startsWithTool(command))
      found.push({ text: command, line: fence.line + 1 + first, column: 1 + Math.max(0, raw.search(/\S/)), comment })
  }
  return found
}

function withoutComment(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/\s+#\s.*$/, '')
    .trim()
}

/** Code next to "do not" is a warning and no command. */
export function commandsInLine(text: string): readonly { readonly text: string; readonly column: number }[] {
  const found: { text: string; column: number }[] = []
  for (const span of text.matchAll(/(`+)([^`]+)\1/g)) {
    const command = (span[2] ?? '').trim().replace(/^\$\s+/, '')
    const before = text.slice(0, span.index).toLowerCase()
    if (/\b(?:do not|don['’]t|never|avoid|instead of|not)\s+(?:\w+\s+){0,2}$/.test(before.slice(-60))) continue
    if (startsWithTool(command) && /\s\S/.test(command)) found.push({ text: command, column: span.index + 1 })
  }
  return found
}

const tools = new Set(
  (
    'alembic ansible ansible-playbook apt apt-get aws az bandit bash black brew bun bundle cargo cd codesign composer ' +
    'conda corepack curl cp dig docker docker-compose dotnet echo eslint find flyctl flyway gcloud gem gh git go ' +
    'goreleaser gradle grep helm heroku http hub java journalctl jq kafka-topics kubectl kustomize ls make mkdir mongo ' +
    'mongodump mvn mypy mysql mysqldump nc node npm npx nvm openssl oc pg_dump pg_restore pip pip-audit pip3 pipx pnpm ' +
    'podman poetry pre-commit prisma psql pulumi pytest python python3 rails rake redis-cli rm rsync ruff rustup scp sed ' +
    'sentry-cli sh skaffold sqlx ssh sshpass stern sudo systemctl tail tar telnet terraform tox trivy twine uv vercel ' +
    'watch websocat wget wrangler xcodebuild xcrun yarn ./gradlew ./mvnw'
  ).split(' '),
)

function startsWithTool(command: string): boolean {
  const words = command.split(/\s+/, 6).filter((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word) && word !== 'sudo')
  const first = words[0] ?? ''
  return tools.has(first) || /^\.{1,2}\/[\w./-]+$/.test(first)
}
