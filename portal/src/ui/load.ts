// Reading from the server while a component is shown.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../core/api';

export interface Loaded<T> {
  /** The newest answer; stays while a newer one is on its way. */
  data: T | undefined;
  problem: Problem | undefined;
  busy: boolean;
  again(): void;
}

/**
 * Reads once `inputs` change, and every `everyMillis` where that is given. An answer that was overtaken is dropped.
 */
export function useLoad<T>(
  read: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
  everyMillis?: number,
): Loaded<T> {
  const [data, setData] = useState<T>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(true);
  const [turn, setTurn] = useState(0);
  const known = useRef<readonly unknown[]>(inputs);

  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    if (known.current.some((input, index) => input !== inputs[index])) setData(undefined);
    known.current = inputs;
    const attempt = async (): Promise<void> => {
      setBusy(true);
      try {
        const answer = await read(abort.signal);
        if (abort.signal.aborted) return;
        setData(answer);
        setProblem(undefined);
      } catch (failure) {
        if (abort.signal.aborted) return;
        setProblem(asProblem(failure));
      }
      setBusy(false);
      if (everyMillis) timer = window.setTimeout(next, everyMillis);
    };
    // Nobody looks at a tab in the background: it reads again once somebody does.
    const next = (): void => {
      if (!document.hidden) void attempt();
      else document.addEventListener('visibilitychange', next, { once: true, signal: abort.signal });
    };
    void attempt();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [...inputs, turn]);

  return { data, problem, busy, again: () => setTurn(turn + 1) };
}

/** What to show of something thrown; what is no answer of the server is a bug of ours and shown as one. */
export function asProblem(failure: unknown): Problem {
  if (failure instanceof Problem) return failure;
  console.error(failure);
  return new Problem(0, 'This page has a bug', String(failure), {});
}

/** A change that a button makes: whether it is under way, and what became of it. */
export function useAct(): {
  act(work: () => Promise<void>): Promise<void>;
  busy: boolean;
  problem: Problem | undefined;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const act = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (failure) {
      setProblem(asProblem(failure));
    }
    setBusy(false);
  };
  return { act, busy, problem };
}

/** Now, again every `everyMillis`, so that "3 s ago" is true. */
export function useNow(everyMillis = 1000): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMillis);
    return () => clearInterval(timer);
  }, [everyMillis]);
  return now;
}
