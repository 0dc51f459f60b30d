/** When a browser opens by itself, and when it would open for nobody. */
import { expect, test } from 'vitest'
import { openerHere } from './open-browser.ts'

test('a browser opens where a display is', () => {
  expect(openerHere({ DISPLAY: ':0' }, 'linux')).toBe('xdg-open')
  expect(openerHere({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe('xdg-open')
  expect(openerHere({}, 'darwin')).toBe('open')
})

test('nothing opens without a display, over SSH, or in CI', () => {
  expect(openerHere({}, 'linux')).toBeNull()
  expect(openerHere({ DISPLAY: '' }, 'linux')).toBeNull()
  expect(openerHere({ DISPLAY: ':0', SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }, 'linux')).toBeNull()
  expect(openerHere({ SSH_TTY: '/dev/pts/0' }, 'darwin')).toBeNull()
  expect(openerHere({ DISPLAY: ':0', CI: 'true' }, 'linux')).toBeNull()
})
