// Hours typed without a network stay in this browser and are sent later, once: each form has a key of its own, and the
// server takes a key of one person only once. Without this script the form works as any other.
"use strict";
(() => {
  const box = document.getElementById("kept");
  const form = document.querySelector("form[data-keep]");
  if (!box || !window.localStorage) return;
  const text = box.dataset;
  // The page knows who is signed in; the page without a network takes the last one who was.
  const user = text.user || localStorage.getItem("yz-hours-user");
  if (!user) return;
  const online = Boolean(text.user);
  if (online) localStorage.setItem("yz-hours-user", user);
  const place = `yz-hours:${user}`;
  const read = () => { try { return JSON.parse(localStorage.getItem(place)) || []; } catch { return []; } };
  const write = (list) => { localStorage.setItem(place, JSON.stringify(list)); show(); };
  const change = (key, what) => write(read().map((e) => (e.key === key ? { ...e, ...what } : e)));
  const drop = (key) => write(read().filter((e) => e.key !== key));
  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const button = (label, act) => {
    const b = document.createElement("button");
    b.type = "button"; b.className = "link"; b.textContent = label; b.addEventListener("click", act);
    return b;
  };

  // Each kept entry with its fate.
  function show() {
    const list = read().filter((e) => e.state !== "sending");
    box.hidden = list.length === 0;
    const ul = box.querySelector("ul");
    ul.replaceChildren(...list.map((e) => {
      const li = document.createElement("li");
      li.className = "card"; li.dataset.state = e.state;
      const f = Object.fromEntries(e.fields);
      const p = document.createElement("p");
      const b = document.createElement("b");
      b.textContent = f.date || "";
      const badge = document.createElement("span");
      badge.className = `badge ${{ kept: "info", sent: "good", refused: "bad" }[e.state]}`;
      badge.textContent = text[e.state];
      p.append(b, ` ${f.from || ""}${f.to ? "–" + f.to : ""}${f.hours ? " " + f.hours : ""} · ${f.kind_other || f.kind || ""} `, badge);
      li.append(p);
      if (e.why) { const w = document.createElement("p"); w.className = "error"; w.textContent = e.why; li.append(w); }
      if (e.state === "refused") {
        const acts = document.createElement("div");
        acts.className = "actions";
        acts.append(button(text.change, () => { fill(e); drop(e.key); }), button(text.drop, () => drop(e.key)));
        li.append(acts);
      }
      return li;
    }));
  }

  // Puts a kept entry back into the form.
  function fill(e) {
    if (!form) return;
    for (const [name, value] of e.fields) {
      if (name === "csrf" || name === "action") continue;
      for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (input.type === "radio") input.checked = input.value === value; else input.value = value;
      }
    }
    form.scrollIntoView();
  }

  // state: kept waits for a network; sending is on its usual way and shown only if that fails; sent; refused.
  function keep(submitter, state) {
    const data = new FormData(form);
    const key = data.get("client_key") || newKey();
    data.set("client_key", key);
    data.set("action", (submitter && submitter.value) || "submit");
    data.delete("csrf");
    write([...read().filter((e) => e.key !== key), { key, state, fields: [...data.entries()] }]);
  }

  function blank() {
    for (const name of ["note", "from", "to", "hours", "count", "households", "supervision"]) {
      const input = form.querySelector(`[name="${name}"]`);
      if (input) input.value = name === "count" ? "0" : "";
    }
    form.querySelector("[name=client_key]").value = newKey();
  }

  let sending = false;
  const waits = (e) => e.state === "kept" || e.state === "sending";
  async function send() {
    if (sending || !navigator.onLine || !read().some(waits)) return;
    sending = true;
    try {
      const page = await fetch("/my-hours", { headers: { Accept: "text/html" }, cache: "no-store" });
      const doc = new DOMParser().parseFromString(await page.text(), "text/html");
      const csrf = doc.querySelector("form[data-keep] [name=csrf]");
      const mine = doc.getElementById("kept");
      // Signed out, or somebody else is signed in: it stays until its owner is back.
      if (!csrf || !mine || mine.dataset.user !== user) { box.querySelector(".who-must").hidden = !page.ok; return; }
      for (const e of read().filter(waits)) {
        const body = new URLSearchParams(e.fields);
        body.set("csrf", csrf.value);
        const r = await fetch("/my-hours", { method: "POST", body, headers: { Accept: "text/html" } });
        if (r.ok && r.redirected && new URL(r.url).pathname === "/my-hours") {
          if (e.state === "sending") drop(e.key); else change(e.key, { state: "sent", why: "" });
          continue;
        }
        if (r.status < 400 || r.status >= 500 || r.status === 429 || r.status === 403) break;
        const said = new DOMParser().parseFromString(await r.text(), "text/html");
        const lines = [...said.querySelectorAll(".notice.bad li")].map((li) => li.textContent.trim());
        change(e.key, { state: "refused", why: lines.join(" ") || text.refused });
      }
    } catch { // no network: the next round tries again
      write(read().map((e) => (e.state === "sending" ? { ...e, state: "kept" } : e)));
    } finally { sending = false; }
  }

  if (form) {
    // A form that came back from the server with its faults is in hand again; what was sent is in the list below.
    const there = new Set([...document.querySelectorAll("[data-key]")].map((li) => li.dataset.key));
    there.add(form.querySelector("[name=client_key]").value);
    if (online) write(read().filter((e) => e.state !== "sent" && !there.has(e.key)));
    form.addEventListener("submit", (e) => {
      const usual = navigator.onLine && online; // if it gets lost on the way, it is sent again
      keep(e.submitter, usual ? "sending" : "kept");
      if (usual) return;
      e.preventDefault();
      setTimeout(() => { delete form.dataset.sent; }, 0);
      blank();
      box.scrollIntoView({ block: "nearest" });
      send();
    });
    if (!online) {
      write(read().map((e) => (e.state === "sending" ? { ...e, state: "kept" } : e)));
      const day = form.querySelector("[name=date]");
      if (day && !day.value) { const n = new Date(); day.value = `${n.getFullYear()}-${String(n.getMonth() + 1).padStart(2, "0")}-${String(n.getDate()).padStart(2, "0")}`; }
      form.querySelector("[name=client_key]").value = newKey();
    }
  }
  show();
  send();
  window.addEventListener("online", send);
  setInterval(send, 20000);
  if (online && "serviceWorker" in navigator) navigator.serviceWorker.register("/hours-worker.js", { scope: "/my-hours" }).catch(() => {});
})();
