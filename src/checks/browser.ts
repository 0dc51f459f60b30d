/** `yaml check kind: browser`: a page works in a real browser: it loads, a flow goes through, and nothing fails on the way. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, type EvidenceBytes, defineCheck } from '../core/ports/check.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { type BrowserSettings, type BrowserTold, script } from './browser-session/script.ts'
import { moveOf, stepsField } from './browser-session/steps.ts'
import { isPath } from './http-scenario/scenario.ts'
import { baseKinds, baseOf, onField } from './parts/base-source.ts'
import { bytesEvidence, textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, fill, millisOf, patternField, patternOf } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { readText } from './parts/read-text.ts'
import { oneLine, sayMillis } from './parts/say.ts'

const limit = z.number().int().min(0).default(0)

const config = z
  .strictObject({
    on: onField.describe('Source of the kind `http`, whose address stands before `url`; its headers are not sent'),
    url: z
      .string()
      .regex(/^(https?:\/\/|\{\{|\/(?![/\\]))/, {
        error: 'expected an address, such as https://staging.shop.example/, or with `on` a path, such as /sign-in',
      })
      .describe('The page that is opened first: an address, or with `on` a path'),
    hosts: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Others that the page may reach, such as `cdn.shop.example` or `api.shop.example:8443`; everything else is refused',
      ),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe('File with certificates of a private authority, which are trusted besides the usual ones'),
    steps: stepsField,
    title: patternField.optional().describe('Matches the title in the end'),
    'loaded-within': durationField.optional().describe('The first page is loaded in this time'),
    within: durationField.default('10s').describe('How long each step may take'),
    'max-console-errors': limit.describe('Errors in the console, and exceptions that nobody caught'),
    'max-csp-violations': limit.describe('Violations of the Content-Security-Policy, also of one that only reports'),
    'max-failed-requests': limit.describe('Requests of the page without an answer, or with one above 399'),
    ignore: z
      .array(patternField)
      .default([])
      .describe('Errors, violations, addresses and refused hosts that match are not counted'),
    viewport: z
      .string()
      .regex(/^\d{2,4}x\d{2,4}$/, { error: 'expected a width and a height, such as 1280x800' })
      .default('1280x800'),
    screenshot: z
      .boolean()
      .default(true)
      .describe('Keep a picture of the last page as evidence; it shows what the page shows'),
    program: z
      .string()
      .regex(/^\/[\w./-]*chrom[\w.-]*$/, { error: 'expected the path of Chromium, such as /usr/bin/chromium' })
      .optional()
      .describe('Path of Chromium where commands run; without it `/usr/bin/chromium` and usual others'),
    sandbox: z
      .boolean()
      .default(true)
      .describe(
        "Chromium's own sandbox, which ordinary users have where the machine lets them make namespaces; false where it does not, or where commands run as root",
      ),
  })
  .refine((given) => isPath(given.url) === (given.on !== undefined), {
    path: ['url'],
    error: 'expected a path such as /sign-in with `on`, and an address such as https://shop.example/ without it',
  })

type Config = z.infer<typeof config>

export const browser = defineCheck<Config>({
  kind: 'browser',
  summary: 'A page works in a real browser: it loads, a flow goes through, and nothing fails on the way',
  config,
  needs: ['command', 'place', 'files', 'source'],
  sourceKinds: baseKinds,
  timeoutMs: 120_000,
  example:
    '```yaml check\nkind: browser\nurl: https://staging.shop.example/sign-in\nhosts: [cdn.shop.example]\nsteps:\n  - { fill: Name, with: ana }\n  - { fill: Password, secret: API_TOKEN }\n  - { click: Sign in }\n  - { text: Your orders }\nsecrets: [API_TOKEN]\n```',
  facts: {
    status: 'int',
    title: 'string',
    url: 'string',
    text: 'string',
    load_ms: 'double',
    took_ms: 'double',
    console_errors: 'list',
    csp_violations: 'list',
    failed_requests: 'list',
    refused: 'list',
  },
  async run(given, powers) {
    const told = await drive(await settingsOf(given, powers), powers)
    if ('why' in told) return { outcome: 'errored', say: oneLine(told.why), evidence: [] }
    if (told.broken !== null)
      return { outcome: 'errored', say: oneLine(told.broken), evidence: evidenceOf(told, given) }
    return judge(told, given, powers)
  },
  /** Starts it and ends it: no page is asked for anything. */
  async probe(given, powers) {
    const told = await drive({ ...(await settingsOf(given, powers)), moves: [] }, powers)
    if ('why' in told) return { ok: false, say: told.why }
    if (told.broken !== null) return { ok: false, say: told.broken }
    return { ok: true, say: `${told.version} starts, ${given.sandbox ? 'in its sandbox' : 'without a sandbox'}` }
  },
})

