/** The setting for limits on commands: its defaults, its errors, and machines that cannot keep it. */
import { expect, test } from 'vitest'
import { confinementFor, confinementWords, tellConfinement } from './command-confinement.ts'
import { ConfigFault } from '../config/config.ts'
import { nobody, whyNotNobody } from '../worker/launcher/test-support/workshop.ts'
import { type ConfinementTools, limitsText, unconfined } from '../worker/launcher/confinement.ts'

const both: ConfinementTools = { prlimit: '/usr/bin/prlimit', setpriv: '/usr/bin/setpriv', most: {} }
const none: ConfinementTools = { prlimit: null, setpriv: null, most: {} }

function asked(text: string | undefined, runsFor: 'server' | 'person' = 'server', tools = both) {
  const lines: string[] = []
  const confinement = confinementFor(runsFor, { HOLDPOINT_COMMAND_LIMITS: text }, (line) => lines.push(line), tools)
  return { limits: limitsText(confinement), lines }
}

test('a server and a worker confine commands unless told otherwise; a person at a terminal may use sudo', () => {
  const usual = 'no-new-privs,core=0,nofile=65536,nproc=4096,fsize=68719476736'
  expect(asked(undefined)).toEqual({ limits: usual, lines: [] })
  expect(asked('default').limits).toBe(usual)
  expect(asked('', 'person')).toEqual({ limits: 'core=0', lines: [] })
  expect(asked('none')).toEqual({ limits: '', lines: [] })
})

test('a list is all that holds, for a server and for a person', () => {
  for (const runsFor of ['server', 'person'] as const)
    expect(asked('nofile=4096, nproc=2048,fsize=10G,no-new-privs', runsFor).limits).toBe(
      'no-new-privs,nofile=4096,nproc=2048,fsize=10737418240',
    )
})

test.each(['nofile', 'nofile=0', 'nofile=4K', 'fsize=-1', 'fsize=9999999999T', 'memory=1G', 'nofile=1,nofile=2', ','])(
  'HOLDPOINT_COMMAND_LIMITS=%s is refused with one that is right',
  (text) => {
    expect(() => asked(text)).toThrow(ConfigFault)
    expect(() => asked(text)).toThrow('HOLDPOINT_COMMAND_LIMITS=nofile=4096,nproc=2048,fsize=10G,no-new-privs')
  },
)

test('limits that were asked for and cannot be had stop the start; usual ones are told to be missing', () => {
  expect(() => asked('no-new-privs,nofile=9', 'person', none)).toThrow('takes prlimit and setpriv of util-linux')
  expect(asked('none', 'server', none)).toEqual({ limits: '', lines: [] })
  expect(asked(undefined, 'person', none)).toEqual({ limits: '', lines: [] })
  const without = asked(undefined, 'server', { ...both, setpriv: null })
  expect(without.limits).toBe('core=0,nofile=65536,nproc=4096,fsize=68719476736')
  expect(without.lines).toEqual([expect.stringContaining('no setpriv of util-linux here')])
})

const asUser = (text: string) => () => confinementFor('server', { HOLDPOINT_COMMAND_USER: text }, () => {}, both)

test.each(['a b', 'deploy:', ':1500', '-1', 'a:b:c', '../x', 'x'.repeat(65)])(
  'HOLDPOINT_COMMAND_USER=%s is refused with one that is right',
  (text) => {
    expect(asUser(text)).toThrow(ConfigFault)
    expect(asUser(text)).toThrow('HOLDPOINT_COMMAND_USER=holdpoint-commands')
  },
)

test('a user that is not there, or that keeps nothing apart, stops the start instead of running commands as before', () => {
  expect(asUser('no-such-user-here')).toThrow(ConfigFault)
  expect(asUser('no-such-user-here')).toThrow('there is no user no-such-user-here on this machine')
  expect(asUser('root')).toThrow('keeps nothing apart')
  expect(confinementFor('person', { HOLDPOINT_COMMAND_USER: '' }, () => {}, both).user).toBeNull()
})

const isRoot = process.platform === 'linux' && process.geteuid?.() === 0
const whyNot = whyNotNobody()
if (whyNot !== null) console.warn(`notice: that another user is had is not tested: ${whyNot}`)

test.runIf(whyNot === null)('the user is had by name and by number, for servers and for people', () => {
  for (const text of ['65534:65534', `nobody:${nobody.gid}`])
    for (const runsFor of ['server', 'person'] as const)
      expect(confinementFor(runsFor, { HOLDPOINT_COMMAND_USER: text }, () => {}, both).user).toMatchObject({
        uid: 65_534,
        gid: 65_534,
      })
})

test.runIf(process.platform === 'linux' && !isRoot)(
  'without the rights of root no user is had, and the words say how',
  () => {
    expect(asUser('65534:65534')).toThrow('start it as root')
  },
)

test('what commands run as is told once, with a warning where it is what runs the server', () => {
  const limits = { core: 0 }
  const user = { uid: 1500, gid: 1600, home: '/' }
  expect(confinementWords({ ...unconfined, limits, user }, 0)).toEqual({
    say: 'commands run as user 1500 with group 1600, under core=0',
    warning: null,
  })
  expect(confinementWords({ ...unconfined, limits }, 0).say).toBe(
    'commands run as root, like this process, under core=0',
  )
  expect(confinementWords(unconfined, 1000).say).toBe('commands run as user 1000, like this process, without limits')
  const lines: string[] = []
  tellConfinement(unconfined, (line) => lines.push(line))
  expect(lines).toEqual([
    expect.stringContaining('like this process'),
    expect.stringMatching(/^warning: commands can read what this process can/),
  ])
})
