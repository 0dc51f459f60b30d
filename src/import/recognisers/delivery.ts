/** What version control, code hosts, reports and clusters can be asked: branches, tags, pull requests, test reports, pods. */
import type { Recogniser } from '../item.ts'
import { byWording } from '../reading/finding.ts'

export const git: Recogniser = {
  name: 'git',
  recognise: byWording('git', [
    {
      text: /\bchange ?log\b|\bCHANGES?(?:\.md)?\b.{0,20}\bupdated|\bnews(?:\.md| file)\b/i,
      why: 'The file must have changed since the last tag.',
      confidence: 0.77,
      alsoKinds: ['file-freshness', 'manual'],
    },
    {
      text: /\b(?:version|versions)\b.{0,40}\b(?:bump\w*|updated?|incremented|set)\b|\b(?:bump|update|increment|set)\b.{0,30}\bversion\b|\bversion follows\b|\bsemantic version/i,
      unless: /\bimages?\b|\bdocs?\b/i,
      why: 'The version stands in a file of the repository.',
      confidence: 0.75,
      alsoKinds: ['command'],
    },
    {
      text: /\b(?:create|created|push|pushed|annotated|signed|release|git|version|patch)\b.{0,30}\btags?\b|\btags?\b.{0,30}\b(?:created|pushed|exists?|matches)\b|^tag\b/i,
      unless: /\bimages?\b|\bdocker\b|\brollback\b/i,
      why: 'It is a tag of the repository.',
      confidence: 0.76,
      alsoKinds: ['command'],
    },
    {
      text: /\b(?:merge conflicts?|working (?:directory|tree|copy)|uncommitted|all (?:changes|code) committed|committed to|correct branch|on (?:the )?(?:main|master|release) branch|latest changes|up[- ]to[- ]date with (?:main|master|origin))\b/i,
      why: 'The repository can be asked.',
      confidence: 0.78,
      alsoKinds: ['github'],
    },
    {
      text: /\b(?:create|delete|archive|merge|cut|push)\b.{0,30}\bbranch(?:es)?\b|\bbranch\b.{0,20}\b(?:created|deleted|merged|archived|cut)\b/i,
      why: 'It is a branch of the repository.',
      confidence: 0.75,
      alsoKinds: ['command'],
    },
    {
      text: /\b(?:openapi|swagger|spec|schemas?)\b.{0,30}\b(?:current|reflects?|match\w*|up[- ]to[- ]date)\b|\b(?:default values|environment variables|required vs\.? optional|options)\b.{0,20}\b(?:specified|listed|marked)\b/i,
      why: 'A file of the repository must say so.',
      confidence: 0.66,
      alsoKinds: ['http', 'command'],
    },
  ]),
}

