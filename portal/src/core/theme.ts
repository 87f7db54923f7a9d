// Light or dark: as the system has it, unless somebody chose.
import { effect, signal } from '@preact/signals';

const KEY = 'theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** '' follows the system. */
export const chosen = signal<'' | 'light' | 'dark'>(remembered());

export const theme = signal<'light' | 'dark'>('light');

const settle = (): void => {
  theme.value = chosen.value || (system.matches ? 'dark' : 'light');
};

system.addEventListener('change', settle);

effect(() => {
  settle();
  if (chosen.value) document.documentElement.dataset['theme'] = chosen.value;
  else delete document.documentElement.dataset['theme'];
});

export function choose(next: '' | 'light' | 'dark'): void {
  chosen.value = next;
  try {
    if (next) localStorage.setItem(KEY, next);
    else localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}

function remembered(): '' | 'light' | 'dark' {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : '';
  } catch {
    return '';
  }
}
