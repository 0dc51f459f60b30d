/** The setting for limits on commands: its defaults, its errors, and machines that cannot keep it. */
import { expect, test } from 'vitest'
import { confinementFor } from './command-confinement.ts'
import { ConfigFault } from './config/config.ts'
import { confinementText, type ConfinementTools } from './worker/launcher/confinement.ts'

const both: ConfinementTools = { prlimit: '/usr/bin/prlimit', setpriv: '/usr/bin/setpriv', most: {} }
const none: ConfinementTools = { prlimit: null, setpriv: null, most: {} }

function asked(text: string | undefined, runsFor: 'server' | 'person' = 'server', tools = both) {
  const lines: string[] = []
  const confinement = confinementFor(runsFor, { HOLDPOINT_COMMAND_LIMITS: text }, (line) => lines.push(line), tools)
  return { limits: confinementText(confinement), lines }
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
