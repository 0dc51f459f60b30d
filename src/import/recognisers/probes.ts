/** Services asked in their own protocol: sockets, queues, caches, name servers, databases, and load on all of them. */
import type { Recogniser } from '../item.ts'
import { byWording } from '../reading/finding.ts'

export const websocket: Recogniser = {
  name: 'websocket',
  recognise: byWording('websocket', [
    {
      text: /\bweb ?sockets?\b(?!.*\b(?:latency|success rate|protocol)\b)|\bwss?:\/\//i,
      unless: /\bdocumented|message types described|\baudio\b/i,
      why: 'A socket must answer.',
      confidence: 0.78,
      alsoKinds: ['security-probe', 'http', 'manual'],
    },
    {
      text: /\b(?:updates?|events?|messages?|changes|keepalive|ping\/pong|lifecycle)\b.{0,30}\b(?:received|propagated|working|delivered)\b|\bping\/pong\b/i,
      above: /\bweb ?socket/i,
      why: 'A socket must answer.',
      confidence: 0.76,
    },
    {
      text: /\b(?:viewers?|clients?|connections?)\b.{0,30}\b(?:connect\w*|handled|reconnect\w*|closed|re-?established)\b|\bafter reconnection\b|\bexisting connections\b/i,
      why: 'A socket must answer.',
      confidence: 0.66,
      alsoKinds: ['http', 'load-soak'],
    },
    { text: /\bcross-contamination\b/i, why: 'Sockets must stay apart.', confidence: 0.64, alsoKinds: ['http'] },
  ]),
}

export const serviceProbe: Recogniser = {
  name: 'service-probe',
  recognise: byWording('service-probe', [
    {
      text: /\b(?:redis|kafka|rabbitmq|memcached|elasticsearch|rtmp|ffmpeg|broadcaster|vnc|smtp|mqtt|grpc|zookeeper|nats|ldap|cache)\b(?!.*\b(?:hit rate|invalidation|rules|cdn)\b)/i,
      unless:
        /\b(?:rate limit\w*|without cache|errors logged|cdn|clear|streams:|streams?\b.*\bsimultaneous|simultaneous)\b|^deploy\b/i,
      why: 'The service can be asked in its own protocol.',
      confidence: 0.69,
      alsoKinds: ['http', 'command', 'metric-threshold', 'security-probe'],
    },
    {
      text: /\bDNS\b.{0,30}\b(?:prepared|configured|propagated|resolv\w*|records?|updated)\b/i,
      unless: /\bscheduled\b/i,
      why: 'Name servers can be asked.',
      confidence: 0.74,
      alsoKinds: ['manual'],
    },
    { text: /\bport\s+\d{2,5}\b|\blistening\b/i, why: 'A port must be open.', confidence: 0.7 },
  ]),
}

export const sql: Recogniser = {
  name: 'sql',
  recognise: byWording('sql', [
    {
      text: /\bmigrations?\b.{0,30}\b(?:applied|ran|completed|up to date)\b/i,
      why: 'The database knows which migrations it has.',
      confidence: 0.74,
      alsoKinds: ['command'],
    },
    {
      text: /\b(?:tables?|indexes|indices|constraints?|partition\w*|statistics)\b.{0,30}\b(?:exist\w*|created|defined|configured|updated|properly)\b|\block contention\b|\bdeadlocks?\b|\bslow quer/i,
      why: 'The database can be asked.',
      confidence: 0.74,
    },
    {
      text: /\b(?:database|db)\b.{0,30}\b(?:records?|queries|state|connection settings)\b|\brecords?\b.{0,20}\b(?:match|exist|recorded)\b|\bmatch(?:es)?\s+(?:the\s+)?database\b/i,
      unless: /\bmetrics match\b/i,
      why: 'The database can be asked.',
      confidence: 0.7,
      alsoKinds: ['websocket', 'service-probe', 'metric-threshold', 'manual'],
    },
    {
      text: /\bquery performance\b|\bconnection pool\b(?!.*\d)/i,
      above: /\b(?:stability|soak|database)\b/i,
      unless: /\bstable\b|\d%/i,
      why: 'The database can be asked.',
      confidence: 0.75,
      alsoKinds: ['metric-baseline', 'metric-threshold'],
    },
    {
      text: /\baudit\s+(?:events?|logs?|trail)\b/i,
      unless: /\benabled\b/i,
      why: 'A table keeps it.',
      confidence: 0.76,
      alsoKinds: ['http'],
    },
    {
      text: /\b(?:sample|test|seed) data\b|\bdata (?:consistency|integrity|loss)\b|\bwithout data loss\b|\bconsistency verified\b|\bfailover to (?:replica|standby)\b|\baggregation job\b/i,
      unless: /\bbackup\b/i,
      why: 'The database can be asked.',
      confidence: 0.71,
      alsoKinds: ['command'],
    },
    { text: /\bcheck\b.{0,30}\bfeature usage\b/i, why: 'The database can be asked.', confidence: 0.7 },
  ]),
}

