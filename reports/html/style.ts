/** The page's one stylesheet. Colours are chosen for WCAG AA on every ground they are used on, in both themes. */
const light = `
--ground:#f6f6f4; --paper:#ffffff; --sunk:#f1f1ee; --ink:#1b1f23; --quiet:#575f68; --line:#d9dbdd; --link:#1f56b0; --focus:#1f56b0;
--pass:#1b6b43; --pass-tint:#eaf5ee; --fail:#b4231a; --fail-tint:#fdeceb; --warn:#855400; --warn-tint:#fdf3dc;
--error:#7437a0; --error-tint:#f5ecfb; --mute:#575f68; --mute-tint:#f1f1ee; --waived:#2f5d86; --waived-tint:#eaf2f9;
--c1:#3f7cc4; --c2:#7fb0e0; --c3:#b4bfca; --c4:#8d9aa8; --c5:#5f8f87; --c6:#c9a24a; --c-answer:#9ccbb4; --stuck-ground:#e0554a; --stuck-line:#8f150d; --mark:#1b1f23; --gap:#9aa2ab;`;
const dark = `
--ground:#121416; --paper:#1a1d20; --sunk:#22262a; --ink:#e8eaec; --quiet:#a7b0b9; --line:#363c42; --link:#8fbcff; --focus:#8fbcff;
--pass:#74cf9b; --pass-tint:#17291f; --fail:#ff8f86; --fail-tint:#331b1a; --warn:#eeb64f; --warn-tint:#2e2513;
--error:#d3a5f5; --error-tint:#291d33; --mute:#a7b0b9; --mute-tint:#22262a; --waived:#93c0ea; --waived-tint:#182734;
--c1:#5b9be6; --c2:#2f6299; --c3:#59646f; --c4:#75828f; --c5:#4f8a80; --c6:#b28f3c; --c-answer:#2f6a4d; --stuck-ground:#d8483d; --stuck-line:#ffb3ac; --mark:#e8eaec; --gap:#6d7680;`;

