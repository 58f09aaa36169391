// Swagger UI, signed in by what is tried out: an answer with an access token signs in, a log-out signs out.
// The token is kept in this page only and is gone when it is left or loaded again.
"use strict";

const session = document.getElementById("session");
const signedOut = session.textContent;
const dark = matchMedia("(prefers-color-scheme: dark)");

const pathOf = (response) => new URL(response.url, location.href).pathname.replace(/\/$/, "");
const bodyOf = (response) => response.body ?? {};

function followSession(response) {
  const path = pathOf(response);
  const hasEnded = path === "/v1/auth/logout" || (path === "/v1/users/me" && response.status === 204);
  if (!response.ok) return response;
  if (path.startsWith("/v1/auth/") && bodyOf(response).accessToken) {
    const { accessToken, user } = bodyOf(response);
    ui.preauthorizeApiKey("bearer", accessToken);
    session.textContent = `Signed in as ${user?.email ?? "you"}. The access token goes along with every request for 15 minutes; “Stay signed in” gets a new one.`;
  } else if (hasEnded) {
    ui.authActions.logout(["bearer"]);
    session.textContent = signedOut;
  }
  return response;
}

function followTheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

followTheme();
dark.addEventListener("change", followTheme);

const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  syntaxHighlight: { theme: "tomorrow-night" },
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  responseInterceptor: followSession,
});
