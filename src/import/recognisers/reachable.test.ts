/** Services are asked in their own protocol where the words say what they must do; whom to ask is an input, or a name of the words. */
import { expect, test } from 'vitest'
import { seen, task } from './cases.ts'

test.for([
  ['SSL certificates valid and up-to-date', 'kind: tls\nhost: "{{ input.host }}"'],
  ['TLS certificate of `shop.acme.dev` is valid', 'host: shop.acme.dev'],
  ['Certificate expires in more than 30 days', 'valid-for: 30d'],
  ['SSL certificates valid for at least 30 days', 'valid-for: 30d'],
  ['TLS certs valid for >= 45 days', 'valid-for: 45d'],
  ['TLS version >= 1.2', 'min-version: TLSv1.2'],
  ['HTTPS enforced', 'redirect: true'],
  ['Redis auth enabled', 'kind: redis\nhost: "{{ input.redis_host }}"\nrefused: true'],
  ['Previous version image available', 'kind: image\nimage: "{{ input.previous_image }}"'],
  ['Image pushed to registry', 'kind: image\nimage: "{{ input.image }}"'],
  [
    'WebSocket `/v1/rooms/{room}/ws` accepts connections',
    'url: "{{ input.websocket_base }}/v1/rooms/{{ input.room }}/ws"',
  ],
  ['Home page loads correctly', 'kind: browser\nurl: "{{ input.base_url }}"'],
  ['FFmpeg connects to the RTMP server', 'kind: rtmp\nurl: "{{ input.rtmp_url }}"'],
  ['VNC connection works', 'kind: vnc\nurl: "{{ input.vnc_url }}"'],
  ['HLS playlist is available', 'kind: hls\nurl: "{{ input.hls_url }}"'],
] as const)('%s', ([words, part]) => {
  expect(task(words).proposal).toMatchObject({ risk: 'reads', block: expect.stringContaining(part) })
})

test.for([
  'SSL certificates generated',
  'Client certificates are valid',
  'Are the certificates valid?',
  'SSL certificates valid until 2027',
  'TLS 1.1 is refused',
  'Previous images are available',
  'Weak ciphers disabled',
  'WebSocket `/ws` must not accept strangers; do not open it',
  'HLS stream plays smoothly',
])('stays with a person: %s', (words) => expect(task(words).proposal).toBeNull())

test('what a socket says is waited for', () => {
  const text = '## WebSocket\n\n- [ ] Connected: `welcome.v1` message received\n- [ ] Ping/pong works\n'
  expect(seen(text, 3).proposal?.block).toContain('steps: [{ expect: "welcome\\\\.v1" }]')
  expect(seen(text, 4).proposal?.block).toContain('steps: [{ ping: 10s }]')
})