export const style = `
:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}
@media screen{:root[data-theme=dark]{color-scheme:dark;${dark}}:root[data-theme=light]{color-scheme:light}}
.theme{display:flex;justify-content:flex-end;gap:.4em;align-items:center;font-size:.8125rem;color:var(--quiet);margin:-.75rem 0 .5rem}
p,li,h1,h2,h3,h4,dd,dt,summary,figcaption,.host{overflow-wrap:anywhere}
.detail>summary>*,.counts>*{min-width:0;max-width:100%}
.filters select{max-width:14rem}
td .host,th .host{overflow-wrap:break-word}
html:not(.scripted) .script-only{display:none}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:76rem;padding:1.5rem clamp(1rem,3vw,2.5rem) 4rem;background:var(--ground);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;overflow-wrap:break-word}
h1,h2,h3{line-height:1.25;margin:0;font-weight:650;text-wrap:balance}
h2{font-size:1.375rem;margin:0 0 1rem}
h3{font-size:1.0625rem;margin:1.5rem 0 .5rem}
h4{font-size:1rem;line-height:1.25;margin:1.25rem 0 .35rem}
p{margin:0 0 .75rem;max-width:70ch}
ul{margin:0;padding:0;list-style:none}
a{color:var(--link);text-underline-offset:.15em}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:3px}
code,pre{font-family:ui-monospace,SFMono-Regular,"Cascadia Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em;unicode-bidi:isolate}
pre code{font-size:1em}
pre{margin:0;overflow-x:auto;white-space:pre;tab-size:8}
.host{font-weight:600;unicode-bidi:isolate}
.quiet,.note{color:var(--quiet);font-weight:400}
.note{font-size:.875rem}
.label{font-size:.8125rem;font-weight:650;color:var(--quiet);margin:0 0 .25rem}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem 1rem;z-index:1}
.defs{position:absolute}
.print-only{display:none}
[hidden]{display:none!important}

.i{flex:none;width:1em;height:1em;vertical-align:-.125em}
.i .s,symbol .s{fill:currentColor}
symbol .l{fill:none;stroke:var(--paper);stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
symbol .h{fill:none;stroke:currentColor;stroke-width:1.6;stroke-dasharray:3 2}
symbol .d{fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
.o-pass{--o:var(--pass);--t:var(--pass-tint)}.o-fail{--o:var(--fail);--t:var(--fail-tint)}.o-warn{--o:var(--warn);--t:var(--warn-tint)}
.o-error{--o:var(--error);--t:var(--error-tint)}.o-not-run{--o:var(--error);--t:var(--error-tint)}
.o-waived{--o:var(--waived);--t:var(--waived-tint)}.o-not-applicable{--o:var(--mute);--t:var(--mute-tint)}
.i-pass{color:var(--pass)}.i-fail{color:var(--fail)}.i-warn{color:var(--warn)}.i-error,.i-not-run{color:var(--error)}
.i-waived{color:var(--waived)}.i-not-applicable{color:var(--mute)}
.badge{color:var(--o);font-size:.9375rem;font-weight:600;white-space:nowrap}
.badge .i{margin-right:.35em}

.verdict{border-top:6px solid var(--o);background:var(--paper);padding:1.5rem clamp(1rem,3vw,2rem);border-radius:0 0 8px 8px;box-shadow:0 0 0 1px var(--line)}
.kicker{margin:0;color:var(--quiet)}
.kicker .host{color:var(--ink)}
.verdict h1{display:flex;align-items:center;gap:.35em;font-size:clamp(2rem,6vw,3rem);letter-spacing:.01em;color:var(--o);margin:.25rem 0 .5rem}
.verdict h1 .i{width:.85em;height:.85em}
.verdict>.why{font-size:1.25rem;line-height:1.4;max-width:60ch;margin-bottom:1rem}
.counts{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-bottom:1.25rem}
.counts li{display:flex;align-items:center;gap:.35em;color:var(--o)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(17rem,45%),1fr));gap:.75rem 1.5rem;margin:0;padding-top:1rem;border-top:1px solid var(--line)}
dt{font-size:.8125rem;color:var(--quiet)}
dd{margin:0}
.alarm{display:flex;gap:.75rem;background:var(--fail-tint);border:1px solid var(--fail);border-radius:6px;padding:.75rem 1rem;margin:0 0 1rem}
.alarm p:last-child,.alarm ul:last-child{margin-bottom:0}
.alarm .i{width:1.25em;height:1.25em;margin-top:.125em}
.quiet-alarm{background:var(--error-tint);border-color:var(--error);margin:1rem 0 0}

nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:1rem 0 0;font-size:.9375rem}
section{margin-top:2.5rem}
.alarm-section{background:var(--error-tint);border:1px solid var(--error);border-radius:8px;padding:1.25rem clamp(1rem,3vw,1.5rem)}
.alarm-section h2{display:flex;gap:.4em;align-items:center;color:var(--error);margin-bottom:.5rem}
.unknown{border-top:1px solid var(--line);padding-top:.75rem;margin-top:.75rem}
.unknown .why{font-weight:600;margin-bottom:.25rem}

.finding{background:var(--paper);border-radius:8px;box-shadow:0 0 0 1px var(--line);border-left:5px solid var(--fail);padding:1.25rem clamp(1rem,3vw,1.5rem);margin-bottom:1rem}
.finding>h3{margin:0 0 .5rem;font-size:1.1875rem;display:flex;gap:.6rem;text-wrap:pretty}
.finding .number{flex:none;display:inline-grid;place-items:center;width:1.6em;height:1.6em;margin-top:-.15em;border-radius:50%;background:var(--fail);color:var(--paper);font-size:.9em}
.tags{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;margin-bottom:1rem;max-width:none}
.tags code{background:var(--fail-tint);color:var(--fail);padding:.1em .5em;border-radius:4px;font-weight:600}
.certainty{display:inline-flex;align-items:center;gap:.4em}
.certainty .full{fill:var(--ink)}.certainty .hollow{fill:none;stroke:var(--ink)}
.columns{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:1rem 2rem}
@media(max-width:52rem){.columns{grid-template-columns:minmax(0,1fr)}}
.because{max-width:72ch}
.because li{position:relative;padding-left:1.1rem;margin-bottom:.35rem}
.because li::before{content:"";position:absolute;left:.15rem;top:.55em;width:6px;height:6px;border-radius:50%;background:var(--quiet)}
.remedy{background:var(--pass-tint);border-radius:6px;padding:.875rem 1rem;align-self:start;min-width:0}
.remedy p{margin-bottom:.5rem}
.remedy .label{color:var(--pass);margin-bottom:.125rem}
.copy{position:relative;display:flex;align-items:flex-start;gap:.5rem;background:var(--paper);border:1px solid var(--line);border-radius:5px;padding:.5rem .625rem;margin:.25rem 0 .5rem;max-width:100%}
.copy pre{flex:1;min-width:0;white-space:pre-wrap;overflow-wrap:anywhere}
button,select{font:inherit;font-size:.8125rem;color:var(--ink);background:var(--sunk);border:1px solid var(--line);border-radius:4px;padding:.1rem .5rem;min-height:1.5rem;cursor:pointer}
button:hover{border-color:var(--quiet)}
details{margin:.5rem 0 0}
summary{cursor:pointer;padding:.125rem 0}
.columns summary,.remedy summary,.unknown summary{color:var(--quiet);font-size:.9375rem}
details[open]>summary{margin-bottom:.35rem}
.quotes{margin-top:1rem}
.evidence{margin:.5rem 0 0;border:1px solid var(--line);border-radius:6px;overflow:hidden;background:var(--sunk)}
.evidence figcaption{padding:.375rem .75rem;border-bottom:1px solid var(--line);font-size:.9375rem;background:var(--paper)}
.evidence .host::after{content:" #";color:var(--quiet);font-weight:400}
.evidence pre{padding:.5rem .75rem;max-height:24rem;overflow:auto}
.evidence .note{margin:0;padding:.25rem .75rem .5rem}
.list-title{margin-top:1.75rem}
.verdicts>li{display:flex;gap:.65rem;padding:.75rem 0;border-top:1px solid var(--line)}
.verdicts>li>.i{margin-top:.3em}
.verdicts>li>div{min-width:0;flex:1}
.verdicts p{margin-bottom:.25rem}

.scroll{overflow-x:auto;max-width:100%;background:var(--paper);border-radius:8px;box-shadow:0 0 0 1px var(--line);margin-bottom:.75rem}
table{border-collapse:separate;border-spacing:0;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem}
th{font-weight:500}
thead th{color:var(--quiet);font-size:.875rem;vertical-align:bottom}
tbody tr+tr>*{border-top:1px solid var(--line)}
thead+tbody>tr:first-child>*{border-top:1px solid var(--line)}
.rows,.numbers,.matrix{width:100%}
.rows{min-width:44rem}
td code{overflow-wrap:anywhere}
.numbers td,.numbers thead :is(th,td)+th{text-align:right;white-space:nowrap}
.numbers th[scope=row]{min-width:6rem}
.numbers .wide{text-align:left!important;width:50%;white-space:normal;min-width:12rem}
.matrix{font-size:.9375rem}
.matrix thead th .host{color:var(--ink)}
.matrix .role{display:block;font-size:.8125rem}
.matrix th[scope=row]{min-width:14rem;position:sticky;left:0;background:var(--paper)}
.matrix .id{display:block;font-size:.8125rem;color:var(--quiet)}
.matrix .folder th{background:var(--sunk);font-size:.8125rem;font-weight:650;color:var(--quiet);padding-block:.25rem;border-top:1px solid var(--line)}
.matrix td{padding:.2rem .25rem}
.matrix a{display:flex;align-items:center;gap:.35em;color:var(--o);text-decoration:none;padding:.25rem .5rem;border-radius:4px;white-space:nowrap}
.matrix a:hover{text-decoration:underline}
.matrix a.o-fail,.matrix a.o-warn,.matrix a.o-error,.matrix a.o-not-run{background:var(--t);font-weight:650}
.matrix a.dim{opacity:.35}
@media(max-width:40rem){.matrix th[scope=row]{min-width:8.5rem;max-width:8.5rem;font-size:.875rem}.matrix th[scope=row] .id{display:none}}
.filters{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;margin-bottom:.75rem}
.filters fieldset{display:flex;flex-wrap:wrap;gap:.25rem 1rem;border:0;padding:0;margin:0}
.filters legend{float:left;padding:0;margin-right:.25rem;color:var(--quiet)}
.filters label{display:inline-flex;align-items:center;gap:.4em}
.filters input[type=search]{font:inherit;font-size:.875rem;width:11rem;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:4px;padding:.15rem .5rem;min-height:1.5rem}
.dense th[scope=row]{min-width:18rem}.dense thead .host{writing-mode:vertical-rl;max-height:12rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;transform:rotate(180deg)}
.dense thead .role{display:none}.dense td{padding:0;text-align:center}.dense td a{padding:.25rem .35rem;justify-content:center;min-width:1.5rem;min-height:1.5rem}
@media screen{.scroll:has(>.dense){content-visibility:auto;contain-intrinsic-size:auto 40rem}}
.gates td.wide{width:auto}
.glossary{columns:2 22rem;column-gap:2rem;margin:0}
.glossary>div{break-inside:avoid;margin-bottom:.6rem}
.glossary dt{font-size:.9375rem;font-weight:600;color:var(--ink)}
.verdict>.restored{max-width:none;margin-bottom:.75rem}.restored .badge{margin:0 .35em}

.figures{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;max-width:none}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:1px;background:var(--line);border-radius:8px;overflow:hidden;box-shadow:0 0 0 1px var(--line);margin:0 0 .75rem}
.tiles>div{background:var(--paper);padding:.5rem .875rem}
.tiles dd{font-size:1.375rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.3}
.tiles small{font-size:.875rem;font-weight:500}
.tiles .bad dd{color:var(--fail)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:1rem;margin:.75rem 0}
.charts figure{margin:0;background:var(--paper);border-radius:8px;box-shadow:0 0 0 1px var(--line);padding:.75rem;max-width:34rem;display:flex;flex-direction:column;justify-content:space-between}
figcaption{font-size:.9375rem}
.charts .stuck{color:var(--fail);font-weight:600}
.chart{display:block;width:100%;height:auto;margin-top:.25rem}
.legend{display:flex;max-width:none}
.legend,.swatch{display:inline-flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center}
.swatch{gap:.4em;white-space:nowrap;margin-right:1rem}
.legend .swatch{margin:0}
.tick{font-size:11px;fill:var(--quiet);font-variant-numeric:tabular-nums}
.tick.end{text-anchor:end}.tick.middle{text-anchor:middle}.tick.strong{fill:var(--ink);font-weight:600}
.grid{stroke:var(--line);fill:none}.axis{stroke:var(--quiet);fill:none}
.bar{fill:var(--c1)}.track{fill:var(--sunk)}.failed{fill:url(#p-stuck)}
.expected,.mark-line{stroke:var(--mark);fill:none;stroke-width:2}
.mark-line{stroke-width:1;stroke-dasharray:3 3}
.again-line{stroke:var(--fail);fill:none;stroke-dasharray:2 3}.bracket{stroke:var(--ink);fill:none;stroke-width:1.25}
.share{display:block;max-width:100%;min-width:8rem}
.s-syn-recv{fill:url(#p-stuck)}.s-established{fill:var(--c1)}.s-fin-wait{fill:var(--c2)}.s-time-wait{fill:var(--c3)}
.s-close-wait{fill:var(--c6)}.s-last-ack{fill:var(--c5)}.s-close{fill:var(--c4)}.s-other{fill:var(--c6)}
.stuck-ground{fill:var(--stuck-ground)}.stuck-line{fill:var(--stuck-line)}
.line-p50,.line-p99{fill:none;stroke:var(--c1);stroke-width:1.75;stroke-linejoin:round}.line-p99{stroke:var(--warn);stroke-dasharray:4 2}
.dot-p50{fill:var(--c1)}.dot-p99{fill:var(--warn)}
.live{margin-top:.25rem;border-radius:4px}.uplot{font:inherit!important}.u-select{background:var(--c1)!important;opacity:.2}.u-cursor-x{border-color:var(--quiet)!important}
.below{display:flex;gap:.75rem;justify-content:space-between;align-items:start;min-height:2.75rem}.readout{margin:0;font-variant-numeric:tabular-nums}.below button{flex:none}
@media screen{.is-live>.chart{display:none}.scripted [data-live]:not(.is-live)::after{content:"";height:2.75rem}}
.gap{fill:url(#p-gap);stroke:var(--gap);stroke-dasharray:2 2}.gap-line{fill:var(--gap)}.level{fill:none;stroke:currentColor;stroke-width:1;stroke-linejoin:round}

.drills{min-width:58rem}.drills td:is(:nth-child(5),:nth-child(6),:nth-child(9)){white-space:normal}.drills th code,.drills .badge{white-space:nowrap}
.drill{margin:0 0 1rem}.drill svg{display:block}.drill .legend{margin:.25rem 0 0}
.drill>.scroll>svg{width:100%;min-width:46rem;height:auto;padding:.5rem}
.phase-detect,.phase-converge,.phase-settle{stroke-width:1.25}
.phase-detect{fill:var(--warn-tint);stroke:var(--warn)}.phase-converge{fill:var(--waived-tint);stroke:var(--waived);stroke-dasharray:5 2}.phase-settle{fill:var(--error-tint);stroke:var(--error);stroke-dasharray:1.5 2}
.table{fill:var(--sunk);stroke:var(--gap)}.table.none{fill:url(#p-gap);stroke-dasharray:2 2}.synced{fill:none;stroke:var(--c1);stroke-width:1.5}
.answered{fill:var(--c5)}.broke{fill:none;stroke:var(--fail);stroke-width:2}
.did{stroke:var(--mark);fill:none;stroke-width:1.5}.did.undo{stroke-dasharray:6 3}
.tick.on{fill:var(--ink)}.halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}

.topology{margin:0 0 1rem}
.topology svg{display:block}
.topology>.scroll>svg{width:100%;min-width:46rem;height:auto;padding:.5rem}
.topology .legend{margin:.25rem 0 0}
.t-text{fill:var(--ink);direction:ltr;unicode-bidi:isolate}.t-name{font-weight:600}.t-quiet{fill:var(--quiet)}.t-bad-text{fill:var(--fail);font-weight:600}
.t-share{font-size:13px;font-weight:600;text-anchor:end;font-variant-numeric:tabular-nums}
.t-box{fill:var(--paper);stroke:var(--gap)}.t-vip{fill:var(--sunk);stroke:var(--gap)}.t-standby{stroke-dasharray:4 3}
.t-bad{stroke:var(--fail);stroke-width:2;fill:var(--fail-tint)}
.t-request,.t-expected,.t-observed,.t-broken{fill:none}
.t-request{stroke:var(--c1)}.t-observed{stroke:var(--c-answer)}.t-expected{stroke:var(--ink);stroke-dasharray:5 4}.t-broken{stroke:var(--fail)}
.t-head-request{fill:var(--c1)}.t-head-expected{fill:var(--ink)}.t-head-broken{fill:var(--fail)}
.t-cross circle{fill:var(--paper);stroke:var(--fail);stroke-width:2}.t-cross path{fill:none;stroke:var(--fail);stroke-width:2.5;stroke-linecap:round}
.topology a:hover .t-bad-text{text-decoration:underline}

.detail{background:var(--paper);box-shadow:0 0 0 1px var(--line);margin:0 0 1px;padding:.2rem .875rem;scroll-margin-top:1rem}
.detail>summary{display:flex;flex-wrap:wrap;gap:0 .75rem;align-items:center}
.detail>summary::before{content:"";flex:none;width:0;height:0;border:.3em solid transparent;border-left-color:var(--quiet);border-right:0}
.detail[open]>summary::before{border:.3em solid transparent;border-top-color:var(--quiet);border-bottom:0}
.detail>summary .badge{min-width:8.25rem}
.compare th>span{display:inline-block;margin-right:.75em;overflow-wrap:anywhere}.compare span:target{outline:2px solid var(--focus)}
.detail:target{box-shadow:0 0 0 2px var(--focus);position:relative}
html:not(.scripted) .detail:target::details-content{content-visibility:visible;block-size:auto}
.detail .body{padding:.25rem 0 .75rem}
.detail .body>*+*{margin-top:.75rem}
.detail .why{font-weight:600}
.compare th,.compare td{padding:.25rem .75rem}
.compare .differs td{font-weight:650}
.compare .mark{color:var(--fail)}
.compare td:not(:first-child){font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
.values{margin:0;display:grid;gap:.5rem}
.value{white-space:pre-wrap;max-height:16rem;overflow:auto}
.stages{font-size:.9375rem;margin-bottom:1rem}
.stages caption{text-align:left;color:var(--quiet);font-size:.875rem}
.stages th,.stages td{padding:.15rem .75rem .15rem 0;border:0!important;vertical-align:middle}
.stages td:nth-child(2){text-align:right;white-space:nowrap}
.stages svg{display:block;width:min(18rem,30vw);height:.5rem}
.sign-off{width:100%;table-layout:fixed;background:var(--paper);box-shadow:0 0 0 1px var(--line);border-radius:8px}
.sign-off tbody tr{height:3.5rem}
.sign-off tbody td{border-left:1px solid var(--line)}

@media print{
@page{margin:16mm 14mm}
:root{color-scheme:light}
body{background:none;max-width:none;padding:0;font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
nav,.skip,.filters,.theme,.live,.below,button,.screen-only,.detail[data-outcome=pass],.detail[data-outcome=not-applicable]{display:none!important}
.print-only{display:block}
details::details-content{content-visibility:visible;block-size:auto}
.scroll,pre,.evidence pre,.value{overflow:visible;max-height:none;white-space:pre-wrap}
.scroll{white-space:normal}
.rows{min-width:0}
h2,h3,h4,.label,.figures,.scroll+.note{break-after:avoid}.evidence figcaption,.charts figcaption{break-after:avoid}.drill .legend{break-before:avoid}
.charts figure,.evidence,.remedy,.verdicts>li,tr,.sign-off,.unknown,.tiles,.gates,.drill,.topology>.scroll{break-inside:avoid}
section{margin-top:1.5rem}
#sign-off{break-inside:avoid}
a{color:inherit;text-decoration:none}
.matrix{font-size:8.5pt}.matrix th[scope=row]{position:static;min-width:0}.matrix .id{font-size:7.5pt}
.matrix a{padding:.1rem .25rem}
.charts{grid-template-columns:1fr 1fr}
.tiles{grid-template-columns:repeat(6,1fr)}
.group:not(:has(.detail:not([data-outcome=pass],[data-outcome=not-applicable]))){display:none}
}
`;
