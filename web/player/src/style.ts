/** How the element looks. Pages change it by the custom properties. */
export const style = `
:host { display: block; position: relative; background: #000; color: #fff; aspect-ratio: var(--baton-ratio, 16 / 9); overflow: hidden;
  font: 14px/1.4 system-ui, sans-serif; --accent: var(--baton-accent, #ff6a3d); outline-offset: 2px; border-radius: inherit; }
:host(:fullscreen) { border-radius: 0; }
:host(:focus-visible) { outline: 2px solid var(--accent); }
[hidden] { display: none !important; }
.baton-stage, .baton-stage > * { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
.say { position: absolute; left: 0; right: 0; bottom: 56px; text-align: center; padding: 0 16px; pointer-events: none;
  text-shadow: 0 1px 3px #000c; transition: opacity .3s; opacity: 0; }
.say.on { opacity: 1; }
.say:has(~ .big:not([hidden])) { bottom: auto; top: 12px; }
button, select { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
button:focus-visible, select:focus-visible, input:focus-visible { outline: 2px solid #fff; outline-offset: 2px; border-radius: 4px; }
button:disabled { opacity: .4; cursor: default; }
svg { display: block; width: 24px; height: 24px; fill: currentColor; }
.big { position: absolute; left: 50%; top: 50%; width: 84px; height: 84px; margin: -42px 0 0 -42px; border-radius: 50%;
  background: var(--accent); color: #fff; box-shadow: 0 4px 24px #0006; transition: transform .15s; }
.big:hover { transform: scale(1.06); }
.big svg { width: 44px; height: 44px; margin: auto; }
.bar { position: absolute; left: 0; right: 0; bottom: 0; display: flex; align-items: center; gap: 12px; padding: 24px 14px 10px;
  background: linear-gradient(transparent, #000b); transition: opacity .25s; }
.bar > * { flex: none; min-height: 28px; }
:host(.calm) .bar { opacity: 0; }
:host(.calm) { cursor: none; }
.live { display: flex; align-items: center; font-weight: 600; letter-spacing: .06em; font-size: 12px; margin-right: auto; }
.live::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: #999; margin-right: 7px; }
.live.on::before { background: #ff3b30; }
.time { font-variant-numeric: tabular-nums; font-size: 13px; display: flex; align-items: center; }
select option { color: #000; }
input[type=range] { appearance: none; background: none; height: 28px; margin: 0; cursor: pointer; }
input[type=range]::-webkit-slider-runnable-track { height: 4px; border-radius: 2px;
  background: linear-gradient(var(--accent), var(--accent)) 0 / var(--done, 0%) 100% no-repeat #fff5; }
input[type=range]::-moz-range-track { height: 4px; border-radius: 2px; background: #fff5; }
input[type=range]::-moz-range-progress { height: 4px; border-radius: 2px; background: var(--accent); }
input[type=range]::-webkit-slider-thumb { appearance: none; width: 14px; height: 14px; margin-top: -5px; border-radius: 50%; background: #fff; }
.volume::-webkit-slider-runnable-track { background: #fff8; }
.position { flex: 1 1 60px; min-width: 40px; }
.volume { width: 72px; }
@media (max-width: 560px) { .volume { display: none; } .bar { gap: 10px; padding: 20px 10px 8px; } .time { font-size: 12px; } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;