export const loadSoak: Recogniser = {
  name: 'load-soak',
  recognise: byWording('load-soak', [
    {
      text: /\bload (?:tests?|testing)\b|\bstress tests?\b|\bsoak\b|\bcontinuous load\b|\bcapacity\b.{0,30}\btraffic\b/i,
      why: 'It is a run under load.',
      confidence: 0.82,
      alsoKinds: ['command'],
    },
    {
      text: /\b\d+\s+(?:\w+\s+)?(?:concurrent|simultaneous|parallel)\b|\b(?:concurrent|simultaneous)\s+\w+\b|\b\d+\s+(?:viewers|users|clients|connections)\b.{0,20}\b(?:per|to each|each)\b/i,
      unless: /^no growth|^create\b/i,
      why: 'It is a run under load.',
      confidence: 0.8,
      alsoKinds: ['websocket', 'http'],
    },
    {
      text: /\b(?:monitor|check|verify|confirm)\b/i,
      above: /\b(?:soak|continuous load)\b.*>\s.*\b(?:load|hours)\b/i,
      unless: /\bstable\b/i,
      why: 'It is looked at while load runs.',
      confidence: 0.83,
      alsoKinds: ['metric-threshold'],
    },
  ]),
}

export const securityProbe: Recogniser = {
  name: 'security-probe',
  recognise: byWording('security-probe', [
    {
      text: /\b(?:csp|hsts|cors|xss|csrf|sql injection|injection|owasp|rbac|totp|mfa|2fa|tls|ssl|ciphers?|https(?!:)|certificates?|firewall|signed urls?|input validation|security headers?|tampering|payloads?|sanitized|oversized|invalid unicode|brute force)\b/i,
      unless: /\breviewed|scan completed|\bviolations\b|\bsmoke tests?\b/i,
      why: 'It can be probed from outside.',
      confidence: 0.77,
      alsoKinds: ['http', 'service-probe'],
    },
    {
      text: /\brate[- ]?limit\w*\b/i,
      unless: /\breviewed|returns \d/i,
      why: 'It can be probed from outside.',
      confidence: 0.76,
      alsoKinds: ['http', 'service-probe'],
    },
    {
      text: /\b(?:authorization|access control|role-based|permissions?|authentication\/authorization)\b|\b(?:org\w*|tenant)\s+(?:scoping|isolation|boundaries)\b|\bcannot\s+(?:access|modify|view|see|delete)\b|\badmin can\b|\bunauthori[sz]ed\b|\b(?:ip|user)-based limit\w*|\bbypass\b|\bwithout (?:a )?token\b|\bexpired tokens?\b(?!.*\bwith \d)/i,
      unless: /\breturns? \d|\bwebsocket\b/i,
      why: 'It can be probed from outside.',
      confidence: 0.75,
      alsoKinds: ['http'],
    },
    {
      text: /\b(?:secrets?|credentials)\b.{0,30}\b(?:properly|configured|managed|hardcoded|stored)\b|\bsensitive data\b|\btoken expiry\b|\bno secrets\b/i,
      unless: /\brotat|backup|in place\b/i,
      why: 'It can be probed.',
      confidence: 0.74,
      alsoKinds: ['manual', 'metric-threshold'],
    },
    {
      text: /\b(?:redis|database|admin)\s+auth(?:entication)?\s+(?:enabled|required)\b/i,
      why: 'It can be probed from outside.',
      confidence: 0.78,
      alsoKinds: ['service-probe'],
    },
    { text: /\bauthentication works\b/i, why: 'It can be probed from outside.', confidence: 0.5 },
  ]),
}