async function settingsOf(given: Config, powers: CheckPowers): Promise<BrowserSettings> {
  const base = given.on === undefined ? '' : baseOf(given.on, powers).url
  const url = `${base}${fill(given.url, powers.variables)}`
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new ConfigFault(`${url} is no address of a page`)
  const moves = [{ goto: url }, ...given.steps].map((step) => moveOf(step, url, powers.variables))
  const pages = moves.flatMap((move) => (move.do === 'goto' ? [move.url] : []))
  const others = given.hosts.flatMap((host) => addressesOf(fill(host, powers.variables)))
  const [width = 1280, height = 800] = given.viewport.split('x').map(Number)
  return {
    program: given.program ?? null,
    sandbox: given.sandbox,
    ca: given.ca === undefined ? null : await authoritiesIn(given.ca, powers),
    width,
    height,
    withinMs: millisOf(given.within),
    // It has to end its browser before the launcher ends it.
    timeoutMs: Math.max(1_000, powers.timeoutMs - 5_000),
    moves,
    places: await placesOf([...new Set([...pages, ...others])], powers),
  }
}

/** They reach the program in its environment, where a value may be 128 KiB long. */
async function authoritiesIn(file: string, powers: CheckPowers): Promise<string> {
  const text = await readText(powers, file)
  if (text.length > 65_536) throw new ConfigFault(`${file} has ${text.length} letters; expected at most 65536`)
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new ConfigFault(`${file} holds no certificate; expected PEM, which begins with -----BEGIN CERTIFICATE-----`)
}

function addressesOf(host: string): readonly string[] {
  const addresses = /:\d+$/.test(host) ? [`http://${host}`] : [`https://${host}`, `http://${host}`]
  const wrong = addresses.find((address) => !URL.canParse(address))
  if (wrong !== undefined) throw new ConfigFault(`${host} is no host; expected one such as cdn.shop.example`)
  return addresses
}

/** The guard decides, once and here; the browser gets addresses and looks nothing up. */
async function placesOf(addresses: readonly string[], powers: CheckPowers): Promise<BrowserSettings['places']> {
  const places = await Promise.all(
    addresses.map((address) => {
      const { protocol, hostname, port } = new URL(address)
      const usual = protocol === 'https:' ? '443' : '80'
      return powers.place(`tcp://${hostname}:${port === '' ? usual : port}`)
    }),
  )
  return Object.fromEntries(places.map(({ host, port, addresses: found }) => [`${host}:${port}`, found]))
}

async function drive(settings: BrowserSettings, powers: CheckPowers): Promise<BrowserTold | { readonly why: string }> {
  const env = { HOLDPOINT_BROWSER: JSON.stringify(settings) }
  return toldIn(await powers.command({ shell: 'node', script, cwd: null, timeoutMs: powers.timeoutMs, env }))
}

