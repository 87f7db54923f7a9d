// Who is signed in.
import { signal } from '@preact/signals';
import { Problem, get, post, provePageIsOurs, remove } from './api';
import type { Role, Who } from './model';

/** Who we are; null where nobody is signed in, undefined until that is known. */
export const who = signal<Who | null | undefined>(undefined);

const RANK: Record<Role, number> = { device: 0, viewer: 1, operator: 2, owner: 3 };

/** Whether who is signed in may do what `role` may. */
export const may = (role: Role): boolean => !!who.value && RANK[who.value.role] >= RANK[role];

export async function lookWhoIsHere(): Promise<void> {
  try {
    welcome(await get<Who>('/api/v1/session'));
  } catch (failure) {
    if (!(failure instanceof Problem) || failure.status !== 401) throw failure;
    who.value = null;
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  welcome(await post<Who>('/api/v1/session', { name, password }));
}

export async function signOut(): Promise<void> {
  await remove('/api/v1/session');
  who.value = null;
}

function welcome(found: Who): void {
  provePageIsOurs(found.csrf ?? '');
  who.value = found;
}
