// Swagger UI, signed in by what is tried out: an answer with an access token signs in, a log-out signs out.
// The token outlasts a reload in this tab (sessionStorage), so that nobody signs in anew for looking at another page; it
// is gone when the tab is closed, after its 15 minutes, and never in localStorage, where every later tab would find it.
// The strict content policy lets no script in here but our own, and the refresh token is not kept at all.
"use strict";

const session = document.getElementById("session");
const signedOut = session.textContent;
const dark = matchMedia("(prefers-color-scheme: dark)");

const { home, document: contract } = document.getElementById("reference").dataset;
const KEY = `bucketlist.reference.session ${home}`; // of this service: under another path of the host may be another one

// Below the path under which the service stands, without a slash on either side.
const placeOf = (response) => {
  const { pathname } = new URL(response.url, location.href);
  return pathname.startsWith(home) ? pathname.slice(home.length).replace(/\/$/, "") : pathname;
};
const bodyOf = (response) => response.body ?? {};

function followSession(response) {
  const place = placeOf(response);
  const hasEnded = place === "v1/auth/logout" || (place === "v1/users/me" && response.status === 204);
  if (!response.ok) return response;
  if (place.startsWith("v1/auth/") && bodyOf(response).accessToken) {
    const { accessToken, expiresIn, user } = bodyOf(response);
    signIn({ accessToken, email: user?.email ?? "you", expiresAt: Date.now() + expiresIn * 1000 });
  } else if (hasEnded) {
    signOut();
  }
  return response;
}

function signIn(kept) {
  sessionStorage.setItem(KEY, JSON.stringify(kept));
  ui.preauthorizeApiKey("bearer", kept.accessToken);
  session.textContent = `Signed in as ${kept.email}. The access token goes along with every request for 15 minutes; “Stay signed in” gets a new one.`;
}

function signOut() {
  sessionStorage.removeItem(KEY);
  ui.authActions.logout(["bearer"]);
  session.textContent = signedOut;
}

// What was kept before the page was loaded again, unless it is too old or is none of ours.
function signInAgain() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    if (kept && kept.expiresAt > Date.now()) signIn(kept);
    else sessionStorage.removeItem(KEY);
  } catch {
    sessionStorage.removeItem(KEY);
  }
}

function followTheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

followTheme();
dark.addEventListener("change", followTheme);

const ui = SwaggerUIBundle({
  url: contract,
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  syntaxHighlight: { theme: "tomorrow-night" },
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  responseInterceptor: followSession,
  onComplete: () => signInAgain(),
});
