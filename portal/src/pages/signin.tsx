import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { signIn } from '../core/session';
import { useAct } from '../ui/load';
import { Code, Trouble } from '../ui/pieces';

export function SignIn(): JSX.Element {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { act, busy, problem } = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    void act(() => signIn(name, password));
  };
  return (
    <main class="sign-in">
      <div class="card stack">
        <h1 class="brand">
          <img src="/icon.svg" alt="" /> Tributary
        </h1>
        <form class="stack" onSubmit={submit}>
          <label class="field">
            Name
            <input
              name="name"
              autocomplete="username"
              required
              value={name}
              onInput={event => setName(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            Password
            <input
              name="password"
              type="password"
              autocomplete="current-password"
              required
              value={password}
              onInput={event => setPassword(event.currentTarget.value)}
            />
          </label>
          <Trouble of={problem} />
          <button type="submit" class="first" disabled={busy}>
            {busy ? 'Signing in…' : 'Sign in'}
          </button>
        </form>
        <div class="stack tight">
          <p class="muted">
            Nobody has a password yet? The server printed a one-time link when it started. A new one, on its
            machine:
          </p>
          <Code text="./tributary link" />
        </div>
      </div>
    </main>
  );
}
