/** Commands that ask a person, or go on for ever: those that can be bounded are, the others are told. */
import { commandLines, shellParts, type ShellPart } from './shell-parts.ts'

/** Edits, pages, logs in, or opens a place to type commands, by what a command begins with. */
const asks: readonly RegExp[] = [
  /^(?:vim?|nvim|nano|pico|emacs|\$\{?(?:EDITOR|VISUAL)\}?|less|more|man|mc|visudo|dialog|whiptail|tmux|screen|passwd)\b/,
  /^(?:telnet|ftp|sftp|websocat|wscat)\b|^(?:nc|ncat|socat)\s(?!.*-\w*z)/,
  /^ssh(?:\s+-(?:[bcDEeFIiJLlmOopQRSWw]\s*\S+|\w+))*\s+[^\s<-]\S*$/,
  /^(?:su(?:\s+-\S*)?(?:\s+[\w-]+)?|-i|-s|-su)$/,
  /^(?:npm|pnpm|yarn)\s+(?:login|adduser|init)\b|^(?:docker|podman|helm\s+registry)\s+login\b(?!.*(?:--password-stdin|\s-p\b|--password\b))/,
  /^(?:gh|gcloud|az|heroku|vercel|netlify|firebase|fly|flyctl|aws|oc|argocd|cargo|terraform|snyk)\s+(?:auth\s+|sso\s+)?login\b(?!.*(?:--with-token|--core))|^aws\s+configure\s*$/,
  /^crontab\s+-e|^ssh-keygen\b(?!.*\s-[NylFY])|^gpg\b(?!.*--batch).*--(?:full-)?gen(?:erate)?-key/,
  /^git\s.*\brebase\s+(?:-i|--interactive)|^git\s+(?:add|checkout|restore|stash|commit|reset)\s+(?:-[ip]\b|--patch|--interactive)/,
  /^git\s+commit\b(?!.*(?:\s-\w*[mFC]|--message|--file|--no-edit|--allow-empty-message|--fixup))/,
  /^git\s+tag\s+(?:-\w+\s+)*-[as]\b(?!.*(?:\s-\w*[mF]|--message|--file))/,
  /^kubectl\s.*\b(?:edit|attach|debug)\b|^(?:docker|podman)\s+attach\b|^(?:docker|podman)\s+run\s(?:.*\s)?-(?:it|ti|i|t)\b/,
  /\bexec\b.*\s(?:(?:\/bin\/)?(?:ba|z|a)?sh|bash\s+-l|irb|python3?|node|redis-cli|mysql|mongo(?:sh)?|(?:rails|bin\/rails)\s+c(?:onsole)?)$/,
  /\brails\s+(?:c|console|db|dbconsole)(?![\w:])|\bmanage\.py\s+(?:shell|dbshell|createsuperuser)|\bartisan\s+tinker|^iex\b|^terraform\s+console/,
]

/** Opens a place to type commands, unless it is given some. */
const asksUnlessFed: readonly RegExp[] = [
  /(?:^|\s)psql\b(?!.*(?:\s-\w*[cfl]|--command|--file|--list))/,
  /^mysql\b(?!.*(?:\s-\w*e|--execute))|^mongo(?:sh)?\b(?!.*(?:--eval|\.js\b|--file))|^sqlite3(?:\s+-\S+)*(?:\s+\S+)?$/,
  /^redis-cli(?:\s+(?:-[hpnau]\s*\S+|--\S+))*$/,
  /^(?:bash|sh|zsh|fish|python3?|node|irb|ghci|R|lua|php\s+-a)$/,
]

/** Serves, watches or follows until somebody ends it. */
const endless: readonly RegExp[] = [
  /^(?:top|htop|btop|stern|kubetail|multitail|lnav|nodemon|ngrok|inotifywait\s.*-\w*m|strace\s.*-p|yes|sleep\s+inf\w*|watch)\b/,
  /^tcpdump\b(?!.*\s-c)|^(?:vmstat|iostat|sar)\s+\d+$|^(?:docker|podman)\s+(?:events|stats(?!.*--no-stream))\b/,
  /^(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:dev|start|serve|watch)(?:\s|$|:)|^(?:vite|next|nuxt|astro)(?:\s+dev)?$|^cargo\s+watch\b/,
  /^(?:ng|mkdocs|jekyll|gatsby)\s+(?:serve|develop)\b|^hugo\s+serve|\brails\s+s(?:erver)?\b|^flask\s+run\b|^(?:uvicorn|gunicorn)\b/,
  /\bmanage\.py\s+runserver|^python3?\s+-m\s+http\.server|^celery\b.*\bworker\b/,
  /^kubectl\s.*\b(?:port-forward|proxy)\b|^docker(?:-|\s+)compose\b.*\bup\b(?!.*(?:\s-\w*d\b|--detach|--wait|--abort-on))/,
  /^redis-cli\b.*\b(?:monitor|p?subscribe|--stat|--latency)\b|^kafka-console-consumer\S*\b(?!.*(?:--max-messages|--timeout-ms))/,
  /^pm2\s+(?:monit|logs?(?!.*--nostream))\b|^(?:jest|vitest|tsc|npm|npx|pnpm|yarn|webpack|rollup)\b.*\s--watch(?:All)?\b(?!=false)|^tsc\b.*\s-w\b/,
]

