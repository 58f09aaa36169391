// bucketlist: the service worker. What somebody has seen can be read again without a network, by nobody else.
// Its store of pages goes by whose they are, as pages say in a header: whoever is not, finds none, and leaves none behind.
const HOME = new URL('./', location.href).pathname;
const OFFLINE = `${HOME}offline`;
const FILES = 'files', PAGES = 'pages-', SHARED = 'shared', PERSON = 'person';
const MOST_FILES = 200, MOST_PAGES = 100; // pages, and pictures on them

addEventListener('install', (e) => e.waitUntil(prepare().then(() => skipWaiting())));
addEventListener('activate', (e) => e.waitUntil(clients.claim()));

// The offline page, with all that it shows.
async function prepare() {
  const store = await caches.open(FILES), page = await fetch(OFFLINE, { cache: 'no-store' });
  const named = (await page.clone().text()).matchAll(/(?:href|src)="([^"#]*\bstatic\b[^"#]*)/g);
  await store.put(OFFLINE, page);
  await store.addAll(new Set([...named].map((found) => found[1])));
}

addEventListener('fetch', (e) => {
  const { method, mode, url } = e.request, address = new URL(url);
  if (address.origin !== location.origin || !address.pathname.startsWith(HOME)) return;
  const [room, id, size] = address.pathname.slice(HOME.length).split(HOME.at(-1));
  if (method === 'POST' && room === 'share') e.respondWith(keepShared(e.request));
  else if (method !== 'GET') return;
  else if (room === 'static') e.respondWith(readFile(e.request));
  else if (room === 'photos' && id && ['preview', 'thumbnail'].includes(size)) e.respondWith(readPicture(e));
  else if (mode === 'navigate' && !['v1', 'reference', 'openapi.json'].includes(room)) e.respondWith(readPage(e));
});

// Files of the look never change under their address.
async function readFile(request) {
  const store = await caches.open(FILES), kept = await store.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) { await store.put(request, answer.clone()); await trim(store, MOST_FILES); }
  return answer;
}

async function readPage(e) {
  try {
    const answer = await fetch(e.request);
    e.waitUntil(keepPage(e.request, answer.clone()));
    return answer;
  } catch {
    return await kept(e.request) ?? caches.match(OFFLINE);
  }
}

async function readPicture(e) {
  try {
    const answer = await fetch(e.request), store = await mine();
    if (answer.status === 200 && store) e.waitUntil(put(store, e.request, answer.clone()));
    return answer;
  } catch {
    return await kept(e.request) ?? Response.error();
  }
}

// A page that says whose it is: those of others go. One that is to be kept by nobody, such as a secret, is not.
async function keepPage(request, answer) {
  const reader = answer.headers.get('Bucketlist-Reader');
  if (!reader) return;
  for (const name of await caches.keys()) if (name.startsWith(PAGES) && name !== PAGES + reader) await caches.delete(name);
  if (reader === 'nobody') return;
  await meet(answer.headers.get('Bucketlist-Person'));
  const isKept = answer.status === 200 && !answer.headers.get('Cache-Control').includes('no-store');
  if (isKept) await put(await caches.open(PAGES + reader), request, answer);
}

// Who uses this device: what is shared next is theirs, also while their session is over, and what waits for others goes.
async function meet(person) {
  await (await caches.open(PERSON)).put(HOME, new Response(person));
  const store = await caches.open(SHARED);
  for (const name of await store.keys()) {
    const owner = (await store.match(name)).headers.get('Owner');
    if (owner && owner !== person) await store.delete(name);
  }
}

async function mine() {
  const name = (await caches.keys()).find((one) => one.startsWith(PAGES));
  return name && caches.open(name);
}
async function kept(request) { return (await mine())?.match(request, { ignoreVary: true }); }
async function put(store, request, answer) { await store.delete(request, { ignoreVary: true }); await store.put(request, answer); await trim(store, MOST_PAGES); }
async function trim(store, most) {
  const names = await store.keys();
  for (const name of names.slice(0, Math.max(0, names.length - most))) await store.delete(name);
}

// What a phone's share sheet sends waits on this device until its form is sent, also while somebody signs in.
async function keepShared(request) {
  const sent = await request.formData(), asked = new URLSearchParams(), store = await caches.open(SHARED);
  for (const name of ['title', 'text', 'url']) if (sent.get(name)) asked.set(name, sent.get(name));
  for (const name of await store.keys()) await store.delete(name);
  const photos = sent.getAll('photos').filter((file) => file.size);
  const known = await (await caches.open(PERSON)).match(HOME), owner = known ? await known.text() : '';
  for (const [number, file] of photos.entries()) {
    const headers = { 'Content-Type': file.type, 'File-Name': encodeURIComponent(file.name), Owner: owner };
    await store.put(`${HOME}share?${number}`, new Response(file, { headers }));
  }
  if (photos.length) { asked.set('photos', photos.length); asked.set('already', 'yes'); }
  return Response.redirect(`${HOME}items/new?${asked}`, 303);
}
