/** Services that can be asked in their own protocol: certificates, caches, sockets, streams, images of a registry. What to ask is an input where the words name none. */
import { check, input } from '../kinds/block.ts'
import { byStatement } from '../kinds/statement.ts'

const hostName = /(?:^|[\s`(])((?:[a-z\d][a-z\d-]*\.)+[a-z]{2,})(?=$|[\s`),;:]|\.(?:\s|$))/i

/** A name that the words say, unless it is a file; else one that is asked for. */
function hostIn(text: string): string {
  const found = hostName.exec(text.slice(0, 300))?.[1]
  return found === undefined || /\.(?:md|ya?ml|json|toml|txt|pem|crt|key|sh)$/i.test(found) ? input('host') : found
}

/** A path with names in braces, whose values are asked for. */
function pathWithInputs(path: string): string {
  return path.replace(/\{([a-z]\w{0,30})\}|:([a-z]\w{0,30})\b/gi, (_, one?: string, two?: string) =>
    input((one ?? two ?? '').toLowerCase()),
  )
}

export const reachable = byStatement('reachable', [
  {
    text: /\bcert(?:ificate)?s?\b.{0,40}\b(?:valid|expires?|expiry|expiration)\b.{0,30}?(?:>|>=|≥|at least|more than|over|in|for)\s*(\d{1,4})\s*(?:more )?days\b/i,
    unless: /\b(?:<|less than|within)\b/i,
    kind: 'security-probe',
    why: '`tls` says how long the certificate stays valid.',
    propose: ([, days = ''], { marked }) =>
      check('tls', [
        ['host', hostIn(marked)],
        ['valid-for', `${days}d`],
      ]),
  },
  {
    text: /\b(?:tls|ssl|https)\s+certs?(?:ificates?)?\b.{0,40}\b(?:valid|ready|up[- ]to[- ]date|trusted|not expir\w+)\b|^certificates? (?:is |are )?valid\b/i,
    unless: /\b(?:if|mail|smtp|signing|client|until|but|except|expired)\b/i,
    kind: 'security-probe',
    why: '`tls` says whether the certificate is trusted, and how long it stays valid.',
    propose: (_said, { marked }) => check('tls', [['host', hostIn(marked)]]),
  },
  {
    text: /\btls\b.{0,20}(?:>=|≥|at least|minimum|or (?:higher|newer|later)|only|enforced|required).{0,10}\b1\.([23])\b|\btls\s?v?1\.([23])\b.{0,10}(?:\+|\b(?:or (?:higher|newer|later)|minimum|only|enforced|required))/i,
    kind: 'security-probe',
    why: '`tls` says whether older protocols are refused.',
    propose: ([, one, two], { marked }) =>
      check('tls', [
        ['host', hostIn(marked)],
        ['min-version', `TLSv1.${one ?? two ?? ''}`],
      ]),
  },
  {
    text: /\bhttps (?:is )?(?:enforced|forced)\b|\bhttp (?:traffic )?(?:is )?redirect(?:s|ed) to https\b/i,
    kind: 'security-probe',
    why: '`tls` says whether plain HTTP leads to HTTPS.',
    propose: (_said, { marked }) =>
      check('tls', [
        ['host', hostIn(marked)],
        ['redirect', true],
      ]),
  },
  {
    text: /\bredis (?:auth(?:entication)?|password) (?:is )?(?:enabled|required)\b/i,
    kind: 'security-probe',
    why: '`redis` says whether whoever has no password is refused.',
    propose: () =>
      check('redis', [
        ['host', input('redis_host')],
        ['refused', true],
      ]),
  },
  {
    text: /^(?:the )?(?:previous|last|rollback) (?:version )?(?:docker |container )?image (?:version |tag )?(?:is |still )*(?:available|exists?|present)\b/i,
    kind: 'http',
    why: '`image` says whether its registry has it.',
    propose: () => check('image', [['image', input('previous_image')]]),
  },
  {
    text: /^(?:the )?(?:docker |container )?image (?:is |was )?(?:pushed to|published to|available in|present in) (?:the )?(?:container |docker )?registry\b/i,
    kind: 'http',
    why: '`image` says whether its registry has it.',
    propose: () => check('image', [['image', input('image')]]),
  },
  {
    text: /\bweb ?sockets?\b.{0,20}`(\/[\w/{}:.-]{1,200})`.{0,20}\b(?:upgrades?|connects?|accepts?|open(?:s|ed)?|reachable|accessible|works?)\b/i,
    kind: 'websocket',
    why: '`websocket` says whether it lets in; where the service is, each run is asked.',
    propose: ([, path = '']) => check('websocket', [['url', `${input('websocket_base')}${pathWithInputs(path)}`]]),
  },
  {
    text: /`([\w.:-]{2,60})` (?:message |event )?(?:is )?received\b/i,
    above: /\bweb ?sockets?\b/i,
    kind: 'websocket',
    why: '`websocket` waits for a message that holds it.',
    propose: ([, message = '']) =>
      check('websocket', [
        ['url', input('websocket_url')],
        ['steps', [{ expect: message.replaceAll('.', '\\.') }]],
      ]),
  },
  {
    text: /^ping\/pong\b.{0,20}\b(?:works?|working|answered)\b/i,
    above: /\bweb ?sockets?\b/i,
    kind: 'websocket',
    why: '`websocket` says how soon a ping is answered; ten seconds are too long.',
    propose: () =>
      check('websocket', [
        ['url', input('websocket_url')],
        ['steps', [{ ping: '10s' }]],
      ]),
  },
  {
    text: /^ffmpeg\b.{0,20}\bconnects? to (?:the )?rtmp (?:server|ingest)\b|^rtmp (?:server|ingest) (?:accepts|lets in)\b/i,
    kind: 'service-probe',
    why: '`rtmp` says whether it shakes hands; with `publish` it would send a picture as well.',
    propose: () => check('rtmp', [['url', input('rtmp_url')]]),
  },
  {
    text: /^hls (?:stream|playlists?|playback)\b.{0,20}\b(?:plays?|works?|available|reachable|served)\b/i,
    unless: /\bsmooth/i,
    kind: 'http',
    why: '`hls` fetches its playlists and newest segments.',
    propose: () => check('hls', [['url', input('hls_url')]]),
  },
  {
    text: /^vnc connections? works?\b/i,
    kind: 'service-probe',
    why: '`vnc` says whether it shakes hands over its WebSocket.',
    propose: () => check('vnc', [['url', input('vnc_url')]]),
  },
  {
    text: /^(?:the )?(?:home|front|landing|start) ?page loads(?: correctly| without errors?)?\W*$/i,
    kind: 'http',
    why: '`browser` opens it, and counts what fails on the way.',
    propose: () => check('browser', [['url', input('base_url')]]),
  },
])
