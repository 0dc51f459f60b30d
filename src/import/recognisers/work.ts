/** What a team does itself by commands, messages and words: deploying, building, telling people, learning, documenting. */
import type { Recogniser } from '../item.ts'
import { byWording } from '../reading/finding.ts'

export const notification: Recogniser = {
  name: 'notification',
  recognise: byWording('notification', [
    {
      text: /\b(?:notif(?:y|ied|ies|ication)|announc\w+|inform(?:ed)?|briefed|tell|told|communicat(?:e|ed))\b|\bstatus page\b.{0,20}\bupdat\w*|\bupdate\b.{0,20}\bstatus page\b/i,
      unless: /\btemplate|plan\b|schedul/i,
      why: 'People are told.',
      confidence: 0.77,
      alsoKinds: ['template', 'manual'],
    },
    {
      text: /\bshared? with\b.{0,20}\bteam\b|\ball[- ]clear\b|\bin\s+(?:the\s+)?#[a-z]|\bslack channel\b|\b(?:team|stakeholders?|support)\s+(?:aware|knows?|informed|briefed)\b|\bsocial media\b|\b(?:tweet|blog post|newsletter)\b|\bstatus page\b|\bcommunication channels (?:open|kept)\b/i,
      unless: /^check\b|\bscheduled\b/i,
      why: 'People are told.',
      confidence: 0.76,
      alsoKinds: ['manual'],
    },
    {
      text: /\b(?:communication|message|e-?mail|announcement)\s+templates?\b.{0,20}\b(?:prepared|ready|written|drafted)\b/i,
      kind: 'template',
      why: 'It is the text of a message.',
      confidence: 0.8,
      alsoKinds: ['notification'],
    },
  ]),
}

export const retrospective: Recogniser = {
  name: 'retrospective',
  recognise: byWording('retrospective', [
    {
      text: /\bpost-?mortem\b|\bretro(?:spective)?\b|\blessons? learned\b|\b(?:document|capture|record|note)\b.{0,30}\b(?:issues? encountered|learnings?|lessons|workarounds?|any issues|incident)\b/i,
      unless: /\bschedule\b|^update runbooks/i,
      why: 'What was learned is written down.',
      confidence: 0.79,
      alsoKinds: ['record-freshness', 'manual'],
    },
  ]),
}

