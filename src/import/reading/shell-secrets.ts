/** Secrets in commands: those that would be printed, and values that are asked for and must not be kept. */
import { commandLines, shellParts } from './shell-parts.ts'

const prints: readonly RegExp[] = [
  /^(?:kubectl|oc)\b.*\bget\s+secrets?\b.*\s(?:-o|--output|--template)/,
  /^(?:kubectl|oc)\b.*\bconfig\s+view\b.*--raw/,
  /^aws\s.*\b(?:secretsmanager\s+get-secret-value|ssm\s+get-parameters?\S*\b.*--with-decryption|sts\s+get-session-token|ecr\s+get-login-password)/,
  /^gcloud\s.*\bsecrets\s+versions\s+access\b|^az\s+keyvault\s+secret\s+show\b/,
  /^(?:vault\s+(?:read|kv\s+get)|op\s+(?:read|item\s+get)|pass\s+(?:show\s+)?[\w/]|doppler\s+secrets|heroku\s+config)\b/,
  /^(?:cat|head|tail|less|base64)\s.*(?:\.env(?!\.example)\b|credentials\b|\bid_(?:rsa|ed25519)\b(?!\.pub)|\.pem\b|\.key\b|\/etc\/shadow|\.pgpass|\.netrc|kubeconfig)/,
  /^(?:printenv|env)\s*$|^printenv\s+\w*(?:SECRET|TOKEN|PASS|KEY)/,
  /^terraform\s+output\b.*\s-(?:json|raw)\b/,
]

/** What it shows is kept in the record, unless it goes to another command or into a variable. */
export function printsSecret(script: string): boolean {
  return commandLines(script).some(
    (line) =>
      !/=\s*["']?\$\(|\|\s*(?:kubectl|docker|helm|sha\d+sum|wc)\b|(?<!\d)>(?!&)/.test(line) &&
      shellParts(line).some(({ words }) => prints.some((pattern) => pattern.test(words))),
  )
}

/** The name of a value that is a secret: what a run asks for stands in its record. */
export function isSecretName(name: string): boolean {
  return /(?:^|[^a-z])(?:pass(?:word|wd|phrase)?|secrets?|token|api[_ -]?key|credentials?|private[_ -]?key|access[_ -]?key)(?![a-z])/i.test(
    name,
  )
}