/** Its last line. */
function toldIn({ stdout, ended, why }: CommandResult): BrowserTold | { readonly why: string } {
  const nothing = { why: `no browser could be driven (${why ?? ended})` }
  if (ended !== 'exit') return nothing
  try {
    const told = JSON.parse(new TextDecoder().decode(stdout).trimEnd().split('\n').at(-1) ?? '') as BrowserTold
    return Array.isArray(told.refused) && Array.isArray(told.consoleErrors) ? told : nothing
  } catch {
    return nothing
  }
}

function judge(told: BrowserTold, given: Config, powers: CheckPowers): CheckResult {
  const counted = without(told, given)
  const facts = factsOf(counted)
  const evidence = evidenceOf(told, given)
  const problems = problemsOf(counted, given)
  if (problems.length > 0) return { outcome: 'failed', say: oneLine(problems.join('; ')), evidence, facts }
  if (counted.refused.length > 0) {
    const say = `the page wants ${counted.refused.slice(0, 3).join(', ')}, which it may not reach: name the host under hosts, or under ignore`
    return { outcome: 'inconclusive', say: oneLine(say), evidence, facts }
  }
  const steps = given.steps.length === 0 ? '' : `, ${given.steps.length} steps as expected`
  const say = `${told.status} ${told.title}, loaded in ${sayMillis(told.loadMs ?? 0)}${steps}`
  return judged(powers, facts, { say: oneLine(say), evidence })
}

function without(told: BrowserTold, { ignore }: Config): BrowserTold {
  const patterns = ignore.map(patternOf)
  const kept = (all: readonly string[]): readonly string[] => all.filter((one) => !patterns.some((p) => p.find(one)))
  return {
    ...told,
    consoleErrors: kept(told.consoleErrors),
    cspViolations: kept(told.cspViolations),
    failedRequests: kept(told.failedRequests),
    refused: kept(told.refused),
  }
}

function problemsOf(told: BrowserTold, given: Config): readonly string[] {
  const { stopped, status, loadMs, title } = told
  const most = given['loaded-within']
  return [
    stopped !== null && (stopped.step === 0 ? stopped.why : `step ${stopped.step}: ${stopped.why}`),
    (status === null || status >= 400) &&
      stopped?.step !== 0 &&
      `the page answers ${status ?? 'nothing'}, expected below 400`,
    most !== undefined &&
      loadMs !== null &&
      loadMs > millisOf(most) &&
      `loaded in ${sayMillis(loadMs)}, at most ${most}`,
    given.title !== undefined &&
      stopped === null &&
      !patternOf(given.title).find(title) &&
      `the title is ${JSON.stringify(title)}, expected ${given.title}`,
    tooMany('console errors', told.consoleErrors, given['max-console-errors']),
    tooMany('violations of the Content-Security-Policy', told.cspViolations, given['max-csp-violations']),
    tooMany('failed requests', told.failedRequests, given['max-failed-requests']),
  ].filter((problem) => typeof problem === 'string')
}

function tooMany(what: string, all: readonly string[], most: number): string | false {
  return all.length > most && `${what}: ${all.length}, at most ${most} (${all[0]?.slice(0, 160)})`
}

function factsOf(told: BrowserTold): NonNullable<CheckResult['facts']> {
  return {
    status: told.status,
    title: told.title,
    url: told.url,
    text: told.text,
    load_ms: told.loadMs,
    took_ms: told.tookMs,
    console_errors: [...told.consoleErrors],
    csp_violations: [...told.cspViolations],
    failed_requests: [...told.failedRequests],
    refused: [...told.refused],
  }
}

function evidenceOf({ screenshot, ...told }: BrowserTold, given: Config): readonly EvidenceBytes[] {
  const text = textEvidence('browser.json', `${JSON.stringify(told, null, 2)}\n`, 'application/json')
  if (screenshot === null || !given.screenshot) return text
  return [...text, ...bytesEvidence('page.jpg', Uint8Array.from(Buffer.from(screenshot, 'base64')), 'image/jpeg')]
}