export const command: Recogniser = {
  name: 'command',
  recognise: byWording('command', [
    {
      text: /\b(?:deploy(?:ed|ment)?s?|deploying)\b.{0,40}\b(?:to|successful\w*|complete\w*|without errors|hotfix|production|staging)\b|^deploy\b/i,
      unless: /\bguides?|docs?|documentation|notify|window|resource|canary \(|confirm deployment\b/i,
      why: 'A command deploys it; which one has to be said.',
      confidence: 0.66,
      alsoKinds: ['kubernetes'],
    },
    {
      text: /\b(?:image|images|artifacts?|packages?|binaries|app|project|release build)\b.{0,30}\b(?:builds?|built|tagged|pushed|compile\w*|signed)\b|\bbuild succeeds\b/i,
      why: 'A command does it; which one has to be said.',
      confidence: 0.73,
      alsoKinds: ['http'],
    },
    {
      text: /\bsmoke tests?\b|\bpost-deploy smoke\b/i,
      why: 'A command runs these tests; which one has to be said.',
      confidence: 0.73,
      alsoKinds: ['http'],
    },
    {
      text: /\bmigrations?\b.{0,40}\b(?:tested|run|runtime|applied|listed|up and down|executed|prepared and tested|rollback)\b|\brollback (?:migration )?scripts?\b.{0,30}\btested\b/i,
      unless: /\bdocumented|reviewed|execution time\b/i,
      why: 'The tool of the migrations does it; its command has to be said.',
      confidence: 0.73,
      alsoKinds: ['sql', 'record-freshness'],
    },
    {
      text: /\b(?:linting|lint|formatting|formatted|type ?checks?|type checking|static analysis|compiler warnings?)\b/i,
      why: 'A command tells it; which one has to be said.',
      confidence: 0.72,
    },
    {
      text: /\b(?:cloudformation|terraform|compose|environment variables?|configuration|helm)\b.{0,30}\b(?:validated|tested|changes validated|valid)\b/i,
      why: 'A command tells it; which one has to be said.',
      confidence: 0.72,
    },
    {
      text: /\b(?:restarted|restarts?)\b/i,
      unless: /\bcleanly|data loss\b/i,
      why: 'A command does it; which one has to be said.',
      confidence: 0.66,
      alsoKinds: ['kubernetes', 'sql'],
    },
    { text: /\bbackup\b.{0,20}\bintegrity\b/i, why: 'A command tells it; which one has to be said.', confidence: 0.8 },
    {
      text: /\b(?:dependenc(?:y|ies))\b.{0,30}\b(?:up[- ]to[- ]date|updated|outdated)\b/i,
      why: 'A command tells it; which one has to be said.',
      confidence: 0.66,
      alsoKinds: ['git', 'report'],
    },
    {
      text: /\b(?:rollback|restore|failover)\b.{0,20}\btest(?:ed)?\b/i,
      unless: /\bprocedure|plan|restore\b.*\btested\b/i,
      why: 'It is an exercise that commands can do.',
      confidence: 0.64,
      alsoKinds: ['rollback-step', 'record-freshness'],
    },
    {
      text: /\b(?:interruption|connection loss|high network latency|service restart|failure handled|outage simulated|errors? logged)\b/i,
      above: /\b(?:recovery|failover|resilience|chaos|broadcast\w*)\b/i,
      why: 'It is a fault that commands can make.',
      confidence: 0.7,
      alsoKinds: ['service-probe', 'sql', 'kubernetes'],
    },
    {
      text: /\b(?:roll|restart|deploy)\b.{0,40}\bthen\b/i,
      why: 'Commands do it, in this order.',
      confidence: 0.7,
      alsoKinds: ['kubernetes'],
    },
    {
      text: /\bjob\b.{0,20}\b(?:observed|ran|completed)\b/i,
      unless: /\baggregation\b/i,
      why: 'A command tells it.',
      confidence: 0.64,
      alsoKinds: ['sql'],
    },
    {
      text: /\b(?:broadcaster|viewer|client|script|example|cli)\s+works\b/i,
      above: /\b(?:client|example)/i,
      why: 'A command tries it.',
      confidence: 0.72,
    },
    {
      text: /\blogs?\b.{0,20}\breviewed\b/i,
      why: 'A command can look into the logs.',
      confidence: 0.62,
      alsoKinds: ['manual'],
    },
  ]),
}

export const manual: Recogniser = {
  name: 'manual',
  recognise: byWording('manual', [
    {
      text: /\b(?:documented|documentation|docs?|readme|runbooks?|guide|instructions|manual|described|written|procedure|plan)\b/i,
      unless:
        /\b(?:restore procedure|criteria|achieved|test rollback|incident:|error codes return)\b|\bprevious\b|\btested\b/i,
      why: 'A person does this and says so.',
      confidence: 0.62,
      alsoKinds: ['git', 'http', 'form-field'],
    },
    {
      text: /\bdocument\b.{0,30}\b(?:achieved|measured|rto|rpo)\b/i,
      kind: 'form-field',
      why: 'It is a value to write down.',
      confidence: 0.78,
    },
    {
      text: /\b(?:reviewed|review)\b/i,
      unless: /\bsuccess rate|queue|code review|pull|logs? reviewed|dashboard reviewed|licen|\bapproved\b/i,
      why: 'A person looks at it and says so.',
      confidence: 0.61,
      alsoKinds: ['approval', 'http', 'aws', 'git'],
    },
    {
      text: /\bmanual(?:ly)?\b|\bspot check\b|\buser experience\b|\bfeedback\b|\bsupport (?:channels?|tickets?)\b(?!.*\bspike)|\bcomplaints?\b|\bedge cases\b|\bbusiness-critical issues\b|\bissues? triaged\b|\bgracefully\b|\bplayback\b|\bplays smoothly\b/i,
      unless: /\bredis|create test\b/i,
      why: 'A person looks at it and says so.',
      confidence: 0.67,
      alsoKinds: ['security-probe', 'github', 'http'],
    },
    {
      text: /./,
      above: /\b(?:iOS|Android|mobile|app connects|video playback)\b/i,
      why: 'It is tried on a device by a person.',
      confidence: 0.79,
      alsoKinds: ['websocket', 'http'],
      unless: /\bbuild\b/i,
    },
    {
      text: /\bdeviations?\b|\bin place\b|\bbase images? updated\b|\baudit logging enabled\b|\bminimal fix\b|\bfast-track\b|\binvalidation plan\b/i,
      why: 'A person does this and says so.',
      confidence: 0.7,
      alsoKinds: ['sql', 'command', 'http'],
    },
    {
      text: /\bno destructive changes\b/i,
      why: 'A person looks at it and says so.',
      confidence: 0.82,
      alsoKinds: ['git'],
    },
  ]),
}
