// Without a network the page of one's hours is a form that keeps what is typed (hours.js). Nobody's data is stored here.
"use strict";
const SHELL = "/my-hours/offline";
const STORE = "hours-VERSION";
self.addEventListener("install", (e) => e.waitUntil((async () => {
  const store = await caches.open(STORE);
  const page = await fetch(SHELL, { cache: "no-store" });
  if (!page.ok || page.redirected) throw new Error("no offline page");
  const text = await page.clone().text();
  await store.put(SHELL, page);
  await store.addAll([...new Set(text.match(/\/assets\/[\w.-]+/g) || [])]);
  await self.skipWaiting();
})()));
self.addEventListener("activate", (e) => e.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("hours-") && name !== STORE) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (url.origin !== location.origin) return;
  if (e.request.mode === "navigate" && url.pathname === "/my-hours") {
    e.respondWith(fetch(e.request).catch(async () => (await caches.match(SHELL)) || Response.error()));
  } else if (url.pathname.startsWith("/assets/")) {
    e.respondWith(caches.match(e.request).then((hit) => hit || fetch(e.request)));
  }
});
