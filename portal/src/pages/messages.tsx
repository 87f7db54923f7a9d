import type { JSX } from 'preact';
import { MessageList } from '../ui/messages';
import { Page } from '../ui/pieces';

export function Messages(): JSX.Element {
  return (
    <Page
      title="Messages"
      lead="Every message that was acknowledged, as it came, whether or not it could be decoded."
    >
      <MessageList />
    </Page>
  );
}
