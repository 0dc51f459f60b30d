/**
 * The program that drives Chromium, run by the launcher with `node`. Chromium has a new profile, is told what to do over a
 * pipe that nobody else can open, and reaches the network only through a proxy in here that knows the allowed hosts.
 */
import { certificates } from './certificates.ts'
import type { Move } from './steps.ts'

export interface BrowserSettings {
  /** Path of Chromium; null = the first that is found. */
  readonly program: string | null
  readonly sandbox: boolean
  /** Certificates (PEM) of private authorities that are trusted besides the usual ones; null = none. */
  readonly ca: string | null
  readonly width: number
  readonly height: number
  /** For one step. */
  readonly withinMs: number
  /** For all of them, with the time it takes to start and end. */
  readonly timeoutMs: number
  /** None = it is only started and ended. */
  readonly moves: readonly Move[]
  /** Where it may connect to, as `host:port`: exactly these addresses, names are not looked up again. */
  readonly places: Readonly<Record<string, readonly { readonly address: string; readonly family: number }[]>>
}

export interface BrowserTold {
  /** Why nothing could be tried; null = it could. */
  readonly broken: string | null
  /** The step that did not come true, from 1, and why. */
  readonly stopped: { readonly step: number; readonly why: string } | null
  readonly version: string
  readonly status: number | null
  readonly url: string
  readonly title: string
  /** Milliseconds until the first page was loaded; null = it was not. */
  readonly loadMs: number | null
  readonly tookMs: number
  readonly consoleErrors: readonly string[]
  readonly cspViolations: readonly string[]
  readonly failedRequests: readonly string[]
  /** `host:port` that the guard let nobody reach. */
  readonly refused: readonly string[]
  /** What the page shows, the first part of it. */
  readonly text: string
  /** JPEG in base64; null = none could be made. */
  readonly screenshot: string | null
}

