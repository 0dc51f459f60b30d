/** What looks like a secret that stands in clear: keys of known shapes, literals under telling names, and chance letters. */

/** Shapes of keys that services give out, and passwords in addresses. */
const shapes: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['an AWS key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})\b/],
  ['a GitLab token', /\bglpat-[A-Za-z0-9_-]{20,}/],
  ['a Slack token', /\bxox[abprs]-[A-Za-z0-9-]{10,}/],
  ['a Stripe key', /\b[rs]k_live_[A-Za-z0-9]{16,}/],
  ['a Google key', /\bAIza[A-Za-z0-9_-]{35}\b/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a signed token', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/],
  ['a password in an address', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{1,100}:(?![$<{])[^\s:/@*]{3,100}@/i],
]

/** What it looks like, never what it is. */
export function secretIn(text: string): string | null {
  return shapes.find(([, pattern]) => pattern.test(text))?.[0] ?? null
}

const telling =
  /(?:passw(?:or)?d|passphrase|secret|token|credential|api[_-]?key|private[_-]?key|access[_-]?key|auth[_-]?key|(?:encryption|signing|master)[_-]?key)s?$/i
/** Names of what is public though it looks like chance. */
const public_ = /(?:sha\d*|digest|checksum|hash|integrity|commit|revision|fingerprint|public[_-]?key|etag|uuid)$/i

/** Does the last part of a key say that its value is a secret? `token_ttl`, `password_file` and `max_tokens` do not. */
export function namesSecret(name: string): boolean {
  return telling.test(name) && !/(?:max|min|num|count|limit)[_-]?tokens?$/i.test(name) && !public_.test(name)
}

/** It leads to a secret that is kept elsewhere: a variable, a file, a place in a store, or an encrypted value. */
export function isReference(value: string): boolean {
  return /^(?:\$\{?[A-Za-z_]|\{\{|<%|%[({][A-Za-z_]|ENC\[|(?:env|file|vault|ssm|sops|secret|secretsmanager|op|aws-?sm|gcp-?sm|awssm|doppler|akv)[:/]|arn:aws|projects\/|\/(?:run|etc|var|mnt|opt)\/)/i.test(
    value.trim(),
  )
}

/** Nobody has filled it in yet. */
export function isPlaceholder(value: string): boolean {
  return /^(?:<[^>]*>|\[[^\]]*\]|x{3,}|\*{3,}|\.{3}|-+|_+|(?:change|replace|fill|set|put|insert)[ _-]?(?:me|this|in|it)\b.*|(?:your|my|some|the)[ _-].*|todo|tbd|fixme|dummy|example|placeholder|redacted|none|null|n\/a)$/i.test(
    value.trim(),
  )
}

/** Bits that a letter of this text says, by how often each of them comes. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** Letters of both sizes and digits, as chance puts them, without the words that people write. */
function isChance(value: string): boolean {
  if (!/^[A-Za-z0-9+/_=-]{32,200}$/.test(value)) return false
  if (!/[a-z]/.test(value) || !/[A-Z]/.test(value) || (value.match(/\d/g) ?? []).length < 3) return false
  return entropyOf(value) >= 4.3
}

/** Of the value of a setting: what it looks like; null = nothing that must not stand there. */
export function secretAt(name: string, value: string): string | null {
  const shape = secretIn(value)
  if (shape !== null) return shape
  if (value.trim() === '' || isReference(value) || isPlaceholder(value) || public_.test(name)) return null
  if (namesSecret(name)) return /^(?:true|false|\d{1,5})$/i.test(value) ? null : 'a secret in clear'
  return isChance(value) ? 'a key' : null
}

const assigned =
  /([A-Za-z_][\w.-]{0,80})["'`]?\]?\s*(?::=|=>|[:=])\s*(?:[A-Za-z]{1,2})?(["'`])((?:(?!\2)[^\\\r\n]|\\.){8,200})\2/g

/** Of a line of code. A literal under a telling name has to look like chance, too: code is full of names of tokens. */
export function secretInCode(line: string): string | null {
  const shape = secretIn(line)
  if (shape !== null) return shape
  for (const [, name = '', , value = ''] of line.matchAll(assigned)) {
    if (isReference(value) || isPlaceholder(value) || /\s|\$\{|\{\{|%[sd]/.test(value)) continue
    if (namesSecret(name) && entropyOf(value) >= 2.9 && (/\d/.test(value) || /[^\w.-]/.test(value)))
      return 'a secret in clear'
  }
  return null
}
