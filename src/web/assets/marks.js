// The sheet of marks, made quick: Enter and the arrows go down and up a column, a column pasted from a spreadsheet fills
// downwards, what was typed outlives a lost session in this tab. The page works without it.
"use strict";
(() => {
  const form = document.getElementById("marks");
  if (!form) return;
  const rows = [...form.querySelectorAll("tbody tr")].map((tr) => [...tr.querySelectorAll("input[name=mark]")]).filter((r) => r.length);
  const at = (input) => {
    for (let r = 0; r < rows.length; r++) { const c = rows[r].indexOf(input); if (c >= 0) return [r, c]; }
    return null;
  };
  const go = (r, c) => { const i = rows[r] && rows[r][c]; if (i) { i.focus(); i.select(); } return Boolean(i); };
  const flat = rows.flat();
  const start = flat.map((i) => i.value);
  const filled = document.querySelector("[data-filled]");
  const plain = (t) => t.replace(/[０-９]/g, (d) => String.fromCharCode(d.charCodeAt(0) - 0xfee0)).replace(/．/g, ".").trim();
  const bad = (i) => {
    const t = plain(i.value).replace(/分$/, "");
    if (t === "" || /^(缺考?|absent|-|—)$/i.test(t)) return false;
    return !/^\d{1,6}(\.\d{1,2}0*)?$/.test(t) || Number(t) * 100 > Number(i.dataset.full) + 0.001;
  };
  const look = (i) => { i.classList.toggle("off", bad(i)); };
  const key = "marks:" + location.pathname;
  const dirty = () => flat.some((i, n) => i.value !== start[n]);
  const changed = () => {
    if (filled) filled.textContent = String(rows.filter((r) => r.some((i) => i.value.trim() !== "")).length);
    try {
      if (dirty()) sessionStorage.setItem(key, JSON.stringify(flat.map((i) => [i.closest("tr").querySelector("[name=enrolment]").value, i.value])));
      else sessionStorage.removeItem(key);
    } catch { /* without storage nothing is kept beyond the page */ }
  };
  form.addEventListener("keydown", (e) => {
    const here = e.target.name === "mark" && at(e.target);
    if (!here) return;
    const down = e.key === "ArrowDown" || (e.key === "Enter" && !e.shiftKey);
    const up = e.key === "ArrowUp" || (e.key === "Enter" && e.shiftKey);
    if ((e.ctrlKey || e.metaKey) && e.key === "Enter") { e.preventDefault(); form.requestSubmit(); return; }
    if (down || up) { e.preventDefault(); go(here[0] + (down ? 1 : -1), here[1]); }
  });
  form.addEventListener("paste", (e) => {
    const here = e.target.name === "mark" && at(e.target);
    const text = e.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!here || !/[\n\t]/.test(text)) return;
    e.preventDefault();
    const lines = text.split("\n");
    lines.forEach((line, r) => line.split("\t").forEach((cell, c) => {
      const i = rows[here[0] + r] && rows[here[0] + r][here[1] + c];
      if (i) { i.value = cell.trim(); look(i); }
    }));
    changed();
    go(Math.min(here[0] + lines.length, rows.length) - 1, here[1]);
  });
  form.addEventListener("input", (e) => { if (e.target.name === "mark") changed(); });
  form.addEventListener("focusout", (e) => { if (e.target.name === "mark") look(e.target); });
  form.addEventListener("submit", () => { leaving = true; });
  let leaving = false;
  window.addEventListener("beforeunload", (e) => { if (dirty() && !leaving) { e.preventDefault(); } });
  // After a save the page comes back without errors: what was kept has been stored.
  const refused = document.querySelector(".notice.bad");
  let kept = null;
  try { kept = JSON.parse(sessionStorage.getItem(key) || "null"); } catch { kept = null; }
  const saved = document.querySelector(".notice.good");
  if (kept && saved) { try { sessionStorage.removeItem(key); } catch { /* nothing to forget */ } kept = null; }
  if (kept && !refused) {
    const by = new Map();
    for (const [id, v] of kept) by.set(id, [...(by.get(id) || []), v]);
    const differs = rows.some((r) => { const v = by.get(r[0].closest("tr").querySelector("[name=enrolment]").value); return v && v.some((t, c) => r[c] && r[c].value !== t); });
    if (differs) {
      const bar = document.createElement("p");
      bar.className = "notice warn";
      bar.setAttribute("role", "status");
      const again = document.createElement("button");
      again.type = "button";
      again.className = "button plain small";
      again.textContent = form.dataset.draft;
      again.addEventListener("click", () => {
        for (const r of rows) { const v = by.get(r[0].closest("tr").querySelector("[name=enrolment]").value) || []; v.forEach((t, c) => { if (r[c]) { r[c].value = t; look(r[c]); } }); }
        changed(); bar.remove();
      });
      bar.append(again);
      form.before(bar);
    }
  }
  flat.forEach(look);
  const first = form.querySelector("tr.wrong input[name=mark]") || flat.find((i) => i.value === "");
  if (first && !document.getElementById("agree")) first.focus({ preventScroll: !refused });
})();