export const script = String.raw`
'use strict'
const fs = process.getBuiltinModule('node:fs')
const os = process.getBuiltinModule('node:os')
const net = process.getBuiltinModule('node:net')
const http = process.getBuiltinModule('node:http')
const path = process.getBuiltinModule('node:path')
const { spawn } = process.getBuiltinModule('node:child_process')

const given = JSON.parse(process.env.HOLDPOINT_BROWSER)
const started = performance.now()
const told = { broken: null, stopped: null, version: '', status: null, url: '', title: '', loadMs: null, tookMs: 0, consoleErrors: [], cspViolations: [], failedRequests: [], refused: [], text: '', screenshot: null }
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const note = (list, text) => { if (list.length < 100 && !list.includes(text)) list.push(String(text).slice(0, 500)) }
class Broken extends Error {}
${certificates}
// The only way out: a host that is not allowed is not even looked up.
const unreached = new Map()
function connect(host, port, done) {
  const key = host.toLowerCase().replace(/^\[|\]$/g, '') + ':' + port
  const addresses = given.places[key]
  if (addresses === undefined) { note(told.refused, key); return done(null) }
  const lookup = (name, options, found) => options.all ? found(null, addresses) : found(null, addresses[0].address, addresses[0].family)
  const only = addresses.length === 1 ? addresses[0].address : host
  const socket = net.connect({ host: only, port: Number(port), lookup })
  const fault = (cause) => { unreached.set(key, cause.code); done(null) }
  socket.once('error', fault)
  socket.once('connect', () => {
    socket.off('error', fault)
    socket.on('error', () => socket.destroy())
    done(socket)
  })
}
const proxy = http.createServer((request, response) => {
  let url
  try { url = new URL(request.url) } catch { return response.writeHead(400).end() }
  connect(url.hostname, url.port || '80', (socket) => {
    if (socket === null) return response.destroy()
    const headers = { ...request.headers }
    delete headers['proxy-connection']
    const onward = http.request({ method: request.method, path: url.pathname + url.search, headers: { ...headers, host: url.host }, createConnection: () => socket }, (answer) => {
      response.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
})
proxy.on('connect', (request, client, head) => {
  const colon = request.url.lastIndexOf(':')
  client.on('error', () => client.destroy())
  connect(request.url.slice(0, colon), request.url.slice(colon + 1), (socket) => {
    if (socket === null) return client.end('HTTP/1.1 502 Refused\r\n\r\n')
    socket.on('close', () => client.destroy())
    client.on('close', () => socket.destroy())
    client.write('HTTP/1.1 200 OK\r\n\r\n')
    if (head.length > 0) socket.write(head)
    socket.pipe(client).pipe(socket)
  })
})

let child = null
let said = ''
let next = 0
const waiting = new Map()
const hear = new Map()
let session
// Why there is no browser any more.
let over = null
function send(method, params = {}, within = given.withinMs) {
  if (over !== null) return Promise.reject(new Broken(over))
  const id = (next += 1)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { waiting.delete(id); reject(new Error('the browser does not answer')) }, Math.max(within, 1000))
    waiting.set(id, { resolve, reject, timer })
    child.stdio[3].write(JSON.stringify({ id, method, params, sessionId: session }) + '\0')
  })
}
function settle(message) {
  const one = waiting.get(message.id)
  if (one === undefined) return
  waiting.delete(message.id)
  clearTimeout(one.timer)
  if (message.error) one.reject(new Error(message.error.message))
  else one.resolve(message.result)
}
function endAll(why) {
  over ??= why
  for (const { reject, timer } of waiting.values()) { clearTimeout(timer); reject(new Broken(why)) }
  waiting.clear()
}

function find() {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  const all = given.program === null ? usual : [given.program]
  const found = all.find((one) => { try { fs.accessSync(one, fs.constants.X_OK); return true } catch { return false } })
  if (found !== undefined) return found
  throw new Broken((given.program ?? 'Chromium') + ' is not there: install the package chromium where commands run, or name its path with program: /opt/chromium')
}

async function start(profile) {
  const program = find()
  if (given.sandbox && process.geteuid() === 0) throw new Broken('Chromium refuses to make its sandbox as root: let commands run as a user of their own (HOLDPOINT_COMMAND_USER), or say sandbox: false')
  const keys = given.ca === null ? [] : await verifiedKeys(given.ca, given.places)
  await new Promise((resolve, reject) => { proxy.on('error', reject); proxy.listen(0, '127.0.0.1', resolve) })
  const flags = [
    '--headless', '--remote-debugging-pipe', '--user-data-dir=' + profile, '--proxy-server=http://127.0.0.1:' + proxy.address().port,
    '--proxy-bypass-list=<-loopback>', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', '--disable-quic',
    '--webrtc-ip-handling-policy=disable_non_proxied_udp', '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--window-size=' + given.width + ',' + given.height, '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-extensions',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-default-apps', '--no-default-browser-check',
    '--disable-features=Translate,MediaRouter,OptimizationHints', '--password-store=basic', '--mute-audio', '--lang=en-US',
    ...(keys.length === 0 ? [] : ['--ignore-certificate-errors-spki-list=' + keys.join(',')]),
    ...(given.sandbox ? [] : ['--no-sandbox']), 'about:blank',
  ]
  // Nothing of our own environment, where secrets are. Chromium makes a socket in TMPDIR, whose path may have 107 letters: the
  // folder of a command is often longer, so it is named from within, and whoever removes that folder removes all there was.
  const env = { PATH: process.env.PATH, HOME: profile, TMPDIR: process.platform === 'linux' ? '/proc/self/cwd' : profile, LANG: 'C.UTF-8' }
  child = spawn(program, flags, { env, cwd: profile, stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] })
  child.on('error', (fault) => endAll('Chromium could not be started (' + fault.code + ')'))
  child.on('exit', () => endAll(whyGone()))
  child.stdio[3].on('error', () => {})
  child.stderr.on('data', (piece) => { said = (said + piece).slice(-8000) })
  let rest = Buffer.alloc(0)
  child.stdio[4].on('data', (piece) => {
    rest = Buffer.concat([rest, piece])
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const message = JSON.parse(rest.subarray(0, end).toString('utf8'))
      rest = rest.subarray(end + 1)
      if (message.id) settle(message)
      else if (message.sessionId === session) hear.get(message.method)?.(message.params)
    }
  })
  told.version = (await send('Browser.getVersion', {}, 60000)).product
}
const noSandbox = 'Chromium cannot make its sandbox here: let ordinary users make namespaces (sysctl user.max_user_namespaces=10000; in a container, its seccomp profile), install the package chromium-sandbox where commands may gain rights, or say sandbox: false'
function whyGone() {
  if (/usable sandbox|no-sandbox|suid sandbox/i.test(said)) return noSandbox
  return 'Chromium ended by itself: ' + (said.trim().split('\n').at(-1) ?? '').slice(0, 200)
}

let frame = ''
let loaded = false
let lastTraffic = 0
let open = 0
const requests = new Map()
const wanted = new Set()
// Chromium asks its maker for things of its own, which it does not get; no page is to blame for that.
const own = /(^|\.)(google|googleapis|gstatic|gvt1|gvt2)\.com:/
const keyOf = (url) => { try { const at = new URL(url); return at.hostname.replace(/^\[|\]$/g, '') + ':' + (at.port || (/^(https|wss):/.test(at.protocol) ? '443' : '80')) } catch { return '' } }
const busy = (more) => { open = Math.max(0, open + more); lastTraffic = performance.now() }
const quiet = (url) => told.refused.includes(keyOf(url)) || /\/favicon\.ico$/.test(url)

async function attach() {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  session = (await send('Target.attachToTarget', { targetId, flatten: true })).sessionId
  frame = (await send('Page.getFrameTree')).frameTree.frame.id
  hear.set('Page.loadEventFired', () => { loaded = true; if (told.loadMs === null) told.loadMs = performance.now() - asked })
  hear.set('Page.javascriptDialogOpening', () => void send('Page.handleJavaScriptDialog', { accept: false }).catch(() => {}))
  hear.set('Network.requestWillBeSent', ({ requestId, request, redirectResponse }) => { requests.set(requestId, request.url); wanted.add(keyOf(request.url)); if (!redirectResponse) busy(1) })
  hear.set('Network.webSocketCreated', ({ url }) => wanted.add(keyOf(url)))
  hear.set('Network.responseReceived', ({ response, type, frameId }) => {
    if (type === 'Document' && frameId === frame) { told.status = response.status; return }
    if (response.status >= 400 && !quiet(response.url)) note(told.failedRequests, response.status + ' ' + response.url)
  })
  hear.set('Network.loadingFinished', () => busy(-1))
  hear.set('Network.loadingFailed', ({ requestId, errorText, canceled, blockedReason }) => {
    busy(-1)
    const url = requests.get(requestId) ?? ''
    if (!canceled && blockedReason !== 'csp' && !quiet(url)) note(told.failedRequests, errorText + ' ' + url)
  })
  hear.set('Runtime.consoleAPICalled', ({ type, args }) => {
    if (type === 'error' || type === 'assert') note(told.consoleErrors, args.map((one) => one.value ?? one.description ?? one.type).join(' '))
  })
  hear.set('Runtime.exceptionThrown', ({ exceptionDetails: it }) => note(told.consoleErrors, it.exception?.description?.split('\n')[0] ?? it.text))
  hear.set('Log.entryAdded', ({ entry }) => {
    if (entry.level === 'error' && !['network', 'security'].includes(entry.source)) note(told.consoleErrors, entry.text)
  })
  hear.set('Audits.issueAdded', ({ issue }) => {
    const it = issue.details?.contentSecurityPolicyIssueDetails
    if (it) note(told.cspViolations, it.violatedDirective + ' ' + (it.blockedURL || it.contentSecurityPolicyViolationType) + (it.isReportOnly ? ' (reported only)' : ''))
  })
  for (const domain of ['Page', 'Runtime', 'Network', 'Log', 'Audits']) await send(domain + '.enable')
  await send('Browser.setDownloadBehavior', { behavior: 'deny' }).catch(() => {})
}

// Runs in the page.
function look({ target, field }) {
  const shown = (one) => { const box = one.getBoundingClientRect(); return box.width > 0 && box.height > 0 && getComputedStyle(one).visibility !== 'hidden' }
  const said = (text) => (text ?? '').replace(/\s+/g, ' ').trim().toLowerCase()
  const wanted = said(target)
  const names = (one) => [...(one.labels ?? [])].map((label) => label.innerText).concat(one.getAttribute('aria-label'), one.placeholder, one.name, field ? '' : one.innerText, field ? '' : one.value, one.title)
  const all = /^[#.[]/.test(target)
    ? [...document.querySelectorAll(target)]
    : [...document.querySelectorAll(field ? 'input,textarea,select,[contenteditable]' : 'button,a,input,label,summary,[role],[onclick]')]
        .filter((one) => names(one).some((name) => said(name) === wanted))
  const one = all.find(shown)
  if (one === undefined) return all.length > 0 ? 'hidden' : 'missing'
  if (one.disabled) return 'disabled'
  one.scrollIntoView({ block: 'center', behavior: 'instant' })
  if (field) {
    one.focus()
    if (one.select && one.tagName !== 'SELECT') one.select()
    return { select: one.tagName === 'SELECT' }
  }
  const box = one.getBoundingClientRect()
  const x = box.x + box.width / 2
  const y = box.y + box.height / 2
  const top = document.elementFromPoint(x, y)
  return top !== null && (one.contains(top) || top.contains(one)) ? { x, y } : 'covered'
}
function choose(value) {
  const one = document.activeElement
  const option = [...one.options].find((each) => each.value === value || each.text.trim() === value)
  if (option === undefined) return false
  one.value = option.value
  one.dispatchEvent(new Event('input', { bubbles: true }))
  one.dispatchEvent(new Event('change', { bubbles: true }))
  return true
}
const shows = (text) => (document.body?.innerText ?? '').replace(/\s+/g, ' ').includes(text.replace(/\s+/g, ' '))
// A field that shows what stands in it would show a secret in the picture.
const hide = () => { document.activeElement.style.setProperty('-webkit-text-security', 'disc', 'important') }

async function inPage(work, value = null) {
  const { result, exceptionDetails } = await send('Runtime.evaluate', { expression: '(' + work + ')(' + JSON.stringify(value) + ')', returnByValue: true })
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description?.split('\n')[0] ?? exceptionDetails.text)
  return result.value
}
// A page that is just going away has no answer; the next one may.
async function until(ask, why) {
  const end = performance.now() + given.withinMs
  let last
  do {
    if (over !== null) throw new Broken(over)
    try { last = await ask(); if (last !== false && typeof last !== 'string') return last } catch (fault) { if (fault instanceof Broken) throw fault; last = fault.message }
    await wait(50)
  } while (performance.now() < end)
  throw new Error(why(last))
}
const quoted = (text) => JSON.stringify(text.slice(0, 100))
const words = { hidden: 'is there and not shown', missing: 'is not on the page', disabled: 'is disabled', covered: 'is covered by something else' }

let asked = 0
async function goto(url) {
  loaded = false
  if (asked === 0) asked = performance.now()
  const { errorText } = await send('Page.navigate', { url })
  const key = keyOf(url)
  if (told.refused.includes(key)) throw new Error(key + ' is not among the hosts of this check')
  if (unreached.has(key)) throw new Error(key + ' cannot be reached (' + unreached.get(key) + ')')
  const untrusted = wordsOfFault(key, errorText)
  if (untrusted !== null) throw new Error(untrusted)
  if (errorText) throw new Error(url + ' cannot be opened: ' + errorText)
  await until(() => loaded, () => url + ' is not loaded')
}
async function put({ target, value, secret }) {
  const text = secret === null ? value : process.env[secret]?.trim()
  if (text === undefined) throw new Broken('the block has no secret ' + secret + '; expected secrets: [' + secret + ']')
  const found = await until(() => inPage(look, { target, field: true }), (last) => 'the field ' + quoted(target) + ' ' + (words[last] ?? last))
  if (found.select) {
    if (!(await inPage(choose, text))) throw new Error(quoted(target) + ' has no such choice')
    return
  }
  if (secret !== null) await inPage(hide)
  if (text === '') for (const type of ['keyDown', 'keyUp']) await send('Input.dispatchKeyEvent', { type, key: 'Delete', code: 'Delete', windowsVirtualKeyCode: 46 })
  else await send('Input.insertText', { text })
}
async function click({ target }) {
  const { x, y } = await until(() => inPage(look, { target, field: false }), (last) => quoted(target) + ' ' + (words[last] ?? last))
  const at = { x, y, button: 'left', clickCount: 1 }
  await send('Input.dispatchMouseEvent', { ...at, type: 'mouseMoved' })
  for (const type of ['mousePressed', 'mouseReleased']) await send('Input.dispatchMouseEvent', { ...at, type })
}
const element = /^(canvas|dialog|form|iframe|img|main|svg|table|video)([#.[: >]|$)/
const isShown = ({ target, css }) => (css && element.test(target)) || /^[#.[]/.test(target)
  ? inPage((css) => [...document.querySelectorAll(css)].some((one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0), target)
  : inPage(shows, target)
const moves = {
  goto: ({ url }) => goto(url),
  fill: put,
  click,
  wait: ({ ms }) => wait(ms),
  text: ({ target }) => until(() => inPage(shows, target), () => 'the page does not show ' + quoted(target)),
  selector: (move) => until(() => isShown({ ...move, css: true }), () => quoted(move.target) + ' is not shown'),
  gone: (move) => until(async () => (await isShown(move)) === false, () => quoted(move.target) + ' is still shown'),
}

async function flow() {
  for (const [index, move] of given.moves.entries()) {
    process.stderr.write('step ' + index + ': ' + move.do + '\n')
    try { await moves[move.do](move) } catch (fault) {
      if (fault instanceof Broken) throw fault
      told.stopped = { step: index, why: fault.message }
      return
    }
  }
  // What the last step set off may still fail.
  const end = performance.now() + 5000
  lastTraffic = performance.now()
  while (performance.now() < end && (open > 0 || performance.now() - lastTraffic < 500)) await wait(50)
}
async function record() {
  const seen = await inPage(() => ({ url: location.href, title: document.title, text: (document.body?.innerText ?? '').slice(0, 20000) })).catch(() => null)
  Object.assign(told, seen ?? {})
  for (const quality of [70, 40, 15]) {
    const { data } = await send('Page.captureScreenshot', { format: 'jpeg', quality }, 10000).catch(() => ({ data: '' }))
    if (data !== '' && data.length * 0.75 < 250 * 1024) { told.screenshot = data; break }
  }
}
async function stop(profile) {
  if (child !== null && child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    session = undefined
    send('Browser.close').catch(() => {})
    await Promise.race([gone, wait(3000)])
    child.kill('SIGKILL')
  }
  proxy.close()
  proxy.closeAllConnections()
  fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

async function main() {
  const profile = fs.mkdtempSync(path.join(process.env.HOLDPOINT_TMP ?? os.tmpdir(), 'browser-'))
  for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => {
    child?.kill('SIGKILL')
    fs.rmSync(profile, { recursive: true, force: true })
    process.exit(1)
  })
  const late = setTimeout(() => { endAll('the browser was not done in time'); child?.kill('SIGKILL') }, given.timeoutMs)
  try {
    await start(profile)
    if (given.moves.length > 0) {
      await attach()
      await flow()
      await record()
    }
  } catch (fault) {
    told.broken = fault.message
  } finally {
    clearTimeout(late)
    await stop(profile).catch(() => {})
    told.refused = told.refused.filter((key) => wanted.has(key) || !own.test(key))
    told.tookMs = performance.now() - started
  }
}
main().finally(() => process.stdout.write('\n' + JSON.stringify(told) + '\n', () => process.exit(0)))
`
