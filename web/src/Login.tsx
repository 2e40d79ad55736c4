import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { login, logout, type Session } from './api';
import { Failure } from './parts';

/** Asks who one is: by a name and its password, or by a token. */
export function Login({ done }: { done: () => void }) {
  const client = useQueryClient();
  const [user, setUser] = useState('');
  const [secret, setSecret] = useState('');
  const entering = useMutation({
    mutationFn: () => login(user === '' ? { token: secret } : { user, password: secret }),
    onSuccess: async () => {
      setSecret('');
      await client.resetQueries();
      done();
    },
  });
  return (
    <form
      className="login"
      aria-label="Log in"
      onSubmit={(event) => {
        event.preventDefault();
        entering.mutate();
      }}
    >
      <h2>Log in</h2>
      <label>
        User <span className="fine">(leave empty for a token)</span>
        <input
          name="user"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={user}
          onChange={(event) => setUser(event.target.value)}
        />
      </label>
      <label>
        {user === '' ? 'Token' : 'Password'}
        <input
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={secret}
          onChange={(event) => setSecret(event.target.value)}
        />
      </label>
      <button type="submit" className="main" disabled={entering.isPending}>Log in</button>
      {entering.error && <Failure error={entering.error} />}
    </form>
  );
}

/** Who is logged in, or the way to be. */
export function Who({ session, login: open }: { session: Session; login: () => void }) {
  const client = useQueryClient();
  const leaving = useMutation({ mutationFn: logout, onSuccess: () => client.resetQueries() });
  if (session.login && session.role !== undefined) {
    return <button type="button" onClick={open}>Log in</button>;
  }
  return session.user ? (
    <>
      <span className="who" title={`role ${session.role}`}>{session.user}</span>
      {session.logout && <button type="button" onClick={() => leaving.mutate()}>Log out</button>}
    </>
  ) : null;
}