const asksInShell = /(?:^|[;&]\s*|\b(?:do|then|else)\s+)(?:read|select)\s/
const loopsForever = /\bwhile\s+(?:true|:|1|\[\s*1\s*\])\s*;?(?:\s*do\b|$)|\bfor\s*\(\(\s*;\s*;/

/** Asks or waits for a person, or holds a connection open for ever. */
export function isInteractive(script: string): boolean {
  const lines = commandLines(script)
  const leaves = /\b(?:break|exit|timeout)\b/.test(script)
  return lines.some(
    (line) =>
      asksInShell.test(line.replace(/"[^"]*"|'[^']*'/g, '')) ||
      (loopsForever.test(line) && !leaves) ||
      shellParts(line).some(waits),
  )
}

function waits({ words, isFed }: ShellPart): boolean {
  const fits = (pattern: RegExp): boolean => pattern.test(words)
  return asks.some(fits) || endless.some(fits) || (!isFed && asksUnlessFed.some(fits))
}

const follow = /\s(?:-f|-F|--follow(?:=\S+)?)(?=\s|$)/

/** Follows for ever: the same command, bounded. `isBounded` tells that something was changed. */
export function bounded(script: string): { readonly script: string; readonly isBounded: boolean } {
  const text = script
    .replace(
      /(\b(?:kubectl|oc|docker|docker-compose|podman|aws|heroku|nomad|fly|vercel)\b[^|;&\n]*?\slogs?(?=\s))([^|;&\n]*)/g,
      (_, tool: string, rest: string) => tool + unfollowed(rest, tool),
    )
    .replace(/\btail\b[^|;&\n]*/g, (call) => tailed(call))
    .replace(/\bjournalctl\b[^|;&\n]*/g, (call) => {
      const ended = call.replace(/\s-f(?=[a-z]\b)/, ' -').replace(follow, '')
      return ended === call ? call : ended.replace('journalctl', 'journalctl --no-pager')
    })
    .replace(/\b(?:kubectl|oc)\b[^|;&\n]*/g, (call) => call.replace(/\s(?:-w|--watch(?:-only)?(?:=true)?)(?=\s|$)/, ''))
    .replace(/(\b(?:kubectl|docker|podman)\b[^|\n]*?\bexec)\s+(?:-it|-ti|-i\s+-t|-t\s+-i|-t)\b/g, '$1')
    .replace(
      /(?:^|(?<=[\n;&]))(\s*(?:sudo\s+)?)watch\s+(?:-\w+(?:\s+[\d.]+)?\s+|--\S+\s+)*([^\n]*)/g,
      (_, lead: string, call: string) => lead + call.replace(/^(["'])([^"']*)\1\s*$/, '$2'),
    )
    .replace(/\bping\s+(?!.*\s?-\w*[cw])(?=[^\n]*[\w.])/g, 'ping -c 4 ')
  return { script: text, isBounded: text !== script }
}

function unfollowed(options: string, tool: string): string {
  const ended = options.replace(follow, '').replace(/\s-f(?=[a-z]\b)/, ' -')
  return tool.startsWith('heroku') ? ended.replace(/\s(?:-t|--tail)(?=\s|$)/, '') : ended
}

/** `tail -f` and `tail -100f`: the last lines there are. */
function tailed(call: string): string {
  const counted = call.replace(/\s-(\d+)[fF]\b/, ' -n $1')
  if (counted !== call) return counted
  const ended = call.replace(follow, '')
  return ended === call || /\s-(?:n|c|\d)/.test(ended) ? ended : ended.replace('tail', 'tail -n 500')
}
