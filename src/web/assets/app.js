// Enhancement only: every page works without it.
"use strict";
// One open menu at a time; Escape and a click elsewhere close it.
const menus = () => document.querySelectorAll("details.who[open], nav.bottom details[open]");
document.addEventListener("click", (e) => { for (const d of menus()) if (!d.contains(e.target)) d.open = false; });
document.addEventListener("keydown", (e) => {
  if (e.key === "Escape") for (const d of menus()) { d.open = false; d.querySelector("summary").focus(); }
});
// A form is sent once.
document.addEventListener("submit", (e) => {
  const f = e.target;
  if (f.dataset.sent) { e.preventDefault(); return; }
  if (f.method === "post" && !f.target) { f.dataset.sent = "1"; setTimeout(() => { delete f.dataset.sent; }, 8000); }
  if (f.dataset.confirm && !window.confirm(f.dataset.confirm)) { e.preventDefault(); delete f.dataset.sent; }
});
// "Select all" boxes: <input type=checkbox data-all="ids">.
document.addEventListener("change", (e) => {
  const t = e.target;
  if (t.dataset && t.dataset.all) for (const b of t.form.querySelectorAll(`input[name="${t.dataset.all}"]`)) b.checked = t.checked;
  if (t.dataset && "submit" in t.dataset) t.form.requestSubmit();
});
// Live progress: <div data-poll="/imports/7/progress"> is filled again every second while the answer says so.
for (const box of document.querySelectorAll("[data-poll]")) {
  const again = async () => {
    try {
      const r = await fetch(box.dataset.poll, { headers: { Accept: "text/html" } });
      if (r.status === 205) { location.reload(); return; }
      if (r.ok) box.innerHTML = await r.text();
    } catch { /* the next round may reach the server */ }
    setTimeout(again, 1000);
  };
  setTimeout(again, 1000);
}
if (document.querySelector(".notice.bad")) document.querySelector(".notice.bad").scrollIntoView({ block: "nearest" });
// Print buttons work only with script, so they are hidden without it.
for (const b of document.querySelectorAll("[data-print]")) { b.hidden = false; b.addEventListener("click", () => window.print()); }
