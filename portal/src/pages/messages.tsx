import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { may } from '../core/session';
import { Again } from '../ui/again';
import { MessageList } from '../ui/messages';
import { Page } from '../ui/pieces';

export function Messages(): JSX.Element {
  const [again, setAgain] = useState(false);
  return (
    <Page
      title="Messages"
      lead="Every message that was acknowledged, as it came, whether or not it could be decoded."
      actions={
        may('operator') && (
          <button type="button" aria-expanded={again} onClick={() => setAgain(!again)}>
            Decode again…
          </button>
        )
      }
    >
      {again && <Again />}
      <MessageList />
    </Page>
  );
}
