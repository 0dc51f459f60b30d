/** The nginx driver: the contract on a real nginx, and what happens when a reload fails. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeWith, freePort, programs, startProgram, until } from '../../test/support/programs.ts'
import { nginx } from './nginx.ts'
import { powers, trafficDriverContract } from './traffic.contract.ts'

describeWith({ nginx: programs.nginx }, 'traffic driver nginx', () => {
  trafficDriverContract(async (stable, canary) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-nginx-'))
    const port = await freePort()
    const file = join(folder, 'weight.conf')
    const conf = join(folder, 'nginx.conf')
    writeFileSync(
      conf,
      [
        'daemon off;',
        'worker_processes 2;',
        `pid ${folder}/nginx.pid;`,
        `error_log ${folder}/error.log;`,
        'events { worker_connections 64; }',
        'http {',
        '  log_format side "$holdpoint_pool";',
        '  access_log off;',
        ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${folder}/${name};`),
        `  upstream v1 { server ${stable}; }`,
        `  upstream v2 { server ${canary}; }`,
        `  include ${file};`,
        '  server {',
        `    listen 127.0.0.1:${port};`,
        '    location = /holdpoint-weight { return 200 $holdpoint_pool_weight; }',
        `    location / { access_log ${folder}/served.log side; proxy_pass http://$holdpoint_pool; }`,
        '  }',
        '}',
        '',
      ].join('\n'),
    )
    const live = `http://127.0.0.1:${port}/holdpoint-weight`
    const reload = `${programs.nginx} -c ${conf} -g "error_log ${folder}/error.log;" -s reload`
    const given = { file, stable: 'v1', canary: 'v2', reload, live }
    const driver = nginx.open(nginx.config.parse(given))
    // The file must be there before nginx starts: nothing is running that could be reloaded yet.
    await nginx.open(nginx.config.parse({ ...given, reload: 'true' })).set(0, powers())
    const running = startProgram(programs.nginx as string, ['-c', conf, '-e', join(folder, 'error.log')])
    await until(`nginx answers\n${running.said()}`, async () => (await driver.read(powers())).kind === 'weight')
    return {
      driver,
      address: `http://127.0.0.1:${port}/`,
      counts: `awk '$1 == "v2" { c++ } $1 == "v1" { s++ } END { print c + 0, s + 0 }' ${folder}/served.log`,
      meddle: async (percent) => driver.set(percent, powers()),
      down: () => running.stop(),
      stop: async () => {
        await running.stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  })
})

describe('the weight file of nginx', () => {
  const inFolder = async (act: (file: string) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-nginx-file-'))
    try {
      await act(join(folder, 'weight.conf'))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const driver = (file: string, reload: string): ReturnType<typeof nginx.open> =>
    nginx.open(nginx.config.parse({ file, stable: 'v1', canary: 'v2', reload, live: 'http://127.0.0.1:9/w' }))

  test('it carries the split, the number that is read back, and who wrote it', async () => {
    await inFolder(async (file) => {
      await driver(file, 'true').set(12.5, powers({ epoch: 7 }))
      expect(readFileSync(file, 'utf8')).toBe(
        [
          '# Written by Holdpoint: weight=12.5 epoch=7 attempt=release/rollout/1',
          'split_clients "$request_id" $holdpoint_pool {',
          '  12.5% v2;',
          '  * v1;',
          '}',
          'map "" $holdpoint_pool_weight {',
          '  default "12.5";',
          '}',
          '',
        ].join('\n'),
      )
    })
  })

  test('a reload that fails puts the old file back, so that nobody loads the new weight later', async () => {
    await inFolder(async (file) => {
      await driver(file, 'true').set(5, powers())
      const before = readFileSync(file, 'utf8')
      await expect(driver(file, 'echo "bind failed" >&2; exit 3').set(25, powers())).rejects.toThrow(
        'nginx was not reloaded at 25 %: the command ended with exit code 3 (bind failed)',
      )
      expect(readFileSync(file, 'utf8')).toBe(before)
    })
  })

  test('an order of an older epoch is refused', async () => {
    await inFolder(async (file) => {
      await driver(file, 'true').set(5, powers({ epoch: 8 }))
      await expect(driver(file, 'true').set(25, powers({ epoch: 7 }))).rejects.toThrow('epoch 8, ours is 7')
    })
  })

  test('finer than hundredths of a percent is refused, because nginx would round it unseen', async () => {
    await inFolder(async (file) => {
      await expect(driver(file, 'true').set(0.001, powers())).rejects.toThrow(/hundredths/)
    })
  })

  test('upstream names that would end the block are refused', () => {
    const wrong = { file: 'f', stable: 'v1; } server { listen 1', canary: 'v2', live: 'http://h/' }
    expect(nginx.config.safeParse(wrong).success).toBe(false)
  })

  const reading = (body: string, status = 200): Promise<{ kind: string; say: string }> =>
    driver('/nowhere/weight.conf', 'true').read(powers({ http: () => Promise.resolve(new Response(body, { status })) }))

  test('an answer that is no weight cannot be told', async () => {
    for (const body of ['', 'NaN', '101', '-5', '<html>25</html>', '25 and more', '1e1'])
      expect((await reading(body)).kind).toBe('cannot-tell')
    expect((await reading('25', 502)).kind).toBe('cannot-tell')
    expect(await reading('25\n')).toMatchObject({ kind: 'weight', percent: 25 })
  })

  test('while old and new workers answer, nobody can tell', async () => {
    const seen = ['25', '5', '25']
    const http = (): Promise<Response> => Promise.resolve(new Response(seen.shift()))
    expect(await driver('/nowhere/weight.conf', 'true').read(powers({ http }))).toEqual({
      kind: 'cannot-tell',
      say: 'old and new workers answer: 25 %, 5 %, 25 %',
    })
  })
})
