/**
 * Turns what a terminal showed into an SVG for the README: one frame, or several that play once after another.
 *
 *   node scripts/terminal-picture.ts docs/images/demo.svg ./bin/holdpoint.js demo
 *
 * runs the command in a real terminal (tmux, 80 x 24) and takes its screen at chosen moments. Nothing is drawn by hand.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const COLUMNS = 80
const ROWS = 24
const LOOK_EVERY_MS = 1500
const SHOW_MS = 900
const LAST_SHOW_MS = 6000
const CELL = { width: 8.4, height: 18, font: 14, pad: 14 }
const colours: Readonly<Record<number, string>> = {
  30: '#0d1117',
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#56d4dd',
  37: '#e6edf3',
}
const PLAIN = '#e6edf3'

interface Style {
  readonly colour: string
  readonly bold: boolean
  readonly dim: boolean
}

const plain: Style = { colour: PLAIN, bold: false, dim: false }

/** One screen as SVG text rows. */
export function frameOf(screen: string): string {
  return screen
    .replace(/\n$/, '')
    .split('\n')
    .slice(0, ROWS)
    .map((line, row) => rowOf(line, CELL.pad + CELL.height * (row + 0.8)))
    .join('\n')
}

function rowOf(line: string, y: number): string {
  let style = plain
  let column = 0
  let spans = ''
  // oxlint-disable-next-line no-control-regex -- colours are control sequences
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    if (part.startsWith('\x1b[')) {
      style = styled(style, part.slice(2, -1))
      continue
    }
    if (part === '') continue
    if (part.trim() !== '') spans += spanOf(part, column, style)
    column += part.length
  }
  return spans === '' ? '' : `<text y="${y.toFixed(1)}">${spans}</text>`
}

/** Each run is pinned to its column, so that no font can shift what stands after it. */
function spanOf(text: string, column: number, { colour, bold, dim }: Style): string {
  const lead = text.length - text.trimStart().length
  const shown = text.trim()
  const x = (CELL.pad + (column + lead) * CELL.width).toFixed(1)
  const length = (shown.length * CELL.width).toFixed(1)
  const looks = [
    colour === PLAIN ? '' : ` fill="${colour}"`,
    bold ? ' font-weight="bold"' : '',
    dim ? ' fill-opacity="0.6"' : '',
  ].join('')
  return `<tspan x="${x}" textLength="${length}"${looks}>${escaped(shown)}</tspan>`
}

function styled(style: Style, codes: string): Style {
  return codes.split(';').reduce((now, text): Style => {
    const code = Number(text || '0')
    if (code === 0) return plain
    if (code === 1) return { ...now, bold: true }
    if (code === 2) return { ...now, dim: true }
    if (code === 22) return { ...now, bold: false, dim: false }
    if (code === 39) return { ...now, colour: PLAIN }
    return colours[code] ? { ...now, colour: colours[code] } : now
  }, style)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** All frames in one file. Where nothing moves (no CSS animation, or motion is not wanted) the last one stands still. */
export function pictureOf(screens: readonly string[], title: string): string {
  const width = Math.ceil(COLUMNS * CELL.width + 2 * CELL.pad)
  const height = Math.ceil(ROWS * CELL.height + 2 * CELL.pad)
  const total = SHOW_MS * (screens.length - 1) + LAST_SHOW_MS
  // The attribute is what holds without any animation; keyframes go over it.
  const still = (index: number): string => (index === screens.length - 1 ? '' : ' visibility="hidden"')
  const groups = screens.map((screen, index) => `<g class="f f${index}"${still(index)}>\n${frameOf(screen)}\n</g>`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>\ntext{font:${CELL.font}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:${PLAIN};white-space:pre}\n${timing(screens.length, total)}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    ...groups,
    '</svg>',
    '',
  ].join('\n')
}

function timing(count: number, total: number): string {
  if (count === 1) return ''
  const percent = (ms: number) => ((ms / total) * 100).toFixed(2)
  const rules = Array.from({ length: count }, (_, index) => {
    const from = SHOW_MS * index
    const to = index === count - 1 ? total : from + SHOW_MS
    const before = index === 0 ? '' : `0%,${percent(from - 1)}%{visibility:hidden}`
    const after = index === count - 1 ? '' : `${percent(to)}%,100%{visibility:hidden}`
    return `@keyframes f${index}{${before}${percent(from)}%,${percent(to - 1)}%{visibility:visible}${after}}\n.f${index}{animation:f${index} ${total}ms step-end infinite}`
  })
  return `${rules.join('\n')}\n@media (prefers-reduced-motion:reduce){.f{animation:none!important}}\n`
}

async function record(command: readonly string[]): Promise<readonly string[]> {
  const session = `holdpoint-picture-${process.pid}`
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  tmux(
    'new-session',
    '-d',
    '-s',
    session,
    '-x',
    String(COLUMNS),
    '-y',
    String(ROWS),
    `printf '$ holdpoint demo\\n'; ${quoted}; sleep 600`,
  )
  const screens: string[] = []
  try {
    for (let ended = false; !ended; ) {
      await sleep(LOOK_EVERY_MS)
      const screen = tmux('capture-pane', '-p', '-e', '-t', session)
      ended = /until you press Ctrl-C|(100 % reached|Rolled back)/.test(screen.trimEnd().split('\n').at(-1) ?? '')
      if (screen !== screens.at(-1)) screens.push(screen)
    }
    return chosen(screens)
  } finally {
    tmux('kill-session', '-t', session)
  }
}

/** At most sixteen, evenly, always with the first and the last. */
function chosen(screens: readonly string[]): readonly string[] {
  const most = 16
  if (screens.length <= most) return screens
  return Array.from(
    { length: most },
    (_, index) => screens[Math.round((index * (screens.length - 1)) / (most - 1))] ?? '',
  )
}

function tmux(...args: readonly string[]): string {
  return execFileSync('tmux', args, { encoding: 'utf8' })
}

const [out, ...command] = process.argv.slice(2)
if (import.meta.main && out !== undefined && command.length > 0) {
  const screens = await record(command)
  writeFileSync(out, pictureOf(screens, 'A terminal in which holdpoint demo runs a whole release'))
  process.stdout.write(`${out}: ${screens.length} frames\n`)
}
