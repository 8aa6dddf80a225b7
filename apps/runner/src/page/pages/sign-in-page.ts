import { exactly, html } from "../html.ts";
import { csrfField, type Frame, type PageContent } from "../layout.ts";

export function signInPage(frame: Frame, returnPath: string, problem: string | null): PageContent {
  return {
    title: "Sign in",
    here: null,
    live: false,
    body: html`<section class="card sign-in" aria-labelledby="sign-in-title">
<h1 id="sign-in-title">Sign in</h1>
${problem !== null && html`<p class="problem" role="alert" id="problem">${problem}</p>`}
<form method="post" action="/login">${csrfField(frame)}<input type="hidden" name="to" value="${exactly(returnPath)}">
  <input type="text" name="user" value="runner" autocomplete="username" hidden>
  <label for="token">Token</label>
  <input id="token" name="token" type="password" required autofocus autocomplete="current-password" spellcheck="false" maxlength="1024"${problem !== null && html` aria-describedby="problem" aria-invalid="true"`}>
  <button class="main">Sign in</button>
</form>
<p class="quiet">The token is the one that the runner was started with. It is not kept in the browser.</p>
</section>`,
  };
}
