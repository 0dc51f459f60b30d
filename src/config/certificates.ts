/** Certificates are checked on every way out: the switch that Node has for the whole process is not obeyed here. */

const SWITCH = 'NODE_TLS_REJECT_UNAUTHORIZED'

/** Also for processes that are started from here. What to say about it; null = it was not set to anything that matters. */
export function insistOnCertificates(environment: Record<string, string | undefined>): string | null {
  if (environment[SWITCH] !== '0') return null
  delete environment[SWITCH]
  return `${SWITCH}=0 is not obeyed: certificates are always checked. For an authority of your own: NODE_EXTRA_CA_CERTS=/etc/ssl/own-ca.pem`
}
