/**
 * The part of the program of the browser that knows certificates: which ones a private authority has signed, and what is
 * wrong with one, in words. Chromium checks every certificate itself. It is told exactly the keys of certificates that were
 * verified here against `ca`: name, dates, the whole chain. Whoever shows another key is judged by Chromium alone.
 */
export const certificates = String.raw`
const tls = process.getBuiltinModule('node:tls')
const crypto = process.getBuiltinModule('node:crypto')

const day = (text) => new Date(text).toISOString().slice(0, 10)
const wrongWith = {
  CERT_HAS_EXPIRED: (it) => 'has expired on ' + day(it.validTo),
  CERT_NOT_YET_VALID: (it) => 'is not valid before ' + day(it.validFrom),
  ERR_TLS_CERT_ALTNAME_INVALID: (it) => 'is for other names (' + (it.subjectAltName ?? it.subject).slice(0, 100) + ')',
}
const wordsOfChromium = {
  ERR_CERT_DATE_INVALID: 'has expired or is not valid yet',
  ERR_CERT_COMMON_NAME_INVALID: 'is for other names',
  ERR_CERT_AUTHORITY_INVALID: 'is signed by nobody whom Chromium trusts; the certificate of a private authority is named by ca: FILE',
  ERR_CERT_REVOKED: 'was revoked',
  ERR_CERT_WEAK_SIGNATURE_ALGORITHM: 'has a signature that is too weak',
  ERR_CERT_WEAK_KEY: 'has a key that is too weak',
  ERR_CERT_VALIDITY_TOO_LONG: 'is valid for longer than Chromium accepts',
  ERR_SSL_PROTOCOL_ERROR: 'cannot be asked for: what answers there does not speak TLS',
  ERR_SSL_VERSION_OR_CIPHER_MISMATCH: 'cannot be asked for: the server speaks no version of TLS that Chromium accepts',
  ERR_BAD_SSL_CLIENT_AUTH_CERT: 'is not shown: the server wants one of the browser, which has none',
}
// Whose certificate is not accepted, and why: by host:port.
const distrusted = new Map()
function wordsOfFault(key, errorText) {
  const code = String(errorText).replace(/^net::/, '')
  if (wordsOfChromium[code] === undefined && !/^ERR_(CERT|SSL)_/.test(code)) return null
  return 'the certificate of ' + key + ' ' + (distrusted.get(key) ?? wordsOfChromium[code] ?? 'is not accepted') + ' (' + code + ')'
}

// Nothing is sent there: the connection ends with its handshake.
function lookAt(key, host, port, address, ca) {
  return new Promise((resolve) => {
    const name = net.isIP(host) === 0 ? { servername: host } : {}
    const socket = tls.connect({ host: address, port: Number(port), ca, ...name, rejectUnauthorized: false, timeout: 5000 })
    const done = (pin) => { socket.destroy(); resolve(pin) }
    socket.on('error', () => done(null))
    socket.on('timeout', () => done(null))
    socket.on('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()
      if (shown === undefined) return done(null)
      if (socket.authorized) return done(crypto.createHash('sha256').update(shown.publicKey.export({ type: 'spki', format: 'der' })).digest('base64'))
      const words = wrongWith[socket.authorizationError?.code ?? socket.authorizationError]
      distrusted.set(key, words ? words(shown) : 'is signed neither by the authority under ca nor by one whom Chromium trusts')
      done(null)
    })
  })
}
async function verifiedKeys(ca, places) {
  const asked = Object.entries(places).flatMap(([key, addresses]) => {
    const colon = key.lastIndexOf(':')
    const [host, port] = [key.slice(0, colon), key.slice(colon + 1)]
    return port === '80' ? [] : addresses.map(({ address }) => lookAt(key, host, port, address, ca))
  })
  return [...new Set((await Promise.all(asked)).filter((pin) => pin !== null))]
}
`
