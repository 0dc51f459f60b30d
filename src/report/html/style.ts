/** How the report looks, on a screen in both themes and on paper. */
export const reportStyle = `
:root { color-scheme: light dark; --paper: #fcfbf9; --paper-2: #f4f2ee; --rule: #dedad2; --ink: #1d1c1a; --ink-2: #55514a;
  --accent: #38489a; --good: #1e6b3c; --bad: #ab2a22; --person: #8a5300; --quiet: #6b665d; --bad-paper: #fbebe9; --good-paper: #e9f3ec; }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #141518; --paper-2: #1c1e22; --rule: #30333a; --ink: #e9e7e2;
  --ink-2: #b6b3ad; --accent: #a6b4ff; --good: #7ccb97; --bad: #f39a90; --person: #e5b566; --quiet: #9a978f; --bad-paper: #33201f; --good-paper: #1a2a20; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 0.9375rem/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h2, h3, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: 1.75rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.011em; }
h1 .to { color: var(--ink-2); font-weight: 450; }
h2 { margin: 2.75rem 0 0.75rem; padding-bottom: 0.25rem; border-bottom: 1px solid var(--rule); font-size: 1.125rem; font-weight: 650; }
h3 { margin: 1.5rem 0 0.5rem; font-size: 0.9375rem; font-weight: 650; }
p + p { margin-top: 0.5rem; }
.verdict { margin: 1rem 0 0; padding: 0.75rem 1rem; border-left: 4px solid var(--tone); background: var(--tone-paper, var(--paper-2)); font-weight: 600; overflow-wrap: anywhere; }
.good { --tone: var(--good); --tone-paper: var(--good-paper); } .bad { --tone: var(--bad); --tone-paper: var(--bad-paper); }
.person { --tone: var(--person); } .quiet { --tone: var(--quiet); }
.hint, figcaption, .when { color: var(--ink-2); font-size: 0.8125rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 0.5rem 2rem; margin-top: 1.5rem; }
.facts div { min-width: 0; } .facts dt { color: var(--ink-2); font-size: 0.75rem; } .facts dd { overflow-wrap: anywhere; }
code { font: 0.8125rem/1.5 ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", Menlo, monospace; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.8125rem; }
th, td { padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; overflow-wrap: break-word; }
td:first-child, .nowrap { white-space: nowrap; }
table.wide { min-width: 44rem; }
th { color: var(--ink-2); font-weight: 600; }
ul, ol { list-style: none; }
.steps li { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr); gap: 0 1rem; padding: 0.5rem 0; border-bottom: 1px solid var(--rule); break-inside: avoid; }
.steps .state { color: var(--tone); font-size: 0.8125rem; font-weight: 600; }
.steps .text { overflow-wrap: anywhere; }
.d1 { padding-left: 1.25rem; } .d2 { padding-left: 2.5rem; } .d3 { padding-left: 3.75rem; }
.plain li { padding: 0.3rem 0; overflow-wrap: anywhere; }
.bar { display: flex; height: 0.6rem; margin: 0.5rem 0; overflow: hidden; border-radius: 3px; background: var(--paper-2); }
.bar span { background: var(--tone); } .bar .accent { background: var(--accent); }
figure { margin: 1rem 0; break-inside: avoid; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink-2); font-size: 11px; }
svg .axis { stroke: var(--rule); } svg .stage { stroke: var(--rule); stroke-dasharray: 2 3; }
svg .canary { fill: none; stroke: var(--accent); stroke-width: 2; } svg .stable { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
svg .go { stroke: var(--good); stroke-dasharray: 5 4; } svg .rollback { stroke: var(--bad); stroke-dasharray: 5 4; }
blockquote { margin: 0.4rem 0 0; padding: 0.5rem 0.9rem; background: var(--paper-2); white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.8125rem; }
article { margin-top: 1rem; break-inside: avoid; }
@media (max-width: 44rem) { .steps li { grid-template-columns: 1fr; } }
@media print { :root { --paper: #fff; } main { max-width: none; padding: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } body { font-size: 10pt; } }
`