export const github: Recogniser = {
  name: 'github',
  recognise: byWording('github', [
    {
      text: /\b(?:CI|CI\/CD|pipelines?|github actions|workflows?|checks?|builds?)\b.{0,40}\b(?:pass\w*|green|succe\w+|executed|complete\w*)\b|\bpass\w*\b.{0,20}\b(?:in|on) (?:the )?(?:CI|CI\/CD|pipeline|github actions)\b/,
      unless: /\blocally\b|\bhealth\b|\bimages?\b|\btype checks?|\bcode quality checks\b|\bsmoke\b|\bregression\b|`/i,
      why: 'The code host can be asked how its checks ended.',
      confidence: 0.77,
      alsoKinds: ['report', 'command'],
    },
    {
      text: /\b(?:github|ci|cd|release|deploy\w*|build|publish\w*|migrations?|gates?|production|staging|actions)\s+(?:\w+\s+)?workflows?\b|\bworkflows?\s+(?:pass\w*|executed|runs?|ran|succe\w+)/i,
      unless: /\btest|approval workflow\b/i,
      why: 'It is a workflow of the code host.',
      confidence: 0.73,
      alsoKinds: ['command'],
    },
    {
      text: /\b(?:pull|merge) requests?\b|\bPRs?\b|\b[Cc]ode [Rr]eview(?:ed)?\b|\breviewed code\b/,
      why: 'The code host knows the pull requests and their reviews.',
      confidence: 0.76,
      alsoKinds: ['approval'],
    },
    {
      text: /\b(?:linked|related|open|milestone|follow-?up|fixed|github|tracked|blocking)\s+(?:github\s+)?issues?\b|\bissues?\b.{0,30}\b(?:closed|on github|milestone)\b|\bclose\b.{0,30}\bissues?\b/i,
      unless: /\bno critical|security issues\b/i,
      why: 'The code host knows the issues.',
      confidence: 0.76,
      alsoKinds: ['retrospective'],
    },
    {
      text: /\b(?:project board|kanban|milestones?|roadmap)\b/i,
      why: 'It is kept on the code host.',
      confidence: 0.74,
      alsoKinds: ['manual'],
    },
    {
      text: /\b(?:publish\w*|draft\w*|create\w*)\b.{0,20}\brelease\s+notes?\b|\brelease notes?\b.{0,20}\b(?:publish\w*|draft\w*|created)\b|\bgithub releases?\b/i,
      why: 'The code host keeps release notes.',
      confidence: 0.75,
      alsoKinds: ['manual'],
    },
    {
      text: /\b(?:publish|deploy|run|trigger|dispatch)\b.{0,60}\bfrom\b.{0,40}\bworkflow\b|^(?:run|trigger)\s+[A-Z][\w]+(?:\s[A-Z]\w+){1,4}\b.{0,20}\bfor\b/,
      why: 'It is a workflow of the code host.',
      confidence: 0.76,
      alsoKinds: ['command'],
    },
  ]),
}

export const report: Recogniser = {
  name: 'report',
  recognise: byWording('report', [
    {
      text: /\b(?:unit|integration|e2e|end-to-end|regression|acceptance|performance|property-based|contract|all|visual regression|api|ui|functional|system)\b.{0,30}\btests?\b.{0,40}\b(?:pass\w*|green|succe\w+|show no|reviewed|cover\w*|executed|completed?)\b/i,
      unless: /\bsmoke\b|\bmanual\b|\bin (?:the )?CI\/CD|\bmigration|:\s*yes/i,
      why: 'A test report tells it.',
      confidence: 0.76,
      alsoKinds: ['command', 'metric-baseline', 'manual'],
    },
    {
      text: /\btests? pass\w*\b|\btests? (?:are )?(?:green|passing|succeed)\b/i,
      unless: /\bsmoke\b/i,
      why: 'A test report tells it.',
      confidence: 0.72,
      alsoKinds: ['command'],
    },
    {
      text: /\b(?:test |code )?coverage\b/i,
      why: 'A coverage report tells it.',
      confidence: 0.85,
      alsoKinds: ['metric-threshold'],
    },
    {
      text: /\bvulnerabilit(?:y|ies)\b|\b(?:security|dependency|container|image|license|sast|dast|zap|trivy|snyk|codeql|sonar\w*)\s+scans?\b|\bscanned for\b|\bscan (?:completed|clean|passes|reports?)\b/i,
      unless: /\bexploited\b/i,
      why: 'A report of a scan tells it.',
      confidence: 0.78,
      alsoKinds: ['security-probe', 'command'],
    },
    {
      text: /\blicen[sc]es?\b.{0,30}\b(?:reviewed|checked|compl\w+|audited)\b/i,
      why: 'A report tells it.',
      confidence: 0.72,
      alsoKinds: ['manual'],
    },
  ]),
}

export const kubernetes: Recogniser = {
  name: 'kubernetes',
  recognise: byWording('kubernetes', [
    {
      text: /\bpods?\b|\bkubernetes\b|\bk8s\b|\bnamespaces?\b|\b(?:liveness|readiness)\b|\brolling update\b|\bresource (?:requests?|limits?)\b|\bvolume ?snapshots?\b|\bstorage snapshots?\b|\breplicas?\b(?!.*\bdatabase)|\bingress\b|\bhelm (?:chart|release)\b|\breaches running\b/i,
      unless: /\bdeploy to canary\b|\brestore test\b|\bfailover\b/i,
      why: 'The cluster can be asked.',
      confidence: 0.77,
      alsoKinds: ['command', 'file-freshness'],
    },
    {
      text: /\brestore test\b.{0,20}/i,
      above: /\bdrill|DR\b/i,
      kind: 'command',
      why: 'It is an exercise that commands can do.',
      confidence: 0.72,
      alsoKinds: ['file-freshness', 'kubernetes'],
    },
    {
      text: /^deploy\s+(?:the\s+)?[\w-]+(?:-service|-api|-worker|\s+service)?$/i,
      above: /\b(?:setup|environment|infrastructure)\b/i,
      why: 'The cluster runs it.',
      confidence: 0.6,
      alsoKinds: ['command'],
    },
    {
      text: /\b(?:create|hibernate|resume|stop|terminate|start)\b.{0,20}\bsessions?\b|\bsession\b.{0,20}\b(?:state|running)\b/i,
      above: /\bsmoke\b|\brollout\b/i,
      why: 'The cluster can be asked.',
      confidence: 0.5,
      alsoKinds: ['command'],
    },
    { text: /\bservices?\b.{0,20}\brestarts? cleanly\b/i, why: 'The cluster can be asked.', confidence: 0.72 },
    {
      text: /\balert(?:ing)? rules? loaded\b/i,
      why: 'The cluster can be asked.',
      confidence: 0.7,
      alsoKinds: ['http'],
    },
  ]),
}

export const aws: Recogniser = {
  name: 'aws',
  recognise: byWording('aws', [
    {
      text: /\b(?:cloudwatch|s3|rds|lambda|cloudfront|ecs|eks|iam|dynamodb|route ?53|storage bucket)\b/i,
      unless: /\b(?:elk|canary|reviewed \(if)\b/i,
      why: 'The cloud can be asked.',
      confidence: 0.83,
      alsoKinds: ['http', 'manual'],
    },
    {
      text: /\b(?:storage|backup\w*|disks?|volumes?)\b.{0,20}\bencrypted\b|\bencryption at rest\b/i,
      why: 'The cloud can be asked.',
      confidence: 0.74,
      alsoKinds: ['manual'],
    },
  ]),
}
