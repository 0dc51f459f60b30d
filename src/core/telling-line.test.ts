import { expect, test } from 'vitest'
import { tellingLine } from './telling-line.ts'

test('the line that names the problem is told, not where a log was written', () => {
  const npm = [
    'npm error code ENOENT',
    'npm error syscall open',
    'npm error path /srv/app/package.json',
    'npm error enoent Could not read package.json',
    'npm error A complete log of this run can be found in: /root/.npm/_logs/x.log',
  ]
  expect(tellingLine(npm.join('\n'))).toBe('npm error enoent Could not read package.json')
})

test('a shell complains about its line, not about our file', () => {
  expect(tellingLine('/var/spool/0a1b/script: line 3: ./deploy.sh: No such file or directory\n')).toBe(
    'line 3: ./deploy.sh: No such file or directory',
  )
})

test('without such a line the last one speaks, and silence stays silent', () => {
  expect(tellingLine('one\ntwo\n\n')).toBe('two')
  expect(tellingLine(' \n')).toBe('')
})
