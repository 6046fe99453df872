/** How a report looks: on a screen of any width, light or dark, and on paper. */
export const STYLE = `
:root{color-scheme:light dark;--page:#fff;--text:#1c2024;--faint:#5b6470;--line:#d5dae1;--panel:#f4f6f8;--accent:#0b61c4;
--bar:#cfe2fa;--stays:#8a5200;--gone:#fbe3e4;--come:#dcf3e2;--down:#c2410c;
--copy:#3b82c4;--stop:#c2410c;--verify:#7c4dbe;--swap:#b3261e;--start:#2e8b57;--other:#78828f}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--text:#e5e9ee;--faint:#a2acb8;--line:#39414b;--panel:#1e2329;--accent:#7db7ff;
--bar:#23405f;--stays:#f0b35e;--gone:#4a2226;--come:#1d4029;--down:#f0854d;
--copy:#5ea3e0;--stop:#f0854d;--verify:#b08be8;--swap:#f2736a;--start:#5cc489;--other:#9aa5b1}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,"DejaVu Sans",sans-serif}
main{max-width:64rem;margin:0 auto;padding:1rem}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0 1rem}
h2{font-size:1.25rem;margin:2.2rem 0 .6rem;padding-bottom:.2rem;border-bottom:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.6rem 0 .5rem}
h1,h2,h3,p,li,td,dd,summary{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0}
dt{color:var(--faint)}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.5rem 0}
th,td{min-width:min(7.5em,14vw);text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
th{color:var(--faint);font-weight:600}
details{margin:.6rem 0}summary{cursor:pointer;color:var(--accent)}
pre{overflow-x:auto;background:var(--panel);padding:.6rem;border-radius:4px;font-size:.85rem}
figure{margin:.8rem 0}
svg{display:block;width:100%;font-size:13px}
svg text{fill:var(--text)}svg .faint{fill:var(--faint)}svg .place{fill:var(--accent)}svg .stays{fill:var(--stays)}
svg .link{fill:none;stroke:var(--line);stroke-width:1.5}svg .dot{fill:var(--accent)}svg .dot.stays{fill:none;stroke:var(--stays);stroke-width:1.5}
svg .size{fill:var(--bar)}svg .axis{stroke:var(--line)}
svg .wide{display:none}
svg .down{fill:var(--down)}svg .copy{fill:var(--copy)}svg .stop{fill:var(--stop)}svg .verify{fill:var(--verify)}
svg .swap{fill:var(--swap)}svg .start{fill:var(--start)}svg .other{fill:var(--other)}
.diff{background:var(--panel);border-radius:4px;overflow-x:auto;margin:.5rem 0}
table.lines{font:.82rem/1.4 ui-monospace,"DejaVu Sans Mono",monospace;margin:0;width:auto;min-width:100%}
table.lines td{min-width:0;border:0;padding:0 .4rem;white-space:pre}
table.lines .place{color:var(--faint)}
table.lines .d2h-del{background:var(--gone)}table.lines .d2h-ins{background:var(--come)}
table.lines del,table.lines ins{font-weight:700}
@media (min-width:46rem){svg .wide{display:inline}svg .narrow{display:none}}
@media screen and (max-width:40rem){
dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}th,td{min-width:0}
table:not(.lines) thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table:not(.lines) tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}
table:not(.lines) td{display:block;border:0;padding:0}
table:not(.lines) td:not(:empty)::before{content:attr(data-title) ": ";color:var(--faint)}}
@media print{:root{color-scheme:light;--page:#fff;--text:#000;--faint:#444;--line:#bbb;--panel:#f4f4f4;--accent:#063f80;
--bar:#dde8f5;--stays:#6b3f00;--gone:#f6dcdc;--come:#dff0e3;--down:#b23a08;
--copy:#3b82c4;--stop:#b23a08;--verify:#6b3fae;--swap:#9d1f18;--start:#237246;--other:#666}
body{font-size:10pt}main{max-width:none;padding:0}details::details-content{content-visibility:visible;block-size:auto}
h2,h3{break-after:avoid}tr,figure svg{break-inside:avoid}table.lines td,pre{white-space:pre-wrap}}
`
